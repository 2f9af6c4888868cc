"""Measures the kb: `python -m benchmarks.kb` prints the tables, `--fit` the constants of kb.evidence.

Questions: benchmarks/kb_questions.yml. Every second one is the development half, on which the constants were
fitted and the articles' asked questions completed; the others are held out. The baseline is BM25 alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import readme
from kb import articles, evidence, index, library, search, words
from kb.articles import Chunk
from kb.encoder import DIMENSIONS, Encoder
from kb.index import Index
from kb.vectors import Shelf

QUESTIONS = Path(__file__).with_name("kb_questions.yml")
MANY = 100_000
REPEATS = 200
RIDGE = 0.3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """`gold` is (article, section), None when no article answers; `held_out` was never tuned on."""

    text: str
    kind: str
    gold: tuple[str, str] | None
    held_out: bool


Ranker = Callable[[str], list[tuple[str, str]]]
"""A question in, (article, section) out, best first."""


def questions() -> list[Question]:
    """The questions of the file, in its order; every second of a kind is held out."""
    known = articles.facts(library.ARTICLES)
    kinds = yaml.safe_load(articles.fill(QUESTIONS.read_text(encoding="utf-8"), known))
    asked: list[tuple[str, str, tuple[str, str] | None]] = [
        (text, kind, (article, section))
        for kind in ("paraphrased", "misspelt")
        for article, sections in kinds[kind].items()
        for section, texts in sections.items()
        for text in texts
    ]
    asked += [(text, "unanswerable", None) for text in kinds["unanswerable"]]
    return [Question(*one, held_out=place % 2 == 1) for place, one in enumerate(asked)]


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


def show_ranking(console: Console, compared: dict[str, Ranker], asked: Sequence[Question]) -> None:
    """hit@1, hit@3 and MRR of each ranker, of all questions, by kind, and of the held-out half."""
    table = _table(f"Retrieval on {len(asked)} answerable questions: hit@1 / hit@3 / MRR")
    parts: dict[str, Callable[[Question], bool]] = {
        "all": lambda question: True,
        "paraphrased": lambda question: question.kind == "paraphrased",
        "misspelt": lambda question: question.kind == "misspelt",
        "held-out half": lambda question: question.held_out,
    }
    for heading in ("ranker", *parts):
        table.add_column(heading)
    for name, ranker in compared.items():
        found = places(ranker, asked)
        cells = [_hits(found[[part(question) for question in asked]]) for part in parts.values()]
        table.add_row(name, *cells)
    console.print(table)


def _hits(found: NDArray[np.float64]) -> str:
    return f"{np.mean(found <= 1):.3f} / {np.mean(found <= 3):.3f} / {np.mean(1 / found):.3f}"


def show_answerability(console: Console, opened: Index, encoder: Encoder, asked: Sequence[Question]) -> None:
    """How often the kb answers what it can, and is silent on the rest, at kb.evidence's threshold."""
    table = _table(f"Grounded or silent: threshold {evidence.THRESHOLD}")
    for heading in ("questions", "answered", "of these, right section", "refused", "F1"):
        table.add_column(heading)
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
        table.add_row(
            name,
            f"{np.mean(answered[can]):.3f}",
            f"{np.mean(right[answered & can]):.3f}",
            f"{np.mean(~answered[~can]):.3f}",
            f"{f1:.3f}",
        )
    console.print(table)


def show_times(console: Console, opened: Index, encoder: Encoder, asked: Sequence[Question]) -> None:
    """Milliseconds of a search, and seconds of a build."""
    table = _table("Times")
    for heading in ("what", "median", "95th percentile"):
        table.add_column(heading)
    texts = [question.text for question in asked]
    table.add_row("encode a question", *_milliseconds(lambda text: encoder.encode([text]), texts))
    table.add_row(
        f"search, {len(opened.chunks)} chunks",
        *_milliseconds(lambda text: search.rank(opened, encoder, text, 3), texts),
    )
    many, seconds = _timed(lambda: synthetic(opened, encoder, MANY))
    table.add_row(
        f"search, {len(many.chunks):,} chunks",
        *_milliseconds(lambda text: search.rank(many, encoder, text, 3), texts),
    )
    for name, took in build_times(encoder).items():
        table.add_row(name, f"{took:.2f} s", "")
    table.add_row(f"index {len(many.chunks):,} chunks, vectors kept", f"{seconds:.0f} s", "")
    console.print(table)


def _milliseconds(call: Callable[[str], object], texts: Sequence[str]) -> tuple[str, str]:
    took = []
    for repeat in range(REPEATS):
        started = time.perf_counter()
        call(texts[repeat % len(texts)])
        took.append((time.perf_counter() - started) * 1000)
    return f"{statistics.median(took):.1f} ms", f"{statistics.quantiles(took, n=20)[-1]:.1f} ms"


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    result = call()
    return result, time.perf_counter() - started


