"""A return from the wish to the number, and what stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from actions.desk import Desk
from actions.start_return import ActionStartReturn, ValidateStartReturnForm
from orders.model import Condition, Item, Kind, Order, Outcome
from tests.unit.actions.shop import (
    TERMS,
    Event,
    FakeOrders,
    a_desk,
    asking,
    bot,
    rejected,
    run,
    slot,
    starting,
    tracker,
    user,
)
from tests.unit.actions.shop import (
    Outcome as Said,
)

WHOLE = {"item": "Linen shirt", "reason": "small", "condition": "opened", "outcome": "refund"}


def knowing(*upto: str, **other: str | None) -> list[Event]:
    """Slots of a return of the shirt that has come so far."""
    known = {name: WHOLE[name] for name in upto} | other
    slots = [slot(f"return_{name}", value) for name, value in known.items()]
    return [slot("order_number", "10235"), *slots]


async def asked(requested: str, answer: Event, *before: Event, orders: FakeOrders | None = None) -> Said:
    """What the form makes of the answer to this question."""
    form = ValidateStartReturnForm(a_desk(orders))
    return await run(form, tracker(*asking("start_return", requested, *before), answer))


async def test_the_state_is_asked_and_then_what_for() -> None:
    """After the reason comes the state, after the state the three things one can get."""
    state = await asked("return_reason", user("too small"), *knowing("item"))
    assert state.slots["requested_slot"] == "return_condition"
    assert len(state.titles) == 4
    wish = await asked("return_condition", user("I opened it"), *knowing("item", "reason"))
    assert wish.slots["return_condition"] == "opened"
    assert wish.slots["requested_slot"] == "return_outcome"
    assert wish.titles == ["Refund", "Exchange", "Store credit"]


@pytest.mark.parametrize(
    ("text", "asked_next"),
    [("I want to return it", "return_condition"), ("I want to return the phone case", "return_reason")],
)
async def test_it_goes_on_where_a_colleague_came_in(text: str, asked_next: str) -> None:
    """What was told before is not asked again, except of another item."""
    before = [*knowing("item", "reason"), slot("hand_back", {"by": "Mia"})]
    orders = with_goods(Item("Linen shirt", 1, 100), Item("Phone case", 1, 100))
    form = ValidateStartReturnForm(a_desk(orders))
    said = await run(form, tracker(*before, *starting("start_return", text)))
    assert said.slots["requested_slot"] == asked_next


async def test_all_is_read_back_before_it_is_opened() -> None:
    """Nothing is opened without a yes to item, state and wish as read back."""
    said = await asked("return_outcome", user("store credit please"), *knowing("item", "reason", "condition"))
    assert said.slots["return_outcome"] == "store_credit"
    assert said.slots["requested_slot"] == "confirmed"
    assert "Linen shirt from order 10235, opened but unused, for store credit" in said.text
    done = await asked("confirmed", user("yes", "affirm"), *knowing(*WHOLE))
    assert done.slots["confirmed"] is True
    assert done.slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Unopened", Condition.UNOPENED),
        ("it's still sealed", Condition.UNOPENED),
        ("Opened but unused", Condition.OPENED),
        ("i only tried it on", Condition.OPENED),
        ("never worn", Condition.OPENED),
        ("used", Condition.USED),
        ("I washed it once", Condition.USED),
        ("it's broken", Condition.FAULTY),
        ("doesnt work", Condition.FAULTY),
    ],
)
async def test_the_state_in_plain_words(text: str, condition: Condition) -> None:
    """Tapped or typed, also where it sounds like another wish, the state is understood."""
    said = await asked("return_condition", user(text, "complaint"), *knowing("item", "reason"))
    assert said.slots["return_condition"] == condition


@pytest.mark.parametrize(
    ("text", "intent", "outcome"),
    [
        ("I want my money back", "refund_request", Outcome.REFUND),
        ("swap it", "start_return", Outcome.EXCHANGE),
        ("a voucher", "out_of_scope", Outcome.STORE_CREDIT),
    ],
)
async def test_the_wish_in_plain_words(text: str, intent: str, outcome: Outcome) -> None:
    """A refund asked for as the answer is not another wish."""
    said = await asked("return_outcome", user(text, intent), *knowing("item", "reason", "condition"))
    assert said.slots["return_outcome"] == outcome


async def test_what_is_neither_is_left_to_the_rules() -> None:
    """Nonsense in place of a state answers nothing."""
    said = await asked("return_condition", user("asdf", "nlu_fallback"), *knowing("item", "reason"))
    assert said.rejected


async def test_a_broken_item_asks_for_a_photo_once() -> None:
    """Damage needs no question about the state, but a photo helps, and is optional."""
    broken = user("it arrived broken", "start_return", reason="damaged")
    said = await asked("return_reason", broken, *knowing("item"))
    assert said.slots["return_condition"] == "faulty"
    assert said.slots["requested_slot"] == "return_photo"
    assert said.titles == ["No photo"]
    known = knowing("item", "reason", condition="faulty")
    without = await asked("return_photo", user("no", "deny"), *known)
    assert without.slots["requested_slot"] == "return_outcome"
    sent = await asked("return_photo", user("[photo]", photo="media-7"), *known)
    assert sent.slots["return_photo"] == "media-7"
    assert sent.slots["requested_slot"] == "return_outcome"


async def test_no_photo_is_asked_for_where_none_can_be_sent() -> None:
    """In the chat on a website the form goes on without, and the return has none."""
    broken = user("it arrived broken", "start_return", reason="damaged")
    at = tracker(*asking("start_return", "return_reason", *knowing("item")), broken)
    at.latest_message["metadata"]["channel"] = "chat"
    said = await run(ValidateStartReturnForm(a_desk()), at)
    assert said.slots["requested_slot"] == "return_outcome"
    assert "photo" not in said.text


async def test_an_exchange_asks_for_what() -> None:
    """For another size one has to know which."""
    said = await asked("return_outcome", user("exchange"), *knowing("item", "reason", "condition"))
    assert said.slots["requested_slot"] == "return_exchange"
    known = knowing("item", "reason", "condition", outcome="exchange")
    size = await asked("return_exchange", user("size M in blue please", "out_of_scope"), *known)
    assert size.slots["requested_slot"] == "confirmed"
    assert "size M in blue please" in size.text


async def test_used_goods_end_the_form() -> None:
    """What cannot come back in this state is refused with rule and article, without more questions."""
    said = await asked("return_condition", user("worn a few times"), *knowing("item", "reason"))
    assert said.slots["requested_slot"] is None
    at = tracker(user("used"), *knowing("item", "reason", condition="used"))
    refused = await run(ActionStartReturn(a_desk()), at)
    assert "used, worn or washed" in refused.text
    assert "Items you can return" in refused.text


@pytest.mark.parametrize(
    ("kind", "condition", "article"),
    [
        (Kind.HYGIENE, "opened", "Items that cannot be returned"),
        (Kind.GIFT_CARD, "unopened", "Items that cannot be returned"),
    ],
)
async def test_goods_that_stay(kind: Kind, condition: str, article: str) -> None:
    """Opened hygiene goods and gift cards stay, and the article says so."""
    orders = with_goods(Item("Linen shirt", 1, 100, kind=kind))
    at = tracker(user("…"), *knowing("item", "reason", condition=condition), slot("confirmed", True))
    said = await run(ActionStartReturn(a_desk(orders)), at)
    assert article in said.text
    assert orders.orders["10235"].returns == ()


async def test_after_the_window_a_fault_leads_to_the_warranty() -> None:
    """Too late for a return, not for the warranty, and a person is offered."""
    at = tracker(
        user("…"),
        slot("order_number", "10236"),
        slot("return_item", "Coffee grinder"),
        slot("return_condition", "faulty"),
    )
    said = await run(ActionStartReturn(a_desk()), at)
    assert "warranty" in said.text
    assert said.titles == ["Talk to a person"]


async def test_an_open_return_says_all() -> None:
    """Number, label, slip, days and what follows, once for one item."""
    orders = FakeOrders()
    at = tracker(user("yes", "affirm"), *knowing(*WHOLE), slot("confirmed", True))
    said = await run(ActionStartReturn(a_desk(orders)), at)
    for part in ("R-10235-1", "label I'm sending along", "refund goes to your card"):
        assert part in said.text
    assert said.file
    assert said.file["url"] == "https://shop.example.com/returns/R-10235-1.pdf"
    assert said.file["name"] == "Return label R-10235-1.pdf"
    assert f"within {TERMS.days_to_send_back} days" in said.text
    assert "How to return an item" in said.text
    assert orders.orders["10235"].returns[0].outcome is Outcome.REFUND
    again = await run(ActionStartReturn(a_desk(orders)), at)
    assert "R-10235-1" in again.text
    assert "open already" in again.text
    assert len(orders.orders["10235"].returns) == 1


async def test_a_no_opens_nothing() -> None:
    """Whoever says no to the return as read back keeps the item."""
    orders = FakeOrders()
    at = tracker(user("no", "deny"), *knowing(*WHOLE), slot("confirmed", False))
    said = await run(ActionStartReturn(a_desk(orders)), at)
    assert "haven't opened" in said.text
    assert orders.orders["10235"].returns == ()


async def test_the_shops_window_is_the_answers_window() -> None:
    """With another window in the terms, the same order may go back, or not."""
    desk = replace(a_desk(), terms=lambda: replace(TERMS, return_window=timedelta(5)))
    at = tracker(user("…"), slot("order_number", "10235"))
    said = await run(ActionStartReturn(desk), at)
    assert "possible for 5 days" in said.text


def with_goods(*items: Item) -> FakeOrders:
    """Ana's delivered order with these items in it."""
    orders = FakeOrders()
    order: Order = orders.orders["10235"]
    orders.orders["10235"] = replace(order, items=items)
    return orders


