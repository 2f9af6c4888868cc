"""The bridge's SQL: bundles, the budget of updates, exits on hold, held replies, what was seen of tickets.

As in `conversations.store`, no function commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from conversations.rows import Row, Watched
from conversations.store import ROW, Conn

# --- an exit on hold -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hold:
    """An exit on hold: `left` seconds until it may be tried again, at most 0 when it is time.

    `limited`: by the other side, for a while; else until a person mends it.
    """

    left: float
    limited: bool


async def hold(conn: Conn, exit: str) -> Hold | None:
    """The hold on an exit; None when it is open."""
    async with conn.cursor(row_factory=class_row(Hold)) as cursor:
        await cursor.execute(
            "SELECT extract(epoch FROM held_until - clock_timestamp())::float AS left, limited "
            "FROM holds WHERE exit = %s",
            [exit],
        )
        return await cursor.fetchone()


async def take_probe(conn: Conn, exit: str, seconds: float) -> bool:
    """Whether the caller is the one who tries; nobody else does for so many seconds."""
    cursor = await conn.execute(
        "UPDATE holds SET held_until = clock_timestamp() + make_interval(secs => %s) "
        "WHERE exit = %s AND held_until <= clock_timestamp()",
        [seconds, exit],
    )
    return cursor.rowcount == 1


async def hold_exit(conn: Conn, exit: str, why: str, seconds: float) -> bool:
    """Put an exit on hold until it is mended; False when it was already."""
    await conn.execute("DELETE FROM holds WHERE exit = %s AND limited", [exit])
    cursor = await conn.execute(
        "INSERT INTO holds (exit, held_until, why) "
        "VALUES (%s, clock_timestamp() + make_interval(secs => %s), %s) "
        "ON CONFLICT (exit) DO UPDATE SET held_until = excluded.held_until, why = excluded.why "
        "RETURNING (xmax = 0)",
        [exit, seconds, why],
    )
    new = await cursor.fetchone()
    return bool(new and new[0])


async def pause_exit(conn: Conn, exit: str, why: str, seconds: float | None, longest: float) -> float | None:
    """Pause an exit for so many seconds, or (None) twice as long with every time in a row; returns how long.

    None when it is on hold until it is mended.
    """
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "INSERT INTO holds AS known (exit, held_until, why, limited, times) "
            "VALUES (%(exit)s, clock_timestamp() + make_interval(secs => coalesce(%(seconds)s, 1)), %(why)s, "
            "true, 1) "
            "ON CONFLICT (exit) DO UPDATE SET why = excluded.why, times = known.times + 1, "
            "held_until = greatest(known.held_until, clock_timestamp() + make_interval(secs => "
            "coalesce(%(seconds)s, least(2 ^ least(known.times, 16), %(longest)s)))) WHERE known.limited "
            "RETURNING extract(epoch FROM held_until - clock_timestamp())::float",
            {"exit": exit, "seconds": seconds, "why": why, "longest": longest},
        )
        left: Any = await cursor.fetchone()
        return None if left is None else float(left)


async def open_exit(conn: Conn, exit: str, row_id: int) -> bool:
    """The exit took this row. False when it was not on hold, or is again since the row was claimed."""
    cursor = await conn.execute(
        "DELETE FROM holds USING outbox WHERE holds.exit = %s AND outbox.id = %s "
        "AND held_since < outbox.claimed_at AND NOT (limited AND held_until > clock_timestamp()) "
        "RETURNING limited",
        [exit, row_id],
    )
    was_limited = await cursor.fetchone()
    return bool(was_limited and not was_limited[0])


# --- updates of a ticket ---------------------------------------------------------------------------


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


async def waiting_comments(conn: Conn, row: Row, limit: int) -> list[Row]:
    """The comments that wait behind this one and are of its kind, up to the first that is not; locked."""
    async with conn.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(
            f"SELECT {ROW} FROM outbox WHERE conversation_id = %(conversation)s AND exit = 'zendesk' "  # noqa: S608 (a constant)
            "AND state = 'pending' AND id > %(id)s AND id < coalesce((SELECT min(id) FROM outbox "
            "WHERE conversation_id = %(conversation)s AND exit = 'zendesk' AND id > %(id)s "
            "AND state IN ('pending', 'sending') AND (kind <> 'comment' OR state <> 'pending' "
            "OR author <> %(author)s OR (body->>'public')::boolean <> %(public)s OR body ? 'alone')), "
            "9223372036854775807) ORDER BY id LIMIT %(limit)s FOR UPDATE",
            {
                "conversation": row.conversation_id,
                "id": row.id,
                "author": row.author,
                "public": bool(row.body["public"]),
                "limit": limit,
            },
        )
        return await cursor.fetchall()


async def bundle(conn: Conn, leader: int) -> list[Row]:
    """The rows that went out together with this one, itself first; locked."""
    async with conn.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(
            f"SELECT {ROW} FROM outbox WHERE bundle = %s ORDER BY id FOR UPDATE",  # noqa: S608 (a constant)
            [leader],
        )
        return await cursor.fetchall()


async def set_bundle(conn: Conn, ids: Sequence[int], leader: int | None) -> None:
    """These rows go out together, or (None) each for itself again."""
    await conn.execute("UPDATE outbox SET bundle = %s WHERE id = ANY(%s)", [leader, list(ids)])


async def set_alone(conn: Conn, ids: Sequence[int]) -> None:
    """These rows were refused together; each is to be tried alone."""
    await conn.execute(
        "UPDATE outbox SET body = body || %s WHERE id = ANY(%s)", [Jsonb({"alone": True}), list(ids)]
    )


# --- replies held while the channel's window is closed ---------------------------------------------


async def hold_row(conn: Conn, id: int, state: str, why: str) -> None:
    """Hold a line back until the customer writes, as `held` or `nudged`.

    The channel's id of a send that was refused is kept apart.
    """
    await conn.execute(
        "UPDATE outbox SET state = %s, why = %s, in_doubt = false, "
        "refused_id = coalesce(external_id, refused_id), external_id = NULL, "
        "settled_at = clock_timestamp() WHERE id = %s",
        [state, why, id],
    )


async def set_held(conn: Conn, conversation_id: UUID, state: str) -> int:
    """The lines held back are `held` or `nudged`; returns how many there are."""
    cursor = await conn.execute(
        "UPDATE outbox SET state = %s WHERE conversation_id = %s AND state IN ('held', 'nudged')",
        [state, conversation_id],
    )
    return cursor.rowcount


async def held_texts(conn: Conn, conversation_id: UUID) -> list[str]:
    """The words of the lines held back, in order."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT coalesce(body->'content'->>'text', '') FROM outbox "
            "WHERE conversation_id = %s AND state IN ('held', 'nudged') ORDER BY id",
            [conversation_id],
        )
        return [str(text) for text in await cursor.fetchall()]


