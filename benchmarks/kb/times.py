"""How long a search and a build take."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from rich.console import Console

from benchmarks.kb.questions import Question
from benchmarks.kb.tables import table
from kb import articles, index, library, search, words
from kb.articles import Chunk
from kb.encoder import DIMENSIONS, Encoder
from kb.index import Index

MANY = 100_000
REPEATS = 200

T = TypeVar("T")


def show(console: Console, opened: Index, encoder: Encoder, asked: Sequence[Question]) -> None:
    """Milliseconds of a search, and seconds of a build."""
    made = table("Times", "what", "median", "95th percentile")
    texts = [question.text for question in asked]
    made.add_row("encode a question", *_milliseconds(lambda text: encoder.encode([text]), texts))
    made.add_row(
        f"search, {len(opened.chunks)} chunks",
        *_milliseconds(lambda text: search.rank(opened, encoder, text, 3), texts),
    )
    many, seconds = _timed(lambda: synthetic(opened, encoder, MANY))
    made.add_row(
        f"search, {len(many.chunks):,} chunks",
        *_milliseconds(lambda text: search.rank(many, encoder, text, 3), texts),
    )
    for name, took in build_times(encoder).items():
        made.add_row(name, f"{took:.2f} s", "")
    made.add_row(f"index {len(many.chunks):,} chunks, vectors kept", f"{seconds:.0f} s", "")
    console.print(made)


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
