"""An exit where every call would fail alike: one word in the log, one probe at a time, nothing lost.

On hold until a person mends it (a revoked token), or paused for as long as the other side limits us.
"""

from __future__ import annotations

import logging
from datetime import datetime

from conversations.errors import ConnectorError, NotYet
from conversations.exits import store
from conversations.store import Conn

logger = logging.getLogger(__name__)

LONGEST = 60.0
"""Seconds: without a Retry-After a pause is 1, 2, 4 …, and never longer."""


async def admit(
    conn: Conn, exit: str, seconds: float, tried_at: datetime | None = None, row_id: int | None = None
) -> None:
    """Let the caller try this exit with a row: it is open, or that is the one probe of these `seconds`.

    Whoever was `tried_at` a moment ago lets others go first: it may be refused for itself alone. Raises
    NotYet while the exit is paused, or somebody else's probe stands for all.
    """
    hold = await store.hold(conn, exit)
    if hold is None or (hold.limited and hold.left <= 0):
        return
    if hold.limited:
        raise NotYet(f"{exit} limits us.", retry_after=hold.left)
    again = 0.05 * seconds
    if not await store.take_probe(conn, exit, seconds, row_id=row_id, tried_at=tried_at, behind=2 * again):
        raise NotYet(f"{exit} is on hold until it is mended.", retry_after=max(hold.left, again))


async def admit_look(conn: Conn, exit: str, seconds: float) -> bool:
    """Whether the caller may ask something there: it is open, or nothing waits and this is the probe."""
    hold = await store.hold(conn, exit)
    if hold is None or hold.limited:
        return hold is None or hold.left <= 0
    return not await store.anything_waits(conn, exit) and await store.take_probe(conn, exit, seconds)


async def shut(conn: Conn, exit: str, why: str, seconds: float) -> None:
    """Every further call would fail the same way: hold the whole exit, and say so once."""
    if await store.hold_exit(conn, exit, why, seconds):
        logger.error("ALARM: %s is on hold and nothing leaves by it until this is mended: %s", exit, why)


async def pause(conn: Conn, exit: str, error: ConnectorError) -> None:
    """The other side limits us: nobody tries before it said, or for longer each time it says nothing."""
    seconds = await store.pause_exit(conn, exit, str(error), error.retry_after, LONGEST)
    if seconds is not None:
        error.retry_after = seconds
        logger.warning("%s limits us; nothing leaves by it for %.1f s: %s", exit, seconds, error)


async def reopen(conn: Conn, exit: str, row_id: int) -> None:
    """This row went through: the exit is open, if it was the probe, or not under way before a limit."""
    if await store.open_exit(conn, exit, row_id):
        logger.warning("%s works again; what waited goes out in order", exit)


async def reopen_after_look(conn: Conn, exit: str) -> None:
    """What was asked was answered: that ends a hold, unless something waits there that has to try it."""
    if await store.hold(conn, exit) is None or await store.anything_waits(conn, exit):
        return
    if await store.end_hold(conn, exit):
        logger.warning("%s works again", exit)
