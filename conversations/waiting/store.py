"""The SQL of those who wait: what they were told, and what tells when somebody answers.

As in `conversations.store`, no function commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from conversations.store import Conn
from conversations.waiting.outlook import Wait

LATELY = timedelta(days=14)
MOST = 100
"""Waits that are looked at: the newest of the last two weeks."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A customer who waits after a handoff, and no agent has stepped in. `thanked`: how often we said so."""

    conversation_id: UUID
    told_at: datetime
    offered: bool
    thanked: int


async def begin(conn: Conn, id: UUID, epoch: int, at: datetime, *, offered: bool) -> None:
    """Note what a customer was told at a handoff."""
    await conn.execute(
        "INSERT INTO waits (conversation_id, epoch, told_at, offered) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (conversation_id) DO UPDATE SET epoch = excluded.epoch, told_at = excluded.told_at, "
        "offered = excluded.offered, thanked = 0",
        [id, epoch, at, offered],
    )


async def waiting(conn: Conn, id: UUID) -> Waiting | None:
    """The customer's wait; None when they do not wait, or an agent has stepped in or written since."""
    async with conn.cursor(row_factory=class_row(Waiting)) as cursor:
        await cursor.execute(
            "SELECT waits.conversation_id, told_at, offered, thanked FROM waits "
            "JOIN conversations c ON c.id = waits.conversation_id AND c.epoch = waits.epoch "
            "WHERE c.id = %s AND c.control = 'agent' AND c.holder IS NULL "
            "AND (c.taken_at IS NULL OR c.taken_at < c.control_since)",
            [id],
        )
        return await cursor.fetchone()


async def thank(conn: Conn, id: UUID, at: datetime) -> None:
    """One more message was thanked for."""
    await conn.execute(
        "UPDATE waits SET thanked = thanked + 1, told_at = %s WHERE conversation_id = %s", [at, id]
    )


async def tell(conn: Conn, id: UUID, at: datetime, *, offered: bool) -> None:
    """The customer was told something more; with `offered`, a call-back is."""
    await conn.execute(
        "UPDATE waits SET told_at = %s, offered = offered OR %s WHERE conversation_id = %s", [at, offered, id]
    )


async def offer(conn: Conn, id: UUID, offered: bool) -> None:
    """A call-back is offered now, or that was answered."""
    await conn.execute("UPDATE waits SET offered = %s WHERE conversation_id = %s", [offered, id])


async def number_to_call(conn: Conn, id: UUID) -> str | None:
    """The phone number at which a call is owed."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT phone FROM promises WHERE conversation_id = %s AND kind = 'call' "
            "AND state IN ('open', 'broken')",
            [id],
        )
        found: str | None = await cursor.fetchone()
        return found


# Each hand-over by the bot with the first line an agent wrote after it and before the bot got control back.
# One that the bot got back without such a line says nothing of a wait and is left out.
WAITS: LiteralString = (
    "SELECT coalesce(h.body->>'priority', c.priority) AS priority, h.at AS began, "
    "coalesce(answer.at, %(now)s) AS ended, answer.at IS NOT NULL AS answered "
    "FROM (SELECT * FROM log WHERE kind = 'control' AND author = 'bot' AND body->>'to' = 'agent' "
    "AND at > %(since)s ORDER BY id DESC LIMIT %(most)s) h "
    "JOIN conversations c ON c.id = h.conversation_id "
    "LEFT JOIN LATERAL (SELECT id FROM log WHERE conversation_id = h.conversation_id AND id > h.id "
    "AND kind = 'control' AND body->>'to' = 'bot' ORDER BY id LIMIT 1) back ON true "
    "LEFT JOIN LATERAL (SELECT at FROM log WHERE conversation_id = h.conversation_id AND id > h.id "
    "AND kind = 'message' AND author = 'agent' AND (back.id IS NULL OR id < back.id) "
    "ORDER BY id LIMIT 1) answer ON true "
    "WHERE answer.at IS NOT NULL OR back.id IS NULL"
)


async def waits(conn: Conn, now: datetime) -> list[Wait]:
    """How long customers lately waited for an agent's first words after a handoff."""
    async with conn.cursor(row_factory=class_row(Wait)) as cursor:
        await cursor.execute(WAITS, {"now": now, "since": now - LATELY, "most": MOST})
        return await cursor.fetchall()


async def last_sign(conn: Conn) -> datetime | None:
    """When an agent last wrote to any customer."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT at FROM log WHERE kind = 'message' AND author = 'agent' ORDER BY at DESC LIMIT 1"
        )
        found: datetime | None = await cursor.fetchone()
        return found
