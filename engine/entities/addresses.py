"""Postal addresses: a house number with a street, and what follows of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.entities.found import Found

_STREET = (
    r"street|str|st|avenue|ave|av|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|square|sq|way|"
    r"terrace|close|crescent|highway|hwy|parkway|pkwy|circle|cir|gardens|row|quay|alley"
)
_WORD = r"(?!(?:on|in|of|at|to|the|my|its?|is|are|and|no|not|by|it's|for|from|this|your)\b)[^\W\d][\w'.-]*"
_UNIT = r"(?:flat|apartment|apt|unit|suite|ste|floor|door|house|#)\.?\s*\w{1,5}"
ENGLISH = re.compile(
    rf"(?<![\w#/.])(?:{_UNIT}\s*,?\s*)?\d{{1,5}}[a-z]?(?:[-/]\d{{1,4}})?,?\s+(?:{_WORD}\s+){{1,4}}?(?:{_STREET})\b\.?",
    re.IGNORECASE,
)
NUMBER_LAST = re.compile(
    r"(?<!\w)(?:rua|avenida|av\.?|calle|carrera|plaza|praça|travessa|via|rue|paseo|camino)\s+"
    r"(?:[^\W\d][\w'.-]*\s+){0,5}?(?:[^\W\d][\w'.-]*),?\s*(?:n[ºo°.]*\s*)?\d{1,5}[a-z]?\b"
    r"|(?<!\w)[^\W\d][\w'-]*(?:stra(?:ss|ß)e|str\.|weg|platz|gasse|allee|straat|laan)\s+\d{1,5}[a-z]?\b",
    re.IGNORECASE,
)
UNIT_FIRST = re.compile(
    r"(?<!\w)(?:(?:flat|apartment|apt|house|h|plot|door|shop|block)\.?\s*(?:no|number|#)?\.?\s*[A-Za-z]?-?\d{1,4}[A-Za-z]?"
    r"|(?-i:[A-Z])-?\d{1,4})\s*,\s*[^\W\d][\w'. -]{2,40}(?=,)",
    re.IGNORECASE,
)
"""A flat or house number, a comma and a name, with more behind: where streets have no number."""
BOX = re.compile(r"(?<!\w)p\.?\s?o\.?\s?box\s+\d{1,6}\b", re.IGNORECASE)
TAIL = re.compile(
    rf"(?:\s*,\s*{_UNIT})?"
    r"(?:\s*,\s*[^\W\d][\w' .-]{1,30}|\s+(?-i:[A-Z])[\w'-]+(?:\s(?-i:[A-Z])[\w'-]+)*)*"
    r"(?:,?\s*(?:\d{4,6}(?:-\d{3,4})?\b(?:\s(?-i:[A-Z])[\w'-]+)*|(?-i:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})\b|(?-i:[A-Z]{2})\s+\d{5}\b))?"
    r"(?:\s*,\s*[^\W\d][\w' .-]{1,30})?",
    re.IGNORECASE,
)
STOP = re.compile(
    r"\s*,?\s+(?:please|pls|plz|thanks|thank you|instead|and|but|not|because|for|is|my|i)\b.*$", re.IGNORECASE
)


def find(text: str) -> Iterator[Found]:
    """Addresses as written, from the house or street to the postcode or town."""
    taken: list[Found] = []
    for pattern in (ENGLISH, NUMBER_LAST, UNIT_FIRST, BOX):
        for match in pattern.finditer(text):
            tail = TAIL.match(text, match.end())
            end = match.end() + len(STOP.sub("", tail[0]) if tail else "")
            value = text[match.start() : end].strip(" ,.")
            found = Found(match.start(), match.start() + len(value), "address", value)
            if not found.overlaps(taken):
                taken.append(found)
    yield from taken
