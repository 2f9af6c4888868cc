"""What a customer may add while waiting: what helps the agent and is not known yet. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ABOUT_ORDERS = frozenset(
    {
        "refund_demanded", "order_problem", "order_value", "vip", "complaint", "frustrated", "action_failed",
        "repeated_question", "form_abandoned", "bot_failed",
    }
)  # fmt: skip
"""Reasons for a handoff that are mostly about an order."""

DAMAGED = re.compile(
    r"\b(damag\w+|broken?|cracked|scratch\w*|dent(ed)?|defect\w*|faulty|torn|ripped|shattered|smashed|leak(s|ed|ing)"
    r"|wrong (item|product|size|colou?r)|roto|rota|da[nñ]ad[oa]|quebrad[oa]|danificad[oa])\b",
    re.IGNORECASE,
)
FAULTS = frozenset({"damaged", "defective", "wrong_item", "missing_part"})
"""Reasons of a return that a photo shows."""

WHEN = re.compile(
    r"\bhow (?:much )?long(?:er)?\b|\bhow many\b.*\b(?:before|ahead)\b|\bqueue\b|\bplace in (?:the )?line\b"
    r"|\bam i next\b|\bany (?:updates?|news)\b"
    r"|^\W*(?:(?:hell+o+|hi|hey)\W*\?|any(?:one|body)\W*$|(?:i['’]?m |i am )?still waiting\W*$|\?+\s*$)"
    r"|\b(?:any(?:one|body)|some(?:one|body)|you|still) (?:still )?there\b"
    r"|\bwhen (?:will|does|do|can|is|are)\b.*\b(?:some(?:one|body)|any(?:one|body)|you|agent|person|colleague"
    r"|answer|reply)\b"
    r"|\b(?:hay alguien|alguien (?:me|ah[ií])|(?:tem|h[aá]) algu[eé]m|algu[eé]m a[ií]|quanto tempo"
    r"|cu[aá]nto (?:tiempo|tarda|falta)|kitn[aie] (?:time|der)|kab tak|koi hai)\b",
    re.IGNORECASE,
)
"""Words of one who wants to know whether anybody comes."""

NUMBER = re.compile(r"(?<!\d)\d{4,6}(?!\d)")
FEW = 6
"""A wish for a person in so few words says nothing of what it is about."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the customer sent so far: the words, and the kinds of files."""

    texts: Sequence[str] = ()
    kinds: frozenset[str] = frozenset()


def ask(reason: str, slots: Mapping[str, Any], said: Said) -> str:
    """One sentence that asks for what is missing; empty when nothing is.

    Nothing is asked that stands in the slots or in what was said.
    """
    words = " ".join(said.texts)
    wanted = []
    if _order_is_missing(reason, slots, words):
        wanted.append("the order number")
    if (DAMAGED.search(words) or slots.get("return_reason") in FAULTS) and _no_photo(slots, said):
        wanted.append("a photo of the item")
    if wanted:
        return f"Meanwhile you could send {' and '.join(wanted)}: that saves time."
    if reason == "asked_for_person" and not slots.get("order_number") and _says_little(said):
        return "Meanwhile you could write in a sentence what it is about: that saves time."
    return ""


def asks_when(words: str) -> bool:
    """Whether one who waits asks how long it takes, or whether anybody is there."""
    return bool(WHEN.search(words))


def _order_is_missing(reason: str, slots: Mapping[str, Any], words: str) -> bool:
    given = (slots.get(name) for name in ("order_number", "unknown_order", "payment_order"))
    known = any(given) or NUMBER.search(words)
    return not known and (reason in ABOUT_ORDERS or bool(DAMAGED.search(words)))


def _no_photo(slots: Mapping[str, Any], said: Said) -> bool:
    return not slots.get("return_photo") and not said.kinds & {"image", "video"}


def _says_little(said: Said) -> bool:
    return len(said.texts) <= 2 and all(len(text.split()) <= FEW for text in said.texts)
