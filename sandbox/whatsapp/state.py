"""Customers, their chats and the messages in them, in memory."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Json = dict[str, Any]
WINDOW = timedelta(hours=24)


@dataclass
class Message:
    """One message in a chat. `body`: as it is on the wire. `status`: accepted, sent, delivered, read, failed.

    `author` is the customer or the business (the app under test). `error`: with failed, the error object.
    """

    id: str
    customer: str
    author: Literal["customer", "business"]
    body: Json
    at: datetime
    status: str = "accepted"
    error: Json | None = None
    version: int = 0

    @property
    def type(self) -> str:
        """text, interactive, image, …"""
        return str(self.body.get("type", "text"))

    @property
    def content(self) -> Any:
        """What stands under the key named like the type."""
        return self.body.get(self.type, {})

    @property
    def text(self) -> str:
        """What a person reads of it first, possibly empty."""
        content = self.content if isinstance(self.content, dict) else {}
        body = content.get("body", "")
        if self.type == "interactive" and isinstance(body, dict):
            return str(body.get("text", ""))
        return str(body or content.get("caption") or content.get("text") or content.get("name") or "")

    @property
    def choices(self) -> list[Json]:
        """The buttons or rows that can be tapped, each with id and title, rows maybe with description."""
        if self.type != "interactive" or self.author != "business":
            return []
        action = self.content.get("action", {})
        rows = [row for section in action.get("sections", []) for row in section["rows"]]
        return rows or [button["reply"] for button in action.get("buttons", [])]

    @property
    def reference(self) -> str | None:
        """The sender's `biz_opaque_callback_data`."""
        return self.body.get("biz_opaque_callback_data")

    @property
    def to(self) -> str:
        """Whom it was sent to, as the sender wrote it."""
        return str(self.body.get("to") or self.body.get("recipient") or "")

    @property
    def answers(self) -> str | None:
        """The id of the message it replies to."""
        context = self.body.get("context") or {}
        return context.get("message_id") or context.get("id")


@dataclass
class Customer:
    """Somebody with WhatsApp. `key` is the phone number's digits, or the user id without a number."""

    key: str
    name: str
    user_id: str
    wa_id: str | None = None
    username: str | None = None
    chat: list[Message] = field(default_factory=list)
    last_wrote: datetime | None = None
    typing_until: float = 0.0
    viewers: int = 0
    """How many open pages show this chat right now."""
    unread: int = 0

    def window_open(self, now: datetime) -> bool:
        """Whether the customer wrote less than 24 hours ago."""
        return self.last_wrote is not None and now - self.last_wrote < WINDOW


class Chats:
    """Everybody, and every message by its id."""

    def __init__(self) -> None:
        self.customers: dict[str, Customer] = {}
        self.messages: dict[str, Message] = {}

    def find(self, who: str) -> Customer | None:
        """The customer with this phone number (with or without "+") or user id."""
        key = who.removeprefix("+")
        if key in self.customers:
            return self.customers[key]
        return next((customer for customer in self.customers.values() if customer.user_id == key), None)

    def meet(self, who: str, name: str | None = None) -> Customer:
        """The customer `who`, made when there is none; a given `name` replaces the old one."""
        customer = self.find(who)
        if customer is None:
            customer = _newcomer(who.removeprefix("+"), name)
            self.customers[customer.key] = customer
        elif name:
            customer.name = name
        return customer

    def add(self, message: Message) -> None:
        """Put a message into its chat."""
        self.messages[message.id] = message
        self.customers[message.customer].chat.append(message)

    def sent(self) -> list[Message]:
        """Everything the business sent, oldest first."""
        return [message for message in self.messages.values() if message.author == "business"]


def _newcomer(key: str, name: str | None) -> Customer:
    if "." in key:
        username = "@" + "".join((name or "someone").lower().split())
        return Customer(key, name or "Someone", user_id=key, username=username)
    return Customer(key, name or f"+{key}", user_id=f"US.{int(key) * 7919 % 10**20:020d}", wa_id=key)


def new_wamid(who: str, *, outbound: bool) -> str:
    """A message id as WhatsApp makes them: `wamid.` and base64 of the customer and a random id."""
    direction = b"\x11\x18\x12" if outbound else b"\x12\x18\x14"
    token = secrets.token_hex(9 if outbound else 10).upper().encode()
    name = who.encode()[:100]
    raw = b"\x1c\x18" + bytes([len(name)]) + name + b"\x15\x02\x00" + direction + token + b"\x00"
    return "wamid." + base64.b64encode(raw).decode()


def new_user_id() -> str:
    """A business-scoped user id nobody has yet."""
    return f"US.{secrets.randbelow(10**20):020d}"
