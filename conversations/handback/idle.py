"""A conversation with an agent in which nobody does anything goes back to the bot, after a warning.

Only where the customer waits for nothing: an agent's answer has reached them, and nothing but thanks came
after that. A message, a note, a takeover or a pass to a colleague begins the time anew, and takes the
warning back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from conversations import handoff
from conversations import store as core
from conversations.bridge import notes
from conversations.desk import store as desk
from conversations.handback import changes, digest, store
from conversations.handback.store import Idle
from conversations.ports import Jobs, Shop
from conversations.store import Conn

Pool = AsyncConnectionPool[Conn]

AUTHOR = "Parley"


@dataclass(frozen=True, slots=True)
class Timer:
    """`after`: how long nobody does anything before the bot has it; the agent is told `warning` before."""

    after: timedelta
    warning: timedelta


async def look(pool: Pool, jobs: Jobs, shop: Shop | None, timer: Timer, now: datetime) -> int:
    """Warn where it is time to, release where the warning was for nothing; returns how many were released."""
    async with pool.connection() as conn:
        found = await store.idle(conn, now - timer.after + timer.warning)
    released = 0
    for one in found:
        if _is_over(one, timer, now):
            released += await _release(pool, jobs, shop, timer, now, one.id)
        elif not _is_warned(one):
            await _warn(pool, jobs, timer, now, one.id)
    return released


def returns_at(one: Idle, timer: Timer) -> datetime | None:
    """When it goes back to the bot; None while nobody was warned."""
    return one.warned_at + timer.warning if one.warned_at and _is_warned(one) else None


def _is_warned(one: Idle) -> bool:
    return one.warned_at is not None and one.warned_at > one.quiet_since


def _is_over(one: Idle, timer: Timer, now: datetime) -> bool:
    back = returns_at(one, timer)
    return back is not None and back <= now


async def _warn(pool: Pool, jobs: Jobs, timer: Timer, now: datetime, id: UUID) -> None:
    async with pool.connection() as conn:
        one = await _still(conn, id, now - timer.after + timer.warning)
        if one is None or _is_warned(one):
            return
        await store.warn(conn, id, now)
        text = (
            f"Nobody has written for {_words(now - one.quiet_since)}. In {_words(timer.warning)} this "
            "conversation goes back to the bot, unless somebody writes here."
        )
        await desk.add_note(conn, id, AUTHOR, text, kind="idle")
        await notes.add(conn, jobs, id, text)


async def _release(pool: Pool, jobs: Jobs, shop: Shop | None, timer: Timer, now: datetime, id: UUID) -> bool:
    changed = await changes.since_hand_over(pool, shop, id)
    async with pool.connection() as conn:
        one = await _still(conn, id, now - timer.warning)
        if one is None or not _is_over(one, timer, now):
            return False
        why = f"nobody wrote for {_words(now - one.quiet_since)}"
        await handoff.release(conn, jobs, id, why, by="system", changes=changed)
        return True


async def _still(conn: Conn, id: UUID, before: datetime) -> Idle | None:
    """The conversation, locked, if it is still idle and the customer waits for nothing."""
    await core.conversation(conn, id, lock=True)
    found = await store.idle(conn, before, id)
    if not found or not found[0].answered:
        return None
    return None if digest.waits(await core.entries(conn, id)) else found[0]


def _words(time: timedelta) -> str:
    minutes = max(1, round(time.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} {'minute' if minutes == 1 else 'minutes'}"
    return f"{minutes / 60:.3g} hours"
