"""A conversation as escalation sees it: the customer's messages, and what the bot did. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.escalation.signals import Signal

ALIKE = 0.6
"""Share of their words from which two messages are the same question."""
OF_ONE_ORDER = frozenset({"order_status", "refund_status"})
"""Asked again of the same order, these are the same question in whatever words."""


@dataclass(frozen=True)
class Turn:
    """One customer message and what followed; `score` and `trend` of its frustration, `at` in unix seconds.

    `words`: its words, plain. `numbers`, `goods`: the order numbers and the goods in it. `tags`: what the
    shop calls this customer. `tapped`: a choice of the bot's, no words of the customer's. `offered`: the
    bot's answer offered a person; `ours`: it was this policy that did. `near_miss`: it looks like a wish
    for a person and is none. `dropped`: the form that was left unfinished in this turn.
    """

    text: str = ""
    at: float = 0.0
    words: tuple[str, ...] = ()
    intent: str | None = None
    signals: tuple[Signal, ...] = ()
    score: float = 0.0
    trend: float = 0.0
    numbers: frozenset[str] = frozenset()
    goods: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    tapped: bool = False
    offered: bool = False
    ours: bool = False
    near_miss: bool = False
    dropped: str | None = None

    def signal(self, name: str) -> Signal | None:
        """The signal of this trigger, if the message gives it."""
        return next((signal for signal in self.signals if signal.trigger == name), None)


@dataclass(frozen=True)
class Conversation:
    """The turns of this session that are at hand, oldest first; the last one is being answered.

    `offer`: this policy's last offer (a step as JSON, with `at`, and `declined` once it was). `drops`: how
    often each form has been left unfinished. `order_number`: the order talked about. `asked`: the slot that
    an open form has asked for.
    """

    turns: Sequence[Turn]
    offer: Mapping[str, Any] = field(default_factory=dict)
    drops: Mapping[str, int] = field(default_factory=dict)
    order_number: str | None = None
    asked: str | None = None

    @property
    def now(self) -> Turn:
        return self.turns[-1]

    @property
    def before(self) -> Sequence[Turn]:
        return self.turns[:-1]


def times_asked(turns: Sequence[Turn], questions: Collection[str]) -> int:
    """How often the last message's question has been asked, this time included; 0 if it is none of these."""
    now = turns[-1]
    if now.tapped or now.intent not in questions:
        return 0
    asked = [(turn, about) for turn, about in zip(turns, _subjects(turns), strict=True) if not turn.tapped]
    if now.intent in OF_ONE_ORDER:
        return sum(turn.intent == now.intent and about == asked[-1][1] for turn, about in asked)
    return sum(_same_question(turn, now) for turn, _ in asked)


def _subjects(turns: Sequence[Turn]) -> list[frozenset[str]]:
    """What each message is about: what it names, or what was named last; before that, what is named first."""
    named = [turn.numbers or turn.goods for turn in turns]
    last = next(filter(None, named), frozenset())
    return [last := each or last for each in named]


def _same_question(one: Turn, other: Turn) -> bool:
    """The same wish for the same order, or in nearly the same words."""
    if one.intent != other.intent or one.numbers != other.numbers:
        return False
    return bool(other.numbers) or _share(set(one.words), set(other.words)) >= ALIKE


def _share(one: set[str], other: set[str]) -> float:
    """The share of their words that two messages have in common."""
    return len(one & other) / len(one | other) if one | other else 0.0