async def release_rows(conn: Conn, conversation_id: UUID) -> list[tuple[int, str]]:
    """The lines held back wait to be sent again: ids and exits, in order."""
    cursor = await conn.execute(
        "WITH released AS (UPDATE outbox SET state = 'pending', why = NULL, settled_at = NULL, "
        "created_at = clock_timestamp() WHERE conversation_id = %s AND state IN ('held', 'nudged') "
        "RETURNING id, exit) SELECT id, exit FROM released ORDER BY id",
        [conversation_id],
    )
    return [(id, exit) for id, exit in await cursor.fetchall()]


async def expire_rows(conn: Conn, seconds: float, why: str) -> list[tuple[int, UUID, str]]:
    """End the lines held back for longer than this: ids, conversations and words, in order."""
    cursor = await conn.execute(
        "WITH expired AS (UPDATE outbox SET state = 'expired', why = %s, settled_at = clock_timestamp() "
        "WHERE state IN ('held', 'nudged') AND created_at < clock_timestamp() - make_interval(secs => %s) "
        "RETURNING id, conversation_id, coalesce(body->'content'->>'text', '')) "
        "SELECT * FROM expired ORDER BY id",
        [why, seconds],
    )
    return [(id, conversation_id, text) for id, conversation_id, text in await cursor.fetchall()]


async def nudge(conn: Conn, conversation_id: UUID, since: datetime) -> str | None:
    """The state of the template that tells of a held reply, if one went or goes out since then."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT state FROM outbox WHERE conversation_id = %s AND body ? 'nudge' AND created_at > %s "
            "AND state NOT IN ('failed', 'dropped') ORDER BY id DESC LIMIT 1",
            [conversation_id, since],
        )
        state: Any = await cursor.fetchone()
        return None if state is None else str(state)


async def any_held(conn: Conn, conversation_id: UUID) -> bool:
    """Whether a line of this conversation is held back."""
    cursor = await conn.execute(
        "SELECT 1 FROM outbox WHERE conversation_id = %s AND state IN ('held', 'nudged') LIMIT 1",
        [conversation_id],
    )
    return await cursor.fetchone() is not None


async def send_again(conn: Conn, id: int, why: str) -> None:
    """A line that was taken and then failed waits to be sent again; the refused send's id is kept apart."""
    await conn.execute(
        "UPDATE outbox SET state = 'pending', why = %s, settled_at = NULL, body = body || %s, "
        "refused_id = coalesce(external_id, refused_id), external_id = NULL WHERE id = %s",
        [why, Jsonb({"again": True}), id],
    )


