"""The constants of kb.evidence, fitted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.kb.questions import Question
from kb import search
from kb.encoder import Encoder
from kb.index import Index

RIDGE = 0.3


def fit(opened: Sequence[Index], encoder: Encoder, asked: Sequence[Question]) -> tuple[float, float]:
    """SLOPE and MIDDLE of kb.evidence: logistic regression of "can be answered" on the best chunk's measure.

    On the development half; its unanswerable questions weigh together as much as the others.
    """
    measures, answered, weights = [], [], []
    part = [question for question in asked if not question.held_out]
    answerable = sum(question.gold is not None for question in part)
    for question in part:
        for which in opened:
            measures.append(float(search.fuse(which, encoder, question.text)[1].max()))
            answered.append(question.gold is not None)
            weights.append(1.0 if question.gold else answerable / (len(part) - answerable))
    inputs = np.stack([np.array(measures), np.ones(len(measures))])
    slope, offset = _logistic(inputs, np.array(answered, dtype=float), np.array(weights))
    return slope, -offset / slope


def _logistic(
    inputs: NDArray[np.float64], right: NDArray[np.float64], weights: NDArray[np.float64]
) -> list[float]:
    """Coefficients of a ridge-penalised logistic regression, by Newton's method."""
    beta = np.zeros(len(inputs))
    for _ in range(30):
        guess = 1 / (1 + np.exp(-beta @ inputs))
        gradient = inputs @ (weights * (right - guess)) - RIDGE * beta
        curve = (inputs * (weights * guess * (1 - guess))) @ inputs.T + RIDGE * np.eye(len(inputs))
        beta = beta + np.linalg.solve(curve, gradient)
    return [float(number) for number in beta]
