"""The facts of a text that must never be made up: numbers with what they count, dates, links."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

Fact = tuple[str, str]
"""A value and what it counts: ("30", "day"), ("4.95", "€"), ("15", "%"), ("7", ""), ("16 dec", "date")."""

_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {
    **{word: value for value, word in enumerate(_WORDS, start=2)},
    **{word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)},
    "hundred": 100, "thousand": 1000, "dozen": 12,
}  # fmt: skip
_SHARES = "half|halves|third|thirds|quarter|quarters|double|doubled|twice|triple|million|billion"
_TIMES = "second|minute|hour|day|night|week|weekend|fortnight|month|year"
_KINDS = "business|working|calendar"
_COUNTED = rf"(?:(?P<kind>{_KINDS})[\s-]+)?(?P<time>{_TIMES})s?\b"
_MONEY = {
    "€": "€", "eur": "€", "euro": "€", "euros": "€", "$": "$", "usd": "$", "dollar": "$", "dollars": "$",
    "£": "£", "gbp": "£", "pound": "£", "pounds": "£", "cent": "¢", "cents": "¢", "chf": "chf",
}  # fmt: skip
_CODES = "|".join(sorted((re.escape(name) for name in _MONEY), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?:(?P<before>[€$£]|\b(?:eur|usd|gbp|chf))\s*)?(?P<value>\d+(?:[.,:]\d+)*)"
    rf"(?:[\s-]*(?:(?P<share>%|percent\b|per\s+cent\b)|(?P<after>(?:{_CODES})(?!\w))|{_COUNTED}))?"
)
_SPELLED = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})[\s-](?P<unit>one|{'|'.join(_WORDS[:8])})|(?P<word>{'|'.join(_VALUES)}))\b"
)
_ONE = re.compile(rf"\bone(?=[\s-]+(?:{_COUNTED.replace('?P<kind>', '').replace('?P<time>', '')}))")
_SHARE = re.compile(rf"\b(?:{_SHARES})\b")
_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
)
_DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTHS})\b"
    rf"|(?P<first>{_MONTHS}) (?P<then>\d{{1,2}})(?:st|nd|rd|th)?\b)"
)
_NAME = re.compile(
    rf"\b(?:{_MONTHS}"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|Christmas|Easter|Black Friday)\b"
)
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|www\.|mailto:)\S+|[\w.+-]+@[\w.-]+|\b(?:[\w-]+\.)+[a-z]{2,}\b(?:/\S*)?"
)


def facts(text: str) -> frozenset[Fact]:
    """Every number (in digits or in words), amount, percentage, date, month, weekday and link of a text."""
    whole = unicodedata.normalize("NFKC", text)
    dates = {_date(found) for found in _DATE.finditer(whole)}
    plain = _DATE.sub(" ", whole)
    names = {(found[0][:3].lower(), "name") for found in _NAME.finditer(plain)}
    links = {(link, "link") for link in links_of(whole)}
    low = _spelled_out(plain.lower())
    shares = {(found[0], "share") for found in _SHARE.finditer(low)}
    return frozenset({_fact(found) for found in _NUMBER.finditer(low)} | dates | names | links | shares)


def links_of(text: str) -> frozenset[str]:
    """The addresses of pages and mailboxes in a text, lower case, without the sentence's punctuation."""
    return frozenset(found[0].rstrip(".,;:!?)'\"") for found in _LINK.finditer(text.lower()))


def _date(found: re.Match[str]) -> Fact:
    day, month = found["day"] or found["then"], found["month"] or found["first"]
    return f"{int(day)} {month[:3].lower()}", "date"


def _fact(found: re.Match[str]) -> Fact:
    money = found["before"] or found["after"]
    if money:
        return _value(found["value"]), _MONEY[money]
    if found["share"]:
        return _value(found["value"]), "%"
    kind = "business " if found["kind"] in ("business", "working") else ""
    return _value(found["value"]), kind + (found["time"] or "")


def _value(digits: str) -> str:
    """One way to write a number: no thousands separators, no zeros after the point."""
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", digits).replace(",", ".")
    try:
        return f"{Decimal(plain).normalize():f}"
    except InvalidOperation:  # a time, a date, a version: as it is
        return plain


def _spelled_out(text: str) -> str:
    """The text with its number words in digits; "one" only where it counts a time."""
    return _ONE.sub("1", _SPELLED.sub(_digits, text))


def _digits(found: re.Match[str]) -> str:
    if found["word"]:
        return str(_VALUES[found["word"]])
    return str(_VALUES[found["tens"]] + _VALUES.get(found["unit"], 1))
