"""Other shops' policies, and how well they are searched.

The folders of benchmarks/shops and benchmarks/unseen are invented shops that write their policies in other
ways than we do: one long file with numbers in its headings, many small files, underlined headings, questions
as headings or in bold, tables, deep nesting, no headings at all. None has asked questions in comments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.kb import questions, ranking
from benchmarks.kb.questions import Question
from benchmarks.kb.tables import table
from kb import evidence, index, search
from kb.encoder import Encoder
from kb.index import Index
from kb.search import Passage


@dataclass(frozen=True, slots=True)
class Shop:
    """An index, and what is asked of it."""

    name: str
    index: Index
    asked: Sequence[Question]


def opened(encoder: Encoder, out: Path, place: Path = questions.SHOPS) -> list[Shop]:
    """The shops of a folder; their vectors are kept under `out`."""
    return [
        Shop(folder.name, index.build(folder, encoder, out / folder.name), questions.of_shop(folder))
        for folder in questions.shops(place)
    ]


def show(console: Console, title: str, shops: Sequence[Shop], encoder: Encoder) -> None:
    """A row for each shop: its ranking, and whether it answers or is silent; and their mean."""
    made = table(
        f"{title}: threshold {evidence.THRESHOLD}",
        "shop", "questions", "hit@1", "hit@3", "MRR", "answered", "of these, right section", "refused",
    )  # fmt: skip
    rows = np.array([measures(shop, encoder) for shop in shops])
    for shop, row in zip(shops, rows, strict=True):
        made.add_row(shop.name, str(len(shop.asked)), *(f"{number:.3f}" for number in row))
    asked = sum(len(shop.asked) for shop in shops)
    made.add_row("mean of the shops", str(asked), *(f"{number:.3f}" for number in rows.mean(axis=0)))
    console.print(made)


def measures(shop: Shop, encoder: Encoder) -> NDArray[np.float64]:
    """hit@1, hit@3, MRR, share answered, share of these from the gold section, share refused; 0 to 1."""
    found = [search.rank(shop.index, encoder, question.text, k=20) for question in shop.asked]
    places = np.array([place(ranked, question) for ranked, question in zip(found, shop.asked, strict=True)])
    can = np.array([question.gold is not None for question in shop.asked])
    answered = np.array([bool(ranked) and ranked[0].score >= evidence.THRESHOLD for ranked in found])
    return np.array(
        [
            *ranking.hits(places[can]),
            answered[can].mean(),
            (places[answered & can] == 1).mean(),
            1 - answered[~can].mean(),
        ]
    )


def place(ranked: Sequence[Passage], question: Question) -> float:
    """The place of the question's gold section, 1 for the first, infinite when it is not found."""
    named = [(passage.article, passage.section) for passage in ranked]
    return named.index(question.gold) + 1.0 if question.gold in named else np.inf
