"""The SQL of exits that are on hold. As in `conversations.store`, no function commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, scalar_row

from conversations.store import Conn


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


async def take_probe(
    conn: Conn, exit: str, seconds: float, *, row_id: int | None = None, tried_at: datetime | None = None,
    behind: float = 0.0,
) -> bool:  # fmt: skip
    """Whether the caller is the one who tries, with this row; nobody else does for so many seconds.

    Whoever tried in the last two rounds comes so many seconds `behind`.
    """
    cursor = await conn.execute(
        "UPDATE holds SET held_until = clock_timestamp() + make_interval(secs => %(seconds)s), "
        "probe = %(row_id)s WHERE exit = %(exit)s AND held_until + make_interval(secs => CASE "
        "WHEN %(tried_at)s::timestamptz > held_until - make_interval(secs => 2 * %(seconds)s) "
        "THEN %(behind)s ELSE 0 END) <= clock_timestamp()",
        {"exit": exit, "seconds": seconds, "row_id": row_id, "tried_at": tried_at, "behind": behind},
    )
    return cursor.rowcount == 1


async def anything_waits(conn: Conn, exit: str) -> bool:
    """Whether something is to leave by this exit."""
    cursor = await conn.execute(
        "SELECT 1 FROM outbox WHERE exit = %s AND state IN ('pending', 'sending') LIMIT 1", [exit]
    )
    return await cursor.fetchone() is not None


async def end_hold(conn: Conn, exit: str) -> bool:
    """The exit need not be mended any more; False when it was not on hold. A limit of theirs stays."""
    cursor = await conn.execute("DELETE FROM holds WHERE exit = %s AND NOT limited", [exit])
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
    """The exit took this row. False when it was not on hold, or the row does not stand for the others.

    That does the probe, and where the other side limits us, whatever was claimed after that was over.
    """
    cursor = await conn.execute(
        "DELETE FROM holds USING outbox WHERE holds.exit = %s AND outbox.id = %s AND CASE WHEN limited "
        "THEN held_since < outbox.claimed_at AND held_until <= clock_timestamp() "
        "ELSE probe = outbox.id END RETURNING limited",
        [exit, row_id],
    )
    was_limited = await cursor.fetchone()
    return bool(was_limited and not was_limited[0])
