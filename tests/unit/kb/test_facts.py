"""Numbers, dates, amounts and links are found however they are written."""

from __future__ import annotations

import pytest

from kb import facts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("within 30 days", "a 30-day window"),
        ("two years", "the 2-year warranty"),
        ("one week", "1 week"),
        ("twenty-one days", "21 days"),
        ("€4.95", "4.95 euros"),
        ("€ 1,500.00", "1500 EUR"),
        ("15 %", "fifteen percent"),
        ("5 working days", "five business days"),
        ("３０ days", "30 days"),
        ("until 16 Dec", "until December 16th"),
        ("the 3rd of May", "May 3"),
        ("open on Mondays", "open on Monday"),
        ("mail Help@Shop.example.", "mail help@shop.example"),
    ],
)
def test_one_fact_written_in_two_ways_is_one(one: str, other: str) -> None:
    """Digits or words, symbol or name, singular or plural: the same fact."""
    assert facts.facts(one) == facts.facts(other) != frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("30 days", "30 euros"),
        ("30 days", "30 business days"),
        ("14 days", "40 days"),
        ("€5", "$5"),
        ("€4.95", "€495"),
        ("10%", "10 euros"),
        ("in March", "in April"),
        ("16 December", "9 December, 16 pieces"),
        ("on Monday", "on Friday"),
        ("half the price", "the price"),
        ("https://shop.example/a", "https://shop.example/b"),
        ("evil.example", "shop.example"),
    ],
)
def test_what_a_number_counts_belongs_to_the_fact(one: str, other: str) -> None:
    """A value with another unit, another name or another address is another fact."""
    assert not facts.facts(one) <= facts.facts(other)


def test_plain_words_are_no_facts() -> None:
    """Words like "one of them" or "you may" count nothing."""
    assert facts.facts("Choose one of them; you may march on, and someone pays.") == frozenset()
