"""A one-time code: six digits, three tries, ten minutes. Pure, apart from the chance in `make`."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DIGITS = 6
TRIES = 3
LIFETIME = timedelta(minutes=10)
WRITTEN = re.compile(r"(?<!\d)(?:\d[ -]?){5}\d(?!\d)")


class Verdict(StrEnum):
    """What became of a try. SPENT: no code is good any more, after three tries or because none was made."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    SPENT = "spent"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` codes within `span`."""

    count: int
    span: timedelta


PER_QUESTION = Limit(3, LIFETIME)
"""For one order in one conversation."""
PER_CONVERSATION = Limit(10, timedelta(days=1))
PER_ORDER = Limit(6, timedelta(hours=1))
"""Over all conversations, so that nobody's inbox is flooded."""


def make() -> str:
    """A new code."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def read(text: str) -> str | None:
    """The code in a message ("it's 123 456"), if there is one."""
    found = WRITTEN.search(text)
    return re.sub(r"\D", "", found[0]) if found else None


def is_alone(text: str) -> bool:
    """Is the message nothing but something like a code?"""
    return bool(WRITTEN.fullmatch(text.strip()))


def salt() -> bytes:
    """A salt for one code."""
    return secrets.token_bytes(16)


def digest(code: str, salt: bytes) -> bytes:
    """What is kept of a code. Slow on purpose (scrypt, some 15 ms): a million guesses take hours."""
    return hashlib.scrypt(code.encode(), salt=salt, n=2**13, r=8, p=1, dklen=32)


def email_digest(number: str, email: str) -> bytes:
    """By which the same e-mail for the same order is known again."""
    return hashlib.sha256(f"{number}\n{email.strip().lower()}".encode()).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(one, other)


def is_over(made_at: datetime, now: datetime) -> bool:
    """Is a code of that time too old?"""
    return now - made_at > LIFETIME
