"""Amounts of money."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from engine.entities.found import Found, mark

NAME = "money"

SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "R$": "BRL", "¥": "JPY", "rs": "INR", "/-": "INR"}
WORDS = {
    "usd": "USD", "dollar": "USD", "dollars": "USD", "dólares": "USD", "dolares": "USD",
    "bucks": "USD", "buck": "USD",
    "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP",
    "inr": "INR", "rupee": "INR", "rupees": "INR", "rs": "INR", "rupaye": "INR", "rupiah": "IDR",
    "brl": "BRL", "reais": "BRL", "mxn": "MXN", "cop": "COP", "clp": "CLP", "ars": "ARS", "pesos": "MXN",
    "cad": "CAD", "aud": "AUD", "nzd": "NZD", "sgd": "SGD", "hkd": "HKD", "chf": "CHF", "francs": "CHF",
    "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "zł": "PLN", "złoty": "PLN", "zloty": "PLN",
    "aed": "AED", "dirhams": "AED", "sar": "SAR", "jpy": "JPY", "yen": "JPY", "zar": "ZAR", "ngn": "NGN",
    "naira": "NGN", "try": "TRY", "lira": "TRY", "kr": "SEK", "kronor": "SEK", "kroner": "NOK",
}  # fmt: skip
SAID = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "diez": 10, "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70,
    "ochenta": 80, "noventa": 90, "dez": 10, "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50,
    "sessenta": 60, "oitenta": 80, "ek": 1, "do": 2, "teen": 3, "char": 4, "paanch": 5, "das": 10,
    "bees": 20, "pachas": 50,
}  # fmt: skip
TIMES = {
    "hundred": 100, "thousand": 1000, "k": 1000, "lakh": 100_000, "lac": 100_000,
    "cien": 100, "cem": 100, "mil": 1000, "sau": 100, "hazar": 1000, "hazaar": 1000,
}  # fmt: skip

NUMBER = (
    r"\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d{1,2})?(?!\d)|\d{1,3}(?:[.,\s]\d{3})+(?:[.,]\d{1,2})?(?!\d)"
    r"|\d+(?:[.,]\d{1,2})?(?!\d)"
)
CODES = "|".join(word for word, code in WORDS.items() if word == code.lower() and word != "try")
_TIMES = rf"(?:\s?(?:{'|'.join(TIMES)})\b)"
_SAID = rf"(?:{'|'.join([*SAID, *TIMES])})(?:[\s-]+(?:and\s+)?(?:{'|'.join([*SAID, *TIMES])}))*"
BEFORE = re.compile(
    rf"(?<!\w)(R\$|[$€£₹¥]|rs\.?|{CODES})\s?((?:{NUMBER}){_TIMES}?)(?:\s?({CODES})\b)?", re.IGNORECASE
)
AFTER = re.compile(
    rf"(?<![\w#.,])((?:{NUMBER}){_TIMES}?|\b{_SAID})\s?([$€£₹¥](?!\s?\d)|/-|(?:{'|'.join(WORDS)})\b)",
    re.IGNORECASE,
)


@Language.component(NAME)
def read(doc: Doc) -> Doc:
    """Mark what is found."""
    return mark(doc, find(doc.text))


def find(text: str) -> Iterator[Found]:
    """Amounts as "49.90 EUR", in digits or in words; in "$300 MXN" the code is surer than the sign.

    A name that several countries share is the one most people mean: "kr" is Swedish.
    """
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


def _plain(amount: str) -> str:
    """Decimal point, no separators, no words: "1.234,50" is 1234.50, "1.5k" is 1500, "two hundred" is 200."""
    if not amount[0].isdigit():
        return str(_said(re.findall(r"[a-z]+", amount.lower())))
    times = re.search(r"[a-z]+$", amount.lower())
    number = amount[: times.start()].strip() if times else amount
    decimals = re.search(r"[.,](\d{1,2})$", number)
    whole = re.sub(r"\D", "", number[: decimals.start()] if decimals else number)
    plain = f"{whole}.{decimals[1]:0<2}" if decimals else whole
    return f"{float(plain) * TIMES[times[0]]:.0f}" if times else plain


def _said(words: list[str]) -> int:
    """The number that these words say."""
    total = part = 0
    for word in words:
        if word not in TIMES:
            part += SAID.get(word, 0)
        elif TIMES[word] == 100:
            part = max(part, 1) * 100
        else:
            total, part = total + max(part, 1) * TIMES[word], 0
    return total + part
