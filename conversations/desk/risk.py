"""Which conversations with the bot need a person soon, and why. Pure: facts of the log in, codes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz

RISING = "frustration_rising"
FALLBACKS = "two_fallbacks"
AGAIN = "same_question"
NO_EVIDENCE = "no_evidence"
LATE = "late_order"
CLOSING = "window_closing"
CODES = (RISING, FALLBACKS, AGAIN, NO_EVIDENCE, LATE, CLOSING)

FRUSTRATED, STEP = 0.5, 0.15
"""A score from which a message counts as frustrated; how much three in a row must rise in all."""

NOT_UNDERSTOOD = frozenset({"nlu_fallback", "out_of_scope"})
CLARIFYING = "action_clarify"
ABOUT_ORDERS = frozenset(
    {"order_status", "delivery_info", "refund_status", "refund_request", "complaint", "cancel_order"}
)
ALIKE, WORDS = 85, 3
"""How alike (0 to 100) two messages are that ask the same thing, and how many words one has at least."""

SOON = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message of the customer and how the bot took it.

    `no_evidence`: it found nothing to answer from, and said so. `failed`: it had no answer at all.
    """

    text: str
    intent: str | None = None
    action: str | None = None
    frustration: float | None = None
    no_evidence: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a conversation the bot has.

    `exchanges`: since the bot got control, at most a few, oldest first. `unanswered`: the customer's last
    message has no answer. `closes`: when the channel's window does, if it has one.
    """

    exchanges: Sequence[Exchange]
    unanswered: bool
    closes: datetime | None


def codes(facts: Facts, now: datetime, *, late: bool = False) -> tuple[str, ...]:
    """Why it needs a person soon; empty when it does not. `late`: an order of the customer is late."""
    found = {
        RISING: _rising([each.frustration for each in facts.exchanges if each.frustration is not None]),
        FALLBACKS: len(facts.exchanges) > 1 and all(_missed(each) for each in facts.exchanges[-2:]),
        AGAIN: _again([each.text for each in facts.exchanges]),
        NO_EVIDENCE: _without_evidence(facts.exchanges),
        LATE: late and asks_about_orders(facts),
        CLOSING: facts.unanswered and facts.closes is not None and now < facts.closes <= now + SOON,
    }
    return tuple(code for code in CODES if found[code])


def asks_about_orders(facts: Facts) -> bool:
    """Whether the customer has lately asked about an order."""
    return any(each.intent in ABOUT_ORDERS for each in facts.exchanges[-3:])


def _rising(scores: Sequence[float]) -> bool:
    """The last message sounds frustrated, or each of three more than the one before."""
    if not scores:
        return False
    last = scores[-3:]
    climbs = len(last) == 3 and last[0] < last[1] < last[2] and last[2] - last[0] >= STEP
    return last[-1] >= FRUSTRATED or climbs


def _missed(exchange: Exchange) -> bool:
    return exchange.failed or exchange.intent in NOT_UNDERSTOOD or exchange.action == CLARIFYING


def _again(texts: Sequence[str]) -> bool:
    """The last message asks what one of the two before it asked."""
    *before, last = [" ".join(text.lower().split()) for text in texts[-3:]] or [""]
    if len(last.split()) < WORDS:
        return False
    return any(fuzz.token_sort_ratio(last, text) >= ALIKE for text in before if len(text.split()) >= WORDS)


def _without_evidence(exchanges: Sequence[Exchange]) -> bool:
    return bool(exchanges) and exchanges[-1].no_evidence
