"""The constants of kb.evidence, fitted; and how they do on a shop that they were not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.kb.shops import Shop
from benchmarks.kb.tables import table
from kb import search
from kb.encoder import Encoder

NAMES = "best", "topic", "known", "prepared", "NOTHING"
RIDGE = 1.0
CAUTION = 1.5
"""How much what cannot be answered weighs, for 1 of what can: a wrong answer is worse than none."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """A shop's questions: signs of an answer and a one, shape (questions, 5), and which can be answered."""

    inputs: Matrix
    answered: NDArray[np.bool_]

    @property
    def weights(self) -> Matrix:
        """Of the questions: every shop weighs the same, however many it was asked."""
        return np.where(self.answered, 1 / self.answered.sum(), CAUTION / (~self.answered).sum())


def measured(shop: Shop, encoder: Encoder) -> Measured:
    """What the regression is fitted on; questions that are held out are not."""
    asked = [question for question in shop.asked if not question.held_out]
    texts = [shop.index.speller.correct(question.text) for question in asked]
    rows = [[*astuple(search.candidates(shop.index, encoder, text).signs), 1.0] for text in texts]
    return Measured(np.array(rows), np.array([question.gold is not None for question in asked]))


def fit(shops: Sequence[Measured]) -> Matrix:
    """The five constants: logistic regression, ridge-penalised but for the constant, by Newton's method."""
    inputs = np.concatenate([shop.inputs for shop in shops]).T
    right = np.concatenate([shop.answered for shop in shops]).astype(float)
    weights = np.concatenate([shop.weights for shop in shops]) * len(right) / len(shops)
    penalty = np.diag([RIDGE] * (len(NAMES) - 1) + [0.0])
    beta = np.zeros(len(NAMES))
    for _ in range(40):
        guess = 1 / (1 + np.exp(-beta @ inputs))
        gradient = inputs @ (weights * (right - guess)) - penalty @ beta
        curve = (inputs * (weights * guess * (1 - guess))) @ inputs.T + penalty
        beta = beta + np.linalg.solve(curve, gradient)
    return beta


def show_left_out(console: Console, own: Sequence[Measured], others: dict[str, Measured]) -> None:
    """A row for each of the other shops: constants fitted without it, tried on it."""
    made = table("Fitted without the shop, tried on it", "shop", "answered", "refused", "F1")
    rows = []
    for name, shop in others.items():
        rest = [other for key, other in others.items() if key != name]
        rows.append(answerability(shop.inputs @ fit([*own, *rest]) >= 0, shop.answered))
        made.add_row(name, *(f"{share:.3f}" for share in rows[-1]))
    made.add_row("mean of the shops", *(f"{share:.3f}" for share in np.mean(rows, axis=0)))
    console.print(made)


def answerability(said: NDArray[np.bool_], can: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Share answered of what can be, share refused of the rest, and F1 of answering."""
    f1 = 2 * np.sum(said & can) / (np.sum(said) + np.sum(can))
    return float(said[can].mean()), float(1 - said[~can].mean()), float(f1)
