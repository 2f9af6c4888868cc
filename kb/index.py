"""The index of a folder of articles: chunks, their vectors in FAISS, and the lexical ranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from kb import articles, sentences, words
from kb.articles import Chunk
from kb.encoder import DIMENSIONS, Encoder, Vectors
from kb.lexical import Bm25
from kb.vectors import Shelf
from kb.words import Speller

EXACT_UP_TO = 10_000
"""Vectors that are compared one by one (a few ms); above, only those of the nearest lists are."""
PROBED_LISTS = 24


@dataclass(frozen=True, slots=True)
class Index:
    """Everything a search needs, made once and never changed.

    Each chunk is seen from several sides ("views"), each with a vector: its heading, the section as a
    whole, each of its sentences, and the questions its article says are asked. `vectors` has a row per view;
    those of chunk i are rows starts[i] to starts[i + 1], the heading first, the whole second.
    """

    chunks: tuple[Chunk, ...]
    vectors: Vectors
    starts: NDArray[np.int64]
    nearest: faiss.Index
    lexical: Bm25
    speller: Speller

    @property
    def prepared(self) -> float:
        """The share of the chunks that say which questions they answer, from 0 to 1."""
        return sum(bool(chunk.asked) for chunk in self.chunks) / len(self.chunks)


def build(folder: Path, encoder: Encoder | Path, out: Path) -> Index:
    """The index of the Markdown files in `folder`; vectors are kept in `out`, so only new text is encoded.

    `encoder`: an open encoder or its folder. Raises NoFolderError, NoArticlesError, NoEncoderError.
    """
    opened = Encoder(encoder) if isinstance(encoder, Path) else encoder
    return of_chunks(articles.load(folder), opened, Shelf(out / "vectors.npz", opened))


def of_chunks(chunks: Sequence[Chunk], encoder: Encoder, shelf: Shelf) -> Index:
    """The index of these chunks, with vectors from the shelf."""
    sides = [views(chunk) for chunk in chunks]
    starts = np.concatenate([[0], np.cumsum([len(side) for side in sides])]).astype(np.int64)
    return of_vectors(chunks, shelf.get([text for side in sides for text in side]), starts, encoder.words())


def of_vectors(
    chunks: Sequence[Chunk], vectors: Vectors, starts: NDArray[np.int64], english: Sequence[str]
) -> Index:
    """The index of chunks whose views are encoded already; `english` are known words, frequent ones first."""
    vocabulary = {word for chunk in chunks for word in words.words(searched_text(chunk))}
    return Index(
        chunks=tuple(chunks),
        vectors=vectors,
        starts=starts,
        nearest=_nearest(vectors),
        lexical=Bm25([words.terms(searched_text(chunk)) for chunk in chunks]),
        speller=Speller(vocabulary, english),
    )


def views(chunk: Chunk) -> list[str]:
    """The texts that stand for a chunk before the encoder: heading, whole, sentences, asked questions."""
    parts = sentences.split(chunk.text)
    single = [f"{chunk.section}. {part}" for part in parts] if len(parts) > 1 else []
    return [chunk.heading, f"{chunk.section}. {chunk.text}", *single, *chunk.asked]


def searched_text(chunk: Chunk) -> str:
    """What the lexical ranker reads: the section's own heading counts twice."""
    return "\n".join((chunk.section, chunk.heading, chunk.text, *chunk.asked))


def _nearest(vectors: Vectors) -> faiss.Index:
    if len(vectors) <= EXACT_UP_TO:
        exact = faiss.IndexFlatIP(DIMENSIONS)
        exact.add(vectors)
        return exact
    lists = 2 * isqrt(len(vectors))
    index = faiss.index_factory(DIMENSIONS, f"IVF{lists},SQfp16", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[:: max(1, len(vectors) // (40 * lists))])
    index.add(vectors)
    faiss.ParameterSpace().set_index_parameter(index, "nprobe", PROBED_LISTS)
    return index
