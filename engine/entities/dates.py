"""Dates, named ("3 May", "2026-05-03") and relative ("last Tuesday", "two weeks ago", "ayer", "kal")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from spacy.language import Language
from spacy.tokens import Doc

from engine.entities import dates_abroad
from engine.entities.found import Found, mark

NAME = "dates"
TODAY = "today"
"""Where a document keeps the day that relative dates count from, if not from today."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "couple": 2, "few": 3,
}  # fmt: skip
UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}

_DAY = r"(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)"
_ON = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+(?:the\s+)?)?"
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_COUNT = rf"(\d{{1,3}}|{'|'.join(NUMBERS)})(?:\s+of)?"
_UNIT = r"(day|week|month|year)s?"
_NUMBER_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"

FUTURE = re.compile(
    r"\b(will|arriv\w*|deliver(?:ed|y)? (?:on|by)|by|until|before|next|coming|need|llega(?:r[aá])?|chega|vai|"
    r"hasta|a?ayega|aaega|milega|hoga|chahi?ye|tak)\b",
    re.IGNORECASE,
)

Reader = Callable[[re.Match[str], date, bool], date | None]


@Language.component(NAME)
def read(doc: Doc) -> Doc:
    """Mark what is found."""
    return mark(doc, find(doc.text, doc.user_data.get(TODAY) or date.today()))


def find(text: str, today: date) -> Iterator[Found]:
    """Dates as ISO "2026-05-03", relative ones counted from `today`.

    A date without a year, and a bare weekday, is the latest past one, or the next one when the message
    looks ahead ("will it come on Friday").
    """
    ahead = bool(FUTURE.search(text))
    taken: list[Found] = []
    for pattern, read in PATTERNS:
        for match in pattern.finditer(text):
            day = _safely(read, match, today, ahead)
            if day is None:
                continue
            found = Found(match.start(), match.end(), "date", day.isoformat())
            if not found.overlaps(taken):
                taken.append(found)
    yield from taken


def _safely(read: Reader, match: re.Match[str], today: date, ahead: bool) -> date | None:
    try:
        return read(match, today, ahead)
    except (ValueError, OverflowError, StopIteration):  # 31 February, a year 0, the 45th
        return None


def _iso(match: re.Match[str], today: date, ahead: bool) -> date:
    return date(int(match[1]), int(match[2]), int(match[3]))


def _slashed(match: re.Match[str], today: date, ahead: bool) -> date:
    """Day first, unless only the month can be first; two-digit years are of this century."""
    first, second = int(match[1]), int(match[2])
    day, month = (second, first) if second > 12 else (first, second)
    year = int(match[3]) if match[3] else None
    if year is None:
        return _in_year(day, month, today, ahead)
    return date(year + 2000 if year < 100 else year, month, day)


def _day_month(match: re.Match[str], today: date, ahead: bool) -> date:
    return _named(int(match[1]), match[2], match[3], today, ahead)


def _month_day(match: re.Match[str], today: date, ahead: bool) -> date:
    return _named(int(match[2]), match[1], match[3], today, ahead)


def _named(day: int, month: str, year: str | None, today: date, ahead: bool) -> date:
    number = MONTHS.index(month[:3].lower()) + 1
    return date(int(year), number, day) if year else _in_year(day, number, today, ahead)


def _in_year(day: int, month: int, today: date, ahead: bool) -> date:
    this = date(today.year, month, day)
    if ahead and this < today:
        return date(today.year + 1, month, day)
    if not ahead and this > today:
        return date(today.year - 1, month, day)
    return this


def _nearby(match: re.Match[str], today: date, ahead: bool) -> date:
    word = re.sub(r"\W+", " ", match[0].lower()).removeprefix("the ")
    if word.startswith("day "):
        return today + timedelta(days=2 if word.endswith(("tomorrow", "tmrw")) else -2)
    if word in ("tomorrow", "tmrw", "tmr"):
        return today + timedelta(days=1)
    if word in ("yesterday", "ystrdy", "yest", "last night"):
        return today - timedelta(days=1)
    return today


def _weekday(match: re.Match[str], today: date, ahead: bool) -> date:
    """ "last Tuesday" is behind us, "next" and "this" ahead; "next" never this very week's today."""
    which = (match[1] or "").strip().lower()
    day = next(i for i, name in enumerate(DAYS) if name.startswith(match[2][:3].lower()))
    behind = (today.weekday() - day) % 7
    if which in ("next", "this", "coming") or (which in ("", "on") and ahead):
        return today + timedelta(days=(day - today.weekday()) % 7 or 7)
    return today - timedelta(days=behind or 7)


