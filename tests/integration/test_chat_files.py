"""What agents attach on the ticket, given out to the customer of a chat and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.chat import limits
from connectors.chat.client import LARGEST
from connectors.zendesk.client import ZendeskClient
from conversations import inbox
from conversations.errors import ConnectorError, NeedsOperator, Refused, TryLater
from conversations.messages import Answer, Content, File, StaffComment
from tests.fakes.ports import says
from tests.integration.test_chat import API, KEY, Chat, chat, parley

__all__ = ["chat", "parley"]

ADDRESS = "https://shop.zendesk.example/attachments/token/secret"
PICTURE = File(ADDRESS, "box.png", "image/png", 8)


@pytest.fixture
def at_zendesk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes | ConnectorError], None]:
    """Says what the web process gets from Zendesk for any attachment."""

    def has(found: bytes | ConnectorError) -> None:
        async def fetch(self: object, file: File) -> bytes:
            if isinstance(found, ConnectorError):
                raise found
            return found

        monkeypatch.setattr(ZendeskClient, "fetch", fetch)

    return has


async def attach(
    chat: Chat, *files: File, body: str = "", kept: bytes = b"\x89PNG...."
) -> list[dict[str, Any]]:
    """An agent answers on the ticket with these files; the lines that reach the customer."""
    chat.core.helpdesk.attachments[ADDRESS] = kept
    chat.core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    await chat.says("a person please")
    await chat.core.drain()
    before = (await chat.history())["cursor"]
    reply = StaffComment("1", chat.id, "c1", "5", "Mia", body, datetime.now(UTC), True, files=files)
    async with chat.core.pool.connection() as conn:
        await inbox.receive_comment(conn, chat.core.corridor.jobs, reply)
    await chat.core.drain()
    return list((await chat.history(before))["lines"])


async def get(chat: Chat, line_id: int, secret: str | None = None) -> httpx.Response:
    """The file of a line."""
    headers = {"Authorization": f"Bearer {secret or chat.token}"}
    return await chat.http.get(f"{API}/{chat.id}/files/{line_id}", headers=headers)


async def test_agents_picture_reaches_the_customer(chat: Chat, at_zendesk: Any) -> None:
    """It comes after the words, by name, type and size, and its bytes by the session's token."""
    at_zendesk(b"\x89PNG....")
    [words, line] = await attach(chat, PICTURE, body="Pack it like this:")
    assert (words["text"], words["file"]) == ("Pack it like this:", None)
    assert line["file"] == {"name": "box.png", "type": "image/png", "size": 8}
    picture = await get(chat, line["id"])
    assert (picture.status_code, picture.content) == (200, b"\x89PNG....")
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["content-disposition"] == "inline"
    assert "zendesk" not in str(line) + str(picture.headers)
    assert (await get(chat, line["id"], KEY)).status_code == 200


async def test_paper_of_the_bot_is_a_link(chat: Chat) -> None:
    """A label or an invoice is no attachment: the customer follows its address."""
    paper = File("https://parley.example/papers/w", "label.pdf", "application/pdf")
    chat.core.bot.replies.append(Answer((Content("Your label:", file=paper),)))
    await chat.says("my label please")
    await chat.core.drain()
    [_, line] = (await chat.history())["lines"]
    assert (line["text"], line["file"]) == ("Your label:\nhttps://parley.example/papers/w", None)
    assert (await get(chat, line["id"])).status_code == 404


async def test_file_without_words_is_a_line_of_its_own(chat: Chat) -> None:
    """A reply that is nothing but two files is two lines."""
    lines = await attach(chat, PICTURE, File(ADDRESS, "slip.pdf", "application/pdf", 8))
    assert [(line["text"], line["file"]["name"]) for line in lines] == [("", "box.png"), ("", "slip.pdf")]
    assert {line["author"] for line in lines} == {"agent"}


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf", ""])
async def test_what_could_run_is_only_ever_saved(chat: Chat, at_zendesk: Any, kind: str) -> None:
    """A page of HTML, a drawing with a script: never shown from our address."""
    at_zendesk(b"<script>")
    [line] = await attach(chat, File(ADDRESS, "page", kind, 8))
    page = await get(chat, line["id"])
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"] == "attachment"
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_file_is_for_its_own_session(chat: Chat, at_zendesk: Any) -> None:
    """Another's token is 401 at this session, and finds nothing under the line's number at its own."""
    at_zendesk(b"bytes")
    [line] = await attach(chat, PICTURE)
    other = await chat.opened()
    assert (await get(chat, line["id"], other.token)).status_code == 401
    assert (await get(other, line["id"])).status_code == 404
    nobody = Chat(chat.http, chat.core, str(uuid4()), chat.token)
    assert (await get(nobody, line["id"])).status_code == 401


async def test_only_a_line_that_was_delivered_has_a_file(chat: Chat, at_zendesk: Any) -> None:
    """What was dropped, is no line or has no file is 404."""
    at_zendesk(b"bytes")
    [words, line] = await attach(chat, PICTURE, body="Look:")
    for id in (words["id"], 0, -1, 10**30):
        assert (await get(chat, id)).status_code == 404, id
    async with chat.core.pool.connection() as conn:
        await conn.execute("UPDATE outbox SET state = 'dropped' WHERE body->'content'->'file'->>'name' <> ''")
    assert (await get(chat, line["id"])).status_code == 404


@pytest.mark.parametrize(
    ("fault", "status"), [(TryLater("down"), 502), (NeedsOperator("401"), 502), (Refused("deleted"), 404)]
)
async def test_zendesk_down_is_502_and_a_file_it_lost_404(
    chat: Chat, at_zendesk: Any, fault: ConnectorError, status: int
) -> None:
    """The customer may try again where that helps, and reads nothing of what went wrong inside."""
    [line] = await attach(chat, PICTURE)
    at_zendesk(fault)
    answer = await get(chat, line["id"])
    assert (answer.status_code, answer.json()) == (status, {"error": "The file cannot be had."})


async def test_file_too_large_is_told_to_the_agent(chat: Chat) -> None:
    """Its size is looked at before and after it is fetched; the agent reads why in a private note."""
    huge = File(ADDRESS, "film.mp4", "video/mp4", LARGEST + 1)
    assert await attach(chat, huge, File(ADDRESS, "b.bin", "", 0), kept=bytes(LARGEST + 1)) == []
    private = [text for _, text, public, _ in chat.core.helpdesk.comments if not public]
    assert sum("at most 20 MB" in text for text in private) == 2


async def test_too_many_files_are_429(chat: Chat, at_zendesk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is fetched from Zendesk, so a session has its share."""
    at_zendesk(b"bytes")
    [line] = await attach(chat, PICTURE)
    monkeypatch.setattr("app.chat.limits.time.time", lambda: 1_800_000_010.0)
    codes = [(await get(chat, line["id"])).status_code for _ in range(limits.FILES.most + 1)]
    assert codes == [200] * limits.FILES.most + [429]
