"""What the events of a conversation tell."""

from __future__ import annotations

from actions import history
from tests.unit.actions.shop import LISTEN, action, bot, form, slot, user

START = {"event": "session_started"}
CLARIFIED = [user("?", "out_of_scope"), action("action_clarify"), bot("What do you mean?"), LISTEN]
ANSWERED = [user("hi", "greet"), action("utter_greet"), bot("Hello"), LISTEN]


def test_unresolved_turns_are_counted_back_from_now() -> None:
    """Only turns in a row right before this one count, and a resolved turn starts the count anew."""
    assert history.unresolved_before([*CLARIFIED, *CLARIFIED, user("?")]) == 2
    assert history.unresolved_before([*CLARIFIED, *ANSWERED, *CLARIFIED, user("?")]) == 1
    assert history.unresolved_before([*CLARIFIED, *ANSWERED, user("?")]) == 0


def test_a_new_session_forgives() -> None:
    """What was not understood yesterday does not count today."""
    assert history.unresolved_before([*CLARIFIED, *CLARIFIED, START, *CLARIFIED, user("?")]) == 1


def test_an_open_form_that_asks_again_resolves_nothing() -> None:
    """A turn in which only the form repeated its question is unresolved."""
    repeated = [user("?"), action("action_clarify"), bot("Sorry"), action("invoice_form"), LISTEN]
    assert history.unresolved_before([*repeated, user("?")]) == 1


def test_an_answer_from_the_articles_resolves() -> None:
    """A clarifying turn that found an article, or led on to another action, is resolved."""
    cited = [user("?"), action("action_clarify"), bot("", custom={"sources": [{}]}), LISTEN]
    led_on = [user("?"), action("action_clarify"), {"event": "followup", "name": "invoice_form"}, LISTEN]
    assert history.unresolved_before([*cited, user("?")]) == 0
    assert history.unresolved_before([*led_on, user("?")]) == 0


def test_offered_choices_are_those_of_the_last_answer() -> None:
    """Choices count only when the bot's very last answer showed them."""
    row = {"title": "Order 10234", "payload": "/inform"}
    asked = [user("where"), bot("Which?", [row])]
    assert history.offered([*asked, user("first")]) == [row]
    assert history.offered([*asked, *ANSWERED, user("first")]) == []


def test_slot_before_this_message() -> None:
    """A slot's earlier value is found behind the one this message has set."""
    events = [
        slot("order_number", "1"),
        user("a"),
        slot("order_number", "2"),
        user("b"),
        slot("order_number", "3"),
    ]
    assert history.slot_before(events, "order_number") == "2"
    assert history.slot_before(events[:2], "order_number") == "1"


def test_last_topic() -> None:
    """The last topic is known after its form has ended, and an answer without a form counts as well."""
    topics = {"invoice", "delivery_info"}
    invoice = [user("invoice"), form("invoice_form"), form(None), action("action_invoice"), LISTEN]
    delivery = [user("when?"), action("action_delivery_info"), LISTEN]
    assert history.last_topic([*invoice, *ANSWERED, user("x")], topics) == "invoice"
    assert history.last_topic([*invoice, *delivery, user("x")], topics) == "delivery_info"
    assert history.last_topic([user("x")], topics) is None


def test_what_was_said_before_is_counted_by_turns() -> None:
    """An answer counts once for each earlier turn that began with its words, in this session only."""
    told = [user("where?"), bot("It is here. And more."), bot("It is here."), LISTEN]
    assert history.said([*told, *ANSWERED, *told, user("where?")], "It is here") == 2
    assert history.said([*told, START, *told, user("where?")], "It is here") == 1
    assert history.said([*told, user("where?")], "It is", "It was") == 1
    assert history.said([*told], "It is here") == 0
