"""What the actions say, and what follows from it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from actions import answering, clarify
from actions.answering import DeskAction
from actions.cancel_order import ActionCancelOrder
from actions.change_address import ActionChangeAddress
from actions.clarify import ActionClarify
from actions.complaint import ActionComplaint
from actions.delivery_info import ActionDeliveryInfo
from actions.desk import LookUp
from actions.human_agent import ActionHumanAgent
from actions.inform import ActionInform
from actions.invoice import ActionInvoice
from actions.never_mind import ActionNeverMind
from actions.order_status import ActionOrderStatus, ValidateOrderStatusForm
from actions.payment_issue import ActionPaymentIssue
from actions.refund_request import ActionRefundRequest
from actions.refund_status import ActionRefundStatus
from actions.return_policy import ActionReturnPolicy
from actions.start_return import ActionStartReturn
from orders.model import Owner, Refund, Status
from orders.papers.ports import Paper
from tests.unit.actions.shop import (
    ANA,
    BEN,
    LISTEN,
    TODAY,
    Event,
    FakeKb,
    FakeLinks,
    FakeOrders,
    a_desk,
    action,
    asking,
    bot,
    form,
    passage,
    run,
    slot,
    tracker,
    user,
)


def about(number: str, text: str = "…", intent: str = "inform") -> list[Event]:
    return [user(text, intent), slot("order_number", number)]


async def test_status_of_an_order_on_its_way() -> None:
    """Status, estimated delivery, carrier and tracking link."""
    said = await run(ActionOrderStatus(a_desk()), tracker(*about("10234")))
    assert "10234" in said.text
    assert "out for delivery" in said.text
    assert "tomorrow, Saturday 21 March" in said.text
    assert "DHL" in said.text
    assert "https://track.example.com/" in said.text


async def test_status_of_a_late_order() -> None:
    """A late order says so, apologises, and offers a person."""
    said = await run(ActionOrderStatus(a_desk()), tracker(*about("10301"), phone=BEN))
    assert "delayed" in said.text
    assert "14 days ago" in said.text
    assert said.titles == ["Talk to a person", "No, thanks"]


async def test_parcels_are_told_one_by_one() -> None:
    """Of two parcels each has its own items, carrier and state, and only what is under way is tracked."""
    orders = FakeOrders()
    order = orders.orders["10234"]
    there = replace(order.shipments[0], items=("Desk lamp",), delivered_on=TODAY - timedelta(1))
    coming = replace(
        order.shipments[0], carrier="UPS", tracking_url="https://t.example/2", items=("Tea set",)
    )
    orders.orders["10234"] = replace(order, shipments=(there, coming))
    for action_ in (ActionOrderStatus, ActionDeliveryInfo):
        asked = user("when?", "delivery_info", order_number="10234")
        said = await run(action_(a_desk(orders)), tracker(asked, slot("order_number", "10234")))
        assert "Parcel 1 (Desk lamp): delivered yesterday" in said.text
        assert "Parcel 2 (Tea set): sent" in said.text
        assert "with UPS" in said.text
        assert said.text.count("Track it") == 1


@pytest.mark.parametrize("status", list(Status))
async def test_every_status_has_words(status: Status) -> None:
    """No status leaves the customer without an answer."""
    orders = FakeOrders()
    orders.orders["10234"] = replace(orders.orders["10234"], status=status, delivered_on=TODAY)
    said = await run(ActionOrderStatus(a_desk(orders)), tracker(*about("10234")))
    assert status.words in said.text or "on its way" in said.text


async def test_two_orders_in_one_message() -> None:
    """Each order that was asked for is answered, an unknown one as unknown."""
    asked = user("10234 and 10301?", "order_status")
    asked["parse_data"]["entities"] = [
        {"entity": "order_number", "value": "10234"},
        {"entity": "order_number", "value": "10301"},
    ]
    said = await run(ActionOrderStatus(a_desk()), tracker(asked, slot("order_number", "10234")))
    assert len(said.messages) == 2
    assert "can't find an order 10301" in said.text


async def test_not_yours_and_not_there_in_the_same_words() -> None:
    """Another's order and no order get the same answer, number aside, and nothing of the other's."""
    texts = []
    for number in ("10301", "99999"):
        at = tracker(user("where?"), slot("order_number", None), slot("unknown_order", number))
        texts.append((await run(ActionOrderStatus(a_desk()), at)).text.replace(number, "N"))
    assert texts[0] == texts[1]
    assert "delayed" not in texts[0]


async def test_cancelling_after_a_yes() -> None:
    """A confirmed cancellation is done, and the yes is forgotten."""
    orders = FakeOrders()
    at = tracker(*about("10237"), slot("confirmed", True))
    said = await run(ActionCancelOrder(a_desk(orders)), at)
    assert orders.orders["10237"].status is Status.CANCELLED
    assert "cancelled" in said.text
    assert said.slots["confirmed"] is None
    again = await run(ActionCancelOrder(a_desk(orders)), at)
    assert "already cancelled" in again.text


async def test_nothing_is_cancelled_after_a_no() -> None:
    """Without a yes the order stays."""
    orders = FakeOrders()
    await run(ActionCancelOrder(a_desk(orders)), tracker(*about("10237"), slot("confirmed", False)))
    assert orders.orders["10237"].status is Status.PROCESSING


async def test_what_cannot_be_cancelled_names_rule_and_article() -> None:
    """A refusal says why and where that is written."""
    said = await run(ActionCancelOrder(a_desk()), tracker(*about("10234"), slot("confirmed", True)))
    assert "already been dispatched" in said.text
    assert "Cancelling an order" in said.text


async def test_changing_the_address() -> None:
    """A confirmed address is stored and read back; after a no the old one stays."""
    orders = FakeOrders()
    new = "45 Elm Street, Boston 02110"
    at = tracker(*about("10237"), slot("new_address", new), slot("confirmed", True))
    said = await run(ActionChangeAddress(a_desk(orders)), at)
    assert orders.orders["10237"].address == new
    assert new in said.text
    kept = tracker(*about("10237"), slot("new_address", "1 Other Road, Salem"), slot("confirmed", False))
    assert new in (await run(ActionChangeAddress(a_desk(orders)), kept)).text
    assert orders.orders["10237"].address == new


async def test_opening_a_return() -> None:
    """An open return has a number; too old an order gets the rule and its article."""
    told = {"item": "Linen shirt", "reason": "small", "condition": "opened", "outcome": "refund"}
    known = [slot(f"return_{name}", value) for name, value in told.items()]
    said = await run(ActionStartReturn(a_desk()), tracker(*about("10235"), *known, slot("confirmed", True)))
    assert "R-10235-1" in said.text
    old = await run(ActionStartReturn(a_desk()), tracker(*about("10236")))
    assert "60 days ago" in old.text
    assert "Return window" in old.text


@pytest.mark.parametrize(
    ("number", "words", "first"),
    [
        ("10237", "cancel it", "Cancel the order"),
        ("10235", "can be returned until", "Start a return"),
        ("10236", "can't refund", "Talk to a person"),
    ],
)
async def test_the_way_to_the_money(number: str, words: str, first: str) -> None:
    """Before dispatch one cancels, within the window one returns, after it a person looks."""
    said = await run(ActionRefundRequest(a_desk()), tracker(*about(number)))
    assert words in said.text
    assert said.titles[0] == first
    assert all(len(title) <= 20 for title in said.titles)


async def test_a_split_refund_is_told_in_parts() -> None:
    """The whole first, then each part with its way and its state."""
    orders = FakeOrders()
    parts = (Refund(4900, "card", TODAY, TODAY), Refund(2000, "gift card", TODAY, None))
    orders.orders["10236"] = replace(orders.orders["10236"], refunds=parts)
    said = await run(ActionRefundStatus(a_desk(orders)), tracker(*about("10236")))
    assert "$69.00, in 2 parts" in said.text
    assert "$49.00 to your card, sent on" in said.text
    assert "$20.00 to your gift card, asked for on" in said.text


async def test_refund_status() -> None:
    """A refund is told with amount, way and day; where there is none, that is said."""
    orders = FakeOrders()
    none = await run(ActionRefundStatus(a_desk(orders)), tracker(*about("10236")))
    assert "no refund" in none.text
    refund = Refund(6900, "card", TODAY, None)
    orders.orders["10236"] = replace(orders.orders["10236"], refunds=(refund,))
    some = await run(ActionRefundStatus(a_desk(orders)), tracker(*about("10236")))
    assert "$69.00 to your card" in some.text


async def test_a_code_that_opened_an_order_is_not_another_order() -> None:
    """The digits of a code look like an order number."""
    code = tracker(slot("order_number", "10235"), user("763979", order_number="763979"))
    said = await run(ActionOrderStatus(a_desk()), code)
    assert "10235" in said.text
    assert "763979" not in said.text


async def test_how_long_refunds_take_is_a_question_to_the_articles() -> None:
    """As long as the order has none; one that is under way is told of."""
    orders = FakeOrders()
    asked = [user("how long does the refund take?", "refund_status"), slot("order_number", "10236")]
    usual = await run(ActionRefundStatus(a_desk(orders)), tracker(*asked))
    assert "Source: Return window" in usual.text
    refund = Refund(6900, "card", TODAY, None)
    orders.orders["10236"] = replace(orders.orders["10236"], refunds=(refund,))
    own = await run(ActionRefundStatus(a_desk(orders)), tracker(*asked))
    assert "$69.00 to your card" in own.text


async def test_invoice() -> None:
    """The invoice goes along behind a link for its owner, or is not there yet."""
    links = FakeLinks()
    desk = replace(a_desk(), links=links, public_url="https://desk.example")
    said = await run(ActionInvoice(desk), tracker(*about("10235")))
    assert "invoice for order 10235" in said.text
    assert said.file == {
        "url": "https://desk.example/papers/word-1",
        "name": "Invoice 10235.pdf",
        "mime_type": "application/pdf",
    }
    assert links.made == [Paper("invoice", "10235", Owner("+15550100001"))]
    none = await run(ActionInvoice(desk), tracker(*about("10237")))
    assert "no invoice" in none.text
    assert none.file is None


async def test_a_delivered_order_shows_the_parcel_at_the_door() -> None:
    """The carrier's picture goes along with the first answer, and with none of an order on its way."""
    desk = replace(a_desk(), public_url="https://desk.example")
    said = await run(ActionOrderStatus(desk), tracker(*about("10235")))
    assert said.file
    assert said.file["url"] == "https://desk.example/pictures/delivered_parcel.png"
    assert (await run(ActionOrderStatus(desk), tracker(*about("10234")))).file is None
    again = tracker(user("where is 10235"), bot(said.text), *about("10235"))
    assert (await run(ActionOrderStatus(desk), again)).file is None


