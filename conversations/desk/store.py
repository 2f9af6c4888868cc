"""The SQL that changes what the desk keeps: holders, notes, warnings. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from conversations.store import Conn


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a conversation: a person's name, and where they answer from: desk, zendesk, or None where
    an integrator of the chat API named them.
    """

    holder: str | None
    held_in: str | None


async def holding(conn: Conn, id: UUID) -> Holding:
    """Who holds the conversation at this moment."""
    async with conn.cursor(row_factory=class_row(Holding)) as cursor:
        await cursor.execute("SELECT holder, held_in FROM conversations WHERE id = %s", [id])
        return await cursor.fetchone() or Holding(None, None)


async def hold(conn: Conn, id: UUID, person: str, held_in: str | None, *, wrest: bool = False) -> bool:
    """Compare and set: hold it if nobody else does, or whoever does with `wrest`; False when it is held."""
    cursor = await conn.execute(
        "UPDATE conversations SET holder = %(person)s, held_in = coalesce(%(held_in)s, held_in) "
        "WHERE id = %(id)s AND (holder IS NULL OR lower(holder) = lower(%(person)s) OR %(wrest)s)",
        {"id": id, "person": person, "held_in": held_in, "wrest": wrest},
    )
    return cursor.rowcount == 1


async def give(conn: Conn, id: UUID, by: str, to: str | None, *, wrest: bool = False) -> bool:
    """Compare and set: another holds it from now on, or nobody; False when it is not `by`'s to give."""
    cursor = await conn.execute(
        "UPDATE conversations SET holder = %(to)s, held_in = CASE WHEN %(to)s::text IS NOT NULL THEN 'desk' "
        "END WHERE id = %(id)s AND control = 'agent' "
        "AND (holder IS NULL OR lower(holder) = lower(%(by)s) OR %(wrest)s)",
        {"id": id, "by": by, "to": to, "wrest": wrest},
    )
    return cursor.rowcount == 1


async def assign(conn: Conn, id: UUID, to: str | None, before: str | None) -> bool:
    """The helpdesk assigned the ticket: that person holds it there, or nobody where `before` did.

    False when somebody holds it at the desk, or nobody is to be taken off it.
    """
    cursor = await conn.execute(
        "UPDATE conversations SET holder = %(to)s, "
        "held_in = CASE WHEN %(to)s::text IS NOT NULL THEN 'zendesk' END "
        "WHERE id = %(id)s AND control = 'agent' AND (CASE WHEN %(to)s::text IS NOT NULL "
        "THEN holder IS NULL OR (held_in = 'zendesk' AND lower(holder) <> lower(%(to)s)) "
        "ELSE held_in = 'zendesk' AND lower(holder) = lower(%(before)s) END)",
        {"id": id, "to": to, "before": before},
    )
    return cursor.rowcount == 1


async def add_note(
    conn: Conn, id: UUID, author: str, text: str, *, kind: str = "note", key: str | None = None
) -> bool:
    """Add a note; False when one with this key is there already."""
    cursor = await conn.execute(
        "INSERT INTO notes (conversation_id, author, kind, text, key) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (key) DO NOTHING",
        [id, author, kind, text, key],
    )
    return cursor.rowcount == 1


async def act_on_warning(conn: Conn, id: UUID, agent: str, codes: Sequence[str]) -> None:
    """Somebody is about to take a conversation over because of this warning."""
    await conn.execute(
        "INSERT INTO warnings (conversation_id, agent, codes, epoch) "
        "SELECT id, %s, %s, epoch FROM conversations WHERE id = %s ON CONFLICT DO NOTHING",
        [agent, sorted(codes), id],
    )


async def judge_warning(conn: Conn, id: UUID, agent: str, codes: Sequence[str], useful: bool) -> None:
    """What this person thinks of a warning about what the bot has now; the last word counts."""
    await conn.execute(
        "INSERT INTO warnings (conversation_id, agent, codes, epoch, useful, judged_at) "
        "SELECT id, %s, %s, epoch, %s, clock_timestamp() FROM conversations WHERE id = %s "
        "ON CONFLICT (conversation_id, agent, codes, epoch) "
        "DO UPDATE SET useful = excluded.useful, judged_at = excluded.judged_at",
        [agent, sorted(codes), useful, id],
    )


async def judge_last(conn: Conn, id: UUID, agent: str, useful: bool) -> None:
    """What this person thinks of the warnings they acted on and have not judged."""
    await conn.execute(
        "UPDATE warnings SET useful = %s, judged_at = clock_timestamp() "
        "WHERE conversation_id = %s AND agent = %s AND useful IS NULL",
        [useful, id, agent],
    )


async def unwarn(conn: Conn, id: UUID) -> None:
    """Somebody did something: the conversation does not go back to the bot yet."""
    await conn.execute(
        "UPDATE conversations SET warned_at = NULL WHERE id = %s AND warned_at IS NOT NULL", [id]
    )
