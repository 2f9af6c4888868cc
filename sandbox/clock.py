"""The sandbox's own time: it can be moved forward, and waiting can be made short."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Real time plus what `advance` added; `sleep` waits its seconds divided by `speed`.

    `advance` moves what is compared with the present (windows, limits, expiry); it wakes no sleeper.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._ahead = 0.0

    def timestamp(self) -> float:
        """The present in Unix seconds."""
        return time.time() + self._ahead

    def now(self) -> datetime:
        """The present, aware, UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def advance(self, seconds: float) -> None:
        """Let `seconds` have passed."""
        self._ahead += seconds

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock."""
        await asyncio.sleep(seconds / self.speed)


def stamp(moment: datetime) -> str:
    """A moment as `2026-11-21T00:00:00Z`, in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