async def test_invoice_of_a_shop_with_papers_of_its_own() -> None:
    """Where the orders are a shop's, so is the invoice."""
    said = await run(ActionInvoice(a_desk()), tracker(*about("10235")))
    assert said.file
    assert said.file["url"] == "https://shop.example.com/invoices/10235.pdf"


async def test_anothers_invoice_makes_no_link() -> None:
    """Who asks for an order that is not theirs gets neither paper nor link."""
    links = FakeLinks()
    desk = replace(a_desk(), links=links, public_url="https://desk.example")
    said = await run(ActionInvoice(desk), tracker(*about("10301")))
    assert "can't find" in said.text
    assert (said.file, links.made) == (None, [])


async def test_delivery_of_the_order_talked_about() -> None:
    """ "And when does it arrive?" is about the order just mentioned."""
    at = tracker(user("where is 10234"), slot("order_number", "10234"), user("and when does it arrive?"))
    assert "tomorrow" in (await run(ActionDeliveryInfo(a_desk()), at)).text


async def test_delivery_of_a_late_order_is_sorry_and_offers_help() -> None:
    """ "When will it arrive?" of a late order is not met with "no date" and nothing else."""
    at = tracker(user("when does 10301 arrive?", order_number="10301"), phone=BEN)
    said = await run(ActionDeliveryInfo(a_desk()), at)
    assert "sorry" in said.text
    assert "14 days ago" in said.text
    assert said.text.endswith("Would you like a person from our team to look into it?")
    assert said.titles[0] == "Talk to a person"


