"""All entities of a message, each character in at most one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from engine.entities import addresses, dates, emails, money, order_numbers, phrases
from engine.entities.found import Found


def find(text: str, today: date) -> list[Found]:
    """Entities in order of appearance. Where two kinds claim the same characters, the surer one wins:
    e-mail, address, money, date, order number, then reasons and products."""
    taken: list[Found] = []
    for kind in (
        emails.find(text),
        addresses.find(text),
        money.find(text),
        dates.find(text, today),
        order_numbers.find(text),
        phrases.find(text),
    ):
        _take(kind, taken)
    return sorted(taken)


def _take(candidates: Iterable[Found], taken: list[Found]) -> None:
    for found in candidates:
        if not found.overlaps(taken):
            taken.append(found)
