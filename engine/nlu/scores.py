"""Raw evidence about a message: how strongly each intent claims it, and how near it is to what we know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from engine.nlu import writing
from engine.nlu.encoder import SENTENCE

Floats = npt.NDArray[np.floating[Any]]
Names = npt.NDArray[np.str_]

OUT_OF_SCOPE = "out_of_scope"
MIDDLE_WEIGHT = 0.6
"""Of the encoder's middle layers beside its last: two of them give 0.3 points of CLINC150, nothing lost
elsewhere."""
NEIGHBOURS = 5
ENOUGH = 0.01
"""Tolerance at which the joined classifier stops: faster than the usual 0.0001, and reads the same."""


@dataclass(frozen=True)
class Weights:
    """How much each part counts; `penalty` and `plain_penalty` are the inverse regularisation C.

    `characters` and `words` are the weights of the n-grams beside the embedding; `plain` and `nearest` stand
    beside the joined classifier's 1. `layers` is how many of the encoder's layers the plain one sees.
    """

    characters: float
    words: float
    penalty: float
    plain: float
    plain_penalty: float
    layers: int
    nearest: float


MANY = Weights(characters=0.8, words=0.5, penalty=0.6, plain=0.2, plain_penalty=30.0, layers=3, nearest=0.5)
FEW = Weights(characters=0.5, words=0.0, penalty=3.0, plain=0.8, plain_penalty=10.0, layers=1, nearest=4.0)
"""Measured on held-out training examples of BANKING77 and CLINC150: with ten examples of each intent, words
seen once mislead and the meaning carries, so the embedding counts more (+0.6 points)."""
FEW_EXAMPLES = 20
"""Examples per intent, on average, up to which they are few."""


class Scores:
    """Two linear classifiers and the nearest examples; nothing of it is calibrated.

    One classifier sees the embedding joined with character 2-5-grams, which read typos, and with words and
    their pairs; the other the embedding alone, which reads few examples better, as does the nearest example.
    Their errors differ, so together they are better than each.
    """

    def fit(self, texts: Sequence[str], vectors: Floats, intents: Names) -> Scores:
        """Learn from examples; `vectors` is [n, 1152], as the encoder gives them."""
        self.intents: Names = np.unique(intents)
        self._weights = FEW if are_few(intents) else MANY
        self._characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32
        )
        self._words = TfidfVectorizer(
            analyzer="word", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32
        )
        lines = [_written(text) for text in texts]
        self._characters.fit(lines)
        self._words.fit(lines)
        self._joined = LinearSVC(C=self._weights.penalty, tol=ENOUGH).fit(self._join(lines, vectors), intents)
        self._plain = LogisticRegression(C=self._weights.plain_penalty, max_iter=60)
        self._plain.fit(self._seen(vectors), intents)
        order = np.argsort(intents, kind="stable")
        self._sentences, self._own = vectors[order, :SENTENCE], intents[order] != OUT_OF_SCOPE
        self._starts = np.searchsorted(intents[order], self.intents)
        return self

    def of(self, texts: Sequence[str], vectors: Floats) -> tuple[Floats, Floats]:
        """Each intent's claim to each text [n, intents], and evidence of scope [n, 2 or 4]."""
        lines = [_written(text) for text in texts]
        sentences = vectors[:, :SENTENCE]
        near = sentences @ self._sentences.T
        joined = _columns(self._joined.decision_function(self._join(lines, vectors)))
        plain = _columns(self._plain.decision_function(self._seen(vectors)))
        nearest = np.maximum.reduceat(near, self._starts, axis=1)
        claims = joined + self._weights.plain * plain + self._weights.nearest * nearest
        return claims, self._evidence(joined, near)

    def _join(self, lines: list[str], vectors: Floats) -> Any:
        weights = self._weights
        sentences, middle = sp.csr_matrix(vectors[:, :SENTENCE]), sp.csr_matrix(vectors[:, SENTENCE:])
        parts = [sentences, middle * MIDDLE_WEIGHT, self._characters.transform(lines) * weights.characters]
        if weights.words:
            parts.append(self._words.transform(lines) * weights.words)
        return sp.hstack(parts).tocsr()

    def _seen(self, vectors: Floats) -> Floats:
        """What the plain classifier sees of the vectors."""
        return vectors[:, : SENTENCE * self._weights.layers]

    def _evidence(self, joined: Floats, near: Floats) -> Floats:
        """The best claim of an in-scope intent and the nearness of its examples; out_of_scope's likewise."""
        own = self.intents != OUT_OF_SCOPE
        if own.all():
            return np.stack([joined.max(axis=1), _nearness(near)], axis=1)
        ours = [joined[:, own].max(axis=1), _nearness(near[:, self._own])]
        others = [joined[:, ~own].max(axis=1), _nearness(near[:, ~self._own])]
        return np.stack([*ours, *others], axis=1)


def are_few(intents: Sequence[str] | Names) -> bool:
    """Whether these examples' intents have few examples each."""
    return len(intents) <= FEW_EXAMPLES * len(set(intents))


def _written(text: str) -> str:
    return writing.plain(text).lower()


def _columns(decision: Floats) -> Floats:
    """Two classes give one column of scores; make it two."""
    return np.stack([-decision, decision], axis=1) if decision.ndim == 1 else decision


def _nearness(similarities: Floats) -> Floats:
    """The mean similarity to the nearest examples."""
    count = min(NEIGHBOURS, similarities.shape[1])
    best: Floats = np.partition(similarities, -count, axis=1)[:, -count:]
    return np.asarray(best.mean(axis=1))
