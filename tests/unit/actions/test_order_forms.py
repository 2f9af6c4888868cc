"""How a form finds the order that is meant."""

from __future__ import annotations

import pytest

from actions.cancel_order import ValidateCancelOrderForm
from actions.change_address import ValidateChangeAddressForm
from actions.invoice import ValidateInvoiceForm
from actions.order_status import ValidateOrderStatusForm
from actions.payment_issue import ValidatePaymentIssueForm
from actions.start_return import ValidateStartReturnForm
from tests.unit.actions.shop import (
    ASKED,
    BEN,
    CONFIRM,
    LISTEN,
    a_desk,
    action,
    asking,
    bot,
    rejected,
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
PAYMENT = ValidatePaymentIssueForm(a_desk())


async def test_several_open_orders_become_a_list() -> None:
    """Without a number, all open orders are offered as rows that fit WhatsApp's limits."""
    said = await run(STATUS, tracker(*starting("order_status", "where's my order?")))
    assert said.slots["requested_slot"] == "order_number"
    assert said.titles == ["Order 10237", "Order 10234"]
    for row in said.buttons:
        assert len(row["title"]) <= 24
        assert len(row["payload"]) <= 200
        assert 0 < len(row["description"]) <= 72


async def test_the_only_open_order_is_meant() -> None:
    """With exactly one open order nothing needs asking."""
    said = await run(STATUS, tracker(*starting("order_status", "where's my order?"), phone=BEN))
    assert said.slots == {"order_number": "10301", "unknown_order": None, "requested_slot": None}
    assert said.messages == []


async def test_a_new_question_forgets_the_old_order() -> None:
    """ "My order" asks afresh; only "it" stands for the order talked about before."""
    before = [slot("order_number", "10234"), user("x"), LISTEN]
    afresh = await run(STATUS, tracker(*starting("order_status", "where's my order?", *before)))
    assert afresh.slots["requested_slot"] == "order_number"
    back = await run(STATUS, tracker(*starting("order_status", "where is it?", *before)))
    assert back.slots["order_number"] == "10234"


@pytest.mark.parametrize("number", ["10301", "99999"])
async def test_not_yours_and_not_there_look_the_same(number: str) -> None:
    """Another's order and no order leave the very same traces."""
    said = await run(STATUS, tracker(*starting("order_status", f"where is {number}", order_number=number)))
    assert said.slots == {"order_number": None, "unknown_order": number, "requested_slot": None}
    assert said.messages == []


async def test_an_email_opens_the_order_that_was_not_found() -> None:
    """The e-mail on the order proves it, wherever the customer writes from."""
    before = [slot("unknown_order", "10301"), user("where is 10301"), LISTEN]
    mail = "ben.okafor@example.com"
    said = await run(STATUS, tracker(*starting("order_status", mail, *before, email=mail)))
    assert said.slots["order_number"] == "10301"


async def test_without_a_phone_number_and_email_are_asked() -> None:
    """A customer who is known by no phone proves an order with number and e-mail, one after the other."""
    first = await run(STATUS, tracker(*starting("order_status", "where's my order?"), phone=None))
    assert "e-mail" in first.text
    assert first.buttons == []
    numbered = [*asking("order_status", "order_number"), user("10234", order_number="10234")]
    second = await run(STATUS, tracker(*numbered, phone=None))
    assert second.slots == {"order_number": "10234", "requested_slot": "email"}
    waiting = asking("order_status", "email", slot("order_number", "10234"))
    mailed = [*waiting, user("ana.silva@example.com", email="ana.silva@example.com")]
    third = await run(STATUS, tracker(*mailed, slot("email", "ana.silva@example.com"), phone=None))
    assert third.slots["order_number"] == "10234"
    assert third.slots["requested_slot"] is None


async def test_a_wrong_email_is_an_unknown_order() -> None:
    """An e-mail that is not on the order opens nothing and says nothing."""
    waiting = asking("order_status", "email", slot("order_number", "10234"))
    mailed = [*waiting, user("eve@example.com", email="eve@example.com"), slot("email", "eve@example.com")]
    said = await run(STATUS, tracker(*mailed, phone=None))
    assert said.slots["order_number"] is None
    assert said.slots["unknown_order"] == "10234"
    assert said.slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [("the second one", "affirm"), ("out for delivery", "delivery_info"), ("2", "out_of_scope")],
)
async def test_a_typed_pick_is_understood(text: str, intent: str) -> None:
    """What is on the list can be typed, whatever the classifier makes of it."""
    said = await run(STATUS, tracker(*ASKED, user(text, intent)))
    assert said.slots["order_number"] == "10234"
    assert said.slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("can I return it?", "return_policy"),
        ("a person please", "human_agent"),
        ("forget it", "never_mind"),
        ("asdf", "nlu_fallback"),
        ("yes", "affirm"),
        ("thanks", "thank"),
    ],
)
async def test_what_is_not_an_answer_goes_to_the_rules(text: str, intent: str) -> None:
    """A message that does not answer the question is rejected without a word."""
    said = await run(STATUS, tracker(*ASKED, user(text, intent)))
    assert said.rejected
    assert said.messages == []


