"""Typed choices."""

from __future__ import annotations

import pytest

from actions import pick

ROWS = [
    {
        "title": "Order 10237",
        "payload": '/inform{"order_number": "10237"}',
        "description": "Desk lamp · processing",
    },
    {
        "title": "Order 10234",
        "payload": '/inform{"order_number": "10234"}',
        "description": "Headphones · out for delivery",
    },
]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the second one", 1),
        ("2", 1),
        ("#1", 0),
        ("1st", 0),
        ("the last one please", 1),
        ("10234", 1),
        ("order 10237", 0),
        ("the one out for delivery", 1),
        ("desk lamp", 0),
        ("the HEADPHONES", 1),
    ],
)
def test_what_is_on_the_screen_can_be_typed(text: str, place: int) -> None:
    """A choice is understood by its place, its title and its description."""
    assert pick.choice(text, ROWS) is ROWS[place]


@pytest.mark.parametrize("text", ["", "3", "the fifth", "order", "the one", "10235", "yes", "1st or 2nd?"])
def test_no_guessing(text: str) -> None:
    """What fits no choice, or more than one, picks none."""
    assert pick.choice(text, ROWS) is None


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("Yes, cancel it", "cancel_order", True),
        ("ok", None, True),
        ("👍", "out_of_scope", True),
        ("no thanks", "thank", False),
        ("don't do it", "affirm", False),
        ("go for it", "affirm", True),
        ("rather not", "deny", False),
        ("cancel it", "cancel_order", None),
        ("note that", None, None),
        ("hmm wait", "affirm", None),
        ("ok hold on", "affirm", None),
    ],
)
def test_yes_or_no(text: str, intent: str | None, answer: bool | None) -> None:
    """The words decide; where they are silent, the intent does; else nobody has agreed to anything."""
    assert pick.yes_or_no(text, intent) is answer


def test_payload() -> None:
    """A payload is an intent with its entities."""
    assert pick.payload(ROWS[0]) == ("inform", {"order_number": "10237"})
    assert pick.payload({"title": "x", "payload": "/human_agent"}) == ("human_agent", {})
    assert pick.value(ROWS[1], "product") is None


@pytest.mark.parametrize(
    ("product", "title"),
    [
        ("shirt", "Linen shirt"),
        ("Phone cases", "Phone case"),
        ("glasses", "Reading glasses"),
        ("watches", "Smart watch"),
        ("phone", None),
        ("sofa", None),
        (None, None),
    ],
)
def test_a_word_for_a_product_means_one_title(product: str | None, title: str | None) -> None:
    """Singular or plural, the word names the one title it is part of, and none where it could be two."""
    titles = ["Linen shirt", "Phone case", "Phone stand", "Reading glasses", "Smart watch"]
    assert pick.title(product, titles) == title
