"""What in one message speaks for calling a person. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.escalation.likeness import Likeness
from engine.escalation.rules import Rules, Trigger
from engine.escalation.words import Hit, Reading

QUOTED = 3
"""So many phrases are evidence enough."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A trigger that a message sets off, and what does so: its words, or only its intent or likeness."""

    trigger: str
    evidence: str
    by_words: bool = True


def find(
    rules: Rules, text: str, intent: str | None, confidence: float, likeness: Likeness | None = None
) -> list[Signal]:
    """The triggers that the message's words, intent or likeness set off, in the order of the rules."""
    reading = rules.speller.read(text)
    found = (_signal(trigger, reading, intent, confidence, likeness) for trigger in rules.triggers)
    return [signal for signal in found if signal]


def is_near_miss(rules: Rules, name: str, text: str, intent: str | None) -> bool:
    """Is the message read as this trigger's intent only because of words that are excused?"""
    trigger = rules.trigger(name)
    if trigger is None or intent not in trigger.intents:
        return False
    reading = rules.speller.read(text)
    excused = trigger.unless.find(reading)
    return bool(excused) and not _hits(trigger, reading, excused)


def _signal(
    trigger: Trigger, reading: Reading, intent: str | None, confidence: float, likeness: Likeness | None
) -> Signal | None:
    excused = trigger.unless.find(reading)
    hits = _hits(trigger, reading, excused)
    if hits:
        return Signal(trigger.name, ", ".join(f"“{hit.words}”" for hit in hits[:QUOTED]))
    if intent in trigger.intents and confidence >= trigger.sure and not excused:
        return Signal(trigger.name, f"read as {intent} ({confidence:.2f})", by_words=False)
    if likeness and likeness.trigger == trigger.name and likeness.sure >= trigger.alike and not excused:
        like = f"like “{likeness.example}” ({likeness.sure:.2f})"
        return Signal(trigger.name, like, by_words=False)
    return None


def _hits(trigger: Trigger, reading: Reading, excused: Iterable[Hit]) -> list[Hit]:
    found = [hit for hit in trigger.words.find(reading) if not _covered(hit, excused)]
    return trigger.always.find(reading) + found


def _covered(hit: Hit, excused: Iterable[Hit]) -> bool:
    return any(each.start < hit.end and hit.start < each.end for each in excused)