async def test_reasons_and_states_fit_a_list() -> None:
    """Every choice of the form fits a row or a button, and none is cut."""
    reasons = await asked("return_item", user("shirt", product="Linen shirt"), slot("order_number", "10235"))
    states = await asked("return_reason", user("too small"), *knowing("item"))
    assert all(len(title) <= 20 for title in [*reasons.titles, *states.titles])


def seeing(orders: FakeOrders | None = None) -> Desk:
    """A desk whose pictures have an address."""
    return replace(a_desk(orders), public_url="https://desk.example")


async def test_the_items_to_choose_from_are_shown() -> None:
    """Where a few items could be meant, the customer sees each, before the question."""
    form = ValidateStartReturnForm(seeing())
    said = await run(form, tracker(*starting("start_return", "return 10235", order_number="10235")))
    assert said.slots["requested_slot"] == "return_item"
    *pictures, question = said.messages
    assert [message["text"] for message in pictures] == ["Linen shirt", "Phone case"]
    assert pictures[0]["custom"]["file"] == {
        "url": "https://desk.example/pictures/linen_shirt.png",
        "name": "Linen shirt",
        "mime_type": "image/png",
    }
    assert "Which item" in question["text"]


@pytest.mark.parametrize("missing", ["picture", "address", "channel"])
async def test_no_pictures_where_they_do_not_help(missing: str) -> None:
    """Not when one lacks, not without an address, and not on a page that shows words only."""
    without = with_goods(Item("Linen shirt", 1, 100), Item("Phone case", 1, 100))
    desk = seeing(without if missing == "picture" else None)
    if missing == "address":
        desk = a_desk()
    at = tracker(*starting("start_return", "return 10235", order_number="10235"))
    if missing == "channel":
        at.latest_message["metadata"]["channel"] = "chat"
    said = await run(ValidateStartReturnForm(desk), at)
    assert said.slots["requested_slot"] == "return_item"
    assert said.file is None