async def test_delivery_in_general_comes_from_the_articles() -> None:
    """A general question goes to the articles, with its evidence passed on, even after an order."""
    kb = FakeKb(passage())
    at = tracker(user("where is 10234"), slot("order_number", "10234"), user("do you ship to my country?"))
    said = await run(ActionDeliveryInfo(a_desk(kb=kb)), at)
    assert kb.asked == ["do you ship to my country?"]
    assert said.messages[-1]["custom"]["sources"][0]["article"] == "return_window"


async def test_delivery_of_all_open_orders() -> None:
    """ "When will my order arrive?" lists every open order; another's number stays unknown."""
    said = await run(ActionDeliveryInfo(a_desk()), tracker(user("when will my order arrive?")))
    assert "10234" in said.text
    assert "10237" in said.text
    foreign = tracker(user("when does 10301 arrive?", order_number="10301"), slot("order_number", "10301"))
    assert "can't find an order 10301" in (await run(ActionDeliveryInfo(a_desk()), foreign)).text


@pytest.mark.parametrize("nothing", [None, RuntimeError("no index")])
async def test_policy_is_grounded_or_silent(nothing: Exception | None) -> None:
    """Without evidence, or without an index, Parley says that it does not know and offers a person."""
    said = await run(
        ActionReturnPolicy(a_desk(kb=FakeKb(nothing))), tracker(user("policy?", "return_policy"))
    )
    assert "don't have a reliable answer" in said.text
    assert said.titles == ["Talk to a person", "No, thanks"]


