"""Words are read alike in questions and articles."""

from __future__ import annotations

import pytest

from kb import words
from kb.lexical import Bm25
from kb.words import Meanings, Speller

ENGLISH = ["the", "when", "how", "long", "money", "return", "speed", "speak", "free", "voucher"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Retrun the refnd", "return the refund"),
        ("wen is it fre", "when is it free"),
        ("speek", "speak"),
        ("u hav 10234", "you hav 10234"),
        ("vouchers", "vouchers"),
        ("Zürich", "zurich"),
    ],
)
def test_misspelt_words_are_corrected(typed: str, meant: str) -> None:
    """Slips go to the nearest known word; numbers, inflections and names far from any word stay."""
    assert Speller({"refund", "return"}, ENGLISH).correct(typed) == meant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sending the blue shirt back", "returning the blue shirt"),
        ("a guarantee", "the warranty"),
        ("Cancelled orders", "cancel an order"),
        ("swap it", "exchange"),
    ],
)
def test_synonyms_and_endings_are_the_same_term(one: str, other: str) -> None:
    """What means the same is the same to the lexical ranker."""
    assert words.terms(one) == words.terms(other)


def test_the_longest_phrase_wins() -> None:
    """A phrase is read as a whole before its words are."""
    meanings = Meanings([["return", "send … back"], ["dispatch", "send"]])

    assert meanings.read("send it back now send".split()) == ["return", "it", "now", "dispatch"]


def test_bm25_is_a_share_of_the_question() -> None:
    """A chunk with all of the question's rare words scores high, and an unknown word lowers every score."""
    ranker = Bm25([["refund", "days"], ["days", "express"], ["invoice"]])

    known, unknown = ranker.scores(["refund", "days"]), ranker.scores(["refund", "days", "zebra"])

    assert known.argmax() == 0
    assert 0 < unknown[0] < known[0] <= 1
    assert ranker.scores(["zebra"]).tolist() == [0, 0, 0]
