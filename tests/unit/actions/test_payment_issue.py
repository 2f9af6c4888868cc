"""Trouble with a payment: what is asked, what counts as an answer, and what a colleague learns of it."""

from __future__ import annotations

from typing import Any

import pytest

from actions import payment_words as words
from actions.human_agent import ActionHumanAgent
from actions.payment_issue import ActionPaymentIssue, ValidatePaymentIssueForm
from tests.unit.actions.shop import (
    Event,
    Outcome,
    a_desk,
    asking,
    bot,
    form,
    run,
    slot,
    starting,
    tracker,
    user,
)

TWICE = "Charged twice: “i was charged twice”"


async def begun(text: str, phone: str | None = "+15550100001", **entities: str) -> Outcome:
    """What the form makes of a first message."""
    at = tracker(*starting("payment_issue", text, **entities), phone=phone)
    return await run(ValidatePaymentIssueForm(a_desk()), at)


async def answered(requested: str, answer: Event, **known: Any) -> Outcome:
    """What the form makes of the answer to this question, with what it knows already."""
    slots = [slot(name, value) for name, value in known.items()]
    at = tracker(*asking("payment_issue", requested, *slots), answer)
    return await run(ValidatePaymentIssueForm(a_desk()), at)


# --- what is no answer -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["10301", "99999"])
async def test_an_order_that_is_not_theirs_is_asked_for_once_more(number: str) -> None:
    """Another's order and no order get the same words; said again, it goes to the colleague as it is."""
    before = {"payment_problem": TWICE}
    once = await answered("payment_order", user(number, order_number=number), **before)
    assert f"can't find an order {number}" in once.text
    assert once.slots["requested_slot"] == "payment_order"
    assert once.titles[-1] == "There is no order"
    again = user(number, order_number=number)
    twice = await answered("payment_order", again, unknown_order=number, **before)
    assert twice.slots["payment_order"] == f"{number} (not shown to be the customer's)"
    assert twice.slots["requested_slot"] == "payment_amount"
    assert "order_number" not in twice.slots


@pytest.mark.parametrize(
    ("text", "entities"), [("0", {}), ("0.00 dollars", {"money": "0.00 USD"}), ("999999999", {})]
)
async def test_what_cannot_be_an_amount_is_asked_again(text: str, entities: dict[str, str]) -> None:
    """Nothing and millions are no amounts."""
    known = {"payment_problem": TWICE, "payment_order": "10234"}
    said = await answered("payment_amount", user(text, **entities), **known)
    assert said.slots["payment_amount"] is None
    assert said.slots["requested_slot"] == "payment_amount"
    assert "49.90" in said.text


async def test_a_day_to_come_is_asked_again() -> None:
    """A payment made tomorrow is none."""
    known = {"payment_problem": TWICE, "payment_order": "10234", "payment_amount": "$129.00"}
    said = await answered("payment_when", user("tomorrow", date="2026-03-21"), **known)
    assert said.slots["requested_slot"] == "payment_when"
    assert said.slots["payment_when"] is None
    assert "still to come" in said.text


@pytest.mark.parametrize("asked", ["payment_order", "payment_amount", "payment_when"])
async def test_nonsense_and_other_wishes_are_left_to_the_rules(asked: str) -> None:
    """What answers nothing is rejected, and so is a question about something else."""
    known = {"payment_problem": TWICE}
    assert (await answered(asked, user("asdf", "nlu_fallback"), **known)).rejected
    assert (await answered(asked, user("what is your return policy", "return_policy"), **known)).rejected
    assert (await answered(asked, user("never mind", "never_mind"), **known)).rejected


async def test_a_question_about_an_order_is_not_the_order_of_the_payment() -> None:
    """ "Where is my order 10234?" in place of an answer is another wish, "order 10234" is the answer."""
    where = user("where is my order 10234?", "order_status", order_number="10234")
    assert (await answered("payment_order", where, payment_problem=TWICE)).rejected
    plain = user("my order 10234", "order_status", order_number="10234")
    said = await answered("payment_order", plain, payment_problem=TWICE)
    assert said.slots["payment_order"] == "10234"


