"""Amounts of money."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.entities.found import Found

SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "R$": "BRL", "¥": "JPY", "rs": "INR"}
WORDS = {
    "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD", "buck": "USD",
    "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP",
    "inr": "INR", "rupee": "INR", "rupees": "INR", "rs": "INR",
    "brl": "BRL", "reais": "BRL",
}  # fmt: skip
NUMBER = r"\d{1,3}(?:[.,\s]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
BEFORE = re.compile(rf"(?<!\w)(R\$|[$€£₹¥]|rs\.?|usd|eur|gbp|inr|brl)\s?({NUMBER})", re.IGNORECASE)
AFTER = re.compile(rf"(?<![\w#.,])({NUMBER})\s?([$€£₹¥](?!\s?\d)|(?:{'|'.join(WORDS)})\b)", re.IGNORECASE)


def find(text: str) -> Iterator[Found]:
    """Amounts as "49.90 EUR"."""
    for match in BEFORE.finditer(text):
        yield Found(match.start(), match.end(), "money", f"{_plain(match[2])} {_currency(match[1])}")
    for match in AFTER.finditer(text):
        yield Found(match.start(), match.end(), "money", f"{_plain(match[1])} {_currency(match[2])}")


def _currency(word: str) -> str:
    word = word.strip(".")
    return SYMBOLS.get(word.upper()) or SYMBOLS.get(word.lower()) or WORDS[word.lower()]


def _plain(number: str) -> str:
    """Decimal point, no separators: "1.234,50" and "1,234.50" are both 1234.50."""
    decimals = re.search(r"[.,](\d{1,2})$", number)
    whole = re.sub(r"\D", "", number[: decimals.start()] if decimals else number)
    return f"{whole}.{decimals[1]:0<2}" if decimals else whole
