"""Our own labelled messages and conversations. Every second one of a label is held out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
UPSET = frozenset({"order_problem", "frustrated", "complaint"})
"""One row: whether anger is about an order or about us, it is handled alike."""


@dataclass(frozen=True)
class Case:
    """What a customer says in turn, and what should come of it; `none` where nobody is called or offered."""

    says: tuple[str, ...]
    labels: frozenset[str]
    held_out: bool

    @property
    def name(self) -> str:
        """The row of the table that it belongs to."""
        return row(min(self.labels))


def row(label: str) -> str:
    """The row of the table that a label or a reason belongs to."""
    return "frustrated" if label in UPSET else label


def messages() -> list[Case]:
    """The single messages."""
    found: dict[str, list[str]] = _load("messages.yml")
    return [
        Case((text,), frozenset([label]), place % 2 == 1)
        for label, texts in found.items()
        for place, text in enumerate(texts)
    ]


def conversations() -> list[Case]:
    """The whole conversations."""
    found: list[dict[str, Any]] = _load("conversations.yml")
    seen: dict[str, int] = {}
    cases = []
    for each in found:
        labels = [each["ends"]] if isinstance(each["ends"], str) else each["ends"]
        place = seen[labels[0]] = seen.get(labels[0], -1) + 1
        cases.append(Case(tuple(each["says"]), frozenset(labels), place % 2 == 1))
    return cases


def _load(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
