"""A piece of a message that means something by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Found:
    """`kind` as in domain.yml; `start` and `end` are character positions in the message."""

    start: int
    end: int
    kind: str
    value: str

    def overlaps(self, others: Iterable[Found]) -> bool:
        """Whether it shares a character with any of `others`."""
        return any(self.start < other.end and other.start < self.end for other in others)
