"""Our own labelled messages and conversations. Held out: every second one of a label, all unseen ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
UNSEEN = "unseen messages"
DEVELOPMENT = "development half"
TUNED_ON = f"messages, {DEVELOPMENT}"
RULES = FOLDER.parents[1] / "data" / "escalation.yml"
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


def splits() -> list[tuple[str, bool, list[Case]]]:
    """The name of each split, whether it is held out, and its cases."""
    halves = [
        (f"{name}, {half}", held_out, [case for case in cases if case.held_out is held_out])
        for name, cases in (("messages", messages()), ("conversations", conversations()))
        for half, held_out in (("held-out half", True), (DEVELOPMENT, False))
    ]
    return [(UNSEEN, True, unseen()), *halves]


def unseen() -> list[Case]:
    """Single messages whose writer had not read the rules; all held out."""
    found: dict[str, list[str]] = _load("unseen.yml")
    return [Case((text,), frozenset([label]), True) for label, texts in found.items() for text in texts]


def priorities() -> dict[str, str]:
    """The priority of each trigger, as shipped."""
    return {name: trigger["priority"] for name, trigger in shipped()["triggers"].items()}


def anger() -> float:
    """The frustration score over which a message counts as angry, as shipped."""
    return float(shipped()["frustration"]["over"])


def shipped() -> dict[str, Any]:
    """The rules of escalation."""
    rules: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return rules


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
