"""A return called off: which one, the question before, and what makes it too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from actions.cancel_return import ActionCancelReturn, ValidateCancelReturnForm
from orders.model import Refund, Return, Status
from tests.unit.actions.shop import (
    ANA,
    BEN,
    TODAY,
    Event,
    FakeOrders,
    Outcome,
    a_desk,
    asking,
    bot,
    run,
    slot,
    starting,
    tracker,
    user,
)

SHIRT = Return("R-10235-1", "Linen shirt", "wrong_size", TODAY - timedelta(2))
CASE = Return("R-10235-2", "Phone case", "changed_mind", TODAY - timedelta(1))
GRINDER = Return("R-10236-1", "Coffee grinder", "defective", TODAY)


def shop(*returns: Return) -> FakeOrders:
    """Ana's shop with these returns, each on the order that its number names."""
    orders = FakeOrders()
    for each in returns:
        order = orders.orders[each.number.split("-")[1]]
        orders.orders[order.number] = replace(order, returns=(*order.returns, each))
    return orders


async def asked(text: str, *returns: Return, phone: str = ANA, **entities: str) -> Outcome:
    """What the form makes of a first message."""
    form = ValidateCancelReturnForm(a_desk(shop(*returns)))
    return await run(form, tracker(*starting("cancel_return", text, **entities), phone=phone))


async def answered(
    requested: str, answer: Event, *before: Event, returns: tuple[Return, ...] = (SHIRT, CASE)
) -> Outcome:
    form = ValidateCancelReturnForm(a_desk(shop(*returns)))
    return await run(form, tracker(*asking("cancel_return", requested, *before), answer))


async def done(orders: FakeOrders, number: str | None, confirmed: bool | None = True) -> Outcome:
    about = [slot("order_number", "10235"), slot("return_number", number), slot("confirmed", confirmed)]
    return await run(ActionCancelReturn(a_desk(orders)), tracker(user("yes", "affirm"), *about))


# --- too late, nothing there, somebody else's --------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "because"),
    [
        ({"sent_on": TODAY - timedelta(1)}, Status.DELIVERED, "on its way since 19 March"),
        ({"sent_on": TODAY, "received_on": TODAY}, Status.DELIVERED, "received it already"),
        ({}, Status.RETURNED, "refund is paid"),
    ],
)
async def test_too_late_says_why_and_offers_a_person(
    change: dict[str, Any], status: Status, because: str
) -> None:
    """A parcel on its way, received, or refunded is not called off any more; the article says so."""
    late = replace(SHIRT, **change)
    orders = shop(late)
    paid = (Refund(4500, "card", TODAY, TODAY),) if status is Status.RETURNED else ()
    orders.orders["10235"] = replace(orders.orders["10235"], status=status, refunds=paid)
    form = ValidateCancelReturnForm(a_desk(orders))
    said = await run(form, tracker(*starting("cancel_return", "cancel my return")))
    assert said.slots["requested_slot"] is None
    refused = await done(orders, "R-10235-1")
    assert because in refused.text
    assert "How to return an item" in refused.text
    assert refused.titles == ["Talk to a person"]
    assert orders.orders["10235"].returns == (late,)


async def test_handed_over_between_question_and_answer() -> None:
    """The shop has the last word: what it does not cancel is not said to be cancelled."""

    class Sent(FakeOrders):
        async def cancel_return(self, *about: Any) -> Return | None:
            return replace(SHIRT, sent_on=TODAY)

    orders = Sent()
    orders.orders["10235"] = replace(orders.orders["10235"], returns=(SHIRT,))
    said = await done(orders, "R-10235-1")
    assert "just been handed over" in said.text
    assert said.titles == ["Talk to a person"]


async def test_without_a_return_nothing_is_asked() -> None:
    """Whoever has sent nothing back is told so at once, with a person beside it, and a way on."""
    said = await asked("cancel my return")
    assert said.messages == []
    assert said.slots["requested_slot"] is None
    at = tracker(user("cancel my return", "cancel_return"))
    told = await run(ActionCancelReturn(a_desk()), at)
    assert "no open return" in told.text
    assert told.titles == ["Talk to a person"]


async def test_another_customers_return_is_nobodys() -> None:
    """Ben asks for Ana's return by its number and learns nothing of it."""
    said = await asked("cancel R-10235-1", SHIRT, phone=BEN)
    assert said.messages == []
    assert "order_number" in said.slots
    assert said.slots["order_number"] is None


