"""Two wishes in one message, two wishes that are hard to tell apart, and the other order."""

from __future__ import annotations

import pytest

from actions.cancel_order import ValidateCancelOrderForm
from actions.clarify import ActionClarify
from actions.delivery_info import ActionDeliveryInfo
from actions.human_agent import ActionHumanAgent
from actions.inform import ActionInform
from actions.never_mind import ActionNeverMind
from actions.order_status import ActionOrderStatus, ValidateOrderStatusForm
from actions.return_policy import ActionReturnPolicy
from actions.start_return import ValidateStartReturnForm
from tests.unit.actions.shop import (
    LISTEN,
    Event,
    FakeKb,
    a_desk,
    action,
    asking,
    bot,
    form,
    passage,
    run,
    slot,
    tracker,
    two_wishes,
    user,
)

BOTH = two_wishes("where is my order 10234", "and how do I return it", "order_status", "return_policy")
KEPT = slot("second_wish", "return_policy")
FOUND = slot("order_number", "10234")


async def test_a_second_question_is_answered_right_after_the_first() -> None:
    """What only tells something needs no asking; the wish is then forgotten."""
    said = await run(ActionOrderStatus(a_desk()), tracker(BOTH, KEPT, FOUND))
    assert "out for delivery" in said.text
    assert said.followup == "action_return_policy"
    assert said.slots["second_wish"] is None


async def test_the_articles_hear_only_their_half() -> None:
    """The second question goes to the articles without the first, at once or turns later."""
    for later in ([], [LISTEN, user("10234"), FOUND]):
        kb = FakeKb(passage())
        led_on = [slot("second_wish", None), {"event": "followup", "name": "action_return_policy"}]
        await run(ActionReturnPolicy(a_desk(kb=kb)), tracker(BOTH, KEPT, *later, *led_on))
        assert kb.asked == ["and how do I return it"]


async def test_a_second_wish_that_changes_something_waits_for_a_yes() -> None:
    """Nothing is begun unasked; yes begins it with the number that came along, no drops it."""
    both = two_wishes("where is 10234", "and cancel 10237 please", "order_status", "cancel_order")
    asked = await run(ActionOrderStatus(a_desk()), tracker(both, slot("second_wish", "cancel_order"), FOUND))
    assert "10237" not in asked.text
    assert asked.followup is None
    assert asked.buttons[0]["payload"] == '/cancel_order{"order_number": "10237"}'
    before = [both, bot(asked.text, asked.buttons), LISTEN]
    yes = await run(ActionClarify(a_desk()), tracker(*before, user("yes", "affirm")))
    assert yes.followup == "cancel_order_form"
    assert yes.slots == {"order_number": "10237"}
    no = await run(ActionInform(a_desk()), tracker(*before, user("no thanks", "deny")))
    assert no.followup == "action_listen"


async def test_each_wish_has_its_own_number() -> None:
    """ "Cancel 10237 and where is 10234" cancels neither 10234 nor both."""
    both = two_wishes("cancel 10237", "and where is 10234", "cancel_order", "order_status")
    kept = slot("second_wish", "order_status")
    first = await run(ValidateCancelOrderForm(a_desk()), tracker(both, kept, form("cancel_order_form")))
    assert first.slots["order_number"] == "10237"
    begun = [slot("second_wish", None), form("order_status_form")]
    second = await run(ValidateOrderStatusForm(a_desk()), tracker(both, kept, *begun))
    assert second.slots["order_number"] == "10234"


async def test_a_kept_wish_keeps_its_number() -> None:
    """Turns later the second wish is still about its own order, not the one the first was about."""
    both = two_wishes("cancel 10237", "and where is 10234", "cancel_order", "order_status")
    kept = [slot("second_wish", "order_status"), slot("order_number", "10237"), LISTEN]
    led_on = [slot("second_wish", None), {"event": "followup", "name": "order_status_form"}]
    at = tracker(both, *kept, user("no", "deny"), *led_on, form("order_status_form"))
    assert (await run(ValidateOrderStatusForm(a_desk()), at)).slots["order_number"] == "10234"


