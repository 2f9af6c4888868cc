"""What the app sends: accepted or refused, shown on the phone, and reported on by statuses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.background import Background
from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.faults import WhatsAppFaults
from sandbox.whatsapp import envelope, validation
from sandbox.whatsapp.errors import GraphError, status_error
from sandbox.whatsapp.limits import PairLimit, Throughput
from sandbox.whatsapp.media import Library
from sandbox.whatsapp.settings import WhatsAppSettings
from sandbox.whatsapp.state import Chats, Customer, Message, new_wamid
from sandbox.whatsapp.webhooks import Webhooks

Json = dict[str, Any]
TYPING_SECONDS = 25.0
MARKABLE_DAYS = 30
ORDER = ["accepted", "sent", "delivered", "read", "played"]


@dataclass(frozen=True, slots=True)
class Mark:
    """The app marked a customer's message as read, and perhaps showed that it is typing."""

    message_id: str
    typing: bool


class Outbound:
    """The sending side of the number."""

    def __init__(
        self,
        settings: WhatsAppSettings,
        faults: WhatsAppFaults,
        chats: Chats,
        library: Library,
        webhooks: Webhooks,
        clock: Clock,
        changes: Changes,
        background: Background,
    ) -> None:
        self._settings, self._faults, self._chats, self._library = settings, faults, chats, library
        self._webhooks, self._clock, self._changes, self._background = webhooks, clock, changes, background
        self._pairs, self._throughput = PairLimit(), Throughput()
        self.marks: list[Mark] = []

    def has_message(self, message_id: str) -> bool:
        """For validation: is this a message of some chat?"""
        return message_id in self._chats.messages

    def has_media(self, media_id: str) -> bool:
        """For validation: is this a file we hold?"""
        return self._library.has(media_id)

    def template_variables(self, name: str) -> int | None:
        """For validation: the variables of a template. Raises KeyError."""
        if self._settings.templates is None:
            return None
        return len(set(re.findall(r"{{(\w+)}}", self._settings.templates[name])))

    def accept(self, body: Json, version: int) -> Json:
        """Take one send and begin to report on it; returns the answer. Raises GraphError."""
        validation.check(body, self)
        who = str(body.get("to") or body["recipient"])
        if who.removeprefix("+") == self._settings.display_phone_number:
            raise GraphError(131021)
        customer = self._chats.find(who)
        self._check_limits(customer.key if customer else who)
        problem = self._problem(customer, body)
        if problem == 131047 and self._faults.window_sync:
            raise GraphError(problem)
        message = self._keep(customer or Customer(who, who, who), body, version)
        self._background.spawn(self._report(message, problem))
        return _answer(body, who, message)

    def _check_limits(self, customer: str) -> None:
        now = self._clock.timestamp()
        if self._faults.throughput_limit and not self._throughput.take(now):
            raise GraphError(130429)
        if self._faults.pair_limit and not self._pairs.take(customer, now):
            raise GraphError(131056)

    def _problem(self, customer: Customer | None, body: Json) -> int | None:
        """The code with which this send is going to fail, if it is."""
        if self._faults.fail_with is not None:
            return self._faults.fail_with
        if self._faults.window_rule and body.get("type") != "template":
            window = customer is not None and customer.window_open(self._clock.now())
            if self._faults.window_closed or not window:
                return 131047
        return 131026 if customer is None else None

    def _keep(self, customer: Customer, body: Json, version: int) -> Message:
        wamid = new_wamid(customer.wa_id or customer.key, outbound=True)
        message = Message(wamid, customer.key, "business", body, self._clock.now(), version=version)
        self._chats.messages[wamid] = message
        if customer.key in self._chats.customers:
            customer.chat.append(message)
            customer.typing_until = 0.0
        self._changes.notify()
        return message

    async def _report(self, message: Message, problem: int | None) -> None:
        if problem is not None:
            message.error = status_error(problem)
        for status in self._statuses(message):
            await self._clock.sleep(self._settings.status_delay)
            for _ in range(1 + self._faults.duplicate_statuses):
                await self.report(message, status)

    def _statuses(self, message: Message) -> list[str]:
        if message.error is not None:
            return ["failed"]
        customer = self._chats.customers[message.customer]
        statuses = ["sent"] if self._faults.drop_delivered else ["sent", "delivered"]
        if self._settings.read_at_once or customer.viewers:
            statuses.append("read")
        return statuses[::-1] if self._faults.reorder_statuses else statuses

    async def report(self, message: Message, status: str) -> None:
        """Let `status` be true of the message and tell the app."""
        customer = self._chats.find(message.customer)
        self._settle(message, status, customer)
        at = self._clock.timestamp()
        person = customer or Customer(message.customer, "", "", wa_id=message.customer.removeprefix("+"))
        element = envelope.status_element(person, message, status, at)
        value = envelope.statuses_value(self._settings, person, [element])
        body = envelope.encode(envelope.webhook(self._settings, [envelope.change(value)]))
        await self._webhooks.post(body, (message.id,))

    def _settle(self, message: Message, status: str, customer: Customer | None) -> None:
        if status == "failed":
            message.status = status
        elif ORDER.index(status) > ORDER.index(message.status):
            if customer is not None and message.status in ("accepted", "sent") and status == "delivered":
                customer.unread += not customer.viewers
            message.status = status
        self._changes.notify()

    async def read_all(self, customer: Customer) -> None:
        """The customer looks at the chat: everything delivered so far is read."""
        customer.unread = 0
        unread = [m for m in customer.chat if m.author == "business" and m.status in ("sent", "delivered")]
        for message in unread:
            message.status = "read"
        self._changes.notify()
        for message in unread:
            await self.report(message, "read")

    def mark(self, body: Json) -> None:
        """The app has read a message, and those before it; maybe it is typing. Raises GraphError 131009."""
        message = self._chats.messages.get(str(body.get("message_id")))
        typing = body.get("typing_indicator")
        if typing is not None and typing != {"type": "text"}:
            raise GraphError(131009, "typing_indicator['type'] must be text")
        if body.get("status") != "read" or message is None or message.author != "customer":
            raise GraphError(131009, "message_id is not a message that was received")
        if (self._clock.now() - message.at).days >= MARKABLE_DAYS:
            raise GraphError(131009, "message_id is older than 30 days")
        customer = self._chats.customers[message.customer]
        for earlier in customer.chat[: customer.chat.index(message) + 1]:
            earlier.status = "read" if earlier.author == "customer" else earlier.status
        customer.typing_until = self._clock.timestamp() + TYPING_SECONDS if typing else 0.0
        self.marks.append(Mark(message.id, typing is not None))
        self._changes.notify()


def _answer(body: Json, who: str, message: Message) -> Json:
    contact = {"input": who}
    contact |= {"wa_id": who.removeprefix("+")} if body.get("to") else {"user_id": who}
    about = {"id": message.id} | ({"message_status": "accepted"} if message.type == "template" else {})
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [about]}
