"""What an agent left to the bot, and whether a message is about it. Pure.

The corridor brings it as the slot `hand_back`: who, when, promises, changes, open questions, and what the
agent answered (`handled`). Such a question is not answered anew against the agent's words, nor is one about a
matter that the agent has settled, nor one that is still open.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from rasa.core.channels.channel import UserMessage
from rasa.shared.exceptions import RasaException

from engine.escalation.words import Phrases, Reading, Speller

FILE = "data/hand_back.yml"
SLOT = "hand_back"
ABOUT = "about"
"""In the slot, while the action answers: which of `handled` is asked again; {} for what was promised."""

ONE_MATTER = frozenset({"order_status", "refund_status", "refund_request", "payment_issue", "complaint"})
"""Intents that are the same question in whatever words, as long as no other order is named."""
ALIKE = 0.5
"""Share of their words from which two messages of one intent are the same question."""
SURE = 0.5
"""A confidence from which an earlier question's intent is believed."""
FEW_WORDS = 25
"""A longer message tells a story of its own."""
DONE_YET = re.compile(
    r"^\W*(?:(?:and|so|hi|hello|hey)\W+)*(?:did|have|has|was|were|is|are|when|will)\b", re.IGNORECASE
)
"""How a question begins whether something has been done."""
PLAIN = frozenset(
    "a about already an and any are as at be been by can could did do does for from going has have he"
    " hello her hey hi him his i if in is it its me mine my of on or our she so some that the their them"
    " then there they this to today tomorrow up us was we were what when where which who why will with"
    " would yet you your".split()
)
"""Words that say nothing of the matter."""
STEM = 4
"""Letters by which two words are the same: "called" and "calling"."""
SHOPS = re.compile(r"^Order \S+: ")
"""How a change begins that was seen in the shop (conversations/handback/digest.py): nobody's words."""
NUMBER = re.compile(r"(?<!\d)\d{4,12}(?!\d)")

Left = Mapping[str, Any]


class InvalidHandBack(RasaException):
    """The phrases cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True)
class Matter:
    """Something that an agent settles: how customers ask about it, and what agents write who settle it."""

    intents: frozenset[str]
    asks: Phrases
    told: Phrases


@dataclass(frozen=True)
class Asks:
    """How a customer asks about the colleague's words, and about what the colleague has settled.

    `news`: words of those who ask how far it is; `other`: of those who mean something else than before.
    """

    phrases: Phrases
    news: Phrases
    matters: tuple[Matter, ...]
    other: Phrases
    speller: Speller

    def matches(self, text: str, name: str) -> bool:
        """Whether the message asks what the colleague said, by a phrase or by the colleague's `name`."""
        reading = self.speller.read(text)
        if len(reading.words) > FEW_WORDS:
            return False
        named = self.speller.read(f"what did {name} say").words[2:-1] if name else ()
        told = {"promise", "promised", "say", "said", "tell", "told", "agreed", "write", "wrote"}
        by_name = bool(named) and set(named) <= set(reading.words) and bool(told & set(reading.words))
        return by_name or bool(self.phrases.find(reading))

    def recalls(self, left: Left, text: str, numbers: frozenset[str]) -> dict[str, Any] | None:
        """What the message asks for with the colleague's own words: "did you call the carrier?".

        {} for all of it, as of who asks for news of what was promised.
        """
        reading = self.speller.read(text)
        if len(reading.words) > FEW_WORDS or not left.get("promised"):
            return None
        if self.news.find(reading):
            return {} if numbers <= {str(left.get("order_number"))} else None
        asked = _stems(reading)
        if not asked or not DONE_YET.search(text):
            return None
        for line, known in _lines(left):
            if asked <= _stems(self.speller.read(line)) and numbers <= known:
                return {"answered": line}
        return None

    def settled(
        self, left: Left, text: str, intent: str | None, numbers: frozenset[str]
    ) -> dict[str, Any] | None:
        """The agent's newest words that settle what this message is about; None when none do."""
        reading = self.speller.read(text)
        if len(reading.words) > FEW_WORDS or self.other.find(reading):
            return None
        asked = [each for each in self.matters if intent in each.intents or each.asks.find(reading)]
        for line, known in _lines(left):
            told = self.speller.read(line)
            if not (numbers and numbers - known) and any(each.told.find(told) for each in asked):
                return {"answered": line}
        return None


