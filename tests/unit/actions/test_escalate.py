"""What the actions about a person say and ask for; the policy has decided before them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from actions import limits
from actions.answering import DeskAction
from actions.escalate import ActionEscalate
from actions.go_on import ActionGoOn
from actions.human_agent import ActionHumanAgent
from actions.never_mind import ActionNeverMind
from actions.offer_person import ActionOfferPerson
from actions.order_status import ValidateOrderStatusForm
from actions.order_value import ActionOrderValue
from tests.unit.actions.shop import ASKED, Event, Outcome, a_desk, action, run, slot, tracker, user


def decided(act: str, reason: str, priority: str = "high", **more: Any) -> Event:
    """The slot that the policy sets before its action runs."""
    step = {"act": act, "reason": reason, "priority": priority, "evidence": "“so”"}
    return slot("escalation", {**step, **more})


def outcome(chosen: type[DeskAction], *events: Event, phone: str | None = None) -> Outcome:
    at = tracker(*events, phone=phone) if phone else tracker(*events)
    return asyncio.run(run(chosen(a_desk()), at))


def test_a_demand_for_money_reaches_a_person_with_the_order() -> None:
    """The handoff tells reason, priority and evidence; the customer hears which order it is about."""
    said = outcome(ActionEscalate, user("I want a refund for 10235", order_number="10235"),
                   decided("call", "refund_demanded"))  # fmt: skip
    assert said.handoff == {"reason": "refund_demanded", "priority": "high", "evidence": "“so”"}
    assert "order 10235" in said.text
    assert said.paused


def test_the_only_order_is_known_from_then_on() -> None:
    """An order told with the handoff is one that nobody asks for, and that stands on the ticket."""
    said = outcome(
        ActionEscalate, user("refund me"), decided("call", "refund_demanded"), phone="+15550100002"
    )
    assert "order 10301" in said.text
    assert said.slots["order_number"] == "10301"


def test_anothers_order_is_not_named() -> None:
    """Of an order that is not the customer's nothing is told, also when a person is called."""
    said = outcome(
        ActionEscalate, user("refund 10301", order_number="10301"), decided("call", "refund_demanded")
    )
    assert "10301" not in said.text
    assert said.paused


def test_escalating_ends_a_form() -> None:
    """A person is called in the middle of a form, and the form is over."""
    said = outcome(ActionEscalate, *ASKED, user("my lawyer"), decided("call", "grave", "urgent"))
    assert said.handoff
    assert said.handoff["priority"] == "urgent"
    assert {"event": "active_loop", "timestamp": None, "name": None} in said.events


def test_a_colleague_is_offered_with_two_choices() -> None:
    """The offer asks, tells its reason to the log, and does not fall silent."""
    said = outcome(ActionOfferPerson, user("WHERE IS IT"), decided("offer", "order_problem"))
    assert said.titles == ["Yes, please", "No, go on"]
    assert said.messages[-1]["custom"] == {
        "offer": {"reason": "order_problem", "priority": "high", "evidence": "“so”"}
    }
    assert not said.paused


def test_after_a_no_an_open_form_asks_again() -> None:
    """The no is not taken for an answer to the form's question."""
    no = user("no", "deny")
    assert outcome(ActionGoOn, *ASKED, no).text == "All right, let's go on."
    back = outcome(ValidateOrderStatusForm, *ASKED, no, action("action_go_on"))
    assert not back.rejected
    assert back.slots["requested_slot"] == "order_number"


@pytest.mark.parametrize(("over", "called"), [(20.0, True), (2000.0, False)])
def test_a_valuable_order_with_a_problem_reaches_a_person(over: float, called: bool) -> None:
    """Over the limit a person is called, with the worth as evidence; under it nothing is said."""
    step = decided("weigh", "order_value", over=over)
    said = outcome(ActionOrderValue, user("10234 came broken"), slot("order_number", "10234"), step)
    assert bool(said.handoff) is called
    assert bool(said.messages) is called
    if said.handoff:
        assert "order 10234 is worth" in said.handoff["evidence"]
        assert "(over $20.00)" in said.handoff["evidence"]


def test_a_wish_for_a_person_carries_its_words() -> None:
    """What the policy found is the evidence; of a tapped choice it is the choice's title."""
    asked = outcome(ActionHumanAgent, user("a human pls"), decided("call", "asked_for_person"))
    tapped = outcome(ActionHumanAgent, user("Talk to a person", "human_agent"))
    assert asked.handoff == {"reason": "asked_for_person", "priority": "high", "evidence": "“so”"}
    assert tapped.handoff
    assert tapped.handoff["evidence"] == "“Talk to a person”"


def test_a_form_left_unfinished_is_counted() -> None:
    """Each form has its count; the one left last stands last."""
    known = slot("dropped", {"order_status_form": 1, "cancel_order_form": 1})
    said = outcome(ActionNeverMind, known, *ASKED, user("never mind", "never_mind"))
    assert list(said.slots["dropped"].items()) == [("cancel_order_form", 1), ("order_status_form", 2)]


def test_the_patience_of_the_clarifying_question_stands_in_the_rules() -> None:
    """The third unresolved turn asks for a person."""
    assert limits.unresolved() == (3, "normal")
