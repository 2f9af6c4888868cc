"""Two wishes in one message: "cancel 10237 and where is 10234?".

A message is cut into clauses at punctuation and joining words. A clause is a wish only when it asks for
something by itself (a request or a question, not a report, a condition or a "don't") and is read surely:
asking about a wish that nobody had is worse than missing one, which the customer will repeat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from engine.nlu.intents import Reading

MOST = 6
"""Clauses that are looked at; who writes more tells a story."""

ONE_WISH = [
    {"order_status", "delivery_info"},
    {"start_return", "refund_request"},
    {"refund_request", "refund_status"},
    {"payment_issue", "refund_request"},
    {"human_agent", "complaint"},
]
"""Pairs that a single answer serves, unless the clauses name different orders."""

_JOINERS = (
    r"(?:and|&|(?<!d )also|plus|then|additionally|moreover|besides|secondly|btw|by the way|as well as|oh and|"
    r"(?:one|another) more thing|another thing|while you(?:'re| are) at it|"
    r"y|e|tambi[eé]n|adem[aá]s|luego|tamb[eé]m|al[eé]m disso|depois|aur|ek aur|phir|n)"
)
SPLIT = re.compile(
    rf"(?:(?:[,;](?!\d)|[.!?:\n](?=[\s.!?]|$))+|\s[-–—/]+\s|\s*\+\s+)\s*(?:(?:{_JOINERS})\b[\s,]*)*"
    rf"|(?:(?<=\s)|^)(?:{_JOINERS})\b(?=\s)[\s,]*(?:(?:{_JOINERS})\b[\s,]+)*",
    re.IGNORECASE,
)

_POLITE = (
    r"(?:(?:ok|okay|so|well|hi|hello|hey|please|pls|plz|kindly|just|i|we|also|now|first|but|oh|"
    r"por favor|bhai|sir)[\s,]+)*"
)
_DO = (
    r"cancel|refund|return|change|update|correct|edit|modify|track|trace|check|find|locate|send|resend|mail|e-?mail|"
    r"give|get|tell|show|let|put|connect|transfer|call|talk|speak|start|stop|exchange|swap|pay|reimburse|explain|"
    r"issue|generate|provide|help|deliver|ship|hurry|make|file|raise|cancela\w*|devolv\w*|devuelv\w*|reembols\w*|"
    r"cambia\w*|env[ií]a\w*|manda\w*|dame|me d[aá]|quiero|necesito|quisiera|puedo|puedes|quero|preciso|"
    r"queria|gostaria|posso|pode|mud(?:ar|a|e)|troc(?:ar|a|e)|cancele|envi(?:ar|e)"
)
_SOMEONE = (
    r"(?:i|you|u|ya|we|it|they|he|she|my|our|the|this|that|there|these|those|your|some(?:one|body)|any\w*)"
)
_ASK = (
    r"(?:want|wanna|need|demand|wish|would (?:like|love)|(?:i|we)\W?d (?:also )?(?:like|love))\b"
    rf"|(?:can|could|may|will|would|do|does|did|is|are|has|have)\s+{_SOMEONE}\b"
    r"|(?:where|when|how|what|which|why|who)(?:\W?s|re)?\b"
    r"|(?:d[oó]nde|cu[aá]ndo|c[oó]mo|cu[aá]nto|qu[eé]|onde|quando|como|quanto|cad[eê])\b"
)
REQUEST = re.compile(rf"^{_POLITE}(?:(?:{_DO})\b|{_ASK})", re.IGNORECASE)
HINGLISH = re.compile(
    r"\b(?:kab|kahan?|kaise|kya|kitn[aei]|chahi?ye|karo|kardo|kar do|kar dijiye|batao|bata do|bhejo|bhej do|"
    r"de ?do|dila do|karna hai|karwana)\b",
    re.IGNORECASE,
)
NO_WISH = re.compile(
    rf"^{_POLITE}(?:if|because|since|as|unless|otherwise|or|else|after|before|until|when (?:i|you|it)|while|"
    r"although|though|(?:which|who|that) (?:is|are|was|were|has|had|i|came|told|said)|what a|instead|rather|"
    r"not|never|no|do ?n\W?o?t|n[aã]o|si no|porque)\b"
    r"|\b(?:do|did|wo|does|ca|would)(?:n\W?t| not)\b|\b(?:no|n[aã]o) (?:quiero|quero)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """A part of a message; `start` and `end` are character positions in it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Wishes:
    """The two wishes of a message: `first` is how the first clause reads, `second` the other intent."""

    first: Reading
    second: str
    clause: Clause


def clauses(text: str) -> list[Clause]:
    """The message cut at punctuation and joining words, without empty parts."""
    parts, start = [], 0
    for cut in SPLIT.finditer(text):
        parts.append(_clause(text, start, cut.start()))
        start = cut.end()
    parts.append(_clause(text, start, len(text)))
    return [part for part in parts if part.text]


def find(
    text: str, whole: Reading, read: Callable[[Sequence[str]], list[Reading]], intents: Collection[str]
) -> Wishes | None:
    """The two wishes of a message that reads as `whole`, or None when it has one at most.

    `read` reads clauses; `intents` are the wishes there can be. What the whole message was taken for must
    be one of the two, unless it was not understood.
    """
    parts = clauses(text)
    asking = [part for part in parts if _asks(part.text)]
    if not 1 < len(parts) <= MOST or len(asking) < 2:
        return None
    read_as = zip(asking, read([part.text for part in asking]), strict=True)
    wishes = [(part, one) for part, one in read_as if _is_wish(one, intents)]
    for part, one in wishes[1:]:
        if _apart(wishes[0], (part, one)) and _agrees(whole, {_name(wishes[0][1]), _name(one)}, intents):
            return Wishes(wishes[0][1], _name(one), part)
    return None


def _clause(text: str, start: int, end: int) -> Clause:
    part = text[start:end]
    lead = len(part) - len(part.lstrip(" ,.!?;:\n\t"))
    words = part.strip(" ,.;:\n\t").lstrip("!?")
    return Clause(start + lead, start + lead + len(words), words)


def _asks(text: str) -> bool:
    """Does the clause ask for something by itself? One word ("return and refund policy") does not."""
    return " " in text and not NO_WISH.search(text) and bool(REQUEST.search(text) or HINGLISH.search(text))


def _is_wish(reading: Reading, intents: Collection[str]) -> bool:
    return reading.accepted and reading.sure and not reading.close and _name(reading) in intents


def _apart(one: tuple[Clause, Reading], other: tuple[Clause, Reading]) -> bool:
    """Are they two wishes, which one answer would not serve?"""
    names = {_name(one[1]), _name(other[1])}
    if len(names) == 1:
        return False
    ours, theirs = _orders(one[0]), _orders(other[0])
    return names not in ONE_WISH or bool(ours and theirs and ours != theirs)


def _agrees(whole: Reading, names: set[str], intents: Collection[str]) -> bool:
    return _name(whole) in names or not whole.accepted or _name(whole) not in intents


def _orders(clause: Clause) -> set[str]:
    return set(re.findall(r"\d{4,15}", clause.text))


def _name(reading: Reading) -> str:
    return reading.ranking[0][0]
