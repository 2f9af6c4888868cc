"""Who should be answered first. Pure: the facts of a waiting customer in, a moment to sort by out."""

from __future__ import annotations

from datetime import datetime, timedelta

ALLOWANCE = {
    "urgent": timedelta(minutes=2),
    "high": timedelta(minutes=10),
    "normal": timedelta(minutes=30),
    "low": timedelta(hours=2),
}
"""How long a customer may wait for an agent, by the priority of the handoff."""

BEFORE_CLOSING = timedelta(hours=1)
"""How long before the channel's window closes an answer is due at the latest."""


def due(priority: str, waiting_since: datetime, closes: datetime | None) -> datetime:
    """The moment by which the customer should have an answer. `closes`: None for a channel without window."""
    patient = waiting_since + ALLOWANCE.get(priority, ALLOWANCE["normal"])
    return patient if closes is None else min(patient, closes - BEFORE_CLOSING)


def rank(
    priority: str, waiting_since: datetime, closes: datetime | None, now: datetime,
    promised: datetime | None = None,
) -> tuple[int, datetime, datetime]:  # fmt: skip
    """Sorts the waiting: overdue promises (`promised`: by when the first is due), then the most urgent first.

    Whom we cannot reach before they write again comes last, but for a promise.
    """
    if promised and promised <= now:
        return 0, promised, waiting_since
    if closes and closes <= now:
        return 2, waiting_since, waiting_since
    return 1, due(priority, waiting_since, closes), waiting_since
