"""Every example read by a classifier that has not seen it: five folds, similar examples on the same side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from sklearn.model_selection import StratifiedGroupKFold

from engine.nlu.intents import IntentModel, Reading
from engine.report.examples import Floats, Rows

FOLDS = 5
FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Verdict:
    """What the held-out classifier makes of one example.

    `decided` is what the bot would act on, nlu_fallback included; `best` its favourite with `confidence`,
    and `own` the confidence it gives to the intent the example stands under.
    """

    decided: str
    best: str
    confidence: float
    own: float


def cross_validate(
    texts: Sequence[str], vectors: Floats, intents: Sequence[str], groups: Rows, jobs: int = -1
) -> list[Verdict]:
    """One verdict per example, by `jobs` processes (-1: one per core).

    Raises ValueError when there are fewer than five groups of similar examples.
    """
    labels, lines = np.array(intents), np.array(texts, dtype=object)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    parts = list(folds.split(lines, labels, groups))
    read = Parallel(n_jobs=jobs)(
        delayed(_read)(list(lines[train]), vectors[train], labels[train], list(lines[test]), vectors[test])
        for train, test in parts
    )
    verdicts: dict[int, Verdict] = {}
    for (_, test), readings in zip(parts, read, strict=True):
        pairs = zip(test, readings, strict=True)
        verdicts.update((int(row), verdict(reading, intents[row])) for row, reading in pairs)
    return [verdicts[row] for row in range(len(lines))]


def verdict(reading: Reading, intent: str) -> Verdict:
    """The verdict on an example of `intent`."""
    best, confidence = reading.ranking[0]
    return Verdict(
        decided=best if reading.accepted else FALLBACK,
        best=best,
        confidence=confidence,
        own=dict(reading.ranking).get(intent, 0.0),
    )


def _read(
    texts: list[str], vectors: Floats, labels: Sequence[str], unseen: list[str], unseen_vectors: Floats
) -> list[Reading]:
    return IntentModel().fit(texts, vectors, labels).read(unseen, unseen_vectors)
