"""Webhooks are repeated until they are taken; connections can break after a send."""

from __future__ import annotations

import httpx
import pytest

from sandbox.deliveries import Attempt, Delivery
from sandbox.serve import served
from sandbox.whatsapp.sandbox import WhatsAppSandbox
from sandbox.whatsapp.settings import WhatsAppSettings
from sandbox.whatsapp.webhooks import DELAYS, retry_rule
from tests.unit.sandbox.receiver import Answer, Receiver

ANA = "15550100001"
REFUSED = httpx.ConnectError("refused")
SLOW = httpx.ReadTimeout("slow")


@pytest.mark.parametrize("answer", [500, 503, 401, 404, 201, 302, REFUSED, SLOW], ids=str)
async def test_anything_but_200_is_repeated(wa: WhatsAppSandbox, app: Receiver, answer: Answer) -> None:
    """Every answer that is not exactly 200 brings the same bytes again."""
    app.answers = [answer, answer]
    delivery = await wa.customer_says(ANA, "hi")
    await wa.idle()
    assert len(delivery.attempts) == 3
    assert delivery.over
    assert delivery.accepted
    assert len({request.content for request in app.posts}) == 1


async def test_200_is_not_repeated(wa: WhatsAppSandbox, app: Receiver) -> None:
    """A webhook that was taken comes once."""
    await wa.customer_says(ANA, "hi")
    await wa.idle()
    assert len(app.posts) == 1


async def test_gives_up_after_a_week(wa: WhatsAppSandbox, app: Receiver) -> None:
    """Attempts grow rarer over about seven days, then the webhook is lost."""
    app.answers = [500] * 100
    delivery = await wa.customer_says(ANA, "hi")
    await wa.idle()
    assert delivery.over
    assert not delivery.accepted
    assert len(delivery.attempts) == len(DELAYS) + 1
    assert 6 * 86_400 < sum(DELAYS) <= 7.5 * 86_400


def test_delays_never_shrink(wa_attempt: Attempt) -> None:
    """The first retry is immediate and each further one waits at least as long."""
    delivery = Delivery("http://app.test", b"", {})
    delays = []
    for _ in DELAYS:
        delivery.attempts.append(wa_attempt)
        delays.append(retry_rule(delivery))
    assert delays[0] == 0
    assert delays == sorted(delays, key=lambda delay: delay or 0)


@pytest.fixture
def wa_attempt() -> Attempt:
    from datetime import UTC, datetime

    return Attempt(datetime.now(UTC), 500)


async def test_tick_follows_the_delivery(wa: WhatsAppSandbox, app: Receiver) -> None:
    """The customer's message waits while the app is away, and is delivered when it is back."""
    app.answers = [500] * 3
    ticks: list[str] = []
    message = wa.compose(ANA, {"type": "text", "text": {"body": "hi"}})
    app.on_post = lambda: ticks.append(wa.tick(message))
    await wa.deliver_batch([message])
    await wa.idle()
    assert set(ticks) == {"waiting"}
    assert wa.tick(message) == "delivered"


def test_connection_breaks_after_the_send() -> None:
    """With the switch on, a send is accepted and reported although the client sees a reset."""
    sandbox = WhatsAppSandbox(WhatsAppSettings(speed=1000))
    with served(sandbox) as server:
        server.run(sandbox.customer_says(ANA, "hi"))
        sandbox.faults.reset_times = 1
        url = f"{server.base_url}/v25.0/{sandbox.settings.phone_number_id}/messages"
        body = {"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {"body": "hello"}}
        headers = {"Authorization": f"Bearer {sandbox.settings.access_token}"}
        with httpx.Client(trust_env=False) as client:
            with pytest.raises(httpx.TransportError):
                client.post(url, json=body, headers=headers)
            assert client.post(url, json=body, headers=headers).status_code == 200
        server.run(sandbox.wait_for_status(sandbox.sent[0].id, "delivered"))
    assert len(sandbox.sent) == 2
