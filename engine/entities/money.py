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
    "inr": "INR", "rupee": "INR", "rupees": "INR", "rs": "INR", "rupaye": "INR", "rupiah": "IDR",
    "brl": "BRL", "reais": "BRL", "mxn": "MXN", "cop": "COP", "clp": "CLP", "ars": "ARS", "pesos": "MXN",
    "cad": "CAD", "aud": "AUD", "nzd": "NZD", "sgd": "SGD", "hkd": "HKD", "chf": "CHF", "francs": "CHF",
    "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "zł": "PLN", "złoty": "PLN", "zloty": "PLN",
    "aed": "AED", "dirhams": "AED", "sar": "SAR", "jpy": "JPY", "yen": "JPY", "zar": "ZAR", "ngn": "NGN",
    "naira": "NGN", "try": "TRY", "lira": "TRY",
}  # fmt: skip
NUMBER = r"\d{1,3}(?:[.,\s]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
CODES = "|".join(word for word, code in WORDS.items() if word == code.lower() and word != "try")
BEFORE = re.compile(rf"(?<!\w)(R\$|[$€£₹¥]|rs\.?|{CODES})\s?({NUMBER})(?:\s?({CODES})\b)?", re.IGNORECASE)
AFTER = re.compile(rf"(?<![\w#.,])({NUMBER})\s?([$€£₹¥](?!\s?\d)|(?:{'|'.join(WORDS)})\b)", re.IGNORECASE)


def find(text: str) -> Iterator[Found]:
    """Amounts as "49.90 EUR"; in "$300 MXN" the code is surer than the sign."""
    taken: list[Found] = []
    for match in BEFORE.finditer(text):
        taken.append(_amount(match, match[2], match[3] or match[1]))
    for match in AFTER.finditer(text):
        found = _amount(match, match[1], match[2])
        if not found.overlaps(taken):
            taken.append(found)
    yield from taken


def _amount(match: re.Match[str], number: str, currency: str) -> Found:
    return Found(match.start(), match.end(), "money", f"{_plain(number)} {_currency(currency)}")


def _currency(word: str) -> str:
    word = word.strip(".")
    return SYMBOLS.get(word.upper()) or SYMBOLS.get(word.lower()) or WORDS[word.lower()]


def _plain(number: str) -> str:
    """Decimal point, no separators: "1.234,50" and "1,234.50" are both 1234.50."""
    decimals = re.search(r"[.,](\d{1,2})$", number)
    whole = re.sub(r"\D", "", number[: decimals.start()] if decimals else number)
    return f"{whole}.{decimals[1]:0<2}" if decimals else whole
