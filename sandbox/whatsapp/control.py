"""The phone page and the control paths (`/sandbox/...`) that it and other programs use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from sandbox import page
from sandbox.whatsapp import inbound, view
from sandbox.whatsapp.errors import UnknownObject
from sandbox.whatsapp.state import Customer, Json, new_user_id

if TYPE_CHECKING:
    from sandbox.whatsapp.sandbox import WhatsAppSandbox

PLACE = (52.3702, 4.8952, "Canal Street 12", "Canal Street 12, Amsterdam")


class NewCustomer(BaseModel):
    """Somebody to write as; without a phone the customer has only a user id."""

    name: str = Field(min_length=1, max_length=80)
    phone: str | None = Field(None, pattern=r"^\+?[1-9]\d{6,14}$")


class NewMessage(BaseModel):
    """What the customer does: exactly one of the fields that say what."""

    text: str | None = Field(None, min_length=1, max_length=4096)
    tap: str | None = None
    attach: Literal["image", "audio", "sticker", "document", "location", "unsupported"] | None = None
    react: str | None = Field(None, max_length=16)
    element: Json | None = None
    message_id: str | None = None


class Webhook(BaseModel):
    """Any webhook, for trying out what an app makes of it."""

    body: Json
    signature: Literal["good", "bad", "missing"] = "good"


class Advance(BaseModel):
    """How far to move the clock."""

    seconds: float = Field(ge=0)


def add_routes(wa: WhatsAppSandbox) -> None:
    """Put the page and its paths into the sandbox's app."""
    page.add_page(wa, "phone")
    page.add_faults(wa, wa.faults)
    router = APIRouter(prefix="/sandbox")
    control = _Control(wa)
    router.add_api_route("/state", control.state, methods=["GET"])
    router.add_api_route("/sent", control.sent, methods=["GET"])
    router.add_api_route("/events", control.events, methods=["GET"])
    router.add_api_route("/customers", control.add_customer, methods=["POST"], status_code=201)
    router.add_api_route("/chats/{key}", control.chat, methods=["GET"])
    router.add_api_route("/chats/{key}/messages", control.add_message, methods=["POST"], status_code=202)
    router.add_api_route("/media/{media_id}", control.media, methods=["GET"])
    router.add_api_route("/webhooks", control.webhook, methods=["POST"])
    router.add_api_route("/clock", control.advance, methods=["POST"])
    wa.app.include_router(router)


class _Control:
    def __init__(self, wa: WhatsAppSandbox) -> None:
        self._wa = wa

    async def state(self) -> Json:
        """Everybody, and how the app is connected."""
        waiting = sum(bool(each.attempts) and not each.over for each in self._wa.deliveries)
        webhook = {
            "callback": self._wa.webhooks.callback,
            "verified": self._wa.webhooks.verified,
            "waiting": waiting,
        }
        told = {"mails": len(self._wa.mails), "posts": len(self._wa.posts)}
        return {"customers": view.people(self._wa), "webhook": webhook, **told}

    async def sent(self) -> list[Json]:
        """Everything the app sent, as it sent it."""
        return [
            {"id": m.id, "status": m.status, "at": m.at.isoformat(), "body": m.body} for m in self._wa.sent
        ]

    async def events(self, request: Request, chat: str | None = None) -> Response:
        """A line at every change; as long as it is open, the customer looks at `chat`."""
        customer = self._wa.chats.find(chat) if chat else None
        return page.event_stream(self._looking(customer))

    async def _looking(self, customer: Customer | None) -> AsyncIterator[bool]:
        if customer is None:
            async for changed in self._wa.changes.stream():
                yield changed
            return
        customer.viewers += 1
        try:
            async for changed in self._wa.changes.stream():
                if customer.unread:
                    self._wa.background.spawn(self._wa.outbound.read_all(customer))
                yield changed
        finally:
            customer.viewers -= 1

    async def add_customer(self, new: NewCustomer) -> Json:
        """Somebody new, or a new name for somebody known."""
        customer = self._wa.chats.meet(new.phone or new_user_id(), new.name)
        self._wa.changes.notify()
        return {"key": customer.key}

    async def chat(self, key: str) -> Json:
        """One chat."""
        return view.chat(self._wa, self._customer(key))

    async def add_message(self, key: str, new: NewMessage) -> Response:
        """The customer writes, taps, attaches or reacts; the answer does not wait for the app."""
        customer = self._customer(key)
        try:
            work = self._work(customer, new)
        except LookupError as error:
            raise HTTPException(404, str(error)) from None
        self._wa.background.spawn(work)
        return JSONResponse({"accepted": True}, 202)

    def _work(self, customer: Customer, new: NewMessage) -> Any:
        if new.tap is not None:
            return self._wa.customer_taps(customer.key, new.tap, message_id=new.message_id)
        return self._wa.customer_sends(customer.key, self._element(new), reply_to=self._reply_to(new))

    def _element(self, new: NewMessage) -> Json:
        if new.text is not None:
            return inbound.text(new.text)
        if new.react is not None and new.message_id:
            return inbound.reaction(new.message_id, new.react or None)
        if new.attach == "location":
            return inbound.location(*PLACE)
        if new.attach == "unsupported":
            return inbound.unsupported()
        if new.attach is not None:
            return self._wa.attachment(new.attach)
        if new.element is not None and isinstance(new.element.get("type"), str):
            return new.element
        raise HTTPException(422, "say what the customer does: text, tap, attach, react or element")

    @staticmethod
    def _reply_to(new: NewMessage) -> str | None:
        return new.message_id if new.react is None else None

    async def media(self, media_id: str) -> Response:
        """A file, for the page."""
        try:
            file = self._wa.library.get(media_id)
        except UnknownObject:
            raise HTTPException(404, "no such file") from None
        return Response(file.data, media_type=file.mime_type)

    async def webhook(self, webhook: Webhook) -> Json:
        """Send any webhook; answers with what the app said."""
        delivery = await self._wa.deliver(webhook.body, signature=webhook.signature)
        return {"status": delivery.status, "attempts": len(delivery.attempts)}

    async def advance(self, step: Advance) -> Json:
        """Move the clock on: windows close, limits are earned back, URLs expire."""
        self._wa.clock.advance(step.seconds)
        self._wa.changes.notify()
        return {"now": self._wa.clock.now().isoformat()}

    def _customer(self, key: str) -> Customer:
        customer = self._wa.chats.find(key)
        if customer is None:
            raise HTTPException(404, "nobody has this number or user id")
        return customer