@pytest.mark.parametrize("text", ["thanks", "help", "asdf"])
@pytest.mark.parametrize("asked", ["confirmed", "return_item"])
async def test_later_questions_are_as_strict(text: str, asked: str) -> None:
    """What answers neither yes-or-no nor the choice of an item is left to the rules, too."""
    known = slot("order_number", "10237" if asked == "confirmed" else "10235")
    topic = "cancel_order" if asked == "confirmed" else "start_return"
    at = tracker(*asking(topic, asked, known), user(text, "greet"))
    said = await run(CANCEL if asked == "confirmed" else RETURN, at)
    assert said.rejected
    assert said.messages == []


async def test_after_a_digression_the_question_comes_again() -> None:
    """Coming back from a digression, the form asks what it had asked."""
    away = [
        user("can I return it?", "return_policy"),
        rejected("order_status_form"),
        action("action_return_policy"),
    ]
    said = await run(STATUS, tracker(*ASKED, *away))
    assert not said.rejected
    assert said.titles == ["Order 10237", "Order 10234"]


async def test_a_digression_about_another_order_leaves_the_forms_order_alone() -> None:
    """ "Where is 10234?" while 10237 waits to be cancelled never changes what is cancelled."""
    other = [user("where is 10234?", "order_status", order_number="10234"), slot("order_number", "10234")]
    said = await run(CANCEL, tracker(*CONFIRM, *other))
    assert said.rejected
    assert said.slots == {"order_number": "10237", "second_wish": "cancel_order"}


async def test_a_correction_is_asked_about_again() -> None:
    """After "no, 10234" nothing is confirmed: the form looks at the other order."""
    corrected = [user("no, 10234", "deny", order_number="10234"), slot("order_number", "10234")]
    said = await run(CANCEL, tracker(*CONFIRM, *corrected))
    assert said.slots["order_number"] == "10234"
    assert said.slots["confirmed"] is None


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [("yes", "affirm", True), ("Yes, cancel it", "cancel_order", True), ("no, keep it", "deny", False)],
)
async def test_confirmation(text: str, intent: str, answer: bool) -> None:
    """A yes is a yes and a no is a no."""
    said = await run(CANCEL, tracker(*CONFIRM, user(text, intent)))
    assert said.slots["confirmed"] is answer
    assert said.slots["requested_slot"] is None


async def test_the_wish_itself_confirms_nothing() -> None:
    """Asking to cancel is not yet agreeing, even with an old yes in the slot."""
    begun = starting("cancel_order", "yes cancel my order", slot("confirmed", True))
    said = await run(CANCEL, tracker(*begun))
    assert said.slots["confirmed"] is None
    assert said.slots["requested_slot"] == "confirmed"
    assert [len(title) <= 20 for title in said.titles] == [True, True]


async def test_an_order_that_has_left_needs_no_confirmation() -> None:
    """When it cannot be cancelled, the form ends and the action explains."""
    said = await run(CANCEL, tracker(*starting("cancel_order", "cancel 10234", order_number="10234")))
    assert said.slots["requested_slot"] is None
    assert said.messages == []


async def test_a_postcode_is_not_an_order_number() -> None:
    """Five digits in an address do not change the order that is being readdressed."""
    waiting = asking("change_address", "new_address", slot("order_number", "10237"))
    written = [user("45 Elm Street, Boston 02110", order_number="02110"), slot("order_number", "02110")]
    said = await run(ADDRESS, tracker(*waiting, *written))
    assert said.slots["order_number"] == "10237"
    assert said.slots["new_address"] == "45 Elm Street, Boston 02110"
    assert said.slots["requested_slot"] == "confirmed"
    assert "45 Elm Street, Boston 02110" in said.text


async def test_half_an_address_is_asked_again() -> None:
    """Something that cannot be an address is not taken for one."""
    waiting = asking("change_address", "new_address", slot("order_number", "10237"))
    said = await run(ADDRESS, tracker(*waiting, user("somewhere else", "out_of_scope")))
    assert said.slots["requested_slot"] == "new_address"
    assert said.slots["new_address"] is None


