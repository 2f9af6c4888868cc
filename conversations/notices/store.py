"""The SQL of notices to colleagues. No function commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row, tuple_row
from psycopg.types.json import Jsonb

from conversations.notices.rules import Target
from conversations.store import Conn

OVERDUE = "overdue"
"""The rule of notices about a broken promise."""

# Nobody has taken the conversation `c` since a person was asked for, as the notice `n` tells.
WAITS: LiteralString = (
    "c.control = 'agent' AND c.epoch = n.epoch AND c.holder IS NULL "
    "AND (c.taken_at IS NULL OR c.taken_at < n.asked_at)"
)
# The promise that the notice `n` tells of is broken still.
IS_BROKEN: LiteralString = "EXISTS (SELECT FROM promises WHERE id = n.promise_id AND state = 'broken')"


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that is about to be sent.

    `asked_at`: when a person was asked for; `doubts`: attempts before, of which nobody knows the outcome.
    """

    id: int
    conversation_id: UUID
    step: int
    medium: str
    address: str
    body: Mapping[str, Any]
    asked_at: datetime
    attempts: int
    doubts: int


async def add(
    conn: Conn, conversation_id: UUID, rule: str, step: int, target: Target, body: Mapping[str, Any],
    asked_at: datetime, due_at: datetime, *, epoch: int | None = None, promise_id: int | None = None,
) -> None:  # fmt: skip
    """Add a notice that waits for its time; nothing where it is there already.

    It tells of a handoff, by its `epoch`, or of a promise. One that is asked for again later begins anew.
    """
    await conn.execute(
        "INSERT INTO notices (conversation_id, epoch, promise_id, rule, step, medium, address, body, "
        "asked_at, due_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (conversation_id, epoch, promise_id, step, medium, address) DO UPDATE SET "
        "rule = excluded.rule, body = excluded.body, asked_at = excluded.asked_at, due_at = excluded.due_at, "
        "state = 'waiting', why = NULL, attempts = 0, doubts = 0, claimed_at = NULL, settled_at = NULL "
        "WHERE notices.asked_at < excluded.asked_at",
        [
            conversation_id, epoch, promise_id, rule, step, target.medium, target.address,
            Jsonb(dict(body)), asked_at, due_at,
        ],
    )  # fmt: skip


async def fall_due(conn: Conn, now: datetime) -> list[int]:
    """The notices whose time has come since the last call, by id; each is returned once."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "UPDATE notices SET state = 'pending' WHERE state = 'waiting' AND due_at <= %s RETURNING id",
            [now],
        )
        return sorted(await cursor.fetchall())


async def lock(conn: Conn, id: int) -> tuple[str, datetime | None]:
    """The notice's state and when it was last begun; nobody else may claim it until the transaction ends."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute("SELECT state, claimed_at FROM notices WHERE id = %s FOR UPDATE", [id])
        found: tuple[str, datetime | None] | None = await cursor.fetchone()
    if found is None:
        raise LookupError(f"There is no notice {id}.")
    return found


async def claim(conn: Conn, id: int) -> Due | None:
    """The notice is about to be sent; None when somebody has taken the conversation, or kept the promise."""
    async with conn.cursor(row_factory=class_row(Due)) as cursor:
        await cursor.execute(
            "UPDATE notices n SET state = 'sending', attempts = attempts + 1, "  # noqa: S608 (a constant)
            "doubts = doubts + (state = 'sending')::int, claimed_at = clock_timestamp() "
            "FROM conversations c WHERE n.id = %s "
            f"AND c.id = n.conversation_id AND ({WAITS} OR {IS_BROKEN}) "
            "RETURNING n.id, n.conversation_id, n.step, n.medium, n.address, n.body, n.asked_at, n.attempts, "
            "n.doubts",
            [id],
        )
        return await cursor.fetchone()


async def settle(conn: Conn, id: int, state: str, why: str | None = None) -> None:
    """How the notice ended, or that it is to be tried again (`pending`)."""
    await conn.execute(
        "UPDATE notices SET state = %s, why = %s, "
        "settled_at = CASE WHEN %s = 'pending' THEN NULL ELSE clock_timestamp() END WHERE id = %s",
        [state, why, state, id],
    )


async def hasten(conn: Conn, id: int, now: datetime) -> None:
    """If this step of the ladder has reached nobody and no longer can, the next one is due."""
    await conn.execute(
        "WITH failed AS (SELECT * FROM notices WHERE id = %(id)s), ladder AS ("
        "SELECT n.* FROM notices n JOIN failed f USING (conversation_id, epoch)) "
        "UPDATE notices SET due_at = %(now)s WHERE state = 'waiting' AND due_at > %(now)s AND id IN ("
        "SELECT id FROM ladder WHERE step = (SELECT min(step) FROM ladder WHERE state = 'waiting')) "
        "AND NOT EXISTS (SELECT FROM ladder JOIN failed ON ladder.step = failed.step "
        "WHERE ladder.state NOT IN ('failed', 'stopped'))",
        {"id": id, "now": now},
    )


async def topics(conn: Conn, conversation_id: UUID, last: int = 20) -> list[str]:
    """The intents of the bot's last turns, the newest first."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT body->>'intent' FROM log WHERE conversation_id = %s AND kind = 'turn' "
            "AND body->>'intent' IS NOT NULL ORDER BY id DESC LIMIT %s",
            [conversation_id, last],
        )
        return await cursor.fetchall()
