"""Searches articles: a dense and a lexical ranker fused, with a score that can be used as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb import evidence, library, words
from kb.encoder import Encoder, Vectors
from kb.index import Index
from kb.lexical import Scores

CANDIDATES = 50
"""How many views, and how many chunks, each ranker proposes; the fusion then reads their exact scores."""

LONGEST_QUESTION = 1_000
"""Characters that are read of a question: more than the encoder takes."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A section, or a part of a long one, that may answer the question.

    `article` is the file's name without suffix, `score` the estimated probability that the passage answers,
    0 to 1 (kb.evidence); below evidence.THRESHOLD it is better to say nothing.
    """

    article: str
    title: str
    section: str
    version: str
    score: float
    text: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def search(text: str, k: int = 3) -> list[Passage]:
    """The k best sections of the shop's own articles for a question, best first."""
    shop = library.shop()
    return rank(shop.index, shop.encoder, text, k)


def search_folder(folder: Path, text: str, k: int = 3, cache: Path = library.CACHE) -> list[Passage]:
    """The k best sections of any folder of Markdown files, which is indexed first and kept in `cache`.

    Raises NoFolderError, NoArticlesError, NoEncoderError (all KbError, with a sentence for the terminal).
    """
    opened = library.open_folder(folder.resolve(), cache.resolve())
    return rank(opened.index, opened.encoder, text, k)


def rank(index: Index, encoder: Encoder, text: str, k: int) -> list[Passage]:
    """The k best sections of an index for a question, best first; one passage of each section.

    A question without a word has none.
    """
    found, fused = fuse(index, encoder, text)
    order = np.argsort(-fused, kind="stable")
    return list(_passages(index, zip(found[order], evidence.probability(fused[order]), strict=True), k))


def fuse(index: Index, encoder: Encoder, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The chunks that may answer a question, in the order of the index, and the fused measure of each."""
    question = index.speller.correct(text[:LONGEST_QUESTION])
    if not words.words(question):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    query = encoder.encode([question])[0]
    lexical = index.lexical.scores(words.terms(question))
    found = _candidates(index, query, lexical)
    return found, _fused(index, query, lexical, found)


def _candidates(index: Index, query: Vectors, lexical: Scores) -> NDArray[np.int64]:
    """The chunks that one of the rankers puts near the top, in the order of the index."""
    _, rows = index.nearest.search(query[np.newaxis], min(CANDIDATES, len(index.vectors)))
    dense = np.searchsorted(index.starts, rows[0][rows[0] >= 0], side="right") - 1
    top = np.argpartition(-lexical, min(CANDIDATES, len(lexical)) - 1)[:CANDIDATES]
    return np.union1d(dense, top[lexical[top] > 0]).astype(np.int64)


def _fused(index: Index, query: Vectors, lexical: Scores, found: NDArray[np.int64]) -> NDArray[np.float32]:
    first, after = index.starts[found], index.starts[found + 1]
    rows = np.concatenate([np.arange(start, end) for start, end in zip(first, after, strict=True)])
    cosines = index.vectors[rows] @ query
    heads = np.concatenate([[0], np.cumsum(after - first)[:-1]])
    return evidence.fuse(
        heading=cosines[heads],
        whole=cosines[heads + 1],
        best=np.maximum.reduceat(cosines, heads),
        lexical=lexical[found],
    )


def _passages(index: Index, ranked: Iterable[tuple[int, float]], k: int) -> Iterator[Passage]:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for place, score in ranked:
        chunk = index.chunks[place]
        if len(seen) < k and (chunk.article, chunk.path) not in seen:
            seen.add((chunk.article, chunk.path))
            yield Passage(
                chunk.article, chunk.title, chunk.section, chunk.version, round(float(score), 4), chunk.text
            )