async def test_policy_names_its_article() -> None:
    """An answer from the articles names the article and carries the evidence."""
    said = await run(ActionReturnPolicy(a_desk()), tracker(user("policy?", "return_policy")))
    assert "Source: Return window" in said.text
    assert said.messages[-1]["custom"] == {"sources": [dict(passage().sources[0])]}


async def test_a_person_is_asked_for_once_and_the_bot_falls_silent() -> None:
    """The wish for a person becomes a handoff, a pause, and the end of any form."""
    at = tracker(*asking("cancel_order", "confirmed"), user("human!", "human_agent"))
    said = await run(ActionHumanAgent(a_desk()), at)
    assert "passing you on" in said.text
    assert said.handoff == {"reason": "asked_for_person", "priority": "high", "evidence": "“human!”"}
    assert said.paused
    assert said.slots == {"requested_slot": None, "confirmed": None}


async def test_payment_goes_to_a_person() -> None:
    """What was told about a payment is for a person."""
    said = await run(ActionPaymentIssue(a_desk()), tracker(user("charged twice", "payment_issue")))
    assert said.handoff == {"reason": "payment_issue", "priority": "high", "evidence": "“charged twice”"}


async def test_the_second_complaint_gets_a_person() -> None:
    """The first complaint offers a person, the second does not ask any more."""
    first = await run(ActionComplaint(a_desk()), tracker(user("bad!", "complaint")))
    assert first.titles == ["Talk to a person", "No, thanks"]
    assert first.handoff is None
    before = [user("bad!", "complaint"), action("action_complaint"), LISTEN]
    second = await run(ActionComplaint(a_desk()), tracker(*before, user("really bad!", "complaint")))
    evidence = "second complaint: “really bad!”"
    assert second.handoff == {"reason": "complaint", "priority": "high", "evidence": evidence}


