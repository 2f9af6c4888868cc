"""How well our own sections are found, and whether the kb answers or is silent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.kb.questions import Question
from benchmarks.kb.tables import table
from kb import evidence, search, words
from kb.encoder import Encoder
from kb.index import Index

Ranker = Callable[[str], list[tuple[str, str]]]
"""A question in, (article, section) out, best first."""


def rankers(opened: Index, plain: Index, encoder: Encoder) -> dict[str, Ranker]:
    """What is compared: each ranker alone, the fusion, and the fusion without asked questions."""
    correct = opened.speller.correct

    def lexical(text: str) -> list[tuple[str, str]]:
        return _named(opened, opened.lexical.scores(words.terms(text)))

    def dense(text: str) -> list[tuple[str, str]]:
        cosines = opened.vectors @ encoder.encode([text])[0]
        return _named(opened, np.maximum.reduceat(cosines, opened.starts[:-1]))

    def fused(which: Index) -> Ranker:
        return lambda text: [(p.article, p.section) for p in search.rank(which, encoder, text, k=20)]

    return {
        "lexical (baseline)": lexical,
        "lexical, spelling corrected": lambda text: lexical(correct(text)),
        "dense": dense,
        "dense, spelling corrected": lambda text: dense(correct(text)),
        "fused": fused(opened),
        "fused, articles without asked questions": fused(plain),
    }


def _named(opened: Index, scores: NDArray[np.float32]) -> list[tuple[str, str]]:
    order = np.argsort(-scores, kind="stable")
    return [(opened.chunks[i].article, opened.chunks[i].section) for i in order if scores[i] > 0]


def places(ranker: Ranker, asked: Sequence[Question]) -> NDArray[np.float64]:
    """The place of each question's gold section, 1 for the first, infinite when it is not found."""
    found = [ranker(question.text) for question in asked]
    return np.array(
        [
            ranked.index(question.gold) + 1.0 if question.gold in ranked else np.inf
            for ranked, question in zip(found, asked, strict=True)
        ]
    )


def show(console: Console, compared: dict[str, Ranker], asked: Sequence[Question]) -> None:
    """hit@1, hit@3 and MRR of each ranker, of all questions, by kind, and of the held-out half."""
    parts: dict[str, Callable[[Question], bool]] = {
        "all": lambda question: True,
        "paraphrased": lambda question: question.kind == "paraphrased",
        "misspelt": lambda question: question.kind == "misspelt",
        "held-out half": lambda question: question.held_out,
    }
    made = table(f"Retrieval on {len(asked)} answerable questions: hit@1 / hit@3 / MRR", "ranker", *parts)
    for name, ranker in compared.items():
        found = places(ranker, asked)
        halves = [found[[part(question) for question in asked]] for part in parts.values()]
        made.add_row(name, *(" / ".join(f"{number:.3f}" for number in hits(half)) for half in halves))
    console.print(made)


def hits(found: NDArray[np.float64]) -> tuple[float, float, float]:
    """hit@1, hit@3 and MRR of these places."""
    return float(np.mean(found <= 1)), float(np.mean(found <= 3)), float(np.mean(1 / found))


def show_answerability(console: Console, opened: Index, encoder: Encoder, asked: Sequence[Question]) -> None:
    """How often the kb answers what it can, and is silent on the rest, at kb.evidence's threshold."""
    made = table(
        f"Grounded or silent: threshold {evidence.THRESHOLD}",
        "questions", "answered", "of these, right section", "refused", "F1",
    )  # fmt: skip
    for name, part in (
        ("all", list(asked)),
        ("development half", [question for question in asked if not question.held_out]),
        ("held-out half", [question for question in asked if question.held_out]),
    ):
        best = [search.rank(opened, encoder, question.text, k=1)[0] for question in part]
        answered = np.array([passage.score >= evidence.THRESHOLD for passage in best])
        can = np.array([question.gold is not None for question in part])
        right = np.array([(p.article, p.section) == q.gold for p, q in zip(best, part, strict=True)])
        f1 = 2 * np.sum(answered & can) / (np.sum(answered) + np.sum(can))
        made.add_row(
            name,
            f"{np.mean(answered[can]):.3f}",
            f"{np.mean(right[answered & can]):.3f}",
            f"{np.mean(~answered[~can]):.3f}",
            f"{f1:.3f}",
        )
    console.print(made)
