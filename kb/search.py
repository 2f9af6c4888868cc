"""Searches articles: a dense and a lexical ranker fused, with a score that can be used as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb import evidence, library, topics, words
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


@dataclass(frozen=True, slots=True)
class Found:
    """The chunks that may answer a question, in the order of the index, with the fused measure of each.

    `signs`: what speaks for the articles answering it at all.
    """

    chunks: NDArray[np.int64]
    fused: NDArray[np.float32]
    signs: evidence.Signs


def rank(index: Index, encoder: Encoder, text: str, k: int) -> list[Passage]:
    """The k best sections of an index for a question, best first; one passage of each section.

    A question without a word has none.
    """
    question = index.speller.correct(text[:LONGEST_QUESTION])
    if not words.words(question):
        return []
    found = candidates(index, encoder, question)
    order = np.argsort(-found.fused, kind="stable")
    scores = evidence.probability(found.fused[order], found.signs)
    return list(_passages(index, zip(found.chunks[order], scores, strict=True), k))


def candidates(index: Index, encoder: Encoder, question: str) -> Found:
    """What the two rankers find for a question of correct words, measured."""
    query = encoder.encode([question])[0]
    terms = words.terms(question)
    lexical = index.lexical.scores(terms)
    found = _near(index, query, lexical)
    heading, whole, best, topic = _cosines(index, np.stack([query, topics.of(encoder).said(query)]), found)
    signs = evidence.Signs(float(best.max()), float(topic.max()), index.lexical.known(terms), index.prepared)
    return Found(found, evidence.fuse(heading, whole, best, lexical[found], topic), signs)


def _near(index: Index, query: Vectors, lexical: Scores) -> NDArray[np.int64]:
    """The chunks that one of the rankers puts near the top, in the order of the index."""
    _, rows = index.nearest.search(query[np.newaxis], min(CANDIDATES, len(index.vectors)))
    dense = np.searchsorted(index.starts, rows[0][rows[0] >= 0], side="right") - 1
    top = np.argpartition(-lexical, min(CANDIDATES, len(lexical)) - 1)[:CANDIDATES]
    return np.union1d(dense, top[lexical[top] > 0]).astype(np.int64)


def _cosines(index: Index, queries: Vectors, found: NDArray[np.int64]) -> list[Vectors]:
    """Of each chunk: its heading's, its whole's and its best view's cosine with the first query, and its best
    view's with the second."""
    first, after = index.starts[found], index.starts[found + 1]
    rows = np.concatenate([np.arange(start, end) for start, end in zip(first, after, strict=True)])
    asked, said = queries @ index.vectors[rows].T
    heads = np.concatenate([[0], np.cumsum(after - first)[:-1]])
    best, topic = np.maximum.reduceat(asked, heads), np.maximum.reduceat(said, heads)
    return [asked[heads], asked[heads + 1], best, topic]


def _passages(index: Index, ranked: Iterable[tuple[int, float]], k: int) -> Iterator[Passage]:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for place, score in ranked:
        chunk = index.chunks[place]
        if len(seen) < k and (chunk.article, chunk.path) not in seen:
            seen.add((chunk.article, chunk.path))
            yield Passage(
                chunk.article, chunk.title, chunk.section, chunk.version, round(float(score), 4), chunk.text
            )