def _ago(match: re.Match[str], today: date, ahead: bool) -> date:
    return today - timedelta(days=_count(match[1]) * UNITS[match[2].lower()])


def _from_now(match: re.Match[str], today: date, ahead: bool) -> date:
    return today + timedelta(days=_count(match[1]) * UNITS[match[2].lower()])


def _unit(match: re.Match[str], today: date, ahead: bool) -> date:
    days = {"next": 1, "coming": 1, "this": 0}.get(match[1].lower(), -1) * UNITS[match[2].lower()]
    return today + timedelta(days=days)


def _end(match: re.Match[str], today: date, ahead: bool) -> date:
    """Sunday, or the last day of this month or year."""
    if match[1].lower() == "week":
        return today + timedelta(days=6 - today.weekday())
    following = date(today.year + (today.month == 12), today.month % 12 + 1, 1)
    return following - timedelta(days=1) if match[1].lower() == "month" else date(today.year, 12, 31)


def _weekend(match: re.Match[str], today: date, ahead: bool) -> date:
    """Its Saturday: the latest past one for "last", a week later for "next", else the one to come."""
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    return saturday + timedelta(
        days={"last": -7, "past": -7, "next": 7}.get((match[1] or "").strip().lower(), 0)
    )


def _day_of_month(match: re.Match[str], today: date, ahead: bool) -> date:
    """The latest such day, or the next one when the message looks ahead."""
    step = timedelta(days=1 if ahead else -1)
    return next(day for n in range(1, 62) if (day := today + n * step).day == int(match[1]))


def _count(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word.lower()]


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/.-])(?:{pattern})(?![\w/]|[.-]\d)", re.IGNORECASE)


PATTERNS: list[tuple[re.Pattern[str], Reader]] = [
    (_compiled(r"((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})"), _iso),
    (_compiled(r"(\d{1,2})[/.-](\d{1,2})[/.-]((?:20)?\d\d)"), _slashed),
    (_compiled(r"(\d{1,2})/(\d{1,2})()(?!\s*(?:price|off|of))"), _slashed),
    (_compiled(rf"{_ON}{_NUMBER_DAY}\s*(?:of\s+)?{_MONTH}(?:,?\s*((?:19|20)\d\d))?"), _day_month),
    (_compiled(rf"{_ON}{_MONTH}\s*{_NUMBER_DAY}(?:,?\s*((?:19|20)\d\d))?"), _month_day),
    (_compiled(r"(?:the )?day (?:(?:before|b4) yesterday|after (?:tomorrow|tmrw))"), _nearby),
    (
        _compiled(
            r"today|tonight|this (?:morning|afternoon|evening)|tomorrow|tmrw|tmr|"
            r"yesterday|ystrdy|yest|last night"
        ),
        _nearby,
    ),
    *((_compiled(pattern), read) for pattern, read in dates_abroad.PATTERNS),
    (_compiled(rf"{_COUNT}\s+{_UNIT}\s+(?:ago|back|before)"), _ago),
    (_compiled(rf"(?:with)?in\s+{_COUNT}\s+{_UNIT}"), _from_now),
    (_compiled(rf"{_COUNT}\s+{_UNIT}\s+from (?:now|today)"), _from_now),
    (_compiled(r"(?:the )?end of (?:the |this )?(week|month|year)"), _end),
    (_compiled(r"(?:the )?(last|past|next|coming|this)\s+(week|month|year)"), _unit),
    (_compiled(r"(?:the )?(last |past |next |this |coming )?weekend"), _weekend),
    (
        _compiled(
            rf"{_ON}(?<=the )(\d{{1,2}})(?:st|nd|rd|th)(?! (?:of\b|time|order|one|item|floor|day|try|message|"
            "email|call|person|president|century|birthday|grade|part|box|parcel|package))"
        ),
        _day_of_month,
    ),
    (_compiled(rf"(?<!black )(?<!cyber )(last |past |next |this |coming |on )?{_DAY}day"), _weekday),
    (_compiled(rf"(last |past |next |this |coming |on ){_DAY}"), _weekday),
]
