"""Raw evidence about a message: how strongly each intent claims it, and how near it is to what we know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from engine.nlu import writing
from engine.nlu.encoder import DIMENSIONS, SENTENCE
from engine.nlu.grams import Floats, Grams

Names = npt.NDArray[np.str_]

OUT_OF_SCOPE = "out_of_scope"
MIDDLE_WEIGHT = 0.6
"""Of the encoder's middle layers beside its last: two of them give 0.3 points of CLINC150, nothing lost
elsewhere."""
LAYERS = np.repeat(np.array([1, MIDDLE_WEIGHT], dtype=np.float32), [SENTENCE, DIMENSIONS - SENTENCE])
"""The weight of each of the encoder's columns."""
NEIGHBOURS = 5
ENOUGH = 0.01
"""Tolerance at which the joined classifier stops: faster than the usual 0.0001, and reads the same."""


@dataclass(frozen=True)
class Weights:
    """How much each part counts; `penalty` and `plain_penalty` are the inverse regularisation C.

    `characters` and `words` are the weights of the n-grams beside the embedding; `plain` and `nearest` stand
    beside the joined classifier's 1. `directions` is to how many for each intent the encoder's columns are
    brought down; None leaves the joined classifier all of them and the plain one the sentence embedding.
    """

    characters: float
    words: float
    penalty: float
    plain: float
    plain_penalty: float
    directions: int | None
    nearest: float


MANY = Weights(
    characters=0.8, words=0.5, penalty=0.6, plain=0.2, plain_penalty=30.0, directions=4, nearest=0.5
)
FEW = Weights(
    characters=0.5, words=0.0, penalty=3.0, plain=0.8, plain_penalty=10.0, directions=None, nearest=4.0
)
"""Measured on held-out training examples of BANKING77 and CLINC150: with ten examples of each intent, words
seen once mislead and the meaning carries, so the embedding counts more (+0.6 points)."""
LEAST, MOST, SAMPLE = 256, 576, 4000
"""Directions, and the vectors that tell them."""

FEW_EXAMPLES = 20
"""Examples per intent, on average, up to which they are few."""


@dataclass(frozen=True)
class Linear:
    """A linear classifier: `weights` [features, intents] and `intercepts`."""

    weights: Floats
    intercepts: Floats

    @classmethod
    def of_model(cls, model: Any, basis: Floats) -> Linear:
        """What scikit-learn has learnt of features whose first were vectors @ `basis`; ours are the vectors.

        Scikit-learn keeps one column for two classes; here each has its own.
        """
        learnt, intercepts = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
        if len(intercepts) == 1:
            learnt, intercepts = np.hstack([-learnt, learnt]), np.hstack([-intercepts, intercepts])
        seen = basis.shape[1]
        return cls(np.vstack([basis @ learnt[:seen], learnt[seen:]]), intercepts)

    def of(self, features: Floats) -> Floats:
        """Scores of [n, the first features]: [n, intents]; features that are left out count as 0."""
        return np.asarray(features @ self.weights[: features.shape[1]] + self.intercepts)


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
        lines = [_written(text) for text in texts]
        self._grams = [(Grams("char_wb", (2, 5)), self._weights.characters)]
        if self._weights.words:
            self._grams.append((Grams("word", (1, 2)), self._weights.words))
        grams = [grams.fit(lines) * weight for grams, weight in self._grams]
        layered = _layered(vectors)
        basis, plain_basis = self._bases(layered, len(self.intents))
        features = sp.hstack([sp.csr_matrix(layered @ basis), *grams]).tocsr()
        joined = LinearSVC(C=self._weights.penalty, tol=ENOUGH, random_state=0).fit(features, intents)
        self._joined = Linear.of_model(joined, basis)
        plain = LogisticRegression(C=self._weights.plain_penalty, max_iter=60)
        self._plain = Linear.of_model(plain.fit(layered @ plain_basis, intents), plain_basis)
        order = np.argsort(intents, kind="stable")
        self._sentences, self._own = vectors[order, :SENTENCE], intents[order] != OUT_OF_SCOPE
        self._starts = np.searchsorted(intents[order], self.intents)
        return self

    def of(self, texts: Sequence[str], vectors: Floats) -> tuple[Floats, Floats]:
        """Each intent's claim to each text [n, intents], and evidence of scope [n, 2 or 4]."""
        near = vectors[:, :SENTENCE] @ self._sentences.T
        layered = _layered(vectors)
        joined, plain = self._join(texts, layered), self._plain.of(layered)
        nearest = np.maximum.reduceat(near, self._starts, axis=1)
        claims = joined + self._weights.plain * plain + self._weights.nearest * nearest
        return claims, self._evidence(joined, near)

    def _join(self, texts: Sequence[str], layered: Floats) -> Floats:
        """What the joined classifier says: of the vectors for all texts at once, of n-grams text by text."""
        said = self._joined.of(layered)
        for row, text in zip(said, texts, strict=True):
            line, start = _written(text), layered.shape[1]
            for grams, weight in self._grams:
                known, weights = grams.of(line)
                row += weight * weights @ self._joined.weights[start + known]
                start += len(grams)
        return said

    def _bases(self, layered: Floats, intents: int) -> tuple[Floats, Floats]:
        """What the joined and the plain classifier see of the vectors, as matrices to multiply them by."""
        if self._weights.directions:
            count = min(max(self._weights.directions * intents, LEAST), MOST)
            basis = _directions(layered, count)
            return basis, basis
        everything = np.eye(layered.shape[1], dtype=np.float32)
        return everything, everything[:, :SENTENCE]

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


def _layered(vectors: Floats) -> Floats:
    """The vectors with each layer's weight."""
    return vectors * LAYERS[: vectors.shape[1]]


def _directions(vectors: Floats, count: int) -> Floats:
    """The orthogonal directions in which the vectors are longest: [columns, count].

    With half as many as the encoder has columns CLINC150's 150 intents are read the same, and learnt in half
    the time; the shop's 22 with a quarter of that. A sample of the vectors tells them.
    """
    sample = vectors[:: max(1, len(vectors) // SAMPLE)]
    _, directions = np.linalg.eigh(sample.T @ sample)
    return np.asarray(directions[:, ::-1][:, :count])


def _nearness(similarities: Floats) -> Floats:
    """The mean similarity to the nearest examples."""
    count = min(NEIGHBOURS, similarities.shape[1])
    best: Floats = np.partition(similarities, -count, axis=1)[:, -count:]
    return np.asarray(best.mean(axis=1))
