"""A message as the models read it."""

from __future__ import annotations

import pytest

from engine.nlu import writing


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("where is 99999", "where is 12345"),
        ("where is #10301?", "where is 12345?"),
        ("1 0 2 3 4", "12345"),
        ("order 123456789012345", "order 12345"),
        ("mail ana.silva@example.com", "mail me@example.com"),
        ("ana10234@example.com", "me@example.com"),
        ("see https://shop.example.com/p/10234 now", "see example.com now"),
        ("two of 250, paid 49.90", "two of 250, paid 49.90"),
        ("1234567890123456", "1234567890123456"),
        ("", ""),
    ],
)
def test_what_has_no_meaning_gets_a_stand_in(text: str, read: str) -> None:
    """Numbers of 4 to 15 digits, e-mails and links read alike, whichever they are."""
    assert writing.plain(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("👍", "yes ok"),
        ("👍🏽👍🏽👍🏽", "yes ok"),
        ("❤️", "love"),
        ("where is my 📦?", "where is my  parcel ?"),
        ("olá", "olá"),
        ("🦑", "🦑"),
    ],
)
def test_common_emoji_are_words(text: str, read: str) -> None:
    """An emoji is read as its word, once however often it is repeated and whatever its skin."""
    assert writing.plain(text) == read
