"""How upset a message sounds: a small classifier on the embedding, and what the writing itself shows.

The classifier learns from `frustration.txt`, and that the bot's plain training examples are calm. Signs
in the text (capitals, repetition, profanity, a third attempt, a threat) then move its log-odds by fixed
steps, so that each one alone has a bounded effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from engine.nlu import signs

Floats = npt.NDArray[np.floating[Any]]

EXAMPLES = Path(__file__).with_name("frustration.txt")
LEVELS = {"calm": 0.0, "annoyed": 0.5, "angry": 1.0}

PLAIN_WEIGHT = 0.06
"""Of a plain training example: among thousands, a few are not calm.

Less takes more calm messages for angry, more misses angry ones: chosen five-fold on `frustration.txt`.
"""
LOOK_BACK = 5


def trend(score: float, earlier: Sequence[float]) -> float:
    """From -1 (calmer) to 1 (angrier): the score against the mean of the `LOOK_BACK` messages before it.

    0 for a first message.
    """
    recent = earlier[-LOOK_BACK:]
    return round(score - sum(recent) / len(recent), 3) if recent else 0.0


def examples(path: Path = EXAMPLES) -> tuple[list[str], list[float]]:
    """The texts and levels (0, 0.5 or 1) of an example file."""
    texts: list[str] = []
    levels: list[float] = []
    level = 0.0
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.strip("[]") in LEVELS:
            level = LEVELS[line.strip("[]")]
        elif line.strip() and not line.startswith("# "):
            texts.append(line.strip())
            levels.append(level)
    return texts, levels


class FrustrationModel:
    """Scores messages from 0 (calm) to 1 (angry)."""

    def fit(self, vectors: Floats, levels: Sequence[float], plain: Floats | None = None) -> FrustrationModel:
        """Learn from embeddings [n, d] and levels; a level counts as so much of an angry example.

        `plain` [m, d] are messages that are calm as a rule; each counts a little.
        """
        share = np.array(levels)
        calm = vectors[:0] if plain is None else plain
        seen = np.concatenate([vectors, vectors, calm])
        labels = np.concatenate([np.ones(len(share)), np.zeros(len(share) + len(calm))])
        weights = np.concatenate([share, 1 - share, np.full(len(calm), PLAIN_WEIGHT)])
        self._model = LogisticRegression(C=30.0, max_iter=500).fit(seen, labels, sample_weight=weights)
        return self

    def score(self, vectors: Floats, texts: Sequence[str]) -> list[float]:
        """One score per text, rounded to three places."""
        odds = self._model.decision_function(vectors) + np.array([signs.of(text) for text in texts])
        return [
            round(float(score), 3) if text.strip() else 0.0
            for score, text in zip(expit(odds), texts, strict=True)
        ]

    def save(self, path: Path) -> None:
        """Write the model to a file."""
        joblib.dump(self, path)

    @staticmethod
    def load(path: Path) -> FrustrationModel:
        """The model that `save` wrote."""
        model: FrustrationModel = joblib.load(path)
        return model
