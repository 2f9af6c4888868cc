"""Precision and recall as Markdown: over all, by priority, by trigger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from benchmarks.escalation import labelled
from benchmarks.escalation.labelled import Case

Outcomes = dict[str, list[str]]
"""Of each judge, the row that came of each case."""


def head(first: str, judges: Iterable[str]) -> list[str]:
    """The first two lines of a table."""
    names = [first, "cases", *judges]
    return ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]


def overall(name: str, cases: Sequence[Case], came: Outcomes) -> str:
    """One row: the right reason, among all that were called, and among all that should have been."""
    every = {case.name for case in cases}.union(*came.values()) - {"none"}
    return _line(name, len(cases), cases, came, every)


def by_priority(name: str, cases: Sequence[Case], came: Outcomes) -> list[str]:
    """A row for each priority of the shipped rules, the most urgent first."""
    given, lines = labelled.priorities(), []
    for priority in ("urgent", "high", "normal"):
        rows = {labelled.row(trigger) for trigger, each in given.items() if each == priority}
        lines.append(_line(f"{name}, {priority}", _due(cases, rows), cases, came, rows))
    return lines


def by_trigger(cases: Sequence[Case], came: Outcomes) -> str:
    """A table with a row for each trigger."""
    names = sorted({case.name for case in cases} - {"none"})
    lines = [_line(name, _due(cases, {name}), cases, came, {name}) for name in names]
    return "\n".join([*head("trigger", came), *lines, overall("overall", cases, came)])


def _due(cases: Sequence[Case], rows: Set[str]) -> int:
    return sum(case.name in rows for case in cases)


def _line(name: str, count: int, cases: Sequence[Case], came: Outcomes, rows: Set[str]) -> str:
    cells = [_cell(cases, got, rows) for got in came.values()]
    return f"| {name} | {count} | " + " | ".join(cells) + " |"


def _cell(cases: Sequence[Case], came: Sequence[str], rows: Set[str]) -> str:
    right = sum(case.name == got and got in rows for case, got in zip(cases, came, strict=True))
    called = sum(got in rows for got in came)
    precision, recall = (f"{right / of:.2f}" if of else "–" for of in (called, _due(cases, rows)))
    return f"{precision} / {recall}"
