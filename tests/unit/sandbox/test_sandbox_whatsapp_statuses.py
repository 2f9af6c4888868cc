"""What WhatsApp reports of a message, and the 24-hour window."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.whatsapp.sandbox import WhatsAppSandbox
from tests.unit.sandbox.receiver import Receiver

ANA = "15550100001"
HELLO: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "to": ANA,
    "type": "text",
    "text": {"body": "hello"},
    "biz_opaque_callback_data": "outbox-1",
}
TEMPLATE = {"type": "template", "template": {"name": "nudge", "language": {"code": "en"}}}


async def sent(graph: httpx.AsyncClient, **more: Any) -> str:
    answer = await graph.post("messages", json=HELLO | more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["messages"][0]["id"])


async def names(wa: WhatsAppSandbox, app: Receiver) -> list[str]:
    await wa.idle()
    return [status["status"] for status in app.statuses]


async def test_sent_then_delivered(wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver) -> None:
    """A message is reported sent, then delivered, with our reference and without a conversation."""
    await wa.customer_says(ANA, "hi")
    wamid = await sent(graph)
    assert await names(wa, app) == ["sent", "delivered"]
    first = app.statuses[0]
    assert first["id"] == wamid
    assert first["recipient_id"] == ANA
    assert first["recipient_user_id"].startswith("US.")
    assert first["biz_opaque_callback_data"] == "outbox-1"
    assert first["pricing"]["pricing_model"] == "PMP"
    assert isinstance(first["timestamp"], str)
    assert "conversation" not in first
    assert app.values[-1]["contacts"][0]["wa_id"] == ANA


async def test_old_versions_report_a_conversation(
    wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver
) -> None:
    """Up to v23 a sent status carries its conversation and when it expires."""
    await wa.customer_says(ANA, "hi")
    await graph.post(f"http://graph.test/v23.0/{wa.settings.phone_number_id}/messages", json=HELLO)
    await wa.idle()
    assert "expiration_timestamp" in app.statuses[0]["conversation"]
    assert "expiration_timestamp" not in app.statuses[1]["conversation"]


async def test_read_when_the_chat_is_open(
    wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver
) -> None:
    """Read is reported when the customer looks: at once in an open chat, later when it is opened."""
    await wa.customer_says(ANA, "hi")
    await sent(graph)
    assert await names(wa, app) == ["sent", "delivered"]
    assert wa.chats.meet(ANA).unread == 1
    await wa.open_chat(ANA)
    assert await names(wa, app) == ["sent", "delivered", "read"]
    assert wa.chats.meet(ANA).unread == 0
    await sent(graph)
    assert (await names(wa, app))[3:] == ["sent", "delivered", "read"]
    wa.close_chat(ANA)
    await sent(graph)
    assert (await names(wa, app))[6:] == ["sent", "delivered"]


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("drop_delivered", ["sent", "read"]),
        ("reorder_statuses", ["read", "delivered", "sent"]),
        ("duplicate_statuses", ["sent", "sent", "delivered", "delivered", "read", "read"]),
    ],
)
async def test_status_faults(
    wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver, switch: str, expected: list[str]
) -> None:
    """Statuses can be left out, come in the wrong order, or twice; what is known never goes back."""
    await wa.customer_says(ANA, "hi")
    await wa.open_chat(ANA)
    wa.faults.change(**{switch: True})
    wamid = await sent(graph)
    assert await names(wa, app) == expected
    assert wa.chats.messages[wamid].status == "read"


@pytest.mark.parametrize("code", [131026, 131047, 131049])
async def test_failed_status(wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver, code: int) -> None:
    """A send that is going to fail answers 200, and one failed status says why, without contacts."""
    await wa.customer_says(ANA, "hi")
    wa.faults.fail_with = code
    await sent(graph)
    assert await names(wa, app) == ["failed"]
    status = app.statuses[0]
    assert status["errors"][0]["code"] == code
    assert status["errors"][0]["error_data"]["details"]
    assert status["biz_opaque_callback_data"] == "outbox-1"
    assert "recipient_user_id" not in status
    assert "contacts" not in app.values[-1]


async def test_window_closes_after_24_hours(
    wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver
) -> None:
    """After 24 hours free text fails with 131047 by status, and a template still arrives."""
    await wa.customer_says(ANA, "hi")
    wa.clock.advance(24 * 3600 - 60)
    await sent(graph)
    wa.clock.advance(120)
    await sent(graph)
    await sent(graph, **TEMPLATE)
    assert sorted(await names(wa, app)) == ["delivered", "delivered", "failed", "sent", "sent"]
    failed = next(status for status in app.statuses if status["status"] == "failed")
    assert failed["errors"][0]["code"] == 131047


async def test_window_can_refuse_at_once(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """The other form of 131047 is a refusal with 400; a new customer message opens the window again."""
    wa.faults.window_sync = True
    refused = await graph.post("messages", json=HELLO)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 131047)
    await wa.customer_says(ANA, "hi")
    assert (await graph.post("messages", json=HELLO)).status_code == 200


async def test_window_can_be_shut_or_lifted(
    wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver
) -> None:
    """A switch closes the window for everybody, another lifts the rule."""
    await wa.customer_says(ANA, "hi")
    wa.faults.window_closed = True
    await sent(graph)
    assert await names(wa, app) == ["failed"]
    wa.faults.window_rule = False
    await sent(graph)
    assert (await names(wa, app))[1:] == ["sent", "delivered"]


async def test_unknown_recipient_fails_later(
    wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver
) -> None:
    """A template to somebody without WhatsApp is accepted and then fails with 131026."""
    await sent(graph, to="15559999999", **TEMPLATE)
    assert await names(wa, app) == ["failed"]
    assert app.statuses[0]["errors"][0]["code"] == 131026
    assert app.statuses[0]["recipient_id"] == "15559999999"


async def test_statuses_of_somebody_without_a_number(
    wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver
) -> None:
    """Such statuses name the user id and no phone number."""
    nobody = "US.13491208655302741918"
    await wa.customer_says(nobody, "hi")
    body = {key: value for key, value in HELLO.items() if key != "to"} | {"recipient": nobody}
    assert (await graph.post("messages", json=body)).status_code == 200
    await wa.idle()
    assert app.statuses[0]["recipient_user_id"] == nobody
    assert "recipient_id" not in app.statuses[0]


async def test_any_status_by_hand(wa: WhatsAppSandbox, graph: httpx.AsyncClient, app: Receiver) -> None:
    """A test can report any status at any time, failed with any code."""
    await wa.customer_says(ANA, "hi")
    wamid = await sent(graph)
    await wa.idle()
    await wa.report(wamid, "played")
    await wa.report(wamid, "sent")
    await wa.report(wamid, "failed", 131049)
    assert (await names(wa, app))[2:] == ["played", "sent", "failed"]
    assert app.statuses[-1]["errors"][0]["code"] == 131049


async def test_waiting_helpers(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """A test can wait for what the app sends and for what becomes of it."""
    await wa.customer_says(ANA, "hi")
    wamid = await sent(graph)
    (message,) = await wa.wait_for_sent(1, to="+" + ANA)
    assert (message.id, message.text, message.reference) == (wamid, "hello", "outbox-1")
    assert (await wa.wait_for_status(wamid, "delivered")).status == "delivered"
    with pytest.raises(TimeoutError):
        await wa.wait_for_sent(2, timeout=0.01)
