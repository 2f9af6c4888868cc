"""A customer's words about being called back. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conversations.messages import Choice

YES, NO = "callback:yes", "callback:no"
CHOICES = (Choice(YES, "Yes, call me back"), Choice(NO, "No, thanks"))

_POLITE = r"(?:[\s,.!]*(?:please|pls|thanks|thank you|por favor|gracias|obrigad[oa]))*[\s,.!]*"
_AGREES = re.compile(
    r"\s*(?:(?:yes|yeah|yep|yup|sure|ok|okay|of course|please do|gladly|s[ií]|sim|claro|haan|👍)[\s,.!]*)+"
    rf"(?:(?:do|call(?: me)?(?: back)?|that would be (?:great|good|nice))[\s,.!]*)?{_POLITE}",
    re.IGNORECASE,
)
_DECLINES = re.compile(
    rf"\s*(?:no|nope|nah|not needed|no need|n[aã]o|nahi)\b[\s,.!]*(?:need|thanks|thank you)?{_POLITE}",
    re.IGNORECASE,
)
_NO_CALL = re.compile(
    r"\b(?:(?:don'?t|do not|no need to|needn'?t|not) (?:call|phone|ring)"
    r"|no (?:need for a )?call(?:-?\s?back)?)\b",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"\b(?:call|ring|phone) me\b|\bcall\s?-?back\b|\bgive me a (?:call|ring)\b"
    r"|\bll[aá]m[ae]me\b|\bme lig(?:ue|a)\b",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:call|phone|ring|reach|mobile|cell|number|n[uú]mero|instead|better)\b", re.IGNORECASE
)
_PHONE = re.compile(r"(?<![\w/])\+?\d(?:[\s().\-/]?\d){6,14}(?!\w)")


@dataclass(frozen=True, slots=True)
class Reply:
    """Whether a call is wanted; `phone`: the number that was given for it."""

    wanted: bool
    phone: str | None = None


def read(words: str, payload: str | None, *, offered: bool, owed: bool = False) -> Reply | None:
    """What a message says about a call; None when it is about something else.

    A bare yes, no or phone number means something only while a call-back is `offered`; while one is `owed`,
    another number does, if it shows that it is one.
    """
    if payload in (YES, NO):
        return Reply(payload == YES)
    if _NO_CALL.search(words):
        return Reply(False)
    phone = _number(words)
    if _CALL.search(words):
        return Reply(True, phone)
    if owed and phone and (phone.startswith("+") or _ANOTHER.search(words)):
        return Reply(True, phone)
    if not offered:
        return None
    if _DECLINES.fullmatch(words):
        return Reply(False)
    without = _PHONE.sub("", words)
    agrees = _AGREES.fullmatch(words if phone is None else without)
    bare = phone is not None and len(without.split()) <= 5
    return Reply(True, phone) if agrees or bare else None


def _number(words: str) -> str | None:
    """The phone number in the words, as it was written but without what separates the digits."""
    found = _PHONE.search(words)
    return re.sub(r"[^\d+]", "", found[0]) if found else None
