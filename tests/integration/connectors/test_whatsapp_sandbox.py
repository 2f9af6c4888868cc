from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from pydantic import SecretStr

from app.settings import WhatsApp
from connectors.whatsapp import payload, signature
from connectors.whatsapp.client import WhatsAppClient
from connectors.whatsapp.download import FileGone
from conversations.errors import NeedsOperator, OutcomeUnknown, Refused, TryLater
from conversations.messages import Address, Choice, Content, CustomerMessage
from sandbox.serve import served
from sandbox.whatsapp import inbound
from sandbox.whatsapp.sandbox import WhatsAppSandbox
from sandbox.whatsapp.settings import WhatsAppSettings

ANA, NOBODY = "15550100001", "US.70010000000000000003"


class Door:
    """Takes the sandbox's webhooks, checks their signatures, and keeps what was in them."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.webhooks: list[payload.Webhook] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, text=request.url.params["hub.challenge"])
        signature.verify(self.secret, request.content, request.headers.get(signature.HEADER))
        self.webhooks.append(payload.parse(request.content))
        return httpx.Response(200)

    @property
    def messages(self) -> list[CustomerMessage]:
        return [message for webhook in self.webhooks for message in webhook.messages]


@pytest.fixture
def door() -> Door:
    return Door(WhatsAppSettings().app_secret)


@pytest.fixture
def sandbox(door: Door) -> WhatsAppSandbox:
    settings = WhatsAppSettings(
        callback="http://parley.test/webhooks/whatsapp",
        status_delay=0.01,
        read_at_once=True,
        transport=httpx.MockTransport(door),
    )
    return WhatsAppSandbox(settings)


@pytest.fixture
def account(sandbox: WhatsAppSandbox) -> Iterator[WhatsApp]:
    chosen = sandbox.settings
    with served(sandbox) as running:
        yield WhatsApp(
            base_url=running.base_url,
            api_version="v25.0",
            phone_number_id=chosen.phone_number_id,
            access_token=SecretStr(chosen.access_token),
            app_secret=SecretStr(chosen.app_secret),
            verify_token=SecretStr(chosen.verify_token),
        )


@pytest.fixture
async def client(account: WhatsApp) -> AsyncIterator[WhatsAppClient]:
    async with httpx.AsyncClient() as http:
        yield WhatsAppClient(http, account)


async def hello(sandbox: WhatsAppSandbox, door: Door, who: str = ANA) -> Address:
    await sandbox.customer_says(who, "hello")
    return door.messages[-1].address


async def test_a_message_there_and_back(client: WhatsAppClient, sandbox: WhatsAppSandbox, door: Door) -> None:
    """A greeting is answered, and the receipts carry our reference through sent, delivered and read."""
    to = await hello(sandbox, door)
    assert to.wa_id == ANA
    wamid = await client.send(to, Content("Hello Ana"), reference="8812")
    await sandbox.wait_for_status(wamid, "read")
    await sandbox.idle()
    receipts = [receipt for webhook in door.webhooks for receipt in webhook.receipts]
    assert {receipt.status for receipt in receipts} == {"sent", "delivered", "read"}
    assert {receipt.external_id for receipt in receipts} == {wamid}
    assert "8812" in {receipt.reference for receipt in receipts}


async def test_choices_come_back_as_they_were_offered(
    client: WhatsAppClient, sandbox: WhatsAppSandbox, door: Door
) -> None:
    """Buttons and lists are accepted, and a tap brings the choice's id and title back."""
    to = await hello(sandbox, door)
    for count in (2, 10):
        choices = tuple(Choice(f'/inform{{"order_number": "{n}"}}', f"Order {n}") for n in range(count))
        await client.send(to, Content("Which one?", choices, "Orders"), reference="1")
        await sandbox.customer_taps(ANA, "Order 1")
        tapped = door.messages[-1]
        assert (tapped.kind, tapped.text, tapped.payload) == ("choice", "Order 1", choices[1].id)


