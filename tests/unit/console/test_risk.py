"""Which conversations with the bot need a person soon, and in which order people should be answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversations.desk import risk, urgency
from conversations.desk.reports import facts
from conversations.desk.risk import Exchange, Facts

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
OPEN = NOW + timedelta(hours=20)


def of(
    *exchanges: Exchange, unanswered: bool = False, closes: datetime = OPEN, late: bool = False
) -> set[str]:
    return set(risk.codes(Facts(exchanges, unanswered, closes), NOW, late=late))


def test_quiet_conversation_is_at_no_risk() -> None:
    """An understood, answered message needs nobody."""
    assert of(Exchange("where is 10234?", "order_status", "action_order_status", 0.1)) == set()
    assert of() == set()


@pytest.mark.parametrize(
    ("scores", "warns"),
    [
        ([0.6], True),
        ([0.1, 0.2, 0.3], True),
        ([0.3, 0.2, 0.3], False),
        ([0.1, 0.12, 0.14], False),
        ([0.9, 0.1], False),
    ],
)
def test_frustration_counts_when_high_or_rising(scores: list[float], warns: bool) -> None:
    """The last message sounds frustrated, or three in a row more and more; a calm end calms the warning."""
    found = of(
        *(
            Exchange(f"message {number} of many kinds", "greet", None, score)
            for number, score in enumerate(scores)
        )
    )
    assert (risk.RISING in found) is warns


def test_two_fallbacks_in_a_row_are_needed() -> None:
    """One misunderstanding is the bot's to mend, two in a row are a person's."""
    missed = Exchange("blurb", "nlu_fallback", risk.CLARIFYING)
    fine = Exchange("where is it", "order_status", "action_order_status")
    assert of(missed, fine, missed) == set()
    assert of(fine, missed, Exchange("x", None, None, failed=True)) == {risk.FALLBACKS}


def test_same_question_is_known_again_in_other_order() -> None:
    """Case and order of words make no other question; two words are none."""
    asked = Exchange("where is my parcel", "order_status")
    assert of(asked, Exchange("Where is my PARCEL", "order_status")) == {risk.AGAIN}
    assert of(asked, Exchange("my parcel where is", "order_status")) == {risk.AGAIN}
    assert of(asked, Exchange("can I change the address", "change_address")) == set()
    assert of(Exchange("ok", "affirm"), Exchange("ok", "affirm")) == set()


def test_answer_without_evidence_is_named() -> None:
    """An answer from the articles that names none."""
    vain = Exchange("do you ship to Mars", "delivery_info", "action_delivery_info", no_evidence=True)
    assert of(vain) == {risk.NO_EVIDENCE}
    assert of(Exchange("can I return it", "return_policy", "action_return_policy")) == set()


def test_late_order_counts_when_it_is_talked_about() -> None:
    """A late order alone is no reason: the customer must have asked about orders."""
    assert of(Exchange("where is it", "order_status"), late=True) == {risk.LATE}
    assert of(Exchange("hello there", "greet"), late=True) == set()


@pytest.mark.parametrize(
    ("hours", "unanswered", "warns"),
    [(1.9, True, True), (2.1, True, False), (1.0, False, False), (-0.1, True, False)],
)
def test_closing_window_counts_while_nobody_answered(hours: float, unanswered: bool, warns: bool) -> None:
    """Under two hours left, and the customer's last message has no answer."""
    found = of(unanswered=unanswered, closes=NOW + timedelta(hours=hours))
    assert (risk.CLOSING in found) is warns


def test_facts_pair_each_turn_with_its_message() -> None:
    """A line that failed is no answer, a reaction is no question."""
    lines: list[dict[str, Any]] = [
        {"kind": "message", "author": "customer", "text": "hi", "inbox_id": 1, "body": {"kind": "text"}},
        {"kind": "message", "author": "bot", "text": "hi", "inbox_id": None, "body": {}, "state": "failed"},
        {"kind": "turn", "author": "bot", "text": "", "inbox_id": 1, "state": None,
         "body": {"intent": "greet", "frustration": {"score": 0.2}, "sources": [], "action": "utter"}},
        {"kind": "message", "author": "customer", "text": "👍", "inbox_id": 2, "body": {"kind": "reaction"}},
    ]  # fmt: skip
    found = facts(lines, OPEN)
    assert found == Facts([Exchange("hi", "greet", "utter", 0.2)], True, OPEN)


def test_urgent_comes_before_long_waits_and_closed_windows_come_last() -> None:
    """Priority, waiting time and the window's end decide together who is next."""

    def rank(priority: str, minutes: float, left: float = 20) -> object:
        return urgency.rank(priority, NOW - timedelta(minutes=minutes), NOW + timedelta(hours=left), NOW)

    ranks = [
        rank("urgent", 1),
        rank("high", 5),
        rank("normal", 10),
        rank("low", 10),
        rank("urgent", 60, left=-1),
    ]
    assert sorted(ranks, key=lambda one: one) == ranks  # type: ignore[arg-type, return-value]
    assert rank("normal", 40) < rank("urgent", 1)  # type: ignore[operator]
    assert rank("normal", 1, left=0.5) < rank("urgent", 1)  # type: ignore[operator]
    assert rank("made up", 1) == rank("normal", 1)