CLARIFIED = [user("?", "out_of_scope"), action("action_clarify"), LISTEN]
NOT_KNOWN = a_desk(kb=FakeKb(None))


async def test_three_unclear_messages() -> None:
    """First choices, then a shorter plea, then a person."""
    nonsense = user("blorp fnord wibble", "out_of_scope")
    first = await run(ActionClarify(NOT_KNOWN), tracker(nonsense))
    assert first.titles == ["Track an order", "Return an item", "Talk to a person"]
    second = await run(ActionClarify(NOT_KNOWN), tracker(*CLARIFIED, nonsense))
    assert len(second.text) < len(first.text) + 40
    assert second.handoff is None
    third = await run(ActionClarify(NOT_KNOWN), tracker(*CLARIFIED, *CLARIFIED, nonsense))
    evidence = "3 turns unresolved"
    assert third.handoff == {"reason": "unresolved", "priority": "normal", "evidence": evidence}
    assert third.paused


async def test_two_likely_wishes_are_offered() -> None:
    """When the classifier wavers between two wishes, these two are the choices."""
    ranking = [
        {"name": "nlu_fallback", "confidence": 0.6},
        {"name": "refund_status", "confidence": 0.3},
        {"name": "refund_request", "confidence": 0.25},
    ]
    at = tracker(user("refund hmm", "nlu_fallback"), ranking=ranking)
    said = await run(ActionClarify(NOT_KNOWN), at)
    assert said.titles == ["Track a refund", "Get a refund"]
    assert "track a refund or get a refund" in said.text


async def test_strong_evidence_answers_an_unclear_message() -> None:
    """What is no known wish may still stand in an article, but only beyond doubt."""
    at = tracker(user("do you take gift cards here", "out_of_scope"))
    assert (await run(ActionClarify(a_desk(kb=FakeKb(passage(0.97)))), at)).text.startswith("Within")
    assert (await run(ActionClarify(a_desk(kb=FakeKb(passage(0.6)))), at)).titles[0] == "Track an order"


async def test_a_number_makes_it_an_order() -> None:
    """An unclear message with an order number is about that order."""
    said = await run(
        ActionClarify(NOT_KNOWN), tracker(user("99999 hm", "nlu_fallback", order_number="99999"))
    )
    assert said.followup == "order_status_form"


async def test_a_fault_makes_it_a_return() -> None:
    """An unclear message that tells what is wrong with an item begins a return, which only asks."""
    fault = user("they are broken, all of them", "nlu_fallback", reason="damaged")
    assert (await run(ActionClarify(NOT_KNOWN), tracker(fault))).followup == "start_return_form"
    late = user("it is late", "nlu_fallback", reason="late")
    assert (await run(ActionClarify(NOT_KNOWN), tracker(late))).followup is None


@pytest.mark.parametrize(
    ("text", "intent", "followup"),
    [
        ("the second one", "affirm", "start_return_form"),
        ("talk to a person", "out_of_scope", "action_human_agent"),
    ],
)
async def test_a_choice_may_be_typed(text: str, intent: str, followup: str) -> None:
    """The clarifying question's choices can be typed."""
    asked = [user("?"), action("action_clarify"), bot("?", clarify.MENU), LISTEN]
    assert (await run(ActionClarify(NOT_KNOWN), tracker(*asked, user(text, intent)))).followup == followup


async def test_yes_to_the_offer_of_a_person() -> None:
    """After "would you like to talk to a person?", yes means yes and no means no."""
    offer = await run(ActionComplaint(a_desk()), tracker(user("bad!", "complaint")))
    asked = [user("bad!", "complaint"), bot(offer.text, offer.buttons), LISTEN]
    yes = await run(ActionClarify(NOT_KNOWN), tracker(*asked, user("yes", "affirm")))
    assert yes.followup == "action_human_agent"
    no = await run(ActionInform(a_desk()), tracker(*asked, user("no", "deny")))
    assert no.followup in (None, "action_listen")
    assert no.handoff is None