async def test_a_colleague_called_halfway_learns_what_was_told() -> None:
    """Whoever loses patience has not told it for nothing."""
    before = [slot("payment_problem", TWICE), slot("payment_order", "10234")]
    at = tracker(form("payment_issue_form"), *before, user("a person please", "human_agent"))
    said = await run(ActionHumanAgent(a_desk()), at)
    assert said.handoff
    assert said.handoff["facts"] == {"What happened": TWICE, "Payment for order": "10234"}


async def test_a_form_that_was_dropped_tells_nothing() -> None:
    """What was said to a form that is no longer open is not passed on as a fact."""
    at = tracker(slot("payment_problem", TWICE), user("a person please", "human_agent"))
    said = await run(ActionHumanAgent(a_desk()), at)
    assert said.handoff
    assert "facts" not in said.handoff


# --- question after question -------------------------------------------------------------------------


async def test_what_happened_is_asked_with_the_usual_troubles() -> None:
    """A first message that tells nothing yet gets a list to pick from."""
    said = await begun("there is a problem with my payment")
    assert said.slots["requested_slot"] == "payment_problem"
    assert said.titles == [*words.KINDS.values(), "Something else"]
    assert len({each["payload"] for each in said.buttons}) == len(said.buttons)
    assert all(len(title) <= 24 for title in said.titles)


async def test_something_else_is_told_in_a_sentence() -> None:
    """Who picks "something else" is asked for words."""
    said = await answered("payment_problem", user("Something else", problem="other"))
    assert said.slots["requested_slot"] == "payment_problem"
    assert said.text == words.TELL
    assert said.buttons == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i was charged twice", "charged_twice"),
        ("double charge on my card!!", "charged_twice"),
        ("my card got declined", "declined"),
        ("payment failed", "declined"),
        ("it wont accept my card", "declined"),
        ("you took too much", "wrong_amount"),
        ("charged the wrong amount", "wrong_amount"),
        ("money is gone but there is no order", "no_order"),
        ("i paid and never got a confirmation", "no_order"),
        ("i tried again and again", None),
        ("help", None),
    ],
)
def test_the_usual_troubles_in_plain_words(text: str, kind: str | None) -> None:
    """The kind of trouble is heard in the customer's words."""
    assert words.kind(text) == kind


async def test_a_first_message_may_tell_it_all() -> None:
    """What happened, order, amount and day in one message: nothing is left to ask."""
    said = await begun(
        "i was charged twice for 10234, 129 dollars, yesterday",
        order_number="10234", money="129 USD", date="2026-03-19",
    )  # fmt: skip
    assert said.slots["payment_order"] == "10234"
    assert said.slots["payment_amount"] == "$129.00"
    assert said.slots["payment_when"] == "yesterday, Thursday 19 March"
    assert said.slots["requested_slot"] is None


async def test_the_orders_are_offered_and_picked_by_place() -> None:
    """The customer's own orders stand to choose from, with a way on for who has none."""
    asked = await begun("i was charged twice")
    assert asked.slots["requested_slot"] == "payment_order"
    assert asked.titles == ["Order 10237", "Order 10234", "Order 10235", "Order 10236", "There is no order"]
    at = tracker(
        *asking("payment_issue", "payment_order", slot("payment_problem", TWICE), bot("?", asked.buttons)),
        user("the second one"),
    )
    said = await run(ValidatePaymentIssueForm(a_desk()), at)
    assert said.slots["payment_order"] == "10234"
    assert said.slots["order_number"] == "10234"
    assert said.titles == ["$129.00", "I don't know"]


async def test_money_gone_without_an_order_asks_for_none() -> None:
    """Who was charged without an order is not asked which one."""
    said = await begun("i was charged but there is no order")
    assert said.slots["requested_slot"] == "payment_amount"