async def test_a_customer_without_a_number(
    client: WhatsAppClient, sandbox: WhatsAppSandbox, door: Door
) -> None:
    """Who shows no number is heard and answered by the user id."""
    to = await hello(sandbox, door, NOBODY)
    assert (to.user_id, to.wa_id) == (NOBODY, None)
    await client.send(to, Content("Hello"), reference="1")
    await client.show_typing(door.messages[-1].external_id)
    assert len(sandbox.sent) == len(sandbox.marks) == 1


async def test_the_longest_things_we_may_say(
    client: WhatsAppClient, sandbox: WhatsAppSandbox, door: Door
) -> None:
    """What is too long anywhere is shortened so that WhatsApp takes it."""
    to = await hello(sandbox, door)
    choices = tuple(Choice(str(n) * 300, "title " * 10 + str(n), "words " * 30) for n in range(10))
    for shown in (choices, choices[:1], ()):
        await client.send(to, Content("much to say " * 1000, shown, "label " * 9), reference="r" * 600)
    assert len(sandbox.sent) == 3


async def test_every_kind_of_message_is_read(
    client: WhatsAppClient, sandbox: WhatsAppSandbox, door: Door
) -> None:
    """Whatever a phone can send arrives as a message with words, and no problem."""
    elements = [
        inbound.flow_reply({"reason": "too small"}),
        inbound.template_button("resume", "Go on"),
        inbound.location(52.37, 4.89, "Canal Street 12"),
        inbound.reaction("wamid.OURS", "👍"),
        inbound.reaction("wamid.OURS", None),
        inbound.contacts("Cara Lind", "+15550100003"),
        inbound.unsupported(),
        inbound.of_type("hologram", {"depth": 3}),
        *(sandbox.attachment(kind) for kind in ("image", "audio", "sticker", "document")),
    ]
    for element in elements:
        await sandbox.customer_sends(ANA, element)
    assert len(door.messages) == len(elements)
    assert all(message.text for message in door.messages)
    assert not any(webhook.problems for webhook in door.webhooks)


async def test_a_batch(client: WhatsAppClient, sandbox: WhatsAppSandbox, door: Door) -> None:
    """Messages spread over entries and changes of one webhook all arrive."""
    texts = [sandbox.compose(who, inbound.text(who)) for who in (ANA, NOBODY, "15550100002")]
    await sandbox.deliver_batch(texts)
    (webhook,) = door.webhooks
    assert [message.text for message in webhook.messages] == [ANA, NOBODY, "15550100002"]


async def test_refusals(client: WhatsAppClient, sandbox: WhatsAppSandbox, door: Door) -> None:
    """The sandbox's refusals arrive as the classes the core acts on."""
    to = await hello(sandbox, door)
    for code, kind in ((131056, TryLater), (131026, Refused), (190, NeedsOperator), (2, TryLater)):
        sandbox.faults.fail_next(code)
        with pytest.raises(kind):
            await client.send(to, Content("Hello"), reference="1")
    sandbox.faults.change(reset_times=1)
    with pytest.raises(OutcomeUnknown):
        await client.send(to, Content("Hello"), reference="2")
    await client.send(to, Content("Hello"), reference="3")


async def test_customers_file_is_passed_on_as_it_comes(
    client: WhatsAppClient, sandbox: WhatsAppSandbox, door: Door
) -> None:
    """A photo can be opened with its type and bytes; what WhatsApp does not have is gone for good."""
    await sandbox.customer_attaches(ANA, "image")
    [media] = door.messages[-1].media
    opened = await client.open_file(media.id)
    data = b"".join([chunk async for chunk in opened.chunks()])
    assert (opened.mime_type, data[:2]) == ("image/jpeg", b"\xff\xd8")
    for unknown in ("1", "../messages"):
        with pytest.raises(FileGone):
            await client.open_file(unknown)
