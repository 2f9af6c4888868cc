"""How good the readings of one system on one set are; every share is between 0 and 1."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve

from benchmarks.nlu_sets import Split

REJECTED = ("out_of_scope", "nlu_fallback")
ACCEPTED = 0.95
Reading = dict[str, Any]


def of(split: Split, readings: list[Reading]) -> dict[str, float]:
    """The scores of the set: `right` of the best intent of ours, `accepted_right` and `rejected` as decided.

    `right`, `auroc` and `recall` leave the system's own decision about scope aside.
    """
    pairs = list(zip(split.test, readings, strict=True))
    ours = [(asked, reading) for asked, reading in pairs if asked.ours]
    others = [reading for asked, reading in pairs if not asked.ours]
    scores = {
        "right": _share(reading["best"] in asked.accept for asked, reading in ours),
        "accepted_right": _share(reading["intent"] in asked.accept for asked, reading in ours),
    }
    if others:
        scores["rejected"] = _share(reading["intent"] in REJECTED for reading in others)
        scores |= _scope([asked.ours for asked, _ in pairs], readings)
    return {name: round(score, 5) for name, score in scores.items()}


def _scope(ours: list[bool], readings: list[Reading]) -> dict[str, float]:
    """AUROC, and the share of the others rejected where 95 % of ours are accepted, of the better score."""
    candidates = {
        "best intent": [reading["confidence"] for reading in readings],
        "not out_of_scope": [1 - reading["out_of_scope"] for reading in readings],
    }
    scores = max(candidates.values(), key=lambda one: roc_auc_score(ours, one))
    false, true, _ = roc_curve(ours, scores)
    recall = 1 - false[np.argmax(true >= ACCEPTED)]
    return {"auroc": float(roc_auc_score(ours, scores)), "recall": float(recall)}


def _share(held: Any) -> float:
    return statistics.mean(float(one) for one in held)