async def test_a_second_wish_need_not_be_about_the_same_order() -> None:
    """ "And I want to return the shirt" is not about the order on its way; "and cancel it" is about it."""
    for words, number in (("and I want to return the shirt", "10235"), ("and return it", "10234")):
        both = two_wishes("where is 10234", words, "order_status", "start_return")
        led_on = [slot("second_wish", None), {"event": "followup", "name": "start_return_form"}]
        at = tracker(both, FOUND, LISTEN, user("yes", "affirm"), *led_on, form("start_return_form"))
        assert (await run(ValidateStartReturnForm(a_desk()), at)).slots["order_number"] == number


async def test_a_general_second_question_is_not_about_the_order() -> None:
    """The price of shipping is the same for every order."""
    both = two_wishes("invoice for 10235", "and how much is shipping", "invoice", "delivery_info")
    kb = FakeKb(passage())
    found = [slot("second_wish", None), slot("order_number", "10235")]
    await run(ActionDeliveryInfo(a_desk(kb=kb)), tracker(both, *found))
    assert kb.asked == ["and how much is shipping"]


async def test_a_second_wish_waits_for_the_form() -> None:
    """An answer given in the middle of a form leaves it alone; leaving the form takes it up."""
    waiting = [KEPT, *asking("cancel_order", "confirmed")]
    digression = await run(ActionDeliveryInfo(a_desk()), tracker(*waiting, user("do you ship abroad?")))
    assert "second_wish" not in digression.slots
    dropped = await run(ActionNeverMind(a_desk()), tracker(*waiting, user("never mind", "never_mind")))
    assert dropped.followup == "action_return_policy"


async def test_a_person_takes_both_wishes_over() -> None:
    """When a person takes over, the bot does not go on with the second wish."""
    said = await run(ActionHumanAgent(a_desk()), tracker(BOTH, KEPT))
    assert said.followup is None
    assert said.paused


async def test_what_the_status_tells_is_not_told_twice() -> None:
    """Where an order is includes when it arrives."""
    both = two_wishes("where is 10234", "and when does it arrive", "order_status", "delivery_info")
    said = await run(ActionOrderStatus(a_desk()), tracker(both, slot("second_wish", "delivery_info"), FOUND))
    assert said.followup is None
    assert len(said.messages) == 1


async def test_a_clear_second_wish_makes_up_for_an_unclear_first() -> None:
    """Where the first half is not understood, the second is followed instead of asking."""
    both = two_wishes("blorp", "and where is my refund", "nlu_fallback", "refund_status")
    said = await run(ActionClarify(a_desk()), tracker(both, slot("second_wish", "refund_status")))
    assert said.followup == "refund_status_form"


CLOSE = ["refund_request", "refund_status"]


async def test_two_close_wishes_become_a_question_with_two_choices() -> None:
    """The question names both, the choices carry the number that was given, and nothing else is offered."""
    at = tracker(user("refund 10235", "nlu_fallback", order_number="10235"), close=CLOSE)
    said = await run(ActionClarify(a_desk()), at)
    assert said.text == "Just to be sure: do you want to get a refund or track a refund?"
    payloads = [button["payload"] for button in said.buttons]
    assert payloads == [f'/{name}{{"order_number": "10235"}}' for name in CLOSE]


@pytest.mark.parametrize(
    ("text", "intent", "followup"),
    [
        ("the first one", "affirm", "refund_request_form"),
        ("2", "inform", "refund_status_form"),
        ("track", "nlu_fallback", "refund_status_form"),
        ("get a refund", "out_of_scope", "refund_request_form"),
    ],
)
async def test_one_of_two_wishes_may_be_typed(text: str, intent: str, followup: str) -> None:
    """By place or by words, whatever the classifier makes of it."""
    asked = await run(ActionClarify(a_desk()), tracker(user("refund", "nlu_fallback"), close=CLOSE))
    before = [user("refund", "nlu_fallback"), action("action_clarify"), bot("?", asked.buttons), LISTEN]
    chosen = ActionInform(a_desk()) if intent == "inform" else ActionClarify(a_desk())
    assert (await run(chosen, tracker(*before, user(text, intent)))).followup == followup


