"""Notices into a Slack channel, by an incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

from __future__ import annotations

from typing import Any

import httpx

from conversations.errors import OutcomeUnknown, Refused, TryLater
from conversations.messages import Notice

SECONDS = 10.0
ANSWER_SHOWN = 80

WHAT_TO_DO = {
    "no_service": "the webhook was removed or switched off; make a new one and set SLACK_WEBHOOK_URL",
    "no_active_hooks": "the webhook was switched off; make a new one and set SLACK_WEBHOOK_URL",
    "no_team": "SLACK_WEBHOOK_URL is not a webhook of any workspace",
    "team_disabled": "the workspace was switched off",
    "invalid_token": "the secret in SLACK_WEBHOOK_URL is wrong",
    "channel_not_found": "the webhook's channel does not exist any more",
    "channel_is_archived": "the webhook's channel is archived",
    "action_prohibited": "an admin of the workspace forbids the webhook",
    "posting_to_general_channel_denied": "only admins may write to the webhook's channel",
    "invalid_payload": "Slack could not read the message",
    "no_text": "Slack found no text in the message",
    "too_many_attachments": "Slack found the message too large",
}
"""Slack's words for what it refuses, and what an operator can do."""


class SlackRefused(Refused):
    """Slack will not take this message, or none through this webhook; the message says why."""


class SlackBusy(TryLater):
    """Slack limits us, has a fault or cannot be reached; it took nothing."""


class SlackUnknown(OutcomeUnknown):
    """The connection broke after the message went out."""


class SlackWebhook:
    """Posts to the channel of `url`, which is a secret. The HTTP client stays its owner's to close."""

    def __init__(self, http: httpx.AsyncClient, url: str):
        self._http, self._url = http, url

    async def tell(self, address: str, notice: Notice) -> None:
        try:
            response = await self._http.post(self._url, json=message(notice), timeout=SECONDS)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise SlackBusy(f"Slack cannot be reached: {type(error).__name__}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SlackUnknown(f"Slack did not answer: {type(error).__name__}") from None
        if response.status_code != httpx.codes.OK:
            raise _refusal(response)


def message(notice: Notice) -> dict[str, Any]:
    """The notice as Slack's JSON: `text` for the notification on a phone, blocks for the channel."""
    lines = [f"*{_plain(notice.title)}*", _plain(notice.text)]
    if notice.link:
        lines.append(f"<{_plain(notice.link)}|Open the conversation>")
    facts = [{"type": "mrkdwn", "text": _plain(fact)} for fact in notice.facts]
    return {
        "text": f"{_plain(notice.title)}. {_plain(notice.text)}",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines)}},
            *([{"type": "context", "elements": facts}] if facts else []),
        ],
    }


def _plain(text: str) -> str:
    """The three characters that mean something to Slack, escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _refusal(response: httpx.Response) -> SlackBusy | SlackRefused:
    status, said = response.status_code, response.text.strip()[:ANSWER_SHOWN]
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
        return SlackBusy(f"Slack answered HTTP {status}", retry_after=_seconds(response))
    known = WHAT_TO_DO.get(said)
    return SlackRefused(f"Slack refuses ({status} {said}){f': {known}' if known else ''}", code=said)


def _seconds(response: httpx.Response) -> float | None:
    wait = response.headers.get("Retry-After", "")
    return float(wait) if wait.isdecimal() else None
