"""Zendesk's search language, as far as support tools use it: `type:ticket status<solved tags:x words`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.zendesk.ticket_rules import PRIORITIES, STATUSES

Json = dict[str, Any]
TERM = re.compile(r'(-)?(\w+)(<=|>=|:|<|>)("[^"]*"|\S+)|"([^"]*)"|(\S+)')
RANKS = {
    "status": {name: rank for rank, name in enumerate(STATUSES)},
    "priority": {name: rank for rank, name in enumerate(reversed(PRIORITIES))},
}
DATES = {"created": "created_at", "updated": "updated_at"}
ALIASES = {
    "requester": "requester_id",
    "assignee": "assignee_id",
    "submitter": "submitter_id",
    "ticket_type": "type",
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ":": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
TEXTS = ("subject", "description", "name", "email", "phone")


def find(query: str, records: Iterable[tuple[str, Json]]) -> list[Json]:
    """The records that meet every term, each with its `result_type`."""
    terms = [term.groups() for term in TERM.finditer(query)]
    return [
        shown | {"result_type": kind}
        for kind, shown in records
        if all(_meets(kind, shown, *term) for term in terms)
    ]


def ordered(results: list[Json], by: str | None, order: str | None) -> list[Json]:
    """Sorted by `created_at`, `updated_at`, `status` or `priority`; unsorted (relevance) otherwise."""
    if by not in ("created_at", "updated_at", "status", "priority"):
        return results

    def rank(record: Json) -> Any:
        value = record.get(by or "")
        return RANKS[by].get(str(value), -1) if by in RANKS else str(value)

    return sorted(results, key=rank, reverse=order != "asc")


def _meets(
    kind: str, shown: Json, minus: str | None, name: str | None, sign: str, value: str, quoted: str, word: str
) -> bool:
    if name is None:
        return _contains(shown, quoted or word)
    met = _has(kind, shown, name, sign, value.strip('"'))
    return not met if minus else met


def _contains(shown: Json, words: str) -> bool:
    text = " ".join(str(shown.get(name) or "") for name in TEXTS).casefold()
    return words.casefold() in text


def _has(kind: str, shown: Json, name: str, sign: str, value: str) -> bool:
    if name == "type":
        return kind == value
    if name == "tags":
        return value.lower() in shown.get("tags", [])
    if name in RANKS:
        ranks = RANKS[name]
        return COMPARE[sign](ranks.get(str(shown.get(name)), -1), ranks.get(value, -1))
    field = DATES.get(name) or ALIASES.get(name, name)
    present = shown.get(field)
    if value == "none":
        return present is None
    if field in DATES.values():
        return COMPARE[sign](str(present)[: len(value)], value)
    return present is not None and COMPARE[sign](str(present).casefold(), value.casefold())
