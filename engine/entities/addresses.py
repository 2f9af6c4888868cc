"""Postal addresses: a house number with a street, and what follows of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from engine.entities.found import Found, mark

NAME = "addresses"

_STREET = (
    r"street|str|st|avenue|ave|av|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|square|sq|way|"
    r"terrace|close|crescent|highway|hwy|parkway|pkwy|circle|cir|gardens|row|quay|alley"
)
_WORD = (
    r"(?!(?:on|in|of|at|to|the|my|its?|is|are|and|no|not|by|it's|for|from|this|your)\b)"
    r"(?:[^\W\d][\w'.-]*|\d{1,3}(?:st|nd|rd|th)\b)"
)
_ORDER = (
    r"(?:orders?|ordr|ord|odrer|oder|pedido|number|num|nr|please|pls|plz|instead|then|because|with|or|was"
    r"|i|i'?m)"
)
"""What stands between an address and a number that is no postcode."""
_UNIT = r"(?:flat|apartment|apt|unit|suite|ste|floor|door|house|level|room|tower|block|wing|#)\.?\s*\w{1,5}"
ENGLISH = re.compile(
    rf"(?<![\w#/.])(?:{_UNIT}\s*,?\s*)?\d{{1,5}}[a-z]?(?:[-/]\d{{1,4}})?,?\s+(?:{_WORD}\s+){{1,4}}?(?:{_STREET})\b\.?",
    re.IGNORECASE,
)
NUMBER_LAST = re.compile(
    r"(?<!\w)(?:rua|avenida|av\.?|calle|carrera|plaza|praça|travessa|via|viale|corso|piazza|rue|paseo|camino)\s+"
    r"(?:[^\W\d][\w'.-]*\s+){0,5}?(?:[^\W\d][\w'.-]*),?\s*(?:n[ºo°.]*\s*)?\d{1,5}[a-z]?\b"
    r"|(?<!\w)[^\W\d][\w'-]*(?:stra(?:ss|ß)e|str\.|weg|platz|gasse|allee|straat|laan|gatan|gade|vägen|veien)\s+\d{1,5}[a-z]?\b",
    re.IGNORECASE,
)
NUMBER_FIRST = re.compile(
    r"(?<![\w#/.])\d{1,4}(?:\s?(?:bis|ter))?,?\s+(?:rue|avenue|boulevard|bd|place|chemin|allée|impasse|quai|via|viale)"
    r"(?:\s+[^\W\d][\w'.-]*){1,5}?(?=,|\s+\d|$)",
    re.IGNORECASE,
)
GRID = re.compile(
    r"(?<!\w)(?:calle|carrera|cra|cl|kr|transversal|diagonal|avenida|av)\.?\s*\d{1,3}[a-z]?\s*"
    r"(?:#|no\.?|n[°º])\s*\d{1,3}[a-z]?\s*-\s*\d{1,3}\b",
    re.IGNORECASE,
)
"""Colombia's: "Carrera 7 # 71-21"."""
UNIT_FIRST = re.compile(
    r"(?<!\w)(?:(?:flat|apartment|apt|house|h|plot|door|shop|block|tower)\.?\s*(?:no|number|#)?\.?\s*[A-Za-z]?-?\d{1,4}"
    r"(?:[-/]\d{1,4})*[A-Za-z]?"
    r"|(?-i:[A-Z])-?\d{1,4}|(?-i:No)\.?\s?\d{1,4})\s*,\s*(?:\d+(?:st|nd|rd|th)\s)?[^\W\d][\w'. -]{2,40}(?=,)"
    r"|(?<!\w)(?:tower|block|wing)\s[A-Z]?\d{0,2}[-,\s]+(?:#\d{1,3}-)?\d{1,4}[A-Z]?,?\s+"
    r"[^\W\d][\w'. -]{2,40}(?=,)",
    re.IGNORECASE,
)
"""A flat or house number, a comma and a name, with more behind: where streets have no number."""
_ESTATE = (
    r"apartments?|apts|residency|residences?|residential|residencial|towers?|heights|enclave|society|soc|complex|"
    r"nagar|colony|villas?|mansions?|building|bldg|chambers|layout|estate|condominiums?|condo|condom[ií]nio|"
    r"edif[ií]cio|homes|vihar|puram|kunj|chawl|phase|sector"
)
NAMED_HOUSE = re.compile(
    r"(?<![\w#/.])(?:(?:flat|apartment|apt|unit|house|plot|door|room|villa)\.?\s*(?:no|number|#)?\.?\s*)?"
    r"(?:[A-Za-z]{1,2}[-/ ]?\d{1,4}[A-Za-z]?|\d{1,4}[-/]?[A-Za-z]?(?:[-/]\d{1,4})?)\s*,?\s+"
    rf"(?:(?-i:[^\W\da-z_])[\w'.-]*\s+|{_WORD}\s+){{1,3}}?(?:{_ESTATE})\b(?:\s+\d{{1,3}}\b)?",
    re.IGNORECASE,
)
"""A flat in a building or colony that has a name: "B-204 Sunrise Apartments"."""
BOX = re.compile(r"(?<!\w)p\.?\s?o\.?\s?box\s+\d{1,6}\b", re.IGNORECASE)
TAIL = re.compile(
    rf"(?:\s*,\s*{_UNIT})?"
    r"(?:\s*,\s*[^\W\d][\w' .-]{1,30}|\s+(?-i:[A-Z])[\w'-]+(?:\s(?-i:[A-Z])[\w'-]+)*"
    rf"|(?:\s+(?!{_ORDER}\b){_WORD}){{1,3}}(?=,?\s+\d{{4,6}}\b))*"
    r"(?:,?\s*(?:\d{4,6}(?:-\d{3,4})?\b(?:\s(?-i:[A-Z])[\w'-]+)*|(?-i:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})\b|(?-i:[A-Z]{2})\s+\d{5}\b))?"
    r"(?:\s*,\s*[^\W\d][\w' .-]{1,30})?",
    re.IGNORECASE,
)
STOP = re.compile(
    r"\s*,?\s+(?:please|pls|plz|thanks|thank you|instead|and|but|not|because|for|is|my|i)\b.*$", re.IGNORECASE
)


@Language.component(NAME)
def read(doc: Doc) -> Doc:
    """Mark what is found."""
    return mark(doc, find(doc.text))


def find(text: str) -> Iterator[Found]:
    """Addresses as written, from the house or street to the postcode or town."""
    taken: list[Found] = []
    for pattern in (NAMED_HOUSE, GRID, NUMBER_FIRST, ENGLISH, NUMBER_LAST, UNIT_FIRST, BOX):
        for match in pattern.finditer(text):
            tail = TAIL.match(text, match.end())
            end = match.end() + len(STOP.sub("", tail[0]) if tail else "")
            value = text[match.start() : end].strip(" ,.")
            found = Found(match.start(), match.start() + len(value), "address", value)
            if not found.overlaps(taken):
                taken.append(found)
    yield from taken
