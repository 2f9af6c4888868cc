"""What else may be said to a form: a no, a correction, the wish again, "both", "the other one"."""

from __future__ import annotations

import pytest

from actions.cancel_order import ValidateCancelOrderForm
from actions.change_address import ValidateChangeAddressForm
from actions.form import OrderForm
from actions.inform import ActionInform
from actions.order_status import ActionOrderStatus, ValidateOrderStatusForm
from actions.start_return import ValidateStartReturnForm
from tests.unit.actions.shop import (
    ASKED,
    CONFIRM,
    LIST,
    LISTEN,
    Event,
    a_desk,
    asking,
    bot,
    run,
    slot,
    starting,
    tracker,
    user,
)

STATUS = ValidateOrderStatusForm(a_desk())
CANCEL = ValidateCancelOrderForm(a_desk())
ADDRESS = ValidateChangeAddressForm(a_desk())
RETURN = ValidateStartReturnForm(a_desk())


@pytest.mark.parametrize("text", ["no", "No, thanks", "hm no"])
@pytest.mark.parametrize(
    ("chosen", "asked"), [(STATUS, "order_number"), (ADDRESS, "new_address"), (RETURN, "return_reason")]
)
async def test_a_no_to_an_open_question_leaves_the_form(text: str, chosen: OrderForm, asked: str) -> None:
    """Where nothing was asked that could be denied, a no is for the rules: it drops the form."""
    waiting = asking(chosen.topic, asked, slot("order_number", "10235"))
    assert (await run(chosen, tracker(*waiting, user(text, "deny")))).rejected
    dropped = await run(ActionInform(a_desk()), tracker(*waiting, user(text, "deny")))
    assert "nothing has been changed" in dropped.text
    assert {"event": "active_loop", "timestamp": None, "name": None} in dropped.events


async def test_no_reason_is_a_reason() -> None:
    """A no with more to it is not a refusal to go on."""
    known = [slot("order_number", "10235"), slot("return_item", "Linen shirt")]
    waiting = asking("start_return", "return_reason", *known)
    for text in ("no longer needed", "wrong size", "no reason"):
        said = await run(RETURN, tracker(*waiting, user(text, "deny")))
        assert said.slots["return_reason"] == text


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("order_number", user("my order number is 10234", "order_status", order_number="10234")),
        ("order_number", user("oh yes the headphones sorry, 10234 thanks", "thank", order_number="10234")),
        ("order_number", user("never mind that one, 10234", "never_mind", order_number="10234")),
        ("email", user("I ordered with ana.silva@example.com", "invoice", email="ana.silva@example.com")),
    ],
)
async def test_what_was_asked_for_fills_the_form_whatever_the_intent(asked: str, answer: Event) -> None:
    """The thing itself counts, not what the classifier makes of the words around it."""
    waiting = asking("cancel_order", asked, slot("order_number", "10234" if asked == "email" else None))
    given = [slot(each["entity"], each["value"]) for each in answer["parse_data"]["entities"]]
    said = await run(CANCEL, tracker(*waiting, answer, *given))
    assert not said.rejected
    assert said.slots["order_number"] == "10234"


async def test_the_wish_itself_asks_once_more() -> None:
    """Who repeats the wish instead of answering hears the question again, and is not left without a word."""
    said = await run(STATUS, tracker(*ASKED, user("where's my order?", "order_status")))
    assert not said.rejected
    assert said.titles == ["Order 10237", "Order 10234"]
    assert said.slots == {"order_number": None, "requested_slot": "order_number"}


async def test_a_question_asked_twice_before_comes_with_a_person() -> None:
    """The third time the form asks the same, a person is offered beside the choices."""
    question = bot(STATUS.which, LIST["data"]["buttons"])
    often = [*ASKED, question, user("asdf"), question, user("qwer"), question]
    said = await run(STATUS, tracker(*often, user("where's my order?", "order_status")))
    assert said.titles == ["Order 10237", "Order 10234", "Talk to a person"]


@pytest.mark.parametrize("text", ["both", "Both please", "all of them"])
async def test_both_answers_for_every_order_of_the_list(text: str) -> None:
    """Where an answer can be about several orders, "both" gets them all; the list decides which."""
    at = [*ASKED, user(text, "affirm")]
    said = await run(STATUS, tracker(*at))
    assert said.slots["order_number"] == "10237"
    told = await run(ActionOrderStatus(a_desk()), tracker(*at, slot("order_number", "10237")))
    assert [message["text"].split()[1] for message in told.messages] == ["10237", "10234"]


async def test_orders_in_the_plural_need_no_choosing() -> None:
    """ "Where are my orders?" is about all that are open."""
    begun = starting("order_status", "where are my orders?")
    assert (await run(STATUS, tracker(*begun))).slots["order_number"] == "10237"
    told = await run(ActionOrderStatus(a_desk()), tracker(*begun, slot("order_number", "10237")))
    assert len(told.messages) == 2


async def test_changes_are_made_one_by_one() -> None:
    """Nobody cancels or readdresses several orders with one word."""
    waiting = asking("change_address", "order_number", LIST)
    said = await run(ADDRESS, tracker(*waiting, user("both", "affirm")))
    assert said.text.startswith("I can only do one at a time.")
    assert said.slots["requested_slot"] == "order_number"


async def test_the_other_order_instead_of_a_yes() -> None:
    """ "No, the other one" confirms nothing and asks about the others."""
    said = await run(CANCEL, tracker(*CONFIRM, user("no, the other one", "deny")))
    assert said.slots["confirmed"] is None
    assert said.slots["requested_slot"] == "order_number"
    assert "Order 10237" not in said.titles


async def test_what_is_said_before_the_order_is_known_is_kept() -> None:
    """An address given with the wish, or too early, is not asked for again."""
    new = "45 Elm Street, Boston 02110"
    early = asking("change_address", "order_number")
    noted = await run(ADDRESS, tracker(*early, user(new, address=new)))
    assert noted.slots["new_address"] == new
    kept = [slot("new_address", new), slot("requested_slot", "order_number"), LISTEN]
    said = await run(ADDRESS, tracker(*early, user(new), *kept, user("10237", order_number="10237")))
    assert said.slots["requested_slot"] == "confirmed"
    assert new in said.text


async def test_another_wish_with_a_number_is_no_answer_to_which_order() -> None:
    """ "cancel 10237" is not "10237", however short: it leaves the form that asks which order."""
    waiting = asking("order_status", "order_number", LIST)
    wish = user("cancel 10237", "cancel_order", order_number="10237")
    assert (await run(STATUS, tracker(*waiting, wish))).rejected
    plain = user("order 10237", "cancel_order", order_number="10237")
    assert (await run(STATUS, tracker(*waiting, plain))).slots["order_number"] == "10237"
