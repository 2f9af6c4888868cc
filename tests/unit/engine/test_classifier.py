"""How a reading becomes Rasa's intent and ranking."""

from __future__ import annotations

from engine.nlu.classifier import close_intents, ranking_of, second_wish
from engine.nlu.intents import Reading
from engine.nlu.wishes import Clause, Wishes

RANKING = [("greet", 0.4), ("order_status", 0.35), ("out_of_scope", 0.25)]


def test_an_accepted_reading_is_passed_on() -> None:
    """The best intent stands first with its own confidence."""
    ranking = ranking_of(Reading(RANKING, in_scope=0.75, accepted=True), understood=True)
    assert ranking[0] == {"name": "greet", "confidence": 0.4}


def test_a_refused_reading_falls_back_and_keeps_the_candidates() -> None:
    """A refusal puts nlu_fallback first and the intents it could have been behind it, as Rasa does."""
    ranking = ranking_of(Reading(RANKING, in_scope=0.75, accepted=False), understood=True)
    assert [one["name"] for one in ranking] == ["nlu_fallback", "greet", "order_status", "out_of_scope"]


def test_an_empty_message_falls_back() -> None:
    """A picture without a caption has no intent, however sure the model is."""
    ranking = ranking_of(Reading([("greet", 1.0)], in_scope=1.0, accepted=True), understood=False)
    assert ranking[0]["name"] == "nlu_fallback"


WAVERING = Reading(
    [("order_status", 0.45), ("delivery_info", 0.44), ("out_of_scope", 0.11)], 0.89, accepted=True, close=True
)


def test_two_close_wishes_are_both_named() -> None:
    """A message that wavers between two wishes names both, the likelier first."""
    assert close_intents(WAVERING, {"order_status", "delivery_info"}) == ["order_status", "delivery_info"]


def test_close_wishes_fall_back_with_both_behind() -> None:
    """The fallback's ranking goes on with the two that are close."""
    names = [one["name"] for one in ranking_of(WAVERING, understood=False)]
    assert names[:3] == ["nlu_fallback", "order_status", "delivery_info"]


def test_only_wishes_are_asked_about() -> None:
    """Between a wish and something else, or when nothing is close, there is no question."""
    assert close_intents(WAVERING, {"order_status"}) == []
    assert (
        close_intents(Reading(WAVERING.ranking, 0.89, accepted=True), {"order_status", "delivery_info"}) == []
    )


def test_the_second_wish_is_an_entity() -> None:
    """The entity's value is the intent, its place the clause."""
    entity = second_wish(Wishes(WAVERING, "invoice", Clause(4, 20, "send the invoice")))
    assert (entity["entity"], entity["value"]) == ("second_wish", "invoice")
    assert (entity["start"], entity["end"]) == (4, 20)