async def test_an_order_without_a_return_is_told_so() -> None:
    """The order is there, a return is not."""
    said = await done(shop(), None, None)
    assert said.text == "There is no return for order 10235."


async def test_a_no_leaves_it_open() -> None:
    """Without a yes the return stands."""
    orders = shop(SHIRT)
    said = await done(orders, "R-10235-1", False)
    assert said.text == "All right, return R-10235-1 stays open."
    assert orders.orders["10235"].open_returns


# --- which one ---------------------------------------------------------------------------------------


async def test_the_only_return_is_read_back() -> None:
    """One open return needs no choosing, but a yes."""
    said = await asked("cancel my return", SHIRT)
    assert said.slots["return_number"] == "R-10235-1"
    assert said.slots["requested_slot"] == "confirmed"
    assert "R-10235-1 (Linen shirt, order 10235)" in said.text
    assert said.titles == ["Yes, cancel it", "No, leave it open"]


async def test_several_orders_and_several_returns_are_asked_about() -> None:
    """First which order has the return, then which of its returns; each fits a list."""
    orders = await asked("cancel my return", SHIRT, GRINDER)
    assert orders.slots["requested_slot"] == "order_number"
    assert sorted(orders.titles) == ["Order 10235", "Order 10236"]
    returns = await asked("cancel the return of order 10235", SHIRT, CASE, order_number="10235")
    assert returns.slots["requested_slot"] == "return_number"
    assert returns.titles == ["Linen shirt", "Phone case"]
    assert all(len(row["description"]) <= 72 for row in returns.buttons)


@pytest.mark.parametrize("text", ["cancel R-10236-1", "cancel return r10236-1 pls", "stop R-10236-1."])
async def test_a_returns_number_names_its_order(text: str) -> None:
    """With the number of the return nobody is asked for the order's."""
    said = await asked(text, SHIRT, GRINDER)
    assert said.slots["order_number"] == "10236"
    assert said.slots["return_number"] == "R-10236-1"


@pytest.mark.parametrize(
    "answer",
    [
        user("Phone case", return_number="R-10235-2"),
        user("the second one"),
        user("the cases", "start_return", product="cases"),
        user("r-10235-2", "out_of_scope"),
    ],
)
async def test_a_choice_is_tapped_or_typed(answer: Event) -> None:
    """The return is understood by tap, by place, by its item and by its number."""
    rows = [
        {"title": "Linen shirt", "payload": '/inform{"return_number": "R-10235-1"}'},
        {"title": "Phone case", "payload": '/inform{"return_number": "R-10235-2"}'},
    ]
    about = [slot("order_number", "10235"), bot("Which return is it?", rows)]
    said = await answered("return_number", answer, *about)
    assert said.slots["return_number"] == "R-10235-2"
    assert said.slots["requested_slot"] == "confirmed"


async def test_another_return_instead_of_a_yes() -> None:
    """ "No, the phone case" is a correction, and is read back before anything is done."""
    about = [slot("order_number", "10235"), slot("return_number", "R-10235-1")]
    said = await answered("confirmed", user("no, the phone case", "deny", product="phone case"), *about)
    assert said.slots["return_number"] == "R-10235-2"
    assert said.slots["requested_slot"] == "confirmed"
    assert "Phone case" in said.text


async def test_a_return_called_off_before_is_not_offered() -> None:
    """Of two returns of which one is cancelled the other is meant."""
    said = await asked("cancel my return", replace(SHIRT, cancelled_on=TODAY), CASE)
    assert said.slots["return_number"] == "R-10235-2"


# --- done --------------------------------------------------------------------------------------------


async def test_cancelling_twice_cancels_once() -> None:
    """After a yes the return is gone; asked again, it is said to be gone already."""
    orders = shop(SHIRT)
    first = await done(orders, "R-10235-1")
    assert first.text == "Done: return R-10235-1 is cancelled. Keep the linen shirt; don't send the parcel."
    assert first.slots == {"return_number": None, "confirmed": None}
    gone = orders.orders["10235"].returns
    again = await done(orders, "R-10235-1")
    assert "is already cancelled" in again.text
    assert orders.orders["10235"].returns == gone
