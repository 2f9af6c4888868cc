"""Which intent a message has, how sure that is, and whether it is any of ours.

Two questions are answered apart and multiplied: is the message in scope at all, and if so, which intent?
Both are calibrated on held-out scores. Each example is scored by a model that has seen neither it nor its
near-duplicates (folds never split a cluster of similar examples), because a customer's message is never
as close to the examples as they are to each other. Everything that decides is fitted to those scores:
temperature, scope model and every threshold.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit, logsumexp, softmax
from sklearn.cluster import MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from engine.nlu.encoder import SENTENCE
from engine.nlu.grams import Floats
from engine.nlu.scores import OUT_OF_SCOPE, Names, Scores

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int_]

FOLDS = 3
PER_CLUSTER = 8
ACCEPTED = 0.97
"""Share of held-out messages of ours that are taken as ours, and of rightly read ones that are acted on."""
TOSS_UP = 0.55
"""Two intents are close where, held out, the first is right at most this often when one of the two is."""
EITHER = 0.75
"""Probability that one of the two is meant, from which asking about them makes sense."""
SURE = 0.97
"""A reading is sure where held-out ones at least as confident are right this often."""


@dataclass(frozen=True)
class Reading:
    """What the model makes of one message: `ranking` of (intent, confidence), its choice first.

    Confidences are probabilities and sum to 1 over all intents; `in_scope` is the sum of ours. `accepted`
    is False when the message is ours but it is not clear enough what it wants; `close` is True when the
    first two are so near to each other that either may be meant, and `sure` when it is hardly ever wrong.
    """

    ranking: list[tuple[str, float]]
    in_scope: float
    accepted: bool
    close: bool = False
    sure: bool = True


@dataclass(frozen=True)
class HeldOut:
    """Scores of examples by models that have not seen them."""

    claims: Floats
    evidence: Floats
    labels: Names
    intents: Names

    @property
    def ours(self) -> Flags:
        return np.asarray(self.labels != OUT_OF_SCOPE)


class IntentModel:
    """Intents with calibrated confidence and an explicit decision about scope."""

    def fit(self, texts: Sequence[str], vectors: Floats, intents: Sequence[str]) -> IntentModel:
        """Learn from examples; `vectors` is [n, d], the embeddings of `texts`."""
        labels = np.array(intents)
        with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
            warnings.simplefilter("ignore", ConvergenceWarning)  # enough steps, converged or not
            scores = pool.submit(Scores().fit, texts, vectors, labels)
            held = _hold_out(texts, vectors, labels, pool)
            self._scores = scores.result()
        self._own: Flags = self._scores.intents != OUT_OF_SCOPE
        self._temperature = 0.3
        self._scope: LogisticRegression | None = None
        self._scope_odds, self.floor = 0.0, 0.0
        self.margin, self.sure = 0.0, 1.0
        if held.ours.any():
            self._calibrate(held)
        return self

    def read(self, texts: Sequence[str], vectors: Floats) -> list[Reading]:
        """One Reading per text."""
        claims, evidence = self._scores.of(texts, vectors)
        which, ours = self._which(claims), self._ours(evidence)
        return [self._reading(*row) for row in zip(which, ours, strict=True)]

    def save(self, path: Path) -> None:
        """Write the model to a file."""
        joblib.dump(self, path, compress=3)

    @staticmethod
    def load(path: Path) -> IntentModel:
        """The model that `save` wrote."""
        model: IntentModel = joblib.load(path)
        return model

    def _calibrate(self, held: HeldOut) -> None:
        ours = held.ours
        right = np.searchsorted(self._scores.intents[self._own], held.labels[ours])
        self._temperature = _temperature(held.claims[ours][:, self._own], right)
        if not ours.all():
            self._scope = LogisticRegression(class_weight="balanced", C=10.0).fit(held.evidence, ours)
            odds = self._scope.decision_function(held.evidence)[ours]
            self._scope_odds = float(np.quantile(odds, 1 - ACCEPTED))
        which = self._which(held.claims[ours])
        confidence = which.max(axis=1) * self._ours(held.evidence[ours])
        understood = which.argmax(axis=1) == right
        if understood.any():
            self.floor = float(np.quantile(confidence[understood], 1 - ACCEPTED))
        self._judge(held, right)

    def _judge(self, held: HeldOut, right: Rows) -> None:
        """Set from which margin one of two intents is meant, and from which confidence a reading is sure."""
        which = self._which(held.claims)
        if which.shape[1] < 2:
            return
        first, second = np.argsort(-which, axis=1)[:, :2].T
        rows = np.arange(len(which))
        hit = np.zeros(len(which), dtype=bool)
        hit[held.ours] = first[held.ours] == right
        runner_up = np.zeros(len(which), dtype=bool)
        runner_up[held.ours] = second[held.ours] == right
        margins = which[rows, first] - which[rows, second]
        either = hit | runner_up
        self.margin = _highest(margins[either], hit[either], TOSS_UP)
        self.sure = _lowest(which[rows, first] * self._ours(held.evidence), hit, SURE)

    def _which(self, claims: Floats) -> Floats:
        """Probability of each of our intents, given that it is one of them: [n, ours]."""
        return np.asarray(softmax(claims[:, self._own] / self._temperature, axis=1))

    def _ours(self, evidence: Floats) -> Floats:
        """Probability of scope; one half at the threshold."""
        if self._scope is None:
            return np.ones(len(evidence))
        return np.asarray(expit(self._scope.decision_function(evidence) - self._scope_odds))

    def _reading(self, which: Floats, ours: float) -> Reading:
        names = self._scores.intents[self._own]
        ranking = [(str(name), float(share * ours)) for name, share in zip(names, which, strict=True)]
        other = (OUT_OF_SCOPE, float(1 - ours))
        best = max(ranking, key=lambda one: one[1])
        choice = best if ours >= 0.5 or self._scope is None else other
        everything = ranking if self._own.all() else [*ranking, other]
        rest = sorted((one for one in everything if one is not choice), key=lambda one: -one[1])
        if choice is other:
            return Reading([choice, *rest], float(ours), accepted=True, sure=False)
        accepted, sure = choice[1] >= self.floor, choice[1] >= self.sure
        return Reading([choice, *rest], float(ours), accepted, self._close(which, ours), sure)

    def _close(self, which: Floats, ours: float) -> bool:
        if len(which) < 2:
            return False
        second, first = np.sort(which)[-2:]
        return bool(first - second < self.margin and (first + second) * ours >= EITHER)


def _hold_out(texts: Sequence[str], vectors: Floats, labels: Names, pool: Executor) -> HeldOut:
    names, counts = np.unique(labels, return_counts=True)
    known = np.flatnonzero(np.isin(labels, names[counts >= FOLDS]))
    lines = np.array(texts, dtype=object)
    claims = np.zeros((len(labels), len(names)))
    evidence = np.zeros((len(labels), 4 if OUT_OF_SCOPE in names else 2))
    held = np.zeros(len(labels), dtype=bool)

    def score(train: Rows, test: Rows) -> tuple[Floats, Floats]:
        scores = Scores().fit(list(lines[train]), vectors[train], labels[train])
        return scores.of(list(lines[test]), vectors[test])

    folds = [fold for fold in _folds(vectors, labels, known) if len(np.unique(labels[fold[0]])) == len(names)]
    for (_, test), found in zip(folds, pool.map(lambda fold: score(*fold), folds), strict=True):
        claims[test], evidence[test] = found
        held[test] = True
    return HeldOut(claims[held], evidence[held], labels[held], names)


def _folds(vectors: Floats, labels: Names, known: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Rows to train on and rows to hold out; similar examples are on the same side.

    Intents with fewer examples than folds are only trained on.
    """
    if len(known) < FOLDS * 2:
        return
    clusters = max(FOLDS * 2, len(known) // PER_CLUSTER)
    size = min(clusters, len(known))
    kmeans = MiniBatchKMeans(size, init="random", random_state=0, n_init=1, batch_size=1024)
    groups = kmeans.fit_predict(vectors[known, :SENTENCE])
    thin = np.setdiff1d(np.arange(len(labels)), known)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(known, labels[known], groups):
        yield np.concatenate([known[train], thin]), known[test]


def _highest(values: Floats, right: Flags, share: float) -> float:
    """The highest value below which at most `share` are right; 0 when there is none."""
    order = np.argsort(values)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    below = np.flatnonzero(shares <= share)
    return float(values[order][below[-1]]) if len(below) else 0.0


def _lowest(values: Floats, right: Flags, share: float) -> float:
    """The lowest value from which at least `share` are right; 1 when there is none."""
    order = np.argsort(-values)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    above = np.flatnonzero(shares >= share)
    return float(values[order][above[-1]]) if len(above) else 1.0


def _temperature(claims: Floats, right: Rows) -> float:
    """The softmax temperature of least log loss (Guo et al., 2017, "On calibration of modern networks")."""

    def loss(log_temperature: float) -> float:
        scaled = claims / np.exp(log_temperature)
        return float((logsumexp(scaled, axis=1) - scaled[np.arange(len(right)), right]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-4, 3), method="bounded").x))
