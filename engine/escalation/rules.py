"""What trainers write in `data/escalation.yml`: triggers, words, thresholds and priorities. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from rasa.shared.exceptions import RasaException

from engine.escalation.words import Phrases, Speller

FILE = "data/escalation.yml"
PRIORITIES = ("urgent", "high", "normal", "low")
ACTS = ("at_once", "offer")
KEYS = {
    "priority": str,
    "act": str,
    "words": list,
    "unless": list,
    "always": list,
    "unless_asked": list,
    "intents": list,
    "sure": float,
    "alike": float,
}
ORDER_PROBLEM, FRUSTRATED, REPEATED, ABANDONED = (
    "order_problem",
    "frustrated",
    "repeated_question",
    "form_abandoned",
)
ORDER_VALUE, VIP, UNRESOLVED, ASKED = "order_value", "vip", "unresolved", "asked_for_person"
OWN_KEYS: Mapping[str, dict[str, type]] = {
    REPEATED: {"times": int},
    ABANDONED: {"times": int},
    UNRESOLVED: {"turns": int},
    ORDER_VALUE: {"over": float},
    VIP: {"tags": list},
}
"""What these triggers have besides; they may be left out, but not renamed."""


class InvalidEscalation(RasaException):
    """The rules of escalation cannot be used; the message names the file, the place and what is wrong."""


@dataclass(frozen=True)
class Trigger:
    """One reason to call a person. `own`: the numbers and lists that only this trigger has.

    `always`: words that nothing in `unless` explains away. `alike`: how sure it must be that a message is of
    the kind of the trigger's example sentences. `unless_asked`: slots of forms; what answers the question
    for one of them does not set it off.
    """

    name: str
    priority: str
    at_once: bool
    words: Phrases
    unless: Phrases
    always: Phrases
    intents: frozenset[str]
    sure: float
    alike: float = math.inf
    unless_asked: frozenset[str] = frozenset()
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Anger:
    """When a message counts as angry; scores are 0 to 1."""

    over: float
    rising: float
    by: float


@dataclass(frozen=True)
class Offer:
    """How the bot offers a colleague, and what answers the offer."""

    rest_seconds: float
    accepted: Phrases
    declined: Phrases


@dataclass(frozen=True)
class Rules:
    """All that decides about escalation; the triggers stand in the order in which they are tried."""

    triggers: tuple[Trigger, ...]
    anger: Anger
    offer: Offer
    speller: Speller

    def trigger(self, name: str) -> Trigger | None:
        """The trigger with this name, if the file has it."""
        return next((trigger for trigger in self.triggers if trigger.name == name), None)


def read(text: str, name: str = FILE) -> Rules:
    """The rules in a file's text. Raises InvalidEscalation."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidEscalation(f"{name} is not valid YAML: {' '.join(str(error).split())}") from None
    return _Reader(name).rules(content)


class _Reader:
    """Reads the parsed file; every complaint names the place."""

    def __init__(self, name: str) -> None:
        self._name = name

    def rules(self, content: Any) -> Rules:
        parts = {"triggers": dict, "frustration": dict, "offer": dict, "typos": dict}
        top = self._values(content, "the file", parts)
        triggers = tuple(self._trigger(str(name), given) for name, given in top["triggers"].items())
        offer = self._values(
            top["offer"], "offer", {"rest_minutes": float, "accepted": list, "declined": list}
        )
        anger = self._values(
            top["frustration"], "frustration", dict.fromkeys(("over", "rising", "by"), float)
        )
        typos = self._values(top["typos"], "typos", {"words": list, "never": list})
        return Rules(
            triggers,
            Anger(**anger),
            Offer(
                offer["rest_minutes"] * 60, self._starts(offer["accepted"]), self._starts(offer["declined"])
            ),
            Speller(*(self._texts(typos[key], f"typos.{key}") for key in ("words", "never"))),
        )

    def _trigger(self, name: str, given: Any) -> Trigger:
        place = f"triggers.{name}"
        own = OWN_KEYS.get(name, {})
        values = self._values(given, place, {**KEYS, **own}, {*KEYS} - {"priority"})
        self._one_of(values["priority"], PRIORITIES, f"{place}.priority")
        act = values.get("act", "at_once")
        self._one_of(act, ACTS, f"{place}.act")
        return Trigger(
            name=name,
            priority=values["priority"],
            at_once=act == "at_once",
            words=Phrases(self._texts(values.get("words", []), f"{place}.words")),
            unless=Phrases(self._texts(values.get("unless", []), f"{place}.unless")),
            always=Phrases(self._texts(values.get("always", []), f"{place}.always")),
            intents=frozenset(self._texts(values.get("intents", []), f"{place}.intents")),
            sure=values.get("sure", 0.0),
            alike=values.get("alike", math.inf),
            unless_asked=frozenset(self._texts(values.get("unless_asked", []), f"{place}.unless_asked")),
            own={key: values[key] for key in own},
        )

    def _values(
        self, given: Any, place: str, kinds: Mapping[str, type], optional: set[str] | None = None
    ) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise self._wrong(f"{place} must have the keys {', '.join(kinds)}")
        for key in given:
            if key not in kinds:
                raise self._wrong(f"{place} does not know {key!r}; it knows {', '.join(kinds)}")
        for key in kinds:
            if key not in given and key not in (optional or ()):
                raise self._wrong(f"{place} lacks {key!r}")
        return {key: self._value(value, f"{place}.{key}", kinds[key]) for key, value in given.items()}

    def _value(self, value: Any, place: str, kind: type) -> Any:
        number = kind in (int, float) and isinstance(value, int | float) and not isinstance(value, bool)
        if number and (kind is float or value == int(value)) and value >= 0:
            return kind(value)
        if number or not isinstance(value, kind):
            names = {int: "a whole number", float: "a number", list: "a list", dict: "a group of keys"}
            raise self._wrong(f"{place} must be {names.get(kind, 'a text')}, not {value!r}")
        return value

    def _texts(self, values: list[Any], place: str) -> list[str]:
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise self._wrong(f"{place} must list texts, not {value!r} (put quotes around it)")
        return values

    def _starts(self, values: list[Any]) -> Phrases:
        return Phrases(self._texts(values, "offer"))

    def _one_of(self, value: str, known: tuple[str, ...], place: str) -> None:
        if value not in known:
            raise self._wrong(f"{place} must be one of {', '.join(known)}, not {value!r}")

    def _wrong(self, what: str) -> InvalidEscalation:
        return InvalidEscalation(f"{self._name}: {what}.")