async def test_an_ok_to_nothing_is_no_riddle() -> None:
    """Who only says ok after an answer is not asked what they mean, however often."""
    answered = [user("where is 10234", "order_status"), action("action_order_status"), bot("Here."), LISTEN]
    said = await run(ActionClarify(NOT_KNOWN), tracker(*answered, user("ok", "affirm")))
    assert "anything else" in said.text
    followed = {"event": "followup", "name": "action_listen"}
    oks = [user("ok", "affirm"), action("action_clarify"), bot(said.text), followed, LISTEN] * 3
    again = await run(ActionClarify(NOT_KNOWN), tracker(*answered, *oks, user("ok", "affirm")))
    assert again.handoff is None


async def test_another_address_after_the_change() -> None:
    """ "No, 46 Elm Street" right after the change takes the change up again; elsewhere it does not."""
    new = user("no, 46 Elm Street, Boston 02110", address="46 Elm Street, Boston 02110")
    before = [user("x"), action("change_address_form"), action("action_change_address"), LISTEN]
    assert (await run(ActionInform(a_desk()), tracker(*before, new))).followup == "change_address_form"
    assert (await run(ActionInform(a_desk()), tracker(new))).followup == "action_clarify"


async def test_a_detail_takes_up_the_last_topic() -> None:
    """ "No, 10235" repeats the last question for the other order; out of the blue it asks where it is."""
    before = [form("invoice_form"), form(None), user("x"), LISTEN]
    number = user("no, 10235", "deny", order_number="10235")
    assert (await run(ActionInform(a_desk()), tracker(*before, number))).followup == "invoice_form"
    assert (await run(ActionInform(a_desk()), tracker(number))).followup == "order_status_form"
    detail = user("blue", "inform")
    assert (await run(ActionInform(a_desk()), tracker(detail))).followup == "action_clarify"


async def test_never_mind_leaves_the_form() -> None:
    """Whatever was going on ends, and nothing has been changed."""
    at = tracker(*asking("cancel_order", "confirmed"), user("never mind", "never_mind"))
    said = await run(ActionNeverMind(a_desk()), at)
    assert {"event": "active_loop", "timestamp": None, "name": None} in said.events
    assert "nothing has been changed" in said.text


@pytest.mark.parametrize("chosen", [ActionOrderStatus, ValidateOrderStatusForm])
async def test_a_broken_database_is_a_handoff(chosen: type[DeskAction]) -> None:
    """An action that fails says sorry, asks for a person, and says nothing half."""
    desk = a_desk(FakeOrders(broken=ConnectionError("gone")))
    at = tracker(user("where is 10234", "order_status", order_number="10234"), slot("order_number", "10234"))
    said = await run(chosen(desk), at)
    assert said.text == answering.SORRY
    assert said.handoff
    assert (said.handoff["reason"], said.handoff["priority"]) == ("action_failed", "high")
    assert said.handoff["evidence"].endswith(" failed")
    assert said.paused


