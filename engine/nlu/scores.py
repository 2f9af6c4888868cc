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
"""Of the encoder's middle layer beside its last: 0.2 points of CLINC150, nothing lost elsewhere."""
NEIGHBOURS = 5


@dataclass(frozen=True)
class Weights:
    """How much each part counts; `penalty` and `plain_penalty` are the inverse regularisation C.

    `characters` is the weight of the n-grams beside the embedding; `plain` and `nearest` stand beside the
    joined classifier's 1.
    """

    characters: float
    penalty: float
    plain: float
    plain_penalty: float
    nearest: float


MANY = Weights(characters=0.8, penalty=1.0, plain=0.2, plain_penalty=30.0, nearest=1.0)
FEW = Weights(characters=0.5, penalty=3.0, plain=0.8, plain_penalty=10.0, nearest=4.0)
"""Measured on held-out training examples of BANKING77 and CLINC150: with ten examples of each intent, words
seen once mislead and the meaning carries, so the embedding counts more (+0.6 points)."""
FEW_EXAMPLES = 20
"""Examples per intent, on average, up to which they are few."""


class Scores:
    """Two linear classifiers and the nearest examples; nothing of it is calibrated.

    One classifier sees the embedding joined with character 2-5-grams, which read typos; the other the
    embedding alone, which reads few examples better, as does the nearest example. Their errors differ,
    so together they are better than each.
    """

    def fit(self, texts: Sequence[str], vectors: Floats, intents: Names) -> Scores:
        """Learn from examples; `vectors` is [n, 768], as the encoder gives them."""
        self.intents: Names = np.unique(intents)
        self._weights = FEW if are_few(intents) else MANY
        self._characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32
        )
        grams = self._characters.fit_transform(map(_written, texts))
        self._joined = LinearSVC(C=self._weights.penalty).fit(self._join(vectors, grams), intents)
        self._plain = LogisticRegression(C=self._weights.plain_penalty, max_iter=60)
        self._plain.fit(vectors[:, :SENTENCE], intents)
        order = np.argsort(intents, kind="stable")
        self._sentences, self._own = vectors[order, :SENTENCE], intents[order] != OUT_OF_SCOPE
        self._starts = np.searchsorted(intents[order], self.intents)
        return self

    def of(self, texts: Sequence[str], vectors: Floats) -> tuple[Floats, Floats]:
        """Each intent's claim to each text [n, intents], and evidence of scope [n, 2 or 4]."""
        grams = self._characters.transform(map(_written, texts))
        sentences = vectors[:, :SENTENCE]
        near = sentences @ self._sentences.T
        joined = _columns(self._joined.decision_function(self._join(vectors, grams)))
        plain = _columns(self._plain.decision_function(sentences))
        nearest = np.maximum.reduceat(near, self._starts, axis=1)
        claims = joined + self._weights.plain * plain + self._weights.nearest * nearest
        return claims, self._evidence(joined, near)

    def _join(self, vectors: Floats, grams: Any) -> Any:
        sentences, middle = sp.csr_matrix(vectors[:, :SENTENCE]), sp.csr_matrix(vectors[:, SENTENCE:])
        return sp.hstack([sentences, middle * MIDDLE_WEIGHT, grams * self._weights.characters]).tocsr()

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
