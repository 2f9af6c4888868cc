"""What an agent's line promises the customer, and by when; that a call was made. Pure; English.

Only what has a time in it is a promise here: without one nobody could say that it is overdue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversations.handback import words
from conversations.hours import DAYS, Hours

OWN_DEED = re.compile(
    r"\b(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to| promise)\b"
    r"|\byou(?:'ll| will) hear (?:back )?from (?:me|us)\b"
    r"|(?:^|[,;:–-]\s?|\band )(?:(?:be|come|get) )?back (?:to you )?in\b",
    re.IGNORECASE,
)
CALL = re.compile(r"\b(?:call|phone|ring) you\b|\bgive you a (?:call|ring)\b", re.IGNORECASE)
CALLED = re.compile(
    r"\b(?:i|we)(?:'ve| have)?(?: just| now| also)*"
    r" (?:called|rang|rung|phoned|tried to (?:call|phone|ring|reach)|spoke|spoken)\b",
    re.IGNORECASE,
)
UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
SPAN = re.compile(
    r"\b(?:with)?in (?:the next )?(?:about )?(half an|an?|one|two|three|\d{1,3}) (minute|hour|day)s?\b",
    re.IGNORECASE,
)
NUMBERS = {"half an": 0.5, "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0}
TIME = re.compile(r"\b(?:by|before|until|at) (\d{1,2})(?:[:.]([0-5]\d))?\s?([ap]\.?m\b\.?)?", re.IGNORECASE)
DAY = re.compile(
    rf"\b(today|tonight|this (?:afternoon|evening)|tomorrow|{'|'.join(DAYS)}"
    rf"|(?:end of (?:the |business )?day|eod)(?! (?:on )?(?:tomorrow|{'|'.join(DAYS)})))\b",
    re.IGNORECASE,
)
MORNING = re.compile(r"\b(?:noon|midday|morning)\b", re.IGNORECASE)
NOON = 12 * 60
END_OF_DAY = 18 * 60
"""Minutes after midnight: the end of a day on which it is closed."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A promise in an agent's words. `call`: to call the customer."""

    what: str
    due: datetime
    call: bool


def promises(text: str, at: datetime, hours: Hours) -> list[Spoken]:
    """What the agent says they will do, where it says by when. `at`: when it was written."""
    found = [each for each in words.promises(text) if OWN_DEED.search(each)]
    dated = [(each, _due(each, at, hours)) for each in found]
    return [Spoken(f"“{each}”", due, bool(CALL.search(each))) for each, due in dated if due]


def tells_of_call(text: str) -> bool:
    """Whether the agent writes that they called, or tried to."""
    return bool(CALLED.search(text))


def _due(sentence: str, at: datetime, hours: Hours) -> datetime | None:
    if span := SPAN.search(sentence):
        number = NUMBERS.get(span[1].lower())
        return at + UNITS[span[2].lower()] * (float(span[1]) if number is None else number)
    day, clock = DAY.search(sentence), TIME.search(sentence)
    if day is None and (clock is None or not (clock[2] or clock[3])):
        return None
    moment = _midnight(day[1].lower() if day else "today", at, hours)
    minutes = _minutes(clock) if clock else NOON if MORNING.search(sentence) else None
    if minutes is None:
        return max(_end_of(moment, hours), at + UNITS["hour"])
    due = moment + timedelta(minutes=minutes)
    return due if due > at else due + UNITS["day"]


def _midnight(day: str, at: datetime, hours: Hours) -> datetime:
    """When the day that is named begins, on the shop's clock."""
    today = hours.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    if day == "tomorrow":
        return today + timedelta(days=1)
    if day in DAYS:
        return today + timedelta(days=(DAYS.index(day) - today.weekday()) % 7)
    return today


def _end_of(midnight: datetime, hours: Hours) -> datetime:
    """When people go home on this day, at the latest at its midnight."""
    last = hours.last_open(midnight, midnight + timedelta(days=1))
    return last or midnight + timedelta(minutes=END_OF_DAY)


def _minutes(clock: re.Match[str]) -> int | None:
    hour, minute, half = int(clock[1]), int(clock[2] or 0), (clock[3] or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    return hour * 60 + minute if hour < 24 else None