async def reword_note(conn: Conn, conversation_id: UUID, about: str, text: str) -> bool:
    """Give a note about this that waits to be written other words; False when none waits."""
    cursor = await conn.execute(
        "UPDATE outbox SET body = body || %s WHERE conversation_id = %s AND exit = 'zendesk' "
        "AND state = 'pending' AND attempts = 0 AND body->>'about' = %s",
        [Jsonb({"text": text}), conversation_id, about],
    )
    return cursor.rowcount > 0


async def row_of_receipt(
    conn: Conn, exit: str, external_id: str, reference: int | None
) -> Mapping[str, Any] | None:
    """id, conversation_id, author, state and body of the row a receipt is about; None for an outdated one."""
    cursor = await conn.execute(
        "SELECT id, conversation_id, author, state, body FROM outbox "
        "WHERE exit = %s AND (id = %s OR external_id = %s) AND refused_id IS DISTINCT FROM %s "
        "AND coalesce(external_id, %s) = %s LIMIT 1",
        [exit, reference, external_id, external_id, external_id, external_id],
    )
    found = await cursor.fetchone()
    names = ("id", "conversation_id", "author", "state", "body")
    return dict(zip(names, found, strict=True)) if found else None


# --- what was seen of tickets ----------------------------------------------------------------------

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


async def open_tickets(conn: Conn, limit: int) -> list[Watched]:
    """Tickets that are not solved, or whose conversation an agent has control of; longest unread first."""
    async with conn.cursor(row_factory=class_row(Watched)) as cursor:
        await cursor.execute(
            f"SELECT {WATCHED} FROM tickets JOIN conversations c ON c.id = conversation_id "  # noqa: S608 (constants)
            f"WHERE {MAY_CHANGE} AND (NOT solved OR c.control = 'agent') "
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
        "UPDATE tickets SET seen = coalesce(%s, seen), settled = %s, polled_at = clock_timestamp() "
        "WHERE id = %s",
        [stamp, settled, ticket_id],
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


async def claim_reply(conn: Conn, conversation_id: UUID, key: str, body: Mapping[str, Any]) -> bool:
    """Take an agent's reply, stored before or not; False when it was taken already."""
    cursor = await conn.execute(
        "INSERT INTO inbox (channel, external_id, conversation_id, kind, body, done_at) "
        "VALUES ('zendesk', %s, %s, 'staff_comment', %s, clock_timestamp()) "
        "ON CONFLICT (channel, external_id) DO UPDATE SET done_at = excluded.done_at, body = excluded.body "
        "WHERE inbox.done_at IS NULL RETURNING id",
        [key, conversation_id, Jsonb(dict(body))],
    )
    return await cursor.fetchone() is not None


async def stored_whole(conn: Conn, key: str) -> bool | None:
    """Whether a reply is stored as it stands in the ticket, with its files; None when it is not stored."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT coalesce((body->>'whole')::boolean, false) FROM inbox "
            "WHERE channel = 'zendesk' AND external_id = %s",
            [key],
        )
        whole: Any = await cursor.fetchone()
        return None if whole is None else bool(whole)


async def wrote_comment(conn: Conn, comment_id: str) -> bool:
    """Whether a comment is one we wrote ourselves."""
    cursor = await conn.execute(
        "SELECT 1 FROM outbox WHERE exit = 'zendesk' AND kind = 'comment' AND external_id = %s LIMIT 1",
        [comment_id],
    )
    return await cursor.fetchone() is not None


# --- how far something was read --------------------------------------------------------------------


async def take_turn(conn: Conn, name: str, seconds: float) -> bool:
    """Whether it is time again for something that only one process does; it is the caller's then."""
    cursor = await conn.execute(
        "INSERT INTO cursors AS known (name, at) VALUES (%s, clock_timestamp()) "
        "ON CONFLICT (name) DO UPDATE SET at = excluded.at "
        "WHERE known.at <= clock_timestamp() - make_interval(secs => %s)",
        [name, seconds],
    )
    return cursor.rowcount == 1


async def cursor_of(conn: Conn, name: str) -> str:
    """Where reading goes on; empty at the beginning."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("SELECT value FROM cursors WHERE name = %s", [name])
        return str(await cursor.fetchone() or "")


async def move_cursor(conn: Conn, name: str, value: str) -> None:
    """Reading goes on from here."""
    await conn.execute(
        "INSERT INTO cursors (name, value) VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, value],
    )
