"""The lexical ranker: BM25 over the terms of each chunk, read as a share of the question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

import bm25s
import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


class Bm25:
    """BM25 (Lucene's form, k1 1.2, b 0.5: articles' sections are of like length) over tokenised chunks.

    bm25s keeps every term's scores ready in a sparse matrix, so a question only adds up a few rows:
    milliseconds at 100,000 chunks.
    """

    def __init__(self, chunks: Sequence[Sequence[str]]) -> None:
        self._size = len(chunks)
        found_in = Counter(term for chunk in chunks for term in set(chunk))
        self._weights = {term: _idf(self._size, count) for term, count in found_in.items()}
        self._unknown = _idf(self._size, 0)
        self._ranker = bm25s.BM25(k1=1.2, b=0.5, method="lucene")
        if self._weights:
            self._ranker.index([list(chunk) for chunk in chunks], show_progress=False)

    def scores(self, terms: Sequence[str]) -> Scores:
        """The share of the question's weight that each chunk holds, shape (chunks,), from 0 to 1.

        A term that no chunk has weighs most, so a question about something else scores low everywhere.
        """
        known = [term for term in dict.fromkeys(terms) if term in self._weights]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        whole = sum(self._weights.get(term, self._unknown) for term in dict.fromkeys(terms))
        return np.asarray(self._ranker.get_scores(known), dtype=np.float32) / np.float32(whole)

    def known(self, terms: Sequence[str]) -> float:
        """The share of the question's terms that any chunk has, from 0 to 1."""
        asked = set(terms)
        return len(asked & self._weights.keys()) / len(asked) if asked else 0.0


def _idf(size: int, count: int) -> float:
    """Lucene's inverse document frequency."""
    return log(1 + (size - count + 0.5) / (count + 0.5))