def build_times(encoder: Encoder) -> dict[str, float]:
    """Seconds to index 100 articles: from nothing, after a change in one, and after none."""
    sources = [file.read_text(encoding="utf-8") for file in articles.files(library.ARTICLES)]
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place, "articles"), Path(place, "out")
        folder.mkdir()
        for number in range(100):
            text = sources[number % len(sources)].replace("days", f"days ({number})")
            (folder / f"article_{number:03}.md").write_text(text, encoding="utf-8")
        times = {"index 100 articles, from nothing": _timed(lambda: index.build(folder, encoder, out))[1]}
        times["the same, nothing changed"] = _timed(lambda: index.build(folder, encoder, out))[1]
        (folder / "article_007.md").write_text("# New\n\nSomething else is true now.\n", encoding="utf-8")
        times["the same, one article changed"] = _timed(lambda: index.build(folder, encoder, out))[1]
    return times


def synthetic(opened: Index, encoder: Encoder, count: int) -> Index:
    """An index of `count` made-up chunks, three views each: words as in the articles, noisy vectors."""
    chance, noise = random.Random(7), np.random.default_rng(7)
    text = [word for chunk in opened.chunks for word in words.words(chunk.text)]
    spoken = [*text, *(word for word in encoder.words()[::10] if len(word) > 2)]
    chunks = [
        Chunk(f"a{i // 10}", "T", f"S{i}", (f"S{i}",), "1", " ".join(chance.choices(spoken, k=40)))
        for i in range(count)
    ]
    rows = noise.integers(len(opened.vectors), size=3 * count)
    vectors = opened.vectors[rows] + 0.04 * noise.standard_normal((3 * count, DIMENSIONS), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return index.of_vectors(chunks, vectors, np.arange(0, 3 * count + 1, 3), encoder.words())


def fit(opened: Sequence[Index], encoder: Encoder, asked: Sequence[Question]) -> tuple[float, float]:
    """SLOPE and MIDDLE of kb.evidence: logistic regression of "can be answered" on the best chunk's measure.

    On the development half; its unanswerable questions weigh together as much as the others.
    """
    measures, answered, weights = [], [], []
    part = [question for question in asked if not question.held_out]
    answerable = sum(question.gold is not None for question in part)
    for question in part:
        for which in opened:
            measures.append(float(search.fuse(which, encoder, question.text)[1].max()))
            answered.append(question.gold is not None)
            weights.append(1.0 if question.gold else answerable / (len(part) - answerable))
    inputs = np.stack([np.array(measures), np.ones(len(measures))])
    slope, offset = _logistic(inputs, np.array(answered, dtype=float), np.array(weights))
    return slope, -offset / slope


def _logistic(
    inputs: NDArray[np.float64], right: NDArray[np.float64], weights: NDArray[np.float64]
) -> list[float]:
    """Coefficients of a ridge-penalised logistic regression, by Newton's method."""
    beta = np.zeros(len(inputs))
    for _ in range(30):
        guess = 1 / (1 + np.exp(-beta @ inputs))
        gradient = inputs @ (weights * (right - guess)) - RIDGE * beta
        curve = (inputs * (weights * guess * (1 - guess))) @ inputs.T + RIDGE * np.eye(len(inputs))
        beta = beta + np.linalg.solve(curve, gradient)
    return [float(number) for number in beta]


def _table(title: str) -> Table:
    """A table that is Markdown too."""
    return Table(title=f"{title}\n", box=box.MARKDOWN, title_justify="left", title_style="")


def main() -> None:
    """Print the tables, with --write into README.md too; or with --fit the constants."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--fit", action="store_true", help="print SLOPE and MIDDLE for kb.evidence")
    options.add_argument("--write", action="store_true", help="write the tables into README.md")
    options.add_argument("--no-times", action="store_true", help="leave the table of times out")
    chosen = options.parse_args()
    asked, encoder, console = questions(), library.encoder(), Console(width=150, record=True)
    with tempfile.TemporaryDirectory() as place:
        opened = index.build(library.ARTICLES, encoder, Path(place, "own"))
        bare = [dataclasses.replace(chunk, asked=()) for chunk in opened.chunks]
        plain = index.of_chunks(bare, encoder, Shelf(Path(place, "plain.npz"), encoder))
    if chosen.fit:
        console.print("SLOPE, MIDDLE = {:.2f}, {:.3f}".format(*fit([opened, plain], encoder, asked)))
        return
    show_ranking(console, rankers(opened, plain, encoder), [question for question in asked if question.gold])
    show_answerability(console, opened, encoder, asked)
    if not chosen.no_times:
        show_times(console, opened, encoder, asked)
    if chosen.write:
        tables = "\n".join(line.rstrip() for line in console.export_text().splitlines())
        readme.write("kb", f"The kb, `make bench-kb`; the baseline is BM25.\n\n{tables}")


if __name__ == "__main__":
    main()