def read(text: str, name: str = FILE) -> Asks:
    """The phrases in a file's text. Raises InvalidHandBack."""
    try:
        content = yaml.safe_load(text)
        typos = content["typos"]
        speller = Speller(typos["words"], typos["never"])
        matters = tuple(map(_matter, content["matters"]))
        asks, news, other = (_phrases(content[name]) for name in ("asks", "news", "other"))
        return Asks(asks, news, matters, other, speller)
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise InvalidHandBack(
            f"{name} must list asks, news, matters, other, typos.words and typos.never: "
            f"{type(error).__name__}."
        ) from None


async def understand(
    left: Left, parse: Callable[[UserMessage], Awaitable[Mapping[str, Any]]]
) -> dict[str, Any]:
    """With the intent and the order numbers of each question that the agent has answered."""
    handled = []
    for each in left.get("handled") or ():
        parsed = await parse(UserMessage(str(each["asked"])))
        intent = parsed.get("intent") or {}
        sure = float(intent.get("confidence") or 0) >= SURE
        numbers = [str(one["value"]) for one in _entities(parsed) if one.get("entity") == "order_number"]
        handled.append({**each, "intent": intent.get("name") if sure else None, "numbers": numbers})
    return {**left, "handled": handled}


def asked_again(left: Left, text: str, intent: str | None, numbers: frozenset[str]) -> dict[str, Any] | None:
    """The question that this message asks once more, the newest first; None when it is another.

    One that the agent has left open has no answer.
    """
    known = str(left.get("order_number") or "")
    for each in reversed(list(left.get("handled") or ())):
        if intent and _is_same(each, known, text, intent, numbers):
            return dict(each)
    waiting = [each for each in left.get("open") or () if _share(str(each), text) >= ALIKE]
    return {"asked": waiting[-1], "answered": ""} if waiting else None


def _is_same(handled: Left, known: str, text: str, intent: str, numbers: frozenset[str]) -> bool:
    """Whether a message asks what was handled. Of a question whose meaning is not sure, as in another
    language, the words or the order must be the same.
    """
    before = {*map(str, handled.get("numbers") or ()), *([known] if known else [])}
    if (numbers and not numbers & before) or handled.get("intent") not in (None, intent):
        return False
    sure = handled.get("intent") is not None
    alike = bool(numbers & before) or _share(str(handled["asked"]), text) >= ALIKE
    return alike or (sure and intent in ONE_MATTER)


def _lines(left: Left) -> Iterator[tuple[str, frozenset[str]]]:
    """What the agent wrote, answers before deeds and promises, each with the orders that it may be about."""
    known = {str(left["order_number"])} if left.get("order_number") else set()
    for each in reversed(list(left.get("handled") or ())):
        numbers = {*known, *map(str, each.get("numbers") or ()), *NUMBER.findall(str(each["answered"]))}
        yield str(each["answered"]), frozenset(numbers)
    for line in map(str, reversed([*(left.get("changed") or ()), *(left.get("promised") or ())])):
        if not SHOPS.match(line):
            yield line, frozenset({*known, *NUMBER.findall(line)})


def _matter(content: Mapping[str, Any]) -> Matter:
    intents = frozenset(map(str, content.get("intents") or ()))
    return Matter(intents, _phrases(content.get("asks") or ()), _phrases(content["told"]))


def _phrases(lines: Any) -> Phrases:
    return Phrases(map(str, lines))


def _stems(reading: Reading) -> set[str]:
    return {word[:STEM] for word in reading.words if word.isalpha() and word not in PLAIN}


def _share(one: str, other: str) -> float:
    words, others = (set(text.lower().strip("?!. ").split()) for text in (one, other))
    return len(words & others) / len(words | others) if words | others else 0.0


def _entities(parsed: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(parsed.get("entities") or ())
