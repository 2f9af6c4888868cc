"""Order numbers: digits that are meant as one, in whatever way they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from engine.entities import postcodes
from engine.entities.found import Found, mark

NAME = "order_numbers"

SHORTEST, LONGEST = 4, 15
LONGEST_BARE = 9
"""Ten digits and more, without a word that says order, are a phone number."""

WORDS = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
TENS = {
    "twenty": "2",
    "thirty": "3",
    "forty": "4",
    "fifty": "5",
    "sixty": "6",
    "seventy": "7",
    "eighty": "8",
    "ninety": "9",
}

_SAID = "|".join([*WORDS, *TENS])
_ORDER = (
    r"order|ord|odrer|oder|ordr|purchase|pedido|encomenda|orden|bestellung|commande|shipment|parcel|package"
)
_NUMBER = r"numbers?|num|nbr|no|nr|nro|núm|número|numero|nº|n°|id|code|ref|reference|#"

DIGITS = re.compile(
    rf"(?:(?<![/\d])|(?<=\d{{4}}/))\d+(?:[ \-]\d+)*|\b(?:{_SAID})(?:[ ,-]+(?:{_SAID}))+\b", re.IGNORECASE
)
SERIES = re.compile(r"(\d\d)\d{2,4}(?: \1\d{2,4})+")
"""Numbers that begin alike, one after another: several orders, where "98765 43210" is a phone."""

ORDER_CUE = re.compile(
    rf"(?:\b(?:{_ORDER})s?\b[\s.:#=,(-]*(?:(?:{_NUMBER}|is|are|was|it'?s|its|here|de|my|the|called|placed|with|and|&"
    rf"|or)(?![a-z])[\s.:#=,(-]*){{0,5}}|#\s*|\b(?:ord|po|so|order)[-_]?)$",
    re.IGNORECASE,
)
OWN_NUMBER = re.compile(r"\bmy (?:number|no|num)\b[\s.:#=-]*(?:is|it'?s|:)?\s*$", re.IGNORECASE)
NUMBER_CUE = re.compile(rf"\b(?:{_NUMBER})(?![a-z])[\s.:#=-]*(?:is|it'?s|was|:)?\s*$", re.IGNORECASE)
CUE_AFTER = re.compile(rf"^\s*(?:-\s*)?(?:{_ORDER})s?\b(?!\s+(?:of|from)\b)", re.IGNORECASE)
LIST = re.compile(r"^\s*(?:,|&|and|or|y|e|/|\+)?\s*$", re.IGNORECASE)

NOT_BEFORE = re.compile(
    r"(?:[$€£₹¥+]\s?|\b(?:rs|usd|eur|gbp|inr)\.?\s?"
    r"|\b(?:phone|mobile|mob|cell|tel|telephone|whats\s?app|call|calling|text|ring|contact|fax)\b[^.!?]{0,25}"
    r"|\b(?:paid|pay|cost|costs|charged|spent|worth|price|total|amount|balance|for only)\b"
    r"(?:\s+(?:me|was|is|of|only|about|like))*\s*"
    r"|\b(?:ending|ends|card|otp|pin|password|passcode|cvv|iban|account|tracking|awb|serial|imei|model|sku|"
    r"transaction|txn|utr|upi|rrn|gstin|gst|vat)\b(?:\s+(?:in|ref|reference|with|no|number|num|code|id|is|my|was|on|:|#))*[\s.:#]*"
    r"|(?<!\d{4})/|[\d.,:@_-]|\w)$",
    re.IGNORECASE,
)
NOT_AFTER = re.compile(
    r"^(?:[.,]\d|/(?!#?\d{4})|[:@_%]|\s?[$€£₹¥%]|[-]?[a-z]"
    r"|\s*(?:dollars?|bucks|usd|eur|euros?|gbp|pounds?|quid|inr|rupees?|rs|reais|brl|k\b)"
    r"|\s+(?:pieces?|pcs|items|units|people|persons|users|followers|points|miles|times|orders\b|boxes|packs|bottles|"
    r"hours?|hrs|days?|weeks?|months?|years?|minutes?|mins?|kms?|kgs?|grams?|ml|mg|mah|gb|mb|watts?|volts?|px|street|st|"
    r"road|rd|avenue|ave|lane|drive|boulevard|blvd)\b)",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?:19|20)\d\d")
NEGATED = re.compile(
    r"\b(?:not|isn'?t|instead of|rather than|no es|não é)\s+(?:order\s+|number\s+|#\s*)*$", re.IGNORECASE
)


@Language.component(NAME)
def read(doc: Doc) -> Doc:
    """Mark what is found."""
    return mark(doc, find(doc.text))


def find(text: str) -> Iterator[Found]:
    """Order numbers as plain digits. "not 10234, 10235" is about 10235."""
    runs = [(match, *_meant(text, match)) for match in _runs(text)]
    sure = [match.end() for match, digits, certain in runs if digits and certain]
    found = []
    for match, digits, certain in runs:
        listed = any(LIST.match(text[end : match.start()]) for end in sure if end <= match.start())
        if digits and (certain or listed or _alone(text, match, digits)):
            found.append((match, digits))
            sure.append(match.end())
    wanted = [one for one in found if not NEGATED.search(text[: one[0].start()])]
    for match, digits in wanted or found:
        yield Found(match.start(), match.end(), "order_number", digits)


def _runs(text: str) -> Iterator[re.Match[str]]:
    for match in DIGITS.finditer(text):
        if SERIES.fullmatch(match[0]):
            yield from re.compile(r"\d+").finditer(text, match.start(), match.end())
        else:
            yield match


def _meant(text: str, match: re.Match[str]) -> tuple[str, bool]:
    """The digits of a run ("" when it cannot be an order number), and whether the words around say it is."""
    before, after = text[: match.start()], text[match.end() :]
    digits = _digits(match[0])
    ordered = bool(ORDER_CUE.search(before))
    cued = ordered or bool(NUMBER_CUE.search(before)) or bool(CUE_AFTER.match(after))
    if not SHORTEST <= len(digits) <= LONGEST or NOT_AFTER.match(after):
        return "", False
    if not ordered and (NOT_BEFORE.search(before) or postcodes.is_one(before, match[0], after)):
        return "", False
    if len(digits) > LONGEST_BARE and OWN_NUMBER.search(before):
        return "", False
    return digits, cued


def _alone(text: str, match: re.Match[str], digits: str) -> bool:
    """Whether a number without an order word is one all the same."""
    if len(digits) > LONGEST_BARE:
        return False
    if YEAR.fullmatch(digits) and text.strip(" .!?") != match[0]:
        return False
    rest = re.findall(r"\w+", text[: match.start()] + " " + text[match.end() :])
    if re.fullmatch(r"\d+", match[0]):
        return len(digits) > SHORTEST or len(rest) <= 3
    if re.fullmatch(r"(?:\d[ -])+\d", match[0]) or not match[0][0].isdigit():
        return True
    return " " in match[0] and "-" not in match[0] and len(rest) <= 3


def _digits(run: str) -> str:
    if run[0].isdigit():
        return re.sub(r"\D", "", run)
    words = re.findall(r"[a-z]+", run.lower())
    return "".join(map(_said, words, [*words[1:], ""]))


def _said(word: str, following: str) -> str:
    """The digits of a word: "thirty" is 3 before "four", else 30."""
    if word in WORDS:
        return WORDS[word]
    return TENS[word] + ("" if len(WORDS.get(following, "00")) == 1 else "0")
