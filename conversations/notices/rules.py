"""What operators write in `data/notifications.yml`: who is told of which handoff, and when. Pure.

Its rules stand under `ladders`, as Rasa takes `rules` in `data/` for its own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import yaml

from conversations.errors import ParleyError
from conversations.hours import Hours

FILE = "data/notifications.yml"
PRIORITIES = ("urgent", "high", "normal", "low")
SLACK = "slack"
WEEK = 7 * 24 * 60
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
RULE_KEYS = ("priority", "skill", "hours", "steps")
HOURS = ("open", "closed")
OPENING = re.compile(r"opening(?:\s*\+\s*(\d{1,4}))?")

Medium = Literal["slack", "mail"]


class InvalidNotifications(ParleyError):
    """The rules cannot be used; the message names the file, the place and what is wrong."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Somebody to tell: the Slack channel, or one mail address."""

    medium: Medium
    address: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to tell once nobody has taken the conversation for so long.

    `opening`: so long after we open the next time, or after the handoff where that is when we are open.
    """

    after: timedelta
    tell: tuple[Target, ...]
    opening: bool = False

    def due(self, asked_at: datetime, hours: Hours | None) -> datetime | None:
        """When that is, for a handoff at this moment; None when we never open again."""
        start = hours.opens(asked_at) if self.opening and hours else asked_at
        return start + self.after if start else None


@dataclass(frozen=True, slots=True)
class Rule:
    """Which handoffs it is for, and its steps in the order of time. An empty condition holds for all."""

    name: str
    priorities: frozenset[str]
    skills: frozenset[str]
    steps: tuple[Step, ...]
    hours: str | None = None
    """`open` or `closed`: when it is for."""

    def applies(self, priority: str, skill: str | None, is_open: bool) -> bool:
        return (
            (not self.priorities or priority in self.priorities)
            and (not self.skills or skill in self.skills)
            and self.hours in (None, "open" if is_open else "closed")
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """The file. `skills`: names for reasons and intents. `overdue`: who hears of a broken promise."""

    skills: Mapping[str, frozenset[str]]
    rules: tuple[Rule, ...]
    overdue: tuple[Target, ...] = ()

    def rule(self, priority: str, skill: str | None, is_open: bool = True) -> Rule | None:
        """The first rule for such a handoff. `is_open`: whether it happens in opening hours."""
        return next((rule for rule in self.rules if rule.applies(priority, skill, is_open)), None)

    def skill(self, topics: Sequence[str | None]) -> str | None:
        """The skill of the first topic that belongs to one."""
        return next((name for topic in topics for name, known in self.skills.items() if topic in known), None)

    @property
    def media(self) -> frozenset[Medium]:
        """By what the rules want to tell somebody."""
        told = [each for rule in self.rules for step in rule.steps for each in step.tell]
        return frozenset(each.medium for each in (*told, *self.overdue))


def read(text: str, name: str = FILE) -> Rules:
    """The rules in a file's text. Raises InvalidNotifications."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidNotifications(f"{name} is not valid YAML: {' '.join(str(error).split())}") from None
    return _Reader(name).rules(content)


class _Reader:
    """Reads the parsed file; every complaint names the place."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._people: dict[str, tuple[str, ...]] = {}
        self._skills: dict[str, frozenset[str]] = {}

    def rules(self, content: Any) -> Rules:
        top = self._group(content or {}, "the file", ("people", "skills", "overdue", "ladders"))
        for name, given in self._group(top.get("people", {}), "people").items():
            self._people[name] = tuple(
                self._address(each, f"people.{name}") for each in self._list(given, f"people.{name}")
            )
        for name, given in self._group(top.get("skills", {}), "skills").items():
            self._skills[name] = frozenset(self._list(given, f"skills.{name}"))
        rules = self._group(top.get("ladders", {}), "ladders")
        overdue = self._tell(top["overdue"], "overdue") if "overdue" in top else ()
        return Rules(self._skills, tuple(self._rule(name, given) for name, given in rules.items()), overdue)

    def _rule(self, name: str, given: Any) -> Rule:
        place = f"ladders.{name}"
        values = self._group(given, place, RULE_KEYS)
        if not isinstance(values.get("steps"), list) or not values["steps"]:
            raise self._wrong(f"{place}.steps must list at least one step")
        steps = tuple(self._step(each, f"{place}.steps[{n}]") for n, each in enumerate(values["steps"], 1))
        if any(
            later.after <= one.after and later.opening == one.opening
            for one, later in itertools.pairwise(steps)
        ):
            raise self._wrong(f"{place}.steps must each come later than the one before")
        if (hours := values.get("hours")) not in (None, *HOURS):
            raise self._wrong(f"{place}.hours must be open or closed, not {hours!r}")
        return Rule(
            name,
            self._known(values.get("priority", []), PRIORITIES, f"{place}.priority"),
            self._known(values.get("skill", []), tuple(self._skills), f"{place}.skill"),
            steps,
            hours,
        )

    def _step(self, given: Any, place: str) -> Step:
        values = self._group(given, place, ("after", "tell"))
        after, opening = self._after(values.get("after", 0), f"{place}.after")
        return Step(after, self._tell(values.get("tell"), f"{place}.tell"), opening)

    def _tell(self, given: Any, place: str) -> tuple[Target, ...]:
        names = self._list(given, place)
        if not names:
            raise self._wrong(f"{place} must name somebody")
        return tuple(dict.fromkeys(each for name in names for each in self._targets(name, place)))

    def _after(self, given: Any, place: str) -> tuple[timedelta, bool]:
        """How long, and whether it counts from the next opening."""
        found = OPENING.fullmatch(given.strip()) if isinstance(given, str) else None
        minutes = int(found[1] or 0) if found else given
        if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 <= minutes <= WEEK:
            wanted = "minutes, at most a week, or opening, or opening + minutes"
            raise self._wrong(f"{place} must be {wanted}, not {given!r}")
        return timedelta(minutes=minutes), bool(found)

    def _targets(self, name: str, place: str) -> tuple[Target, ...]:
        if name == SLACK:
            return (Target("slack"),)
        if name in self._people:
            return tuple(Target("mail", address) for address in self._people[name])
        if not ADDRESS.fullmatch(name):
            known = ", ".join((SLACK, *self._people))
            raise self._wrong(f"{place} does not know {name!r}; it knows {known}, and mail addresses")
        return (Target("mail", name),)

    def _address(self, given: str, place: str) -> str:
        if not ADDRESS.fullmatch(given):
            raise self._wrong(f"{place} must list mail addresses, not {given!r}")
        return given

    def _known(self, given: Any, known: tuple[str, ...], place: str) -> frozenset[str]:
        for each in (chosen := self._list(given, place)):
            if each not in known:
                raise self._wrong(
                    f"{place} must be of {', '.join(known) or 'the skills above'}, not {each!r}"
                )
        return frozenset(chosen)

    def _list(self, given: Any, place: str) -> list[str]:
        if not isinstance(given, list) or not all(isinstance(each, str) and each for each in given):
            raise self._wrong(f"{place} must be a list of texts, not {given!r}")
        return given

    def _group(self, given: Any, place: str, keys: tuple[str, ...] | None = None) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise self._wrong(f"{place} must be a group of keys, not {given!r}")
        for key in given:
            if keys is not None and key not in keys:
                raise self._wrong(f"{place} does not know {key!r}; it knows {', '.join(keys)}")
        return {str(key): value for key, value in given.items()}

    def _wrong(self, what: str) -> InvalidNotifications:
        return InvalidNotifications(f"{self._name}: {what}.")
