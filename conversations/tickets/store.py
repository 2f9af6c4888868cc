"""The SQL of our tickets: whose they are, what was last seen of them, and how often they were updated.

As in `conversations.store`, no function commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from conversations.rows import TicketRow, Watched
from conversations.store import Conn


async def save(conn: Conn, id: int, conversation_id: UUID, requester_id: int) -> None:
    """Remember a ticket we opened. What is known of it already stays: a killed job saves it again."""
    await conn.execute(
        "INSERT INTO tickets (id, conversation_id, requester_id) VALUES (%s, %s, %s) "
        "ON CONFLICT (id) DO UPDATE "
        "SET conversation_id = excluded.conversation_id, requester_id = excluded.requester_id, "
        "solved = false, status = NULL, status_at = NULL, seen = NULL, read_to = NULL, "
        "opened_at = clock_timestamp() WHERE tickets.conversation_id <> excluded.conversation_id",
        [id, conversation_id, requester_id],
    )


async def adopt(conn: Conn, id: int, conversation_id: UUID, *, instead_of: int, since: datetime) -> bool:
    """Make this the conversation's newest ticket, of which only what comes `since` then is its own.

    False where it is another conversation's.
    """
    cursor = await conn.execute(
        "INSERT INTO tickets (id, conversation_id, requester_id, read_to) "
        "SELECT %s, conversation_id, requester_id, %s FROM tickets WHERE id = %s AND conversation_id = %s "
        "ON CONFLICT (id) DO UPDATE SET solved = false, opened_at = clock_timestamp(), "
        "read_to = greatest(tickets.read_to, excluded.read_to) "
        "WHERE tickets.conversation_id = excluded.conversation_id RETURNING id",
        [id, since, instead_of, conversation_id],
    )
    return await cursor.fetchone() is not None


async def latest(conn: Conn, conversation_id: UUID) -> TicketRow | None:
    """The conversation's newest ticket."""
    async with conn.cursor(row_factory=class_row(TicketRow)) as cursor:
        await cursor.execute(
            "SELECT id, conversation_id, requester_id, solved FROM tickets "
            "WHERE conversation_id = %s ORDER BY opened_at DESC LIMIT 1",
            [conversation_id],
        )
        return await cursor.fetchone()


