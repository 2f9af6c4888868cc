"""What customers can do, and how the app hears of it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from sandbox import signatures
from sandbox.whatsapp import inbound
from sandbox.whatsapp.sandbox import WhatsAppSandbox
from tests.unit.sandbox.receiver import Receiver

ANA, BEN, NOBODY = "15550100001", "15550100002", "US.13491208655302741918"
SIGNATURE = "X-Hub-Signature-256"
KINDS: dict[str, dict[str, Any]] = {
    "text": inbound.text("hi"),
    "button reply": inbound.button_reply("cancel", "Cancel"),
    "list reply": inbound.list_reply("express", "Express", "Next day"),
    "flow reply": inbound.flow_reply({"flow_token": "t"}),
    "template button": inbound.template_button("stop", "Stop"),
    "location": inbound.location(37.48, -122.14, "Meta"),
    "reaction": inbound.reaction("wamid.x", "👍"),
    "reaction gone": inbound.reaction("wamid.x", None),
    "order": inbound.order(
        "c1", {"product_retailer_id": "p", "quantity": 2, "item_price": 30, "currency": "USD"}
    ),
    "contacts": inbound.contacts("Barbara Johnson", "+1 (983) 555-2319", "contact_request"),
    "unsupported": inbound.unsupported(),
    "system": inbound.system("user_changed_number", "changed", wa_id="12195555358"),
    "not there yet": inbound.of_type("hologram", {"id": 1}),
}


@pytest.mark.parametrize("element", KINDS.values(), ids=KINDS.keys())
async def test_every_kind_arrives_signed(wa: WhatsAppSandbox, app: Receiver, element: dict[str, Any]) -> None:
    """Every kind of message comes in the envelope, with string ids, signed on its exact bytes."""
    delivery = await wa.customer_sends(ANA, element)
    assert delivery.accepted
    (message,) = app.messages
    assert {key: message[key] for key in element} == element
    assert message["from"] == ANA
    assert message["from_user_id"] == app.values[0]["contacts"][0]["user_id"]
    assert message["timestamp"].isdigit()
    assert app.values[0]["metadata"]["phone_number_id"] == wa.settings.phone_number_id
    request = app.posts[0]
    assert request.headers[SIGNATURE] == signatures.meta(wa.settings.app_secret, request.content)


@pytest.mark.parametrize("kind", ["image", "audio", "sticker", "document"])
async def test_attachments_can_be_fetched(
    wa: WhatsAppSandbox, app: Receiver, graph: httpx.AsyncClient, kind: str
) -> None:
    """An attached file comes with type, digest and an id under which its bytes are there."""
    await wa.customer_attaches(ANA, kind)
    payload = app.messages[0][kind]
    about = (await graph.get(f"http://graph.test/v25.0/{payload['id']}")).json()
    assert about["mime_type"] == payload["mime_type"]
    data = await graph.get(about["url"])
    assert len(data.content) == int(about["file_size"])


async def test_body_is_escaped(wa: WhatsAppSandbox, app: Receiver) -> None:
    """Non-ASCII and slashes are escaped in the bytes, as Meta does."""
    await wa.customer_says(ANA, "dä / 👍")
    raw = app.posts[0].content
    assert raw.isascii()
    assert rb"d\u00e4 \/ \ud83d\udc4d" in raw
    assert app.messages[0]["text"]["body"] == "dä / 👍"


async def test_somebody_without_a_number(wa: WhatsAppSandbox, app: Receiver) -> None:
    """A customer who shares no number has a user id and neither from nor wa_id."""
    await wa.customer_says(NOBODY, "hi")
    assert app.messages[0]["from_user_id"] == NOBODY
    assert "from" not in app.messages[0]
    contact = app.values[0]["contacts"][0]
    assert "wa_id" not in contact
    assert contact["profile"]["username"].startswith("@")


async def test_reply_carries_its_context(wa: WhatsAppSandbox, app: Receiver) -> None:
    """A reply names the message it answers and our number."""
    await wa.customer_says(ANA, "that one", reply_to="wamid.ours")
    assert app.messages[0]["context"] == {"from": wa.settings.display_phone_number, "id": "wamid.ours"}


async def test_tapping(wa: WhatsAppSandbox, app: Receiver, graph: httpx.AsyncClient) -> None:
    """A customer taps what was offered last, by id or title; what was not offered cannot be tapped."""
    await wa.customer_says(ANA, "hi")
    reply = {"type": "reply", "reply": {"id": "y", "title": "Yes"}}
    row = {"id": "o1", "title": "10234", "description": "On its way"}
    for interactive in (
        {"type": "button", "body": {"text": "?"}, "action": {"buttons": [reply]}},
        {"type": "list", "body": {"text": "?"}, "action": {"button": "Pick", "sections": [{"rows": [row]}]}},
    ):
        body = {"messaging_product": "whatsapp", "to": ANA, "type": "interactive", "interactive": interactive}
        assert (await graph.post("messages", json=body)).status_code == 200
    await wa.customer_taps(ANA, "o1")
    await wa.customer_taps(ANA, "Yes")
    picked, tapped = app.messages[1:]
    assert picked["interactive"] == {"type": "list_reply", "list_reply": row}
    assert tapped["interactive"] == {"type": "button_reply", "button_reply": {"id": "y", "title": "Yes"}}
    assert tapped["context"]["id"] == wa.sent[0].id
    with pytest.raises(LookupError):
        await wa.customer_taps(ANA, "No")


async def test_batch_is_spread(wa: WhatsAppSandbox, app: Receiver) -> None:
    """A batch goes over two entries and several changes, each message with its contact."""
    made = [wa.compose(who, inbound.text(f"hi {who}")) for who in (ANA, BEN, NOBODY)]
    delivery = await wa.deliver_batch(made)
    (body,) = app.bodies
    assert [len(entry["changes"]) for entry in body["entry"]] == [1, 2]
    assert [message["id"] for message in app.messages] == [message.id for message in made]
    assert delivery.ids == tuple(message.id for message in made)


async def test_batch_in_one_change(wa: WhatsAppSandbox, app: Receiver) -> None:
    """A batch may also be one change with several messages and each contact once."""
    made = [wa.compose(who, inbound.text("hi")) for who in (BEN, ANA, ANA)]
    await wa.deliver_batch(made, spread=False)
    (value,) = app.values
    assert len(value["messages"]) == 3
    assert sorted(contact["wa_id"] for contact in value["contacts"]) == [ANA, BEN]


async def test_duplicates(wa: WhatsAppSandbox, app: Receiver) -> None:
    """The same bytes can come again, on demand or for every message."""
    first = await wa.customer_says(ANA, "hi")
    await wa.deliver_again(first, times=2)
    assert len({request.content for request in app.posts}) == 1
    wa.faults.duplicate_messages = True
    await wa.customer_says(ANA, "again")
    assert [message["text"]["body"] for message in app.messages] == ["hi", "hi", "hi", "again", "again"]


async def test_disorder(wa: WhatsAppSandbox, app: Receiver) -> None:
    """With the switch on, a message is overtaken by the next one."""
    wa.faults.reorder_messages = True
    await wa.customer_says(ANA, "first")
    await wa.customer_says(ANA, "second")
    await wa.idle()
    assert [message["text"]["body"] for message in app.messages] == ["second", "first"]


async def test_bad_and_missing_signatures(wa: WhatsAppSandbox, app: Receiver) -> None:
    """A webhook can be signed wrongly or not at all, once or by switch."""
    body = {"object": "whatsapp_business_account", "entry": []}
    await wa.deliver(body, signature="bad")
    await wa.deliver(body, signature="missing")
    wa.faults.missing_signature = True
    await wa.customer_says(ANA, "hi")
    good = signatures.meta(wa.settings.app_secret, app.posts[0].content)
    assert app.posts[0].headers[SIGNATURE] != good
    assert SIGNATURE not in app.posts[1].headers
    assert SIGNATURE not in app.posts[2].headers


async def test_any_bytes_can_be_sent(wa: WhatsAppSandbox, app: Receiver) -> None:
    """Broken JSON goes out as it is, well signed."""
    await wa.deliver(b'{"entry": [')
    assert app.posts[0].headers[SIGNATURE] == signatures.meta(wa.settings.app_secret, b'{"entry": [')


async def test_account_error(wa: WhatsAppSandbox, app: Receiver) -> None:
    """An error of the account comes without messages and statuses."""
    await wa.account_error(130429)
    (value,) = app.values
    assert value["errors"][0]["code"] == 130429
    assert "messages" not in value


async def test_verification_on_start(wa: WhatsAppSandbox) -> None:
    """On start the callback is asked to echo a challenge."""
    assert await wa.until(lambda: wa.webhooks.verified) is True


async def test_registration(wa: WhatsAppSandbox, app: Receiver, graph: httpx.AsyncClient) -> None:
    """A callback is taken over only when it echoes the challenge, at the number or the account."""
    token = wa.settings.verify_token
    for path, body in (
        (
            f"http://graph.test/v25.0/{wa.settings.business_account_id}/subscribed_apps",
            {"override_callback_uri": "http://new.test/a", "verify_token": token},
        ),
        (
            f"http://graph.test/v25.0/{wa.settings.phone_number_id}",
            {"webhook_configuration": {"override_callback_uri": "http://new.test/b", "verify_token": token}},
        ),
    ):
        assert (await graph.post(path, json=body)).json() == {"success": True}
        wrong = json.loads(json.dumps(body).replace(token, "wrong").replace("new.test", "worse.test"))
        assert (await graph.post(path, json=wrong)).status_code == 400
    assert wa.webhooks.callback == "http://new.test/b"
    await wa.customer_says(ANA, "hi")
    assert str(app.posts[-1].url) == "http://new.test/b"


async def test_without_a_callback_nothing_goes_out() -> None:
    """A sandbox that nobody listens to keeps the chat and sends no webhook."""
    async with WhatsAppSandbox() as alone:
        delivery = await alone.customer_says(ANA, "hi")
        assert delivery.attempts == []
        assert alone.chats.meet(ANA).chat[0].text == "hi"
