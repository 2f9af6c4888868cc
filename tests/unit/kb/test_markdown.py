"""Markdown becomes what a person can read on a phone."""

from __future__ import annotations

import pytest

from kb import markdown, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Free** from _$50_, see [here](https://shop.example).", "Free from $50, see here."),
        ("one\ntwo", "one two"),
        ("- one\n- two\n\n1. three", "• one\n• two\n1. three"),
        ("<!-- hidden -->\nShown<br>here", "Shown here"),
        ("![a chart](x.png)", "a chart"),
        ("| To | Price |\n|---|---|\n| Canada | $9 |\n| UK | |", "To: Canada; Price: $9\nTo: UK"),
    ],
)
def test_markup_goes_and_words_stay(text: str, expected: str) -> None:
    """Marks, link targets and comments go; list items and table rows stand on lines of their own."""
    assert markdown.plain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is free. It takes 3 days.", ["It is free.", "It takes 3 days."]),
        ("Pay $4.90 at 8:00. Fine!", ["Pay $4.90 at 8:00.", "Fine!"]),
        ("We ship abroad, e.g. Canada. Ask us.", ["We ship abroad, e.g. Canada.", "Ask us."]),
        ("No P.O. Box today.", ["No P.O. Box today."]),
        ('Say "stop." Then go.', ['Say "stop."', "Then go."]),
        ("• one\n• two", ["• one", "• two"]),
        ("1. Log in. Wait.\n2. Pay", ["1. Log in.", "Wait.", "2. Pay"]),
    ],
)
def test_sentences_end_where_they_end(text: str, expected: list[str]) -> None:
    """Abbreviations, prices and times do not end a sentence; a new line does."""
    assert sentences.split(text) == expected
