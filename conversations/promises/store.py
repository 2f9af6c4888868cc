"""The SQL of promises. As in `conversations.store`, no function commits; moments are the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from conversations.store import Conn

PROMISE = (
    "id, conversation_id, kind, what, phone, made_by, made_at, due_at, state, broken_at, settled_at, "
    "settled_by"
)
OWED = ("open", "broken")
"""States of what is still owed."""

SETTLED = 10.0
"""Seconds after which a line that was begun is there, or never will be."""

IS_OWED = "state IN ('open', 'broken')"
SETTLE = "UPDATE promises SET state = %s, settled_by = %s, settled_at = greatest(made_at, %s)"


@dataclass(frozen=True, slots=True)
class Promise:
    """Something a customer was promised. `kind`: answer, call or own (an agent's own words in `what`).

    `state`: open, broken (due, and still owed), kept or withdrawn; `settled_by` says by what.
    """

    id: int
    conversation_id: UUID
    kind: str
    what: str
    phone: str | None
    made_by: str
    made_at: datetime
    due_at: datetime
    state: str
    broken_at: datetime | None
    settled_at: datetime | None
    settled_by: str | None


async def add(
    conn: Conn, conversation_id: UUID, kind: str, what: str, *, by: str, at: datetime, due: datetime,
    phone: str | None,
) -> int | None:  # fmt: skip
    """Keep a promise; None when one of this kind (but `own`) is owed already."""
    cursor = await conn.execute(
        "INSERT INTO promises (conversation_id, kind, what, phone, made_by, made_at, due_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [conversation_id, kind, what, phone, by, at, due],
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def settle(
    conn: Conn, conversation_id: UUID, kinds: Sequence[str], state: str, *, by: str, at: datetime
) -> list[Promise]:
    """Settle what of these kinds is owed; returns the promises that were."""
    async with conn.cursor(row_factory=class_row(Promise)) as cursor:
        await cursor.execute(
            f"{SETTLE} WHERE conversation_id = %s AND kind = ANY(%s) AND {IS_OWED} RETURNING {PROMISE}",
            [state, by, at, conversation_id, list(kinds)],
        )
        return await cursor.fetchall()


async def settle_one(conn: Conn, id: int, state: str, *, by: str, at: datetime) -> Promise | None:
    """Settle this promise; None when it is no longer owed."""
    async with conn.cursor(row_factory=class_row(Promise)) as cursor:
        await cursor.execute(
            f"{SETTLE} WHERE id = %s AND {IS_OWED} RETURNING {PROMISE}",
            [state, by, at, id],
        )
        return await cursor.fetchone()


async def reopen(conn: Conn, conversation_id: UUID, kind: str, since: datetime) -> None:
    """What of this kind was kept since a moment is owed again, where no line of an agent's kept it then.

    Nothing is owed to whom the bot has again, nor twice.
    """
    await conn.execute(
        "UPDATE promises SET state = 'open', settled_by = NULL, settled_at = NULL "
        "WHERE conversation_id = %(id)s AND kind = %(kind)s AND state = 'kept' AND settled_at >= %(since)s "
        "AND (SELECT control FROM conversations WHERE id = %(id)s) = 'agent' "
        "AND NOT EXISTS (SELECT FROM outbox WHERE conversation_id = %(id)s AND author = 'agent' "
        "AND kind = 'message' AND created_at >= %(since)s AND state NOT IN ('failed', 'dropped', 'expired')) "
        "AND NOT EXISTS (SELECT FROM promises WHERE conversation_id = %(id)s AND kind = %(kind)s "
        "AND state IN ('open', 'broken'))",
        {"id": conversation_id, "kind": kind, "since": since},
    )


async def due(conn: Conn, now: datetime, most: int = 100) -> list[Promise]:
    """Promises that have come due and are not marked, the oldest first."""
    async with conn.cursor(row_factory=class_row(Promise)) as cursor:
        await cursor.execute(
            f"SELECT {PROMISE} FROM promises WHERE state = 'open' AND due_at <= %s ORDER BY due_at LIMIT %s",  # noqa: S608 (a constant)
            [now, most],
        )
        return await cursor.fetchall()


async def break_one(conn: Conn, id: int, at: datetime) -> bool:
    """Mark a promise that is due; False when it was settled or marked before."""
    cursor = await conn.execute(
        "UPDATE promises SET state = 'broken', broken_at = %s WHERE id = %s AND state = 'open'", [at, id]
    )
    return cursor.rowcount == 1


async def of_conversation(conn: Conn, conversation_id: UUID, last: int = 20) -> list[Promise]:
    """The newest promises of a conversation, oldest first, settled ones too."""
    async with conn.cursor(row_factory=class_row(Promise)) as cursor:
        await cursor.execute(
            f"SELECT {PROMISE} FROM promises WHERE conversation_id = %s ORDER BY id DESC LIMIT %s",  # noqa: S608 (a constant)
            [conversation_id, last],
        )
        return (await cursor.fetchall())[::-1]


async def end_wait(conn: Conn, conversation_id: UUID) -> None:
    """Nobody speaks to this customer as to one who waits any more."""
    await conn.execute("DELETE FROM waits WHERE conversation_id = %s", [conversation_id])


async def keep_earlier(
    conn: Conn, conversation_id: UUID, kind: str, before: datetime, *, by: str, at: datetime
) -> None:
    """What of this kind was promised before a moment is kept now."""
    await conn.execute(
        f"{SETTLE} WHERE conversation_id = %s AND kind = %s AND made_at < %s AND {IS_OWED}",
        ["kept", by, at, conversation_id, kind, before],
    )


@dataclass(frozen=True, slots=True)
class AgentLine:
    """What an agent wrote to a customer."""

    id: int
    conversation_id: UUID
    text: str
    at: datetime
    by: str | None


async def new_lines(conn: Conn, most: int = 200) -> list[AgentLine]:
    """The agents' lines that nobody has read yet, in order; read from now on. The first time there are none.

    Lines of the last seconds are left for the next time: one with a smaller id may be under way.
    """
    cursor = await conn.execute(
        "INSERT INTO cursors (name, value) SELECT 'promises', coalesce(max(id), 0)::text FROM log "
        "ON CONFLICT (name) DO NOTHING"
    )
    if cursor.rowcount:
        return []
    await conn.execute("SELECT FROM cursors WHERE name = 'promises' FOR UPDATE")
    async with conn.cursor(row_factory=class_row(AgentLine)) as lines:
        await lines.execute(
            "SELECT id, conversation_id, text, at, body->>'by' AS by FROM log "
            "WHERE id > (SELECT value::bigint FROM cursors WHERE name = 'promises') "
            "AND kind = 'message' AND author = 'agent' "
            "AND at < clock_timestamp() - make_interval(secs => %s) ORDER BY id LIMIT %s",
            [SETTLED, most],
        )
        found = await lines.fetchall()
    if found:
        await conn.execute("UPDATE cursors SET value = %s WHERE name = 'promises'", [str(found[-1].id)])
    return found
