"""The bot after a colleague: it repeats promises and answers, and asks nothing that is known."""

from __future__ import annotations

import asyncio
from typing import Any

from actions.hand_back import ActionHandBack
from actions.order_status import ValidateOrderStatusForm
from tests.unit.actions.shop import Event, Outcome, a_desk, action, form, run, slot, tracker, user

LEFT = {
    "by": "Mia",
    "at": "2026-03-18T10:00:00+00:00",
    "promised": ["I'll refund you by Friday."],
    "changed": ["Order 10235: the status is now returned."],
}


def outcome(left: dict[str, Any], text: str = "what did your colleague promise?") -> Outcome:
    return asyncio.run(run(ActionHandBack(a_desk()), tracker(user(text), slot("hand_back", left))))


def test_the_promise_is_told_with_its_day() -> None:
    """Who promised what and when, what has changed, and no person is pressed on the customer."""
    said = outcome(LEFT)
    assert said.text.startswith("My colleague Mia (on 18 March) promised:\n• I'll refund you by Friday.")
    assert "What has changed:\n• Order 10235: the status is now returned." in said.text
    assert "person" not in said.text


def test_an_answered_question_gets_the_colleagues_words() -> None:
    """Nothing of the bot's own is added, but a person is offered."""
    about = {"asked": "where is my refund?", "answered": "On Friday."}
    said = outcome({**LEFT, "at": "2026-03-20T08:00:00+00:00", "about": about}, "where is my refund?")
    assert said.text.startswith("My colleague Mia answered that today: “On Friday.”")
    assert [button["payload"] for button in said.buttons] == ["/human_agent", "/deny"]


def test_no_promise_is_no_promise() -> None:
    """Where nothing was promised, nothing is made up."""
    said = outcome({"open": ["and the invoice?"]})
    assert "made no promise that I know of" in said.text
    assert "Still open:\n• and the invoice?" in said.text
    assert said.buttons


def test_the_last_answer_is_told_where_no_promise_is_known() -> None:
    """A promise in another language is not recognised as one, but the words are there."""
    handled = [{"asked": "donde esta mi reembolso?", "answered": "Lo devolvemos antes del viernes."}]
    said = outcome({"by": "Mia", "handled": handled})
    assert "The last answer was: “Lo devolvemos antes del viernes.”" in said.text
    assert said.buttons


def test_what_the_colleague_has_left_open_goes_to_a_person() -> None:
    """The bot has no answer of its own to a question that a colleague has still to answer."""
    said = outcome(
        {"by": "Mia", "about": {"asked": "and the old ones?", "answered": ""}}, "and the old ones?"
    )
    assert said.text.startswith("My colleague Mia has not answered that yet.")
    assert said.buttons


def test_the_order_talked_about_with_the_colleague_is_not_asked_for() -> None:
    """Ana has two open orders; the one from before the return is meant, until she begins another topic."""
    before: list[Event] = [slot("order_number", "10237"), slot("hand_back", LEFT)]
    wish = user("where is my order?", "order_status")
    start = [form("order_status_form")]
    said = asyncio.run(run(ValidateOrderStatusForm(a_desk()), tracker(*before, wish, *start)))
    assert said.slots["order_number"] == "10237"
    later = [*before, user("and a return", "return_policy"), action("action_return_policy"), wish, *start]
    said = asyncio.run(run(ValidateOrderStatusForm(a_desk()), tracker(*later)))
    assert said.slots.get("requested_slot") == "order_number"