async def conversation_of(conn: Conn, ticket_id: int) -> UUID | None:
    """The conversation a ticket was opened for; None when it is not ours."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("SELECT conversation_id FROM tickets WHERE id = %s", [ticket_id])
        found: UUID | None = await cursor.fetchone()
        return found


async def set_solved(conn: Conn, ticket_id: int, solved: bool) -> bool:
    """Note whether the ticket is solved; False when that is nothing new."""
    cursor = await conn.execute(
        "UPDATE tickets SET solved = %(solved)s WHERE id = %(id)s AND solved IS DISTINCT FROM %(solved)s",
        {"id": ticket_id, "solved": solved},
    )
    return cursor.rowcount == 1


async def awaited(conn: Conn, conversation_id: UUID) -> bool:
    """Whether a ticket of this conversation still waits in the outbox to be opened."""
    cursor = await conn.execute(
        "SELECT 1 FROM outbox WHERE conversation_id = %s AND kind = 'ticket' "
        "AND state IN ('pending', 'sending')",
        [conversation_id],
    )
    return await cursor.fetchone() is not None


async def asked_for(conn: Conn, conversation_id: UUID) -> bool:
    """Whether this conversation has a ticket or was to get one, whatever has become of that."""
    cursor = await conn.execute(
        "SELECT 1 FROM tickets WHERE conversation_id = %(id)s "
        "UNION ALL SELECT 1 FROM outbox WHERE conversation_id = %(id)s AND kind = 'ticket' LIMIT 1",
        {"id": conversation_id},
    )
    return await cursor.fetchone() is not None


async def is_assigning(conn: Conn, conversation_id: UUID) -> bool:
    """Whether it waits in the outbox that a ticket of this conversation is assigned to somebody."""
    cursor = await conn.execute(
        "SELECT 1 FROM outbox WHERE conversation_id = %s AND kind = 'assignment' "
        "AND state IN ('pending', 'sending') LIMIT 1",
        [conversation_id],
    )
    return await cursor.fetchone() is not None


# --- what was seen of them -------------------------------------------------------------------------

WATCHED = (
    "tickets.id, conversation_id, requester_id, solved, status, status_at, seen, settled, read_to, assignee"
)
MAY_CHANGE = "(status IS NULL OR status NOT IN ('closed', 'deleted'))"


async def watched(conn: Conn, ids: Sequence[int]) -> list[Watched]:
    """Those of these tickets that are ours, as they were last seen."""
    async with conn.cursor(row_factory=class_row(Watched)) as cursor:
        await cursor.execute(
            f"SELECT {WATCHED} FROM tickets WHERE id = ANY(%s) ORDER BY id",  # noqa: S608 (a constant)
            [list(ids)],
        )
        return await cursor.fetchall()


async def still_open(conn: Conn, limit: int) -> list[Watched]:
    """Tickets that are not solved or could not be read, or whose conversation an agent has control of.

    Longest unread first.
    """
    async with conn.cursor(row_factory=class_row(Watched)) as cursor:
        await cursor.execute(
            f"SELECT {WATCHED} FROM tickets JOIN conversations c ON c.id = conversation_id "  # noqa: S608 (constants)
            f"WHERE {MAY_CHANGE} AND (NOT solved OR c.control = 'agent' OR seen = '') "
            "ORDER BY polled_at NULLS FIRST, tickets.id LIMIT %s",
            [limit],
        )
        return await cursor.fetchall()


async def any_may_change(conn: Conn, days: int) -> bool:
    """Whether there is a ticket, opened in the last days, that people may still write in."""
    cursor = await conn.execute(
        f"SELECT 1 FROM tickets WHERE {MAY_CHANGE} "  # noqa: S608 (a constant)
        "AND opened_at > clock_timestamp() - make_interval(days => %s) LIMIT 1",
        [days],
    )
    return await cursor.fetchone() is not None


async def note_assignee(conn: Conn, ticket_id: int, assignee: str) -> None:
    """The ticket is assigned to this person; empty for nobody."""
    await conn.execute("UPDATE tickets SET assignee = %s WHERE id = %s", [assignee, ticket_id])


async def note_seen(conn: Conn, ticket_id: int, stamp: str | None, settled: bool) -> None:
    """The ticket was read; with a stamp, as it was after that change."""
    await conn.execute(
        "UPDATE tickets SET seen = coalesce(%s, nullif(seen, '')), settled = %s, "
        "polled_at = clock_timestamp() WHERE id = %s",
        [stamp, settled, ticket_id],
    )


async def note_unread(conn: Conn, ticket_id: int) -> None:
    """The ticket could not be read: it is looked at again after the others, whatever its status."""
    await conn.execute(
        "UPDATE tickets SET seen = '', settled = false, polled_at = clock_timestamp() WHERE id = %s",
        [ticket_id],
    )


async def note_read(conn: Conn, ticket_id: int, until: datetime) -> None:
    """Every reply from before this moment has been taken."""
    await conn.execute("UPDATE tickets SET read_to = greatest(read_to, %s) WHERE id = %s", [until, ticket_id])


async def note_status(conn: Conn, ticket_id: int, status: str, at: datetime) -> bool:
    """Note a ticket's status; False when it, or a newer one, is known. Of a foreign ticket any is news."""
    cursor = await conn.execute(
        "SELECT status_at > %(at)s OR (status_at = %(at)s AND status = %(status)s) "
        "FROM tickets WHERE id = %(id)s FOR UPDATE",
        {"id": ticket_id, "status": status, "at": at},
    )
    found = await cursor.fetchone()
    if found and found[0]:
        return False
    await conn.execute(
        "UPDATE tickets SET status = %s, status_at = %s WHERE id = %s", [status, at, ticket_id]
    )
    return True


# --- our updates of them ---------------------------------------------------------------------------


async def count_update(conn: Conn, ticket_id: int, keep: float) -> None:
    """Note an update we are about to attempt; those older than `keep` seconds are forgotten."""
    await conn.execute(
        "DELETE FROM ticket_updates "
        "WHERE ticket_id = %s AND at < clock_timestamp() - make_interval(secs => %s)",
        [ticket_id, keep],
    )
    await conn.execute("INSERT INTO ticket_updates (ticket_id) VALUES (%s)", [ticket_id])


async def update_ages(conn: Conn, ticket_id: int, seconds: float) -> list[float]:
    """The ages in seconds of our updates of a ticket in the last `seconds`, oldest first."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - at) AS age FROM ticket_updates "
            "WHERE ticket_id = %s AND at > clock_timestamp() - make_interval(secs => %s) ORDER BY at",
            [ticket_id, seconds],
        )
        return [float(age) for age in await cursor.fetchall()]