async def test_the_pictures_are_shown_once() -> None:
    """After a digression the question comes back without them."""
    question = "Which item of order 10235 is it?"
    waiting = asking("start_return", "return_item", slot("order_number", "10235"), bot(question))
    back = tracker(*waiting, user("what is your policy?", "return_policy"), rejected("start_return_form"))
    said = await run(ValidateStartReturnForm(seeing()), back)
    assert said.text == question
    assert said.file is None


async def test_what_is_told_by_the_way_is_not_asked() -> None:
    """State and wish may come with the first message, or with the answer to another question."""
    told = "the shirt of 10235 is too small, never opened it, can I have another size"
    begun = starting("start_return", told, order_number="10235", reason="wrong_size")
    said = await run(ValidateStartReturnForm(a_desk()), tracker(*begun))
    assert said.slots["return_condition"] == "unopened"
    assert said.slots["return_outcome"] == "exchange"
    assert said.slots["requested_slot"] == "return_exchange"
    aside = await asked("return_item", user("opened it once", "deny"), slot("order_number", "10235"))
    assert not aside.rejected
    assert aside.slots["return_condition"] == "opened"
    assert aside.slots["requested_slot"] == "return_item"


async def test_a_size_is_an_exchange() -> None:
    """A size answers what it shall be, and need not be asked for again."""
    said = await asked("return_outcome", user("size L please"), *knowing("item", "reason", "condition"))
    assert said.slots["return_outcome"] == "exchange"
    assert "for an exchange (size L)" in said.text


