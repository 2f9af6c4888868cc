"""What a line of an agent or a customer amounts to: a promise, a deed, a question. Pure; English.

Found by plain patterns, so that the same words always give the same digest; the agent may correct it.
"""

from __future__ import annotations

import re

SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
LONG = 240
"""Characters of a sentence that is kept."""

_DONE = (
    r"cancell?ed|refunded|changed|updated|corrected|sent|ordered|arranged|booked|extended|credited|replaced"
    r"|re-?shipped|opened|issued|asked|moved|added|removed|requested|registered|escalated|forwarded|reported"
)
_SOON = (
    r"(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|the end of|next (?:week|month)"
    r"|\d{1,2}(?:st|nd|rd|th|:\d\d|\s?[ap]m)?\b)"
)
PROMISE = re.compile(
    r"\b(?:i|we)(?:'ll| will| shall|'m going to| am going to|'re going to| are going to)\b"
    r"|\byou(?:'ll| will| should)\s+(?:\w+\s+)?(?:get|receive|have|hear|be)\b"
    r"|\bwill (?:be|come|arrive|reach|call|write|contact|get back)\b|\bwill be back\b"
    r"|\b(?:i|we) promise\b|\b(?:is|are) on (?:its|their|the) way to you"
    r"|\b(?:we|i) (?:refund|send|call|replace|credit|pay)\b"
    rf"|\b(?:by|before|until|no later than) {_SOON}"
    r"|\b(?:within|back(?: to you)? in) (?:the next )?(?:\w+ )?(?:\w+ )?(?:minutes?|hours?|days?|weeks?)\b",
    re.IGNORECASE,
)
DEED = re.compile(
    rf"\b(?:i|we)(?:'ve| have)?(?: just| now| already)* (?:{_DONE})\b"
    rf"|\b(?:has|have|was|were) (?:just |now |already )?been (?:{_DONE})\b"
    rf"|\b(?:is|are) now (?:{_DONE})\b",
    re.IGNORECASE,
)
QUESTION = re.compile(
    r"\?\s*$|^\W*(?:what|when|where|why|who|which|how|can|could|may|do|does|did|is|are|will|would|should)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?:\border\s*(?:number|no\.?|nr\.?)?\s*(?:is\s*)?#?|#)(\d{4,12})\b", re.IGNORECASE)
BARE_NUMBER = re.compile(r"^\W*(\d{4,12})\W*$")
EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
CALLS_PERSON = re.compile(
    r"\b(?:human|person|agent|somebody|someone|manager|colleague|operator)\b", re.IGNORECASE
)
POLITE = re.compile(
    r"^\W*(?:hello|hi|hey|dear|good (?:morning|afternoon|evening|day)|thanks?\b|thank you"
    r"|you(?:'re| are) welcome|one moment|just a (?:moment|second)|let me (?:look|check|see)"
    r"|(?:i'm|i am|this is|my name is) \w+\W*$)",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"^(?i:hello|hi|hey|dear|good (?:morning|afternoon|evening)),? (?:[A-Z]\w*,? ){1,3}(?=I\b|we\b|We\b)"
)
"""What a promise or a deed is told without, however it began."""
VAGUE = re.compile(r"\b(?:check|look|looking|see|find out|get back|be back|help|ask|asked|moment)\b", re.I)
"""What puts off an answer."""
SHORTEST = 3
"""Words of a message that asks for something."""


def promises(text: str) -> list[str]:
    """The sentences that promise something."""
    return [each for each in _sentences(text) if PROMISE.search(each) and not each.endswith("?")]


def deeds(text: str) -> list[str]:
    """The sentences that tell of something done."""
    return [each for each in _sentences(text) if DEED.search(each) and not each.endswith("?")]


def is_question(text: str) -> bool:
    """Whether a customer's message waits for an answer."""
    return any(QUESTION.search(each) for each in _sentences(text))


def answers(text: str) -> bool:
    """Whether an agent's line says something: more than a greeting, a thank-you or a question."""
    return settles(text) or any(
        not each.endswith("?") and not POLITE.match(each) for each in _sentences(text)
    )


def settles(text: str) -> bool:
    """Whether it promises or has done something, so that an earlier answer may hold no more."""
    return any(not VAGUE.search(each) for each in [*promises(text), *deeds(text)])


def is_wish(text: str) -> bool:
    """Whether it asks for something other than a person."""
    return len(text.split()) >= SHORTEST and not CALLS_PERSON.search(text)


def order_number(text: str) -> str | None:
    """The order number that the message names; None when it names none, or several."""
    bare = BARE_NUMBER.match(text)
    found = {bare[1]} if bare else set(NUMBER.findall(text))
    return found.pop() if len(found) == 1 else None


def email(text: str) -> str | None:
    """The e-mail address in the message."""
    found = EMAIL.search(text)
    return found[0] if found else None


def short(text: str) -> str:
    """On one line, and no longer than `LONG`."""
    line = " ".join(text.split())
    return line if len(line) <= LONG else line[: LONG - 1].rstrip() + "…"


def _sentences(text: str) -> list[str]:
    plain = text.replace("’", "'").replace("*", "")
    return [short(GREETING.sub("", each)) for each in SENTENCE.split(plain) if each.strip()]