@pytest.mark.parametrize(
    ("text", "followup"),
    [("whens my order here", "order_status_form"), ("how much is express delivery", "action_delivery_info")],
)
async def test_close_wishes_with_one_answer_are_not_asked_about(text: str, followup: str) -> None:
    """Where an order is and when it arrives are told together."""
    at = tracker(user(text, "nlu_fallback"), close=["delivery_info", "order_status"])
    assert (await run(ActionClarify(a_desk()), at)).followup == followup


async def test_neither_of_the_two() -> None:
    """A no to both choices asks openly, and is not a dead end."""
    before = [
        user("hm", "nlu_fallback"),
        action("action_clarify"),
        bot("?", [{"payload": "/x", "title": "X"}]),
    ]
    said = await run(ActionInform(a_desk()), tracker(*before, LISTEN, user("no", "deny")))
    assert said.text.startswith("All right, neither")
    assert len(said.buttons) == 3


OTHER: list[Event] = [user("where is 10234"), FOUND, action("action_order_status"), LISTEN]


@pytest.mark.parametrize("chosen", [ActionInform, ActionClarify])
async def test_the_other_one_repeats_the_last_topic(chosen: type[ActionInform | ActionClarify]) -> None:
    """ "And the other one?" asks the same about the other order."""
    at = tracker(*OTHER, user("and the other one?", "affirm"))
    assert (await run(chosen(a_desk()), at)).followup == "order_status_form"


async def test_the_other_one_is_not_the_one_talked_about() -> None:
    """With two open orders the other is clear; the delivery looks at it, too."""
    start = [*OTHER, user("and the other one?"), form("order_status_form")]
    said = await run(ValidateOrderStatusForm(a_desk()), tracker(*start))
    assert said.slots["order_number"] == "10237"
    when = tracker(*OTHER, user("and when does the other one arrive?", "delivery_info"))
    assert "10237" in (await run(ActionDeliveryInfo(a_desk()), when)).text


async def test_delivery_looks_at_the_order_talked_about() -> None:
    """With an order known, a short question is about it; the price of shipping is not."""
    for text in ("and the delivery?", "when will it come?", "still not here", "any news?"):
        assert "10234" in (await run(ActionDeliveryInfo(a_desk()), tracker(*OTHER, user(text)))).text
    for text in ("how much is shipping?", "do you ship to Brazil?", "how long does delivery take?"):
        kb = FakeKb(passage())
        await run(ActionDeliveryInfo(a_desk(kb=kb)), tracker(*OTHER, user(text)))
        assert kb.asked == [text]


async def test_delivery_of_an_order_without_a_phone() -> None:
    """Who is known by no phone is asked which order it is."""
    at = tracker(user("when does my order arrive?", "delivery_info"), phone=None)
    assert (await run(ActionDeliveryInfo(a_desk()), at)).followup == "order_status_form"


async def test_after_another_form_the_first_is_taken_up_again() -> None:
    """Who asks where 10234 is before confirming is led back to the cancellation of 10237, not of 10234."""
    waiting = asking("cancel_order", "confirmed", slot("order_number", "10237"))
    aside = user("where is 10234?", "order_status", order_number="10234")
    left = await run(ValidateCancelOrderForm(a_desk()), tracker(*waiting, aside, FOUND))
    at = tracker(*waiting, aside, FOUND, *left.events, form("order_status_form"), form(None), FOUND)
    said = await run(ActionOrderStatus(a_desk()), at)
    assert "10234" in said.text
    assert said.buttons[0]["payload"] == '/cancel_order{"order_number": "10237"}'


async def test_after_a_goodbye_nothing_is_taken_up() -> None:
    """What was left open before the goodbye is not brought up again."""
    bye = [user("bye", "goodbye"), action("utter_goodbye"), LISTEN]
    at = tracker(slot("second_wish", "cancel_order"), *bye, user("where is 10234"), FOUND)
    said = await run(ActionOrderStatus(a_desk()), at)
    assert said.buttons == []
    assert said.slots["second_wish"] is None