async def test_a_slow_shop_is_a_handoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that takes too long is given up."""
    monkeypatch.setattr(answering, "SECONDS", 0)

    async def never(question: str, order: LookUp) -> None:
        await asyncio.Event().wait()

    desk = replace(a_desk(), ask_kb=never)
    said = await run(ActionReturnPolicy(desk), tracker(user("policy?", "return_policy")))
    assert said.handoff


async def test_an_answer_may_tell_of_the_order_talked_about_and_of_no_other() -> None:
    """Who words the answer can look the customer's own order up; a stranger's is nothing."""
    asked = tracker(slot("order_number", "10235"), user("how long can I send it back?", "return_policy"))
    theirs = tracker(slot("order_number", "10301"), user("how long can I send it back?", "return_policy"))
    plain = tracker(user("how long can I send it back?", "return_policy"))
    for orders, latest, known in (
        (FakeOrders(), asked, True), (FakeOrders(), theirs, False), (FakeOrders(), plain, False),
        (FakeOrders(RuntimeError("down")), asked, False),
    ):  # fmt: skip
        kb = FakeKb(passage())
        said = await run(ActionReturnPolicy(a_desk(orders, kb)), latest)
        [order] = kb.orders
        assert said.text.startswith("Within 30 days.")
        assert order.startswith("order 10235\nwhat was ordered: ") is known
        assert bool(order) is known
        assert FakeOrders().orders["10235"].address not in order


def test_the_phone_belongs_to_ana() -> None:
    """The made-up shop is the demo shop."""
    assert FakeOrders().orders["10234"].phone == ANA


@pytest.mark.parametrize(("score", "answered"), [(0.97, True), (0.7, False)])
async def test_a_question_in_the_middle_of_a_form_is_answered_where_an_article_does(
    score: float, answered: bool
) -> None:
    """Beyond doubt, as outside of forms; the form then asks its question again."""
    asked = tracker(form("start_return_form"), user("can I pay by card?", "out_of_scope"))
    said = await run(ActionClarify(a_desk(kb=FakeKb(passage(score)))), asked)
    assert ("Source: Return window" in said.text) is answered
    assert (clarify.NOT_OURS in said.text) is not answered


async def test_what_is_not_the_shops_business_is_not_called_unclear() -> None:
    """A clear wish for something else is told so; a word nobody knows is asked about."""
    plain = await run(
        ActionClarify(a_desk(kb=FakeKb(None))), tracker(user("will it rain here tomorrow", "out_of_scope"))
    )
    assert plain.text == clarify.ELSEWHERE
    odd = await run(ActionClarify(a_desk()), tracker(user("blorp", "out_of_scope")))
    assert odd.text == clarify.FIRST


@pytest.mark.parametrize("text", ["it says delivered but i got nothing", "my parcel never came"])
async def test_a_parcel_that_is_said_to_have_come_and_is_not_there(text: str) -> None:
    """The bot is sorry, says what the carrier says and where to look, and offers a person."""
    desk = replace(a_desk(), public_url="https://bot.example.com")
    said = await run(ActionOrderStatus(desk), tracker(*about("10235", text, "order_status")))
    assert "I'm sorry that order 10235 isn't with you. DHL says" in said.text
    assert "neighbours" in said.text
    assert said.titles == ["Talk to a person", "No, thanks"]
    assert said.file
    open_order = await run(ActionOrderStatus(a_desk()), tracker(*about("10234", text, "order_status")))
    assert "out for delivery" in open_order.text


async def test_an_order_that_came_back_shows_no_parcel_at_the_door() -> None:
    """Of a returned order is said that it is back, without the picture of its delivery."""
    orders = FakeOrders()
    orders.orders["10235"] = replace(orders.orders["10235"], status=Status.RETURNED)
    said = await run(ActionOrderStatus(a_desk(orders)), tracker(*about("10235")))
    assert "is back with us" in said.text
    assert said.file is None


async def test_a_parcel_that_has_left_can_still_be_redirected_by_its_owner() -> None:
    """Where the address cannot change any more, the carrier's page is named; not for what has arrived."""
    said = await run(ActionChangeAddress(a_desk()), tracker(*about("10234")))
    assert "already been dispatched" in said.text
    assert "https://track.example.com/dhl/" in said.text
    there = await run(ActionChangeAddress(a_desk()), tracker(*about("10235")))
    assert "https://" not in there.text


async def test_the_money_of_a_cancelled_order() -> None:
    """Nothing is owed for it; what was reserved or taken goes back, as the article says."""
    orders = FakeOrders()
    orders.orders["10237"] = replace(orders.orders["10237"], status=Status.CANCELLED)
    said = await run(ActionRefundStatus(a_desk(orders)), tracker(*about("10237")))
    assert "nothing to pay" in said.text
    assert "“Cancelling an order”" in said.text