async def test_the_read_back_can_be_corrected() -> None:
    """Another size, or another wish, is read back again instead of taken for a no."""
    known = knowing("item", "reason", "condition", outcome="exchange", exchange="43")
    said = await asked("confirmed", user("no wait, 44", "deny"), *known)
    assert said.slots["confirmed"] is None
    assert "for an exchange (44)" in said.text
    money = await asked("confirmed", user("no, store credit", "deny"), *known)
    assert "for store credit. Shall I" in money.text
    assert money.slots["requested_slot"] == "confirmed"
    no = await asked("confirmed", user("no", "deny"), *known)
    assert no.slots["confirmed"] is False


async def test_a_wish_goes_on_without_a_photo() -> None:
    """Who says what they want when a photo was asked for has none to send."""
    known = knowing("item", "reason", condition="faulty")
    said = await asked("return_photo", user("just a refund please", "refund_request"), *known)
    assert said.slots["return_outcome"] == "refund"
    assert said.slots["requested_slot"] == "confirmed"


async def test_rules_asked_about_in_between_tell_nothing_of_this_item() -> None:
    """After a question about refunds the form still asks what the customer wants."""
    aside = [user("how long does a refund take?", "return_policy"), rejected("start_return_form")]
    back = tracker(*asking("start_return", "return_outcome", *knowing("item", "reason", "condition")), *aside)
    said = await run(ValidateStartReturnForm(a_desk()), back)
    assert said.slots["requested_slot"] == "return_outcome"


@pytest.mark.parametrize("text", ["maybe in a larger size or so", "no worries, it's fine"])
async def test_what_is_no_size_and_no_no(text: str) -> None:
    """ "Size or" names no size, and "no worries" refuses nothing."""
    known = knowing("item", "reason", "condition", outcome="exchange", exchange="L")
    said = await asked("confirmed", user(text, "nlu_fallback"), *known)
    assert said.slots.get("return_exchange", "L") == "L"
    assert said.slots.get("confirmed") is None


async def test_a_wrong_item_is_not_called_damaged() -> None:
    """What came by mistake is read back as such."""
    known = knowing("item", reason="wrong_item", condition="faulty", photo="none")
    said = await asked("return_outcome", user("refund", "refund_request"), *known)
    assert "order 10235, not what was ordered, for a refund" in said.text


async def test_a_reason_that_sounds_like_leaving() -> None:
    """ "I changed my mind" is a reason where one was asked for, unless it says more."""
    mind = user("I just changed my mind", "never_mind", reason="changed_mind")
    said = await asked("return_reason", mind, *knowing("item"))
    assert said.slots["return_reason"] == "I just changed my mind"
    gone = user("changed my mind, forget it", "never_mind", reason="changed_mind")
    assert (await asked("return_reason", gone, *knowing("item"))).rejected
