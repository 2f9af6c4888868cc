"""How many messages go into one update of a ticket, so that the helpdesk's limit is never broken.

Zendesk takes 30 updates of a ticket in 10 minutes from one user (its page on rate limits). Ten go out at
once, each message for itself. After that updates are spaced, and everything that waits goes together.
"""

from __future__ import annotations

from collections.abc import Sequence

from conversations.bridge import store
from conversations.rows import Row
from conversations.store import Conn

WINDOW = 620.0
"""Seconds: the helpdesk's ten minutes, and some for clocks that differ."""

MOST = 28
"""Updates in a window; two of the thirty are left to people who use the same account."""

FREE = 10
"""Updates in a window that need not wait."""

SPACING = ((FREE, 0.0), (20, 10.0), (MOST, 45.0))
"""From so many updates on, so many seconds between two."""

MOST_ROWS, MOST_CHARACTERS, MOST_FILES = 40, 40_000, 10
"""What one comment takes: Zendesk's limit is 64 kB, and a reader's patience less."""


def wait(ages: Sequence[float]) -> float:
    """Seconds until the next update may go out; `ages` of the earlier ones in seconds, oldest first."""
    if len(ages) >= MOST:
        return WINDOW - ages[len(ages) - MOST]
    spacing = next(seconds for most, seconds in SPACING if len(ages) < most)
    return max(0.0, spacing - ages[-1]) if ages else 0.0


async def choose(conn: Conn, row: Row, used: int) -> list[Row]:
    """The rows that go to the ticket with this one, itself first; `used`: updates in this window."""
    if row.kind != "comment" or "alone" in row.body:
        return [row]
    rows = [row, *await store.waiting_comments(conn, row, MOST_ROWS - 1)]
    return [row] if len(rows) <= FREE - used else _fitting(rows)


def _fitting(rows: Sequence[Row]) -> list[Row]:
    """As many from the first on as one comment takes, at least one."""
    characters = files = taken = 0
    for row in rows:
        characters += len(row.body["text"])
        files += len(row.body.get("media", ()))
        if taken and (characters > MOST_CHARACTERS or files > MOST_FILES):
            break
        taken += 1
    return list(rows[:taken])
