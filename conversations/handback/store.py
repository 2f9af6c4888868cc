"""The SQL of hand-backs. As in `conversations.store`, no function commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from conversations.handback.digest import Digest, Facts
from conversations.store import Conn


@dataclass(frozen=True, slots=True)
class HandBack:
    """A digest that is kept, and the moment of the release."""

    at: datetime
    digest: Digest

    @property
    def known(self) -> dict[str, str]:
        """Slots that the customer has named to the agent."""
        return {"order_number": self.digest.order_number, "email": self.digest.email}

    def to_slot(self) -> dict[str, Any]:
        """As the bot gets it: the digest and the moment."""
        return {"at": self.at.isoformat(), **self.digest.to_json()}


async def keep(conn: Conn, conversation_id: UUID, digest: Digest) -> None:
    """Keep what an agent left to the bot."""
    await conn.execute(
        "INSERT INTO hand_backs (conversation_id, digest) VALUES (%s, %s)",
        [conversation_id, Jsonb(digest.to_json())],
    )


async def last(conn: Conn, conversation_id: UUID, days: float) -> HandBack | None:
    """The newest hand-back of the last `days`."""
    cursor = await conn.execute(
        "SELECT at, digest FROM hand_backs WHERE conversation_id = %s "
        "AND at > clock_timestamp() - make_interval(secs => %s) ORDER BY id DESC LIMIT 1",
        [conversation_id, days * 86_400],
    )
    found = await cursor.fetchone()
    return HandBack(found[0], Digest.from_json(found[1])) if found else None


# --- how orders stood ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A conversation that an agent has had since then, of whose orders nothing is remembered."""

    id: UUID
    since: datetime


async def unmarked(conn: Conn, most: int = 50) -> Sequence[Unmarked]:
    """Conversations an agent has got control of since their orders were last remembered."""
    async with conn.cursor(row_factory=class_row(Unmarked)) as cursor:
        await cursor.execute(
            "SELECT c.id, c.control_since AS since FROM conversations c "
            "LEFT JOIN order_marks m ON m.conversation_id = c.id "
            "WHERE c.control = 'agent' AND m.since IS DISTINCT FROM c.control_since LIMIT %s",
            [most],
        )
        return await cursor.fetchall()


async def mark(conn: Conn, one: Unmarked, facts: Facts | None) -> None:
    """Remember how the orders stand; facts are None where the shop did not say."""
    await conn.execute(
        "INSERT INTO order_marks (conversation_id, since, facts) VALUES (%s, %s, %s) "
        "ON CONFLICT (conversation_id) DO UPDATE SET since = excluded.since, facts = excluded.facts",
        [one.id, one.since, None if facts is None else Jsonb({name: dict(of) for name, of in facts.items()})],
    )


async def marked(conn: Conn, conversation_id: UUID) -> Facts | None:
    """How the orders stood when the agent who has control got it; None when that is not known."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT m.facts FROM order_marks m JOIN conversations c ON c.id = m.conversation_id "
            "WHERE c.id = %s AND m.since = c.control_since",
            [conversation_id],
        )
        found: Facts | None = await cursor.fetchone()
        return found


# --- going back by itself --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Idle:
    """A conversation with an agent in which nobody has done anything since `quiet_since`."""

    id: UUID
    quiet_since: datetime
    warned_at: datetime | None
    answered: bool
    """An agent has written since control passed: the newest line has reached the customer, and none waits."""


# Sorted by id, as several workers may look at once and lock what they find.
IDLE: LiteralString = (
    "SELECT * FROM (SELECT c.id, c.warned_at, greatest(c.control_since, c.taken_at, said.at, noted.at) "
    "AS quiet_since, coalesce(said.answered, false) AS answered FROM conversations c "
    "LEFT JOIN LATERAL (SELECT max(log.at) AS at, "
    "bool_and(outbox.state NOT IN ('pending', 'sending', 'held', 'nudged')) AND (array_agg(outbox.state "
    "ORDER BY log.id DESC) FILTER (WHERE log.author = 'agent'))[1] IN ('sent', 'delivered', 'read') "
    "AS answered FROM log LEFT JOIN outbox ON outbox.id = log.outbox_id "
    "WHERE log.conversation_id = c.id AND log.kind = 'message' AND log.author IN ('customer', 'agent') "
    "AND log.at >= c.control_since) said ON true "
    "LEFT JOIN LATERAL (SELECT max(at) AS at FROM notes WHERE conversation_id = c.id "
    "AND kind IN ('note', 'holder')) noted ON true "
    "WHERE c.control = 'agent' AND (%(id)s::uuid IS NULL OR c.id = %(id)s)) quiet "
    "WHERE quiet_since < %(before)s ORDER BY id LIMIT 200"
)


async def idle(conn: Conn, before: datetime, id: UUID | None = None) -> list[Idle]:
    """The conversations an agent has in which nobody did anything since then; or this one alone."""
    async with conn.cursor(row_factory=class_row(Idle)) as cursor:
        await cursor.execute(IDLE, {"before": before, "id": id})
        return await cursor.fetchall()


async def warn(conn: Conn, conversation_id: UUID, at: datetime) -> None:
    """The agent is told that the conversation will go back."""
    await conn.execute("UPDATE conversations SET warned_at = %s WHERE id = %s", [at, conversation_id])


async def keep_on(conn: Conn, conversation_id: UUID) -> None:
    """The agent is still at it."""
    await conn.execute(
        "UPDATE conversations SET taken_at = clock_timestamp(), warned_at = NULL "
        "WHERE id = %s AND control = 'agent'",
        [conversation_id],
    )