async def test_a_corrected_address_is_read_back() -> None:
    """Another address instead of a yes is read back in its turn."""
    known = [slot("order_number", "10237"), slot("new_address", "45 Elm Street, Boston 02110")]
    again = "46 Elm Street, Boston 02110"
    said = await run(
        ADDRESS,
        tracker(*asking("change_address", "confirmed", *known), user(f"no wait, {again}", address=again)),
    )
    assert said.slots["new_address"] == again
    assert said.slots["requested_slot"] == "confirmed"


async def test_a_return_asks_item_and_reason() -> None:
    """Of several items one is picked, then the reason is heard in the customer's own words."""
    item = await run(RETURN, tracker(*starting("start_return", "I want to return something")))
    assert item.slots["requested_slot"] == "return_item"
    assert item.titles == ["Linen shirt", "Phone case"]
    shown = bot("Which item?", item.buttons)
    waiting = asking("start_return", "return_item", slot("order_number", "10235"), shown)
    reason = await run(RETURN, tracker(*waiting, user("the shirt", "out_of_scope")))
    assert reason.slots["return_item"] == "Linen shirt"
    assert reason.slots["requested_slot"] == "return_reason"
    known = [slot("order_number", "10235"), slot("return_item", "Linen shirt")]
    told = [*asking("start_return", "return_reason", *known), user("it ran in the wash", "out_of_scope")]
    heard = await run(RETURN, tracker(*told))
    assert heard.slots["return_reason"] == "it ran in the wash"
    assert heard.slots["requested_slot"] == "return_condition"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("It arrived like this", "10235"),
        ("this came broken", "10235"),
        ("it has not arrived, can I return it?", "10234"),
        ("can I return it?", "10234"),
    ],
)
async def test_what_has_come_is_not_the_order_on_its_way(text: str, order: str) -> None:
    """ "It" stands for the order talked about, unless that has not come and the customer says it did."""
    before = [user("where is 10234?", "order_status"), slot("order_number", "10234"), LISTEN]
    said = await run(RETURN, tracker(*starting("start_return", text, *before)))
    assert said.slots["order_number"] == order


async def test_a_question_in_place_of_a_reason_is_a_digression() -> None:
    """Free text takes what is told, but not a question about something else, nor the wish for a person."""
    known = [slot("order_number", "10235"), slot("return_item", "Linen shirt")]
    waiting = asking("start_return", "return_reason", *known)
    assert (await run(RETURN, tracker(*waiting, user("how long do I have?", "return_policy")))).rejected
    assert (await run(RETURN, tracker(*waiting, user("can I pay by card?", "out_of_scope")))).rejected
    assert (await run(RETURN, tracker(*waiting, user("get me a human", "human_agent")))).rejected
    assert not (await run(RETURN, tracker(*waiting, user("ate my homework", "out_of_scope")))).rejected
    assert not (await run(RETURN, tracker(*waiting, user("the refund took too long", "complaint")))).rejected


async def test_a_long_first_message_tells_the_payment_problem() -> None:
    """Who has told it all is not asked to tell it again."""
    long = "my card was charged twice on Monday for the same order and I want one of them back"
    told = await run(PAYMENT, tracker(*starting("payment_issue", long)))
    assert told.slots["payment_problem"] == f"Charged twice: “{long}”"
    short = await run(PAYMENT, tracker(*starting("payment_issue", "payment problem")))
    assert short.slots["requested_slot"] == "payment_problem"


async def test_a_customer_without_orders_is_asked_for_a_number() -> None:
    """There is nothing to list for a phone without orders."""
    begun = starting("invoice", "I need an invoice")
    said = await run(ValidateInvoiceForm(a_desk()), tracker(*begun, phone="+15550199999"))
    assert said.slots["requested_slot"] == "order_number"
    assert said.buttons == []


@pytest.mark.parametrize("text", ["dont have the number", "I don't know", "where do I find the number?"])
async def test_who_has_no_number_is_helped(text: str) -> None:
    """Not having the number ends nothing: the orders are shown again, or where the number stands."""
    at = tracker(*ASKED, user(text, "deny"))
    said = await run(ValidateOrderStatusForm(a_desk()), at)
    assert "No problem. Is it one of these?" in said.text
    assert said.titles[-1] == "Talk to a person"
    at = tracker(*asking("order_status", "order_number"), user(text, "deny"), phone="+15550100099")
    said = await run(ValidateOrderStatusForm(a_desk()), at)
    assert "e-mail that confirmed" in said.text
    assert said.titles == ["Talk to a person"]
    assert said.slots["requested_slot"] == "order_number"
