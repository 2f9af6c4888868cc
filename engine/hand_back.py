"""What an agent left to the bot, and whether a message is about it. Pure.

The corridor brings it as the slot `hand_back`: who, when, promises, changes, open questions, and what the
agent answered (`handled`). Such a question is not answered anew against the agent's words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from rasa.core.channels.channel import UserMessage
from rasa.shared.exceptions import RasaException

from engine.escalation.words import Phrases, Speller

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

Left = Mapping[str, Any]


class InvalidHandBack(RasaException):
    """The phrases cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True)
class Asks:
    """How a customer asks about the colleague's words."""

    phrases: Phrases
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


def read(text: str, name: str = FILE) -> Asks:
    """The phrases in a file's text. Raises InvalidHandBack."""
    try:
        content = yaml.safe_load(text)
        typos = content["typos"]
        return Asks(Phrases(map(str, content["asks"])), Speller(typos["words"], typos["never"]))
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise InvalidHandBack(
            f"{name} must list asks, typos.words and typos.never: {type(error).__name__}."
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
    """The handled question that this message asks once more, the newest first; None when it is another."""
    known = str(left.get("order_number") or "")
    for each in reversed(list(left.get("handled") or ())):
        if intent and each.get("intent") == intent and _is_same(each, known, text, intent, numbers):
            return dict(each)
    return None


def _is_same(handled: Left, known: str, text: str, intent: str, numbers: frozenset[str]) -> bool:
    before = {*map(str, handled.get("numbers") or ()), *([known] if known else [])}
    if numbers and before and not numbers & before:
        return False
    if numbers and not before:
        return False
    return intent in ONE_MATTER or bool(numbers & before) or _share(str(handled["asked"]), text) >= ALIKE


def _share(one: str, other: str) -> float:
    words, others = (set(text.lower().strip("?!. ").split()) for text in (one, other))
    return len(words & others) / len(words | others) if words | others else 0.0


def _entities(parsed: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(parsed.get("entities") or ())
