from __future__ import annotations

import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from connectors.whatsapp.text import ELLIPSIS, size, split_text, truncate

FAMILY, FLAG, ACCENT = "👨‍👩‍👧", "🇧🇷", "e\u0301"

WORDS = st.lists(
    st.sampled_from(["order", "10234.", "Wo?", FAMILY, FLAG, ACCENT, "。", "https://x.example/" + "a" * 40]),
    max_size=60,
)
TEXTS = st.one_of(
    st.text(max_size=400),
    st.builds(lambda words, gap: gap.join(words), WORDS, st.sampled_from(["", " ", "\n", "\n\n", " \t "])),
)


def solid(text: str) -> str:
    return "".join(char for char in text if not char.isspace())


@given(TEXTS, st.integers(3, 120))
def test_truncation_keeps_the_limit(text: str, limit: int) -> None:
    """A truncated text is never over its limit, and is the text's own beginning."""
    shown = truncate(text, limit)
    assert size(shown) <= limit
    if shown != text.strip():
        assert shown.endswith(ELLIPSIS)
        assert text.strip().startswith(shown.removesuffix(ELLIPSIS))


@given(TEXTS, st.integers(2, 120))
def test_splitting_loses_nothing(text: str, limit: int) -> None:
    """The parts are within the limit, none is blank, and together they have every character but space."""
    parts = split_text(text, limit)
    assert all(0 < size(part) <= limit and part == part.strip() for part in parts)
    assert solid("".join(parts)) == solid(text)


@given(WORDS, st.integers(20, 80))
def test_splitting_keeps_graphemes_whole(words: list[str], limit: int) -> None:
    """No flag, family or accented letter is cut in two."""
    text = "".join(words)
    assert [
        found for part in split_text(text, limit) for found in regex.findall(r"\X", part)
    ] == regex.findall(r"\X", text)


def test_a_grapheme_longer_than_a_message_is_still_sent() -> None:
    """One letter under five thousand accents ends up in several parts instead of nowhere."""
    text = "a" + "\u0301" * 5000
    parts = split_text(text)
    assert len(parts) > 1
    assert "".join(parts) == text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" \n ", []),
        ("short", ["short"]),
        ("first paragraph here\n\nsecond one. And more", ["first paragraph here", "second one. And more"]),
        ("first line goes here\nsecond line here", ["first line goes here", "second line here"]),
        ("A sentence is here. Another one follows it", ["A sentence is here.", "Another one follows it"]),
        ("only words without any sentence end", ["only words without any", "sentence end"]),
        ("x" * 30, ["x" * 24, "x" * 6]),
    ],
)
def test_where_a_text_is_split(text: str, parts: list[str]) -> None:
    """Paragraphs come before lines, lines before sentences, sentences before words, words before letters."""
    assert split_text(text, 24) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Please read *the three rules* now", ["Please read", "*the three rules* now"]),
        ("Please do _not open_ it before", ["Please do _not open_ it", "before"]),
        ("Look here: ```one\n\ntwo``` and stop", ["Look here:", "```one\n\ntwo``` and stop"]),
        ("5 * 4 is twenty, 6 * 4 is more", ["5 * 4 is twenty, 6 * 4", "is more"]),
        ("*all of this line is bold here*", ["*all of this line is", "bold here*"]),
    ],
)
def test_marks_stay_together(text: str, parts: list[str]) -> None:
    """A cut goes before words between marks, not into them, unless they alone are too long."""
    assert split_text(text, 24) == parts


def test_marks_without_end_cost_no_time() -> None:
    """Sixty thousand characters of opening marks are cut in far less than a turn takes."""
    begun = time.process_time()
    assert len(split_text(" *a" * 20_000)) > 10
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("Cancel", 20, "Cancel"),
        ("  Cancel  ", 6, "Cancel"),
        ("Track my order in detail", 20, "Track my order in…"),
        ("Track my order, please do", 18, "Track my order…"),
        ("Donaudampfschifffahrtsgesellschaft", 20, "Donaudampfschifffah…"),
        (f"Hello {FAMILY}{FAMILY}", 16, f"Hello {FAMILY}…"),
        ("👍" * 4, 8, "👍" * 4),
        ("👍" * 5, 8, "👍👍👍…"),
    ],
)
def test_where_a_text_is_shortened(text: str, limit: int, shown: str) -> None:
    """A cut falls between words when one is near, else between graphemes; emoji count as UTF-16 does."""
    assert truncate(text, limit) == shown


def test_a_long_text_splits_quickly() -> None:
    """Half a megabyte of spaces and letters is split in moments, not minutes."""
    assert len(split_text("a \n" * 170_000)) > 100
