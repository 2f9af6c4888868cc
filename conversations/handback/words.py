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
    r"|you(?:'re| are) welcome|(?:please )?(?:give me )?(?:one|just a|a) (?:moment|second|minute)"
    r"|let me (?:look|check|see)|(?:(?:i'm|i am|we're|we are) )?(?:still )?(?:looking|checking|asking)\b"
    r"|(?:i'm|i am|this is|my name is) \w+\W*$)",
    re.IGNORECASE,
)
"""How a sentence begins that says nothing yet, unless something comes after its first comma."""
GREETING = re.compile(
    r"^(?i:hello|hi|hey|dear|good (?:morning|afternoon|evening)),? (?:[A-Z]\w*,? ){1,3}(?=I\b|we\b|We\b)"
)
"""What a promise or a deed is told without, however it began."""
VAGUE = re.compile(r"\b(?:check|look|looking|see|find out|get back|be back|help|ask|asked|moment)\b", re.I)
"""What puts off an answer."""
SHORTEST = 3
"""Words of a message that asks for something."""
TOKEN = re.compile(r"[^\W_]+(?:'\w+)?|[^\w\s.,!…\-\ufe0f\U0001f3fb-\U0001f3ff]")
CLOSES = frozenset(
    "thanks thank thx ty cheers ok okay okey great perfect cool fine good nice super alright understood got"
    " bye goodbye obrigado obrigada valeu tchau perfeito ótimo gracias vale perfecto genial adios adiós danke"
    " dank merci grazie shukriya dhanyavaad 👍 👌 🙏 😊 🙂 😀 😄 🥰 ❤ ♥ 🎉 ✅".split()
)
"""Of these a message has one at least that only thanks, agrees or says goodbye."""
NODS = frozenset(
    "yes yeah yep sure please tell show send give let me see hear read what more go ahead hi hello hey ? sí"
    " si sim claro ja haan olá ola oi hola hallo dime diga manda".split()
)
"""Of these one has that only says that we may go on."""
FILLS = frozenset(
    "you u so very much a lot for your the all it is of course on i am i'm here and have day too help reply"
    " answer message muito muchas vielen sehr schön beaucoup mille".split()
)
"""What else such messages have."""
NAMING = frozenset("my the it it's is and here order number no nr e mail email address #".split())
"""What a message has, besides an order's number or an e-mail, that only names one."""


def promises(text: str) -> list[str]:
    """The sentences that promise something."""
    return [each for each in _sentences(text) if PROMISE.search(each) and not each.endswith("?")]


def deeds(text: str) -> list[str]:
    """The sentences that tell of something done."""
    return [each for each in _sentences(text) if DEED.search(each) and not each.endswith("?")]


def is_question(text: str) -> bool:
    """Whether a customer's message waits for an answer."""
    return any(QUESTION.search(each) for each in _sentences(text))


def asks(text: str) -> bool:
    """Whether an agent's line asks the customer something."""
    return any(each.endswith("?") for each in _sentences(text))


def answers(text: str) -> bool:
    """Whether an agent's line says something: more than a greeting, a thank-you, a question, or that the
    answer will come.
    """
    return settles(text) or any(_says(each) for each in _sentences(text))


def settles(text: str) -> bool:
    """Whether it promises or has done something, so that an earlier answer may hold no more."""
    return any(not VAGUE.search(each) for each in [*promises(text), *deeds(text)])


def is_closing(text: str) -> bool:
    """Whether a customer's message only thanks, agrees or says goodbye."""
    return _consists(text, CLOSES)


def is_nod(text: str) -> bool:
    """Whether it only says that we may go on: "yes, tell me"."""
    return _consists(text, CLOSES | NODS)


def is_wish(text: str) -> bool:
    """Whether it asks for something other than a person."""
    return len(text.split()) >= SHORTEST and not CALLS_PERSON.search(text)


def is_open(text: str) -> bool:
    """Whether it wants something, as long as nobody answers: it does more than thank, or name an order."""
    rest = _tokens(NUMBER.sub("#", EMAIL.sub("", text)))
    return is_question(text) or (is_wish(text) and not rest <= CLOSES | FILLS | NAMING)


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


def _consists(text: str, kind: frozenset[str]) -> bool:
    """Whether it has words of that kind, and none besides but fillers."""
    found = _tokens(text)
    return bool(found & kind) and found <= kind | FILLS


def _tokens(text: str) -> frozenset[str]:
    """Its words and signs, in small letters."""
    return frozenset(TOKEN.findall(text.replace("’", "'").casefold()))


def _says(sentence: str) -> bool:
    if sentence.endswith("?") or (PROMISE.search(sentence) and VAGUE.search(sentence)):
        return False
    if not POLITE.match(sentence):
        return True
    _, _, rest = sentence.partition(", ")
    return len(rest.split()) >= SHORTEST and _says(rest)


def _sentences(text: str) -> list[str]:
    plain = text.replace("’", "'").replace("*", "")
    return [short(GREETING.sub("", each)) for each in SENTENCE.split(plain) if each.strip()]
