"""How fast may we send? Source of the numbers: Meta's Cloud API throughput page."""

from __future__ import annotations

from collections import deque

PAIR_BURST = 45
PAIR_SECONDS = 6.0
MESSAGES_PER_SECOND = 80


class PairLimit:
    """One message every 6 seconds to one customer, with a burst of 45 that has to be earned back."""

    def __init__(self) -> None:
        self._spent: dict[str, tuple[float, float]] = {}

    def take(self, customer: str, now: float) -> bool:
        """Whether one more message to `customer` may go at `now` (Unix seconds); counts it if so."""
        spent, since = self._spent.get(customer, (0.0, now))
        spent = max(0.0, spent - (now - since) / PAIR_SECONDS)
        allowed = spent + 1 <= PAIR_BURST
        self._spent[customer] = (spent + allowed, now)
        return allowed


class Throughput:
    """At most 80 messages in any second, over all customers."""

    def __init__(self, per_second: int = MESSAGES_PER_SECOND) -> None:
        self._per_second = per_second
        self._recent: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Whether one more message may go at `now` (Unix seconds); counts it if so."""
        while self._recent and self._recent[0] <= now - 1.0:
            self._recent.popleft()
        if len(self._recent) >= self._per_second:
            return False
        self._recent.append(now)
        return True
