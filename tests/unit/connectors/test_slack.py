"""Slack's incoming webhook, against the sandbox's and against what Slack says when it refuses."""

from __future__ import annotations

import httpx
import pytest

from connectors.slack.webhook import SlackBusy, SlackRefused, SlackUnknown, SlackWebhook, message
from conversations.messages import Notice
from sandbox.whatsapp import slack
from sandbox.whatsapp.sandbox import WhatsAppSandbox

NOTICE = Notice(
    "Urgent: <b> & more", "Somebody is needed.", ("Waiting: 1 minute",), "https://desk.example/a?b&c"
)
URL = f"http://sandbox{slack.WEBHOOK}"


def webhook(sandbox: WhatsAppSandbox, url: str = URL) -> SlackWebhook:
    return SlackWebhook(httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app)), url)


def test_what_means_something_to_slack_is_escaped() -> None:
    """Only &, < and >; the link stays a link."""
    section = message(NOTICE)["blocks"][0]["text"]["text"]
    assert section == (
        "*Urgent: &lt;b&gt; &amp; more*\nSomebody is needed.\n"
        "<https://desk.example/a?b&amp;c|Open the conversation>"
    )


async def test_a_notice_stands_in_the_channel() -> None:
    """With a text for the phone's notification, and the facts."""
    sandbox = WhatsAppSandbox()
    await webhook(sandbox).tell("", NOTICE)
    [post] = sandbox.posts
    assert post.text == "Urgent: &lt;b&gt; &amp; more. Somebody is needed."
    assert post.blocks[1]["elements"] == [{"type": "mrkdwn", "text": "Waiting: 1 minute"}]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), base_url="http://s") as http:
        assert [each["text"] for each in (await http.get("/sandbox/slack")).json()] == [post.text]
        assert (await http.get("/slack")).status_code == 200


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "invalid_payload"), (403, "action_prohibited"), (404, "no_service"), (410, "archived")],
)
async def test_a_refusal_is_final_and_says_what_to_do(status: int, said: str) -> None:
    """4xx is not tried again; the webhook's address, a secret, is not in the message."""
    sandbox = WhatsAppSandbox()
    sandbox.faults.change(slack_status=status, slack_times=1)
    with pytest.raises(SlackRefused, match=said) as error:
        await webhook(sandbox).tell("", NOTICE)
    assert not error.value.retryable
    assert "/services/" not in str(error.value)


async def test_slack_says_when_to_come_back() -> None:
    """429 with Retry-After is a matter of time; so are its own faults."""
    sandbox = WhatsAppSandbox()
    sandbox.faults.change(slack_status=429, slack_times=1, slack_retry_after=7)
    with pytest.raises(SlackBusy) as error:
        await webhook(sandbox).tell("", NOTICE)
    assert error.value.retry_after == 7
    sandbox.faults.change(slack_status=503, slack_times=1)
    with pytest.raises(SlackBusy):
        await webhook(sandbox).tell("", NOTICE)
    await webhook(sandbox).tell("", NOTICE)
    assert len(sandbox.posts) == 1


async def test_another_webhook_is_nobody_s() -> None:
    """A wrong address is refused, as Slack does."""
    with pytest.raises(SlackRefused, match="no_service"):
        await webhook(WhatsAppSandbox(), "http://sandbox/services/T1/B1/x").tell("", NOTICE)


@pytest.mark.parametrize(
    ("failure", "kind"), [(httpx.ConnectError("no"), SlackBusy), (httpx.ReadTimeout("slow"), SlackUnknown)]
)
async def test_a_broken_connection(failure: httpx.HTTPError, kind: type[Exception]) -> None:
    """Before the message went out nothing was taken; after, nobody knows."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(kind):
        await SlackWebhook(httpx.AsyncClient(transport=httpx.MockTransport(fail)), URL).tell("", NOTICE)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "invalid_payload"),
        (b"[]", "invalid_payload"),
        (b"{}", "no_text"),
        (b'{"text": 1}', "invalid_payload"),
        (b'{"blocks": [{"type": "section"}]}', "invalid_payload"),
        (b'{"text": "x", "blocks": [{"type": "context", "elements": []}]}', "invalid_payload"),
    ],
)
async def test_the_sandbox_keeps_the_contract(body: bytes, said: str) -> None:
    """What Slack would not take, it does not take."""
    sandbox = WhatsAppSandbox()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), base_url="http://s") as http:
        answer = await http.post(slack.WEBHOOK, content=body)
    assert (answer.status_code, answer.text) == (400, said)
    assert sandbox.posts == []
