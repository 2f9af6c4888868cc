"""The local WhatsApp as one object: its web app, its state, and everything tests do with it."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.deliveries import Delivery
from sandbox.faults import WhatsAppFaults
from sandbox.service import Service
from sandbox.whatsapp import control, envelope, graph, inbound, mail, slack
from sandbox.whatsapp.errors import status_error
from sandbox.whatsapp.media import Library
from sandbox.whatsapp.outbound import Mark, Outbound
from sandbox.whatsapp.samples import sample
from sandbox.whatsapp.settings import WhatsAppSettings
from sandbox.whatsapp.state import Chats, Customer, Json, Message, new_wamid
from sandbox.whatsapp.webhooks import Signature, Webhooks, retry_rule

NOT_WRITING = {"system"}
"""Types that do not open the 24-hour window: the customer did not write them."""
HELD_SECONDS = 1.0
CUSTOMERS = (
    ("15550100001", "Ana Silva"),
    ("15550100002", "Ben Okafor"),
    ("US.13491208655302741918", "Someone without a number"),
)


class WhatsAppSandbox(Service):
    """A WhatsApp number and the people who write to it.

    `who` in all methods: a phone number's digits or a business-scoped user id ("US.…"); whoever is not
    there yet is made. All methods may be awaited from any event loop while the sandbox runs.
    """

    def __init__(self, settings: WhatsAppSettings | None = None) -> None:
        settings = settings or WhatsAppSettings()
        super().__init__(
            speed=settings.speed,
            rule=retry_rule,
            timeout=settings.webhook_timeout,
            transport=settings.transport,
        )
        self.settings = settings
        self.faults = WhatsAppFaults()
        self.chats = Chats()
        self.library = Library(self.clock)
        self.mails: list[mail.Mail] = []
        self.posts: list[slack.Post] = []
        self.webhooks = Webhooks(settings, self.faults, self.courier, self.clock)
        self.outbound = Outbound(
            settings,
            self.faults,
            self.chats,
            self.library,
            self.webhooks,
            self.clock,
            self.changes,
            self.background,
        )
        self._held = False
        self._ticks: dict[str, Delivery] = {}
        for who, name in CUSTOMERS:
            self.chats.meet(who, name)
        graph.add_routes(self)
        control.add_routes(self)
        mail.add_routes(self)
        slack.add_routes(self)

    async def on_start(self) -> None:
        self.background.spawn(self.webhooks.shake_hands(), aside=True)

    @property
    def sent(self) -> list[Message]:
        """Everything the app sent and that was accepted, oldest first."""
        return self.chats.sent()

    @property
    def marks(self) -> list[Mark]:
        """Every read receipt and typing indicator of the app, oldest first."""
        return self.outbound.marks

    async def customer_says(
        self, who: str, text: str, *, name: str | None = None, reply_to: str | None = None
    ) -> Delivery:
        """A typed message; returns after the first attempt to deliver it."""
        return await self.customer_sends(who, inbound.text(text), name=name, reply_to=reply_to)

    async def customer_sends(
        self, who: str, element: Json, *, name: str | None = None, reply_to: str | None = None
    ) -> Delivery:
        """A message made by a function of `sandbox.whatsapp.inbound`."""
        return await self.run(self._send(self.compose(who, element, name=name, reply_to=reply_to)))

    async def customer_taps(self, who: str, choice: str, *, message_id: str | None = None) -> Delivery:
        """Tap the button or row with this id or title, in this message or the last that has it.

        Raises LookupError when no message offers it.
        """
        customer = self.chats.meet(who)
        for message in reversed(customer.chat):
            if message_id not in (None, message.id):
                continue
            for offered in message.choices:
                if choice in (offered["id"], offered["title"]):
                    return await self.customer_sends(who, _tapped(message, offered), reply_to=message.id)
        raise LookupError(f"nothing to tap is called {choice!r}")

    async def customer_attaches(self, who: str, kind: str) -> Delivery:
        """A sample image, audio, sticker or document. Raises KeyError for another kind."""
        return await self.customer_sends(who, self.attachment(kind))

    def attachment(self, kind: str) -> Json:
        """The element of a sample file, which is then there to be fetched. Raises KeyError."""
        example = sample(kind)
        file = self.library.receive(example.data, example.mime_type, example.filename)
        return inbound.media(kind, file.id, file.mime_type, file.webhook_sha256, **example.about)

    def compose(
        self, who: str, element: Json, *, name: str | None = None, reply_to: str | None = None
    ) -> Message:
        """Put a customer's message into the chat without delivering it; for `deliver_batch`."""
        customer = self.chats.meet(who, name)
        body = dict(element)
        if reply_to:
            body["context"] = {"from": self.settings.display_phone_number, "id": reply_to}
        wamid = new_wamid(customer.wa_id or customer.key, outbound=False)
        message = Message(wamid, customer.key, "customer", body, self.clock.now())
        if message.type not in NOT_WRITING:
            customer.last_wrote = message.at
        self.chats.add(message)
        self.changes.notify()
        return message

    async def deliver_batch(self, messages: Iterable[Message], *, spread: bool = True) -> Delivery:
        """Several messages in one webhook; `spread`: over two entries, the second with several changes."""
        pairs = [(self.chats.customers[message.customer], message) for message in messages]
        values = [envelope.messages_value(self.settings, [pair]) for pair in pairs]
        if spread and len(values) > 1:
            rest = [envelope.change(value) for value in values[1:]]
            body = envelope.webhook(self.settings, [envelope.change(values[0])], rest)
        else:
            body = envelope.webhook(
                self.settings, [envelope.change(envelope.messages_value(self.settings, pairs))]
            )
        ids = tuple(message.id for _, message in pairs)
        return await self.run(self._post(envelope.encode(body), ids))

    async def deliver(self, body: Json | bytes, *, signature: Signature = "good") -> Delivery:
        """Any webhook at all; bytes go out as they are."""
        raw = body if isinstance(body, bytes) else envelope.encode(body)
        return await self.run(self.webhooks.post(raw, (), signature))

    async def deliver_again(self, delivery: Delivery, times: int = 1) -> list[Delivery]:
        """The same bytes once more, as Meta's retries do although we answered."""
        return [await self.run(self.webhooks.post(delivery.body, delivery.ids)) for _ in range(times)]

    async def account_error(self, code: int) -> Delivery:
        """A webhook with an error of the account and neither messages nor statuses."""
        value = envelope.errors_value(self.settings, [status_error(code)])
        return await self.deliver(envelope.webhook(self.settings, [envelope.change(value)]))

    async def report(self, message_id: str, status: str, code: int = 131026) -> None:
        """Send one status of a message of the app, whatever was reported before; `code` with failed."""
        message = self.chats.messages[message_id]
        if status == "failed":
            message.error = status_error(code)
        await self.run(self.outbound.report(message, status))

    async def open_chat(self, who: str) -> None:
        """The customer looks at the chat from now on; what is there is read."""
        customer = self.chats.meet(who)
        customer.viewers += 1
        await self.run(self.outbound.read_all(customer))

    def close_chat(self, who: str) -> None:
        """The customer looks elsewhere."""
        customer = self.chats.meet(who)
        customer.viewers = max(0, customer.viewers - 1)

    async def wait_for_sent(
        self, count: int = 1, *, to: str | None = None, timeout: float = 5.0
    ) -> list[Message]:
        """Wait until the app has sent `count` messages (to `to`); returns them all. Raises TimeoutError."""

        def enough() -> list[Message]:
            found = [m for m in self.sent if to is None or m.to.removeprefix("+") == to.removeprefix("+")]
            return found if len(found) >= count else []

        return await self.until(enough, timeout, f"the app's message number {count}")

    async def wait_for_status(self, message_id: str, status: str, timeout: float = 5.0) -> Message:
        """Wait until a message of the app has got this status. Raises TimeoutError."""
        message = self.chats.messages[message_id]
        await self.until(lambda: message.status == status, timeout, f"status {status}")
        return message

    def tick(self, message: Message) -> str:
        """How the customer's own message stands: waiting, delivered, read or failed."""
        delivery = self._ticks.get(message.id)
        if message.status == "read":
            return "read"
        if delivery is None or delivery.accepted:
            return "delivered" if delivery else "waiting"
        return "failed" if delivery.over else "waiting"

    async def _send(self, message: Message) -> Delivery:
        customer: Customer = self.chats.customers[message.customer]
        value = envelope.messages_value(self.settings, [(customer, message)])
        body = envelope.encode(envelope.webhook(self.settings, [envelope.change(value)]))
        self._held = self.faults.reorder_messages and not self._held
        if self._held:
            self.background.spawn(self._send_late(body, (message.id,)))
            return Delivery(self.webhooks.callback or "", body, {}, (message.id,))
        return await self._post(body, (message.id,))

    async def _send_late(self, body: bytes, ids: tuple[str, ...]) -> None:
        await self.clock.sleep(HELD_SECONDS)
        await self._post(body, ids)

    async def _post(self, body: bytes, ids: tuple[str, ...]) -> Delivery:
        delivery = await self.webhooks.post(body, ids)
        self._ticks.update(dict.fromkeys(ids, delivery))
        self.changes.notify()
        if self.faults.duplicate_messages:
            await self.webhooks.post(body, ids)
        return delivery


def _tapped(message: Message, choice: Json) -> Json:
    if message.content["type"] == "list":
        return inbound.list_reply(choice["id"], choice["title"], choice.get("description", ""))
    return inbound.button_reply(choice["id"], choice["title"])
