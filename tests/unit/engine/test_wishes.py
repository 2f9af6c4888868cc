"""Two wishes in one message, read by a model that knows a few words."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.nlu import wishes
from engine.nlu.intents import Reading
from tests.unit.engine.wish_cases import ONE, TWO

WORDS = {
    "address": "change_address",
    "human": "human_agent",
    "person": "human_agent",
    "cancel": "cancel_order",
    "policy": "return_policy",
    "invoice": "invoice",
    "nota fiscal": "invoice",
    "where is my refund": "refund_status",
    "dónde está mi reembolso": "refund_status",
    "refund": "refund_request",
    "money back": "refund_request",
    "return": "start_return",
    "when": "delivery_info",
    "handling": "delivery_info",
    "charged": "payment_issue",
    "where": "order_status",
    "track": "order_status",
    "order": "order_status",
    "10234": "order_status",
}
WISHES = frozenset(WORDS.values())


def _read(texts: Sequence[str]) -> list[Reading]:
    """Every text has the intent of the first word above that is in it."""
    names = [next((WORDS[word] for word in WORDS if word in text.lower()), "greet") for text in texts]
    return [Reading([(name, 0.95)], 0.95, accepted=True) for name in names]


def _found(text: str, whole: str | None = None) -> tuple[str, str] | None:
    (reading,) = _read([whole or text])
    two = wishes.find(text, reading, _read, WISHES)
    return (two.first.ranking[0][0], two.second) if two else None


@pytest.mark.parametrize(("text", "first", "second"), TWO)
def test_two_wishes_are_told_apart(text: str, first: str, second: str) -> None:
    """Two requests in one message are two wishes, in the order they were written."""
    assert _found(text) == (first, second)


@pytest.mark.parametrize("text", ONE)
def test_what_only_looks_like_two_stays_one(text: str) -> None:
    """Lists, reports, conditions, refusals and two words for one thing are not split."""
    assert _found(text) is None


def test_an_unsure_clause_is_no_wish() -> None:
    """A clause that is not read surely is left to the reading of the whole message."""
    unsure = [
        Reading([("cancel_order", 0.95)], 0.95, accepted=True),
        Reading([("refund_request", 0.6)], 0.9, accepted=True, sure=False),
    ]
    text = "cancel order 10234 and refund me"
    assert wishes.find(text, unsure[0], lambda _: unsure, WISHES) is None


def test_one_sure_clause_is_enough_where_the_message_reads_like_one_of_the_two() -> None:
    """The other has to be likely; where the message says a third thing, both have to be sure."""
    text = "cadê meu pedido e como faço pra devolver"
    parts = [
        Reading([("order_status", 0.95)], 0.95, accepted=True),
        Reading([("start_return", 0.8)], 0.9, accepted=True, sure=False),
    ]
    assert wishes.find(text, parts[1], lambda _: parts, WISHES)
    third = Reading([("invoice", 0.5)], 0.9, accepted=False)
    assert wishes.find(text, third, lambda _: parts, WISHES) is None
    unlikely = [parts[0], Reading([("start_return", 0.6)], 0.9, accepted=True, sure=False)]
    assert wishes.find(text, unlikely[1], lambda _: unlikely, WISHES) is None


def test_the_message_must_agree_with_its_clauses() -> None:
    """Where the whole message clearly means a third thing, its clauses are not trusted."""
    text = "cancel order 10234 and refund me"
    assert _found(text, whole="invoice") is None
    for whole in (
        Reading([("cancel_return", 0.6)], 0.9, accepted=True),
        Reading([("cancel_return", 0.96), ("invoice", 0.04)], 0.9, accepted=True, close=True),
    ):
        two = wishes.find(text, whole, _read, WISHES)
        assert two
        assert two.second == "refund_request"


def test_a_wish_is_one_of_those_that_can_be() -> None:
    """Greetings and thanks are no wishes."""
    assert _found("do you hear me and where is my order 10234") is None


def test_many_clauses_are_a_story() -> None:
    """A message of many clauses is read as a whole."""
    assert _found("cancel my order. " + "I waited. " * wishes.MOST + "refund me") is None


def test_a_clause_stands_where_it_was_written() -> None:
    """A clause's positions point at its words in the message."""
    text = "  Hi!! cancel 10237 ,and  where is 10234?? "
    parts = wishes.clauses(text)
    assert [text[part.start : part.end] for part in parts] == [part.text for part in parts]
    assert [part.text for part in parts][-1] == "where is 10234"


def test_different_orders_make_one_wish_two() -> None:
    """What one answer could serve is still two wishes when it is about two orders."""
    assert _found("refund order 10235 and return order 10236") == ("refund_request", "start_return")
    assert _found("refund order 10235 and return it please") is None
