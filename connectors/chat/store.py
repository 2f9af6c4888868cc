"""The chat's SQL: sessions, and a conversation as its customer may see it. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row

from conversations.messages import File
from conversations.store import Conn


@dataclass(frozen=True, slots=True)
class Session:
    """A customer's right to one conversation. `token_hash`: SHA-256 of the token."""

    id: UUID
    account: str
    name: str | None
    token_hash: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A message both sides can see. `external_id`: of the customer's own; `state`: of ours."""

    id: int
    at: datetime
    author: str
    text: str
    content: Mapping[str, Any] | None
    external_id: str | None
    outbox_id: int | None
    state: str | None


@dataclass(frozen=True, slots=True)
class State:
    """How the conversation stands. `typing`: the bot is at work. `seen`: our side has dealt with the
    customer's lines up to this one.
    """

    control: str = "bot"
    typing: bool = False
    seen: int = 0


async def add_session(conn: Conn, session: Session) -> None:
    """Keep a new session, and forget a few that have expired."""
    await conn.execute(
        "DELETE FROM chat_sessions WHERE id IN (SELECT id FROM chat_sessions WHERE expires_at < now() "
        "ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED)"
    )
    await conn.execute(
        "INSERT INTO chat_sessions (id, account, name, token_hash, expires_at) VALUES (%s, %s, %s, %s, %s)",
        [session.id, session.account, session.name, session.token_hash, session.expires_at],
    )


async def session(conn: Conn, id: UUID) -> Session | None:
    """The session, expired or not."""
    async with conn.cursor(row_factory=class_row(Session)) as cursor:
        await cursor.execute(
            "SELECT id, account, name, token_hash, expires_at FROM chat_sessions WHERE id = %s", [id]
        )
        return await cursor.fetchone()


async def lines(conn: Conn, id: UUID, after: tuple[int, int], limit: int) -> list[Line]:
    """What became visible after the customer's line and after our line of these log ids, in order.

    Ours are visible once their delivery is committed. Each side becomes visible in the order of the log,
    both together need not: hence two marks.
    """
    async with conn.cursor(row_factory=class_row(Line)) as cursor:
        await cursor.execute(
            "SELECT log.id, log.at, log.author, log.text, outbox.body->'content' AS content, "
            "inbox.external_id, log.outbox_id, outbox.state FROM log "
            "LEFT JOIN inbox ON inbox.id = log.inbox_id LEFT JOIN outbox ON outbox.id = log.outbox_id "
            "WHERE log.conversation_id = %s AND log.kind = 'message' "
            "AND (log.author = 'customer' AND log.id > %s OR outbox.exit = 'chat' AND log.id > %s "
            "AND outbox.state IN ('sent', 'delivered', 'read')) ORDER BY log.id LIMIT %s",
            [id, *after, limit],
        )
        return await cursor.fetchall()


async def file(conn: Conn, id: UUID, line_id: int) -> File | None:
    """What an agent attached in this line, once its customer can see it."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT outbox.body->'content'->'file' AS file FROM log JOIN outbox ON outbox.id = log.outbox_id "
            "WHERE log.conversation_id = %s AND log.id = %s AND log.kind = 'message' "
            "AND log.author = 'agent' AND outbox.exit = 'chat' "
            "AND outbox.state IN ('sent', 'delivered', 'read')",
            [id, line_id],
        )
        found = await cursor.fetchone()
    return File(**found["file"]) if found and found["file"] else None


async def state(conn: Conn, id: UUID) -> State:
    """How the conversation stands; as at its beginning when nothing was written yet."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT control, "
            "control = 'bot' AND EXISTS (SELECT 1 FROM inbox WHERE conversation_id = c.id "
            "AND kind = 'message' AND done_at IS NULL) AS typing, "
            "coalesce((SELECT max(log.id) FROM log JOIN inbox ON inbox.id = log.inbox_id "
            "WHERE log.conversation_id = c.id AND log.kind = 'message' AND inbox.done_at IS NOT NULL), 0) "
            "AS seen FROM conversations c WHERE id = %s",
            [id],
        )
        found = await cursor.fetchone()
    return State(**found) if found else State()


async def written_before(conn: Conn, external_id: str) -> Mapping[str, Any] | None:
    """What the customer wrote under this id: its line, text and tapped choice."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT log.id, log.at, inbox.body->>'text' AS text, inbox.body->>'payload' AS payload "
            "FROM inbox JOIN log ON log.inbox_id = inbox.id AND log.kind = 'message' "
            "WHERE inbox.channel = 'chat' AND inbox.external_id = %s",
            [external_id],
        )
        return await cursor.fetchone()


async def offered(conn: Conn, id: UUID, choice: str) -> str | None:
    """The title of a choice the customer was shown in this conversation, the last time; None if never."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT choice->>'title' AS title FROM outbox, jsonb_array_elements(body->'content'->'choices') "
            "choice WHERE conversation_id = %s AND exit = 'chat' AND choice->>'id' = %s "
            "AND state IN ('sent', 'delivered', 'read') ORDER BY outbox.id DESC LIMIT 1",
            [id, choice],
        )
        found = await cursor.fetchone()
        return str(found["title"]) if found else None


async def outbox_ids(conn: Conn, id: UUID, log_ids: Sequence[int]) -> list[int]:
    """The outbox rows of those of these lines that the chat has carried to this customer."""
    cursor = await conn.execute(
        "SELECT outbox.id FROM log JOIN outbox ON outbox.id = log.outbox_id WHERE log.conversation_id = %s "
        "AND log.kind = 'message' AND log.id = ANY(%s) AND outbox.exit = 'chat' "
        "AND outbox.state IN ('sent', 'delivered') ORDER BY outbox.id",
        [id, list(log_ids)],
    )
    return [row[0] for row in await cursor.fetchall()]
