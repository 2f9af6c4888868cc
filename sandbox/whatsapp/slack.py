"""A Slack channel beside the phone: what colleagues are told, by the contract of Slack's webhooks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

from sandbox import page

if TYPE_CHECKING:
    from sandbox.whatsapp.sandbox import WhatsAppSandbox

WEBHOOK = "/services/T00000000/B00000000/sandbox"
"""The only webhook there is; every other path is nobody's."""
KEPT = 200
LONGEST_TEXT, LONGEST_SECTION, MOST_BLOCKS = 40_000, 3_000, 50
FAULTS = {400: "invalid_payload", 403: "action_prohibited", 404: "no_service", 410: "channel_is_archived"}
"""What Slack says beside a status."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message in the channel: what a phone's notification shows, and what the channel does."""

    text: str
    blocks: list[dict[str, Any]]
    at: datetime


def add_routes(wa: WhatsAppSandbox) -> None:
    """Put the channel and its page into the sandbox's app."""
    router = APIRouter()

    @router.get("/slack", include_in_schema=False)
    async def show() -> FileResponse:
        return FileResponse(page.FOLDER / "slack" / "index.html", headers=page.NO_STORE)

    @router.get("/sandbox/slack")
    async def read() -> list[dict[str, Any]]:
        """The channel's messages, newest first."""
        return [{**asdict(post), "at": post.at.isoformat()} for post in reversed(wa.posts)]

    @router.post("/services/{team}/{service}/{secret}", include_in_schema=False)
    async def accept(request: Request) -> Response:
        """Take a message as Slack does: `ok`, or a status with a word for what is wrong."""
        if (status := wa.faults.slack_status) and wa.faults.take("slack_times"):
            return _fault(status, wa.faults.slack_retry_after)
        if request.url.path != WEBHOOK:
            return PlainTextResponse("no_service", 404)
        try:
            wa.posts.append(_post(await request.body(), wa.clock.now()))
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        del wa.posts[:-KEPT]
        wa.changes.notify()
        return PlainTextResponse("ok")

    wa.app.include_router(router)


def _post(body: bytes, at: datetime) -> Post:
    """The message in a request. Raises ValueError with Slack's word for what is wrong with it."""
    try:
        given = json.loads(body)
        text, blocks = given.get("text") or "", given.get("blocks") or []
        whole = isinstance(text, str) and isinstance(blocks, list) and all(map(_is_block, blocks))
    except (ValueError, AttributeError):
        raise ValueError("invalid_payload") from None
    if not whole or len(text) > LONGEST_TEXT or len(blocks) > MOST_BLOCKS:
        raise ValueError("invalid_payload")
    if not text and not blocks:
        raise ValueError("no_text")
    return Post(text, blocks, at)


def _is_block(block: Any) -> bool:
    """Of the kinds of blocks that are sent here, with the parts Slack requires of them."""
    match block:
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": str(text)}}:
            return 0 < len(text) <= LONGEST_SECTION
        case {"type": "context", "elements": [_, *_] as elements}:
            return all(
                isinstance(each, dict) and each.get("type") in ("mrkdwn", "plain_text") and each.get("text")
                for each in elements
            )
        case {"type": "divider"}:
            return True
    return False


def _fault(status: int, retry_after: int | None) -> Response:
    headers = {"Retry-After": str(retry_after)} if status == 429 and retry_after is not None else {}
    said = FAULTS.get(status, "rate_limited" if status == 429 else "fatal_error")
    return PlainTextResponse(said, status, headers)
