"""How often may we ask? Source of the numbers: Zendesk's rate limits page."""

from __future__ import annotations

from collections import defaultdict, deque

UPDATES_PER_MINUTE = 100
CREATES_PER_MINUTE = 300
EXPORTS_PER_MINUTE = 10
TICKET_UPDATES, TICKET_SECONDS = 30, 600.0
MINUTE = 60.0


class Limit:
    """At most `total` in any `seconds`, counted apart for each key."""

    def __init__(self, total: int, seconds: float = MINUTE) -> None:
        self.total, self.seconds = total, seconds
        self._times: defaultdict[object, deque[float]] = defaultdict(deque)

    def take(self, now: float, key: object = None) -> bool:
        """Whether one more is allowed at `now` (Unix seconds); counts it if so."""
        if self.remaining(now, key) <= 0:
            return False
        self._times[key].append(now)
        return True

    def remaining(self, now: float, key: object = None) -> int:
        """How many are left."""
        times = self._times[key]
        while times and times[0] <= now - self.seconds:
            times.popleft()
        return self.total - len(times)

    def resets(self, now: float, key: object = None) -> int:
        """Whole seconds until the next one is allowed, at least one."""
        times = self._times[key]
        return max(1, int(times[0] + self.seconds - now) + 1) if times else 1


class Limits:
    """Every limit of the account."""

    def __init__(self, requests_per_minute: int) -> None:
        self.account = Limit(requests_per_minute)
        self.create = Limit(CREATES_PER_MINUTE)
        self.update = Limit(UPDATES_PER_MINUTE)
        self.export = Limit(EXPORTS_PER_MINUTE)
        self.ticket = Limit(TICKET_UPDATES, TICKET_SECONDS)