async def test_a_bare_number_is_an_amount_where_one_was_asked_for() -> None:
    """ "1290" answers the question for the amount, and is no order number there."""
    known = {"payment_problem": TWICE, "payment_order": "10234"}
    said = await answered("payment_amount", user("1290", order_number="1290"), **known)
    assert said.slots["payment_amount"] == "$1,290.00"
    assert said.slots["requested_slot"] == "payment_when"
    assert said.titles == ["Today", "Yesterday", "I don't know"]


@pytest.mark.parametrize(
    ("text", "entities", "slot_name", "value"),
    [
        ("39.90", {}, "payment_amount", "39.90 "),
        ("yesterday", {"date": "2026-03-19"}, "payment_when", "yesterday, Thursday 19 March"),
    ],
)
async def test_an_answer_may_come_before_its_question(
    text: str, entities: dict[str, str], slot_name: str, value: str
) -> None:
    """An amount or a day is kept where the order was asked for, and the order is asked for again."""
    said = await answered("payment_order", user(text, "nlu_fallback", **entities), payment_problem=TWICE)
    assert not said.rejected
    assert str(said.slots[slot_name]).strip() == value.strip()
    assert said.slots["requested_slot"] == "payment_order"


@pytest.mark.parametrize("text", ["I don't know", "no idea", "not sure tbh"])
async def test_not_knowing_is_an_answer(text: str) -> None:
    """Whoever does not know goes on all the same."""
    known = {"payment_problem": TWICE, "payment_order": "10234", "payment_amount": "$129.00"}
    said = await answered("payment_when", user(text, "deny"), **known)
    assert said.slots["payment_when"] == words.UNKNOWN
    assert said.slots["requested_slot"] is None


async def test_an_earlier_answer_is_corrected_later() -> None:
    """ "No, order 10235" at the question for the day changes the order, and the day is asked again."""
    known = {"payment_problem": TWICE, "payment_order": "10234", "payment_amount": "$129.00"}
    said = await answered("payment_when", user("no, order 10235", order_number="10235"), **known)
    assert said.slots["payment_order"] == "10235"
    assert said.slots["requested_slot"] == "payment_when"


async def test_without_a_phone_the_number_is_taken_as_given() -> None:
    """Where nothing proves an order, it is asked for, told apart for the colleague, and nothing is shown."""
    asked = await begun("i was charged twice", phone=None)
    assert asked.titles == ["There is no order"]


# --- handed over -------------------------------------------------------------------------------------


async def test_the_colleague_gets_the_facts() -> None:
    """What happened, order, amount, day, and what the order says; read back to the customer, then cleared."""
    known = {
        "payment_problem": TWICE, "payment_order": "10234", "payment_amount": "$258.00",
        "payment_when": "yesterday, Thursday 19 March",
    }  # fmt: skip
    at = tracker(user("yesterday"), *(slot(name, value) for name, value in known.items()))
    said = await run(ActionPaymentIssue(a_desk()), at)
    assert said.handoff
    assert said.handoff["reason"] == "payment_issue"
    assert said.handoff["facts"] == {
        "What happened": TWICE,
        "Payment for order": "10234",
        "Amount": "$258.00",
        "When": "yesterday, Thursday 19 March",
        "The order says": "$129.00, paid by card, out for delivery",
    }
    for part in (TWICE, "order 10234", "$258.00", "yesterday"):
        assert part in said.text
    assert said.paused
    assert {name: said.slots[name] for name in known} == dict.fromkeys(known)


async def test_what_is_not_known_is_not_read_back() -> None:
    """The colleague learns that it is not known; the customer is not told their own "I don't know"."""
    known = {"payment_problem": "My payment", "payment_order": "no order", "payment_amount": "not known"}
    at = tracker(user("…"), *(slot(name, value) for name, value in known.items()))
    said = await run(ActionPaymentIssue(a_desk()), at)
    assert said.handoff
    assert said.handoff["facts"]["Amount"] == "not known"
    assert "not known" not in said.text
    assert "no order" not in said.text
