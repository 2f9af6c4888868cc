"""An exit whose every call fails until a person mends it: one alarm, one probe at a time, nothing lost."""

from __future__ import annotations

import logging

from conversations.bridge import store
from conversations.errors import NotYet
from conversations.store import Conn

logger = logging.getLogger(__name__)


async def admit(conn: Conn, exit: str, seconds: float) -> None:
    """Let the caller try this exit: it is open, or the caller is the one probe of these `seconds`.

    Raises NotYet while somebody else's probe stands for all.
    """
    left = await store.held_for(conn, exit)
    if left is None or (left <= 0 and await store.take_probe(conn, exit, seconds)):
        return
    raise NotYet(f"{exit} is on hold until it is mended.", retry_after=max(left, 0.05 * seconds))


async def shut(conn: Conn, exit: str, why: str, seconds: float) -> None:
    """Every further call would fail the same way: hold the whole exit, and say so once."""
    if await store.hold_exit(conn, exit, why, seconds):
        logger.error("ALARM: %s is on hold and nothing leaves by it until this is mended: %s", exit, why)


async def reopen(conn: Conn, exit: str) -> None:
    """A call went through: the exit is open."""
    if await store.open_exit(conn, exit):
        logger.warning("%s works again; what waited goes out in order", exit)
