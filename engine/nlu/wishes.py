"""Two wishes in one message: "cancel 10237 and where is 10234?".

A message is cut into clauses at punctuation and joining words. A clause is a wish only when it asks for
something by itself (a request or a question, not a report, a condition or a "don't") and is read surely:
asking about a wish that nobody had is worse than missing one, which the customer will repeat. Clauses that
name different orders are two wishes on less proof.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from engine.nlu.intents import Reading

MOST = 6
"""Clauses that are looked at; who writes more tells a story."""

LIKELY = 0.75
"""The least confidence of a wish."""

ONE_WISH = [
    {"order_status", "delivery_info"},
    {"start_return", "refund_request"},
    {"refund_request", "refund_status"},
    {"payment_issue", "refund_request"},
    {"payment_issue", "start_return"},
    {"human_agent", "complaint"},
]
"""Pairs that a single answer serves, unless the clauses name different orders."""

_JOINERS = (
    r"(?:and|nd|adn|(?<!d )also|plus|then|additionally|moreover|besides|secondly|btw|by the way|"
    r"as well as|oh and|(?:one|another) more thing|another thing|while you(?:'re| are) at it|"
    r"so(?= (?:where|when|how|what|can|could)\b)|"
    r"y|e|tambi[eé]n|adem[aá]s|luego|tamb[eé]m|al[eé]m disso|depois|aur|ek aur|phir|n)"
)
SPLIT = re.compile(
    rf"(?:(?:[,;](?!\d)|[.!?:\n](?=[\s.!?]|$))+|\s[-–—/]+\s|\s*[+&]\s+)\s*(?:(?:{_JOINERS})\b[\s,]*)*"
    rf"|(?:(?<=\s)|^)(?:{_JOINERS})\b(?=\s)[\s,]*(?:(?:{_JOINERS})\b[\s,]+)*",
    re.IGNORECASE,
)

_POLITE = (
    r"(?:(?:ok|okay|so|well|hi|hello|hey|please|pls|plz|kindly|just|i|we|also|now|first|second(?:ly)?|third|but|oh|"
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
    r"|to (?:speak|talk|know)\b|(?:\S+\s+){0,2}status\b"
    r"|(?:d[oó]nde|cu[aá]ndo|c[oó]mo|cu[aá]nto|qu[eé]|onde|quando|como|quanto|cad[eê])\b"
)
REPORTED = frozenset({"payment_issue"})
"""Wishes that customers do not ask for: they report what happened ("I was charged twice")."""
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


Part = tuple[Clause, Reading]


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
    be one of the two, unless that was less clear than each of them.
    """
    parts = clauses(text)
    if not 1 < len(parts) <= MOST or not any(_asks(part.text) for part in parts):
        return None
    able = [part for part in parts if _may_be_wish(part.text)]
    read_as = list(zip(able, read([part.text for part in able]), strict=True))
    for at, one in enumerate(read_as):
        for other in read_as[at + 1 :]:
            if _are_two(whole, one, other, intents) and _agrees(whole, one[1], other[1], intents):
                return Wishes(one[1], _name(other[1]), other[0])
    return None


def _clause(text: str, start: int, end: int) -> Clause:
    part = text[start:end]
    lead = len(part) - len(part.lstrip(" ,.!?;:\n\t"))
    words = part.strip(" ,.;:\n\t").lstrip("!?")
    return Clause(start + lead, start + lead + len(words), words)


def _may_be_wish(text: str) -> bool:
    """One word ("return and refund policy"), a condition or a "don't" asks for nothing by itself."""
    return " " in text and not NO_WISH.search(text)


def _asks(text: str) -> bool:
    """Does the clause ask for something by itself?"""
    return _may_be_wish(text) and bool(REQUEST.search(text) or HINGLISH.search(text))


def _are_two(whole: Reading, one: Part, other: Part, intents: Collection[str]) -> bool:
    """Are they two wishes, which one answer would not serve?

    Those about different orders need less proof. Where the whole message reads as one of the two, one of
    them has to be sure, the other likely.
    """
    names = {_name(one[1]), _name(other[1])}
    if len(names) == 1 or not names <= set(intents):
        return False
    ours, theirs = _orders(one[0]), _orders(other[0])
    if ours and theirs and not ours & theirs:
        return all(reading.accepted and not reading.close for _, reading in (one, other))
    if names in ONE_WISH or not (_is_wish(*one) and _is_wish(*other)):
        return False
    sure = one[1].sure + other[1].sure
    return sure == 2 or (sure == 1 and _name(whole) in names)


def _is_wish(part: Clause, reading: Reading) -> bool:
    asks = _asks(part.text) or _name(reading) in REPORTED
    return asks and reading.accepted and not reading.close and _confidence(reading) >= LIKELY


def _agrees(whole: Reading, one: Reading, other: Reading, intents: Collection[str]) -> bool:
    names = {_name(one), _name(other)}
    clear = whole.accepted and not whole.close and _name(whole) in intents
    less = _confidence(whole) < min(_confidence(one), _confidence(other))
    return _name(whole) in names or not clear or less


def _orders(clause: Clause) -> set[str]:
    return set(re.findall(r"\d{4,15}", clause.text))


def _name(reading: Reading) -> str:
    return reading.ranking[0][0]


def _confidence(reading: Reading) -> float:
    return reading.ranking[0][1]
