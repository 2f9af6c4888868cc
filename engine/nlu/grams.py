"""Weighted n-grams: TfidfVectorizer learns them from many texts, and one message at a time is read fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = npt.NDArray[np.floating[Any]]
Rows = npt.NDArray[np.int_]


class Grams:
    """N-grams of one kind ("char_wb" or "word"); weights are sublinear counts times rarity, of length 1."""

    def __init__(self, kind: str, sizes: tuple[int, int]) -> None:
        self._vectorizer = TfidfVectorizer(
            analyzer=kind, ngram_range=sizes, sublinear_tf=True, dtype=np.float32
        )

    def __len__(self) -> int:
        """How many n-grams are known."""
        return len(self._vectorizer.vocabulary_)

    def fit(self, texts: Sequence[str]) -> Any:
        """Learn from texts; their weights as a sparse matrix [len(texts), n-grams]."""
        return self._vectorizer.fit_transform(texts)

    def of(self, text: str) -> tuple[Rows, Floats]:
        """The text's n-grams that are known and their weights, as a row of `fit`'s matrix has them.

        The vectorizer's own `transform` gives the same, in ten times the time for a single text.
        """
        known = self._vectorizer.vocabulary_
        counts = Counter(known[gram] for gram in self._vectorizer.build_analyzer()(text) if gram in known)
        rows = np.fromiter(counts, dtype=np.int_, count=len(counts))
        times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        weights = (np.log(times) + 1) * self._vectorizer.idf_[rows]
        length = np.sqrt(weights @ weights)
        return rows, np.asarray(weights / length if length else weights, dtype=np.float32)
