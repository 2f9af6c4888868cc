"""The phone number in a customer's words, and not a date, an order or a parcel. Pure."""

from __future__ import annotations

import re

CLAUSE = re.compile(r"[,.;!?\n]+")
OTHERS = re.compile(
    r"\b(?:didn'?t|did|doesn'?t|does|don'?t|do not|never|nobody|no one|not|why"
    r"|when (?:will|do|does|are|is)|said|told|promised|they|he|she|driver|courier)\b",
    re.IGNORECASE,
)
"""With this a clause tells of a call or a number, and does not ask to be called."""

_NUMBER = re.compile(
    r"(?:\b(?:on|at)\s+)?(?P<number>(?<![\w/+])\+?\(?\d(?:[\s().\-/]{0,2}\d){6,14})(?!\w)", re.IGNORECASE
)
_DATE = re.compile(r"\d{1,2}([\s.\-/])\d{1,2}\1\d{2,4}|\d{4}([\s.\-/])\d{1,2}\2\d{1,2}")
_ORDERS = re.compile(r"[1-9]\d{3,5}(?:\D+\d{4,6})+")
_CALLS = re.compile(
    r"\b(?:call|phone|ring|reach)\b.*\b(?:on|at)\W*$"
    r"|\b(?:call|ring|phone|mobile|cell|whatsapp)\b(?: me)?(?: back)?(?: number)?(?: is)?\W*$",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\b(?:order(?:ed)?|tracking|invoice|serial|box|parcel|package|shipment|reference|ref|case|ticket|customer"
    r"|account|item|article|code|barcode|card|iban|pedido|factura|fatura|rastreo|rastreio)\b",
    re.IGNORECASE,
)
LONGEST = 12
"""Digits of a phone number without "+"; more stand on a box (GTIN-13) or a label."""


def find(words: str) -> tuple[str | None, str]:
    """The phone number, without what separates its digits, and the words without it."""
    for found in _NUMBER.finditer(words):
        before = CLAUSE.split(words[: found.start("number")])[-1]
        if _is_phone(found["number"], before):
            rest = f"{words[: found.start()]} {words[found.end() :]}"
            return re.sub(r"[^\d+]", "", found["number"]), " ".join(rest.split())
    return None, words


def _is_phone(number: str, before: str) -> bool:
    """Whether a person can be called on it; `before`: what the clause says until there."""
    if OTHERS.search(before) or _DATE.fullmatch(number):
        return False
    if number.startswith("+") or _CALLS.search(before):
        return True
    digits = sum(each.isdecimal() for each in number)
    return digits <= LONGEST and not _ORDERS.fullmatch(number) and not _THING.search(before)
