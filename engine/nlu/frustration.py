"""How upset a message sounds: a small classifier on the embedding, and what the writing itself shows.

The classifier learns from `frustration.txt`, and that the bot's plain training examples are calm. Signs
in the text (capitals, repeated marks, profanity, a third attempt, a threat) then move its log-odds by
fixed steps, so that each one alone has a bounded effect.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.floating[Any]]

EXAMPLES = Path(__file__).with_name("frustration.txt")
LEVELS = {"calm": 0.0, "annoyed": 0.5, "angry": 1.0}

_TIMES = r"(?:third|3rd|fourth|4th|fifth|5th|tenth|10th|hundredth|100th|nth|millionth)"
SIGNS: list[tuple[re.Pattern[str], float]] = [
    (
        re.compile(
            rf"\b{_TIMES} time\b|\bhow many times\b|\b(?:asked|told|called|written|wrote|contacted|emailed|"
            r"messaged|explained|said)\b[^.!?]{0,25}\b(?:three|four|five|six|ten|\d+|many|several) times\b",
            re.I,
        ),
        1.2,
    ),
    (
        re.compile(r"\b(?:again and again|over and over|yet again|still (?:no|not|nothing|waiting))\b", re.I),
        0.7,
    ),
    (
        re.compile(
            r"\b(?:f+u+c+k\w*|f\*+\w*|wtf|stfu|sh[i1]+t\w*|bullsh\w*|bs|crap\w*|damn\w*|bastards?|idiots?|morons?|"
            r"stupid|dumb|useless|pathetic|asshole\w*|bitch\w*|mierda|joder|merda|porra|caralho|chutiya|bakwas)\b",
            re.I,
        ),
        1.6,
    ),
    (
        re.compile(
            r"\b(?:sue|suing|lawyer|attorney|legal action|court|police|chargeback|dispute (?:the|this|my)|"
            r"consumer (?:court|protection|forum)|trading standards|report(?:ing)? you|social media|twitter|"
            r"trustpilot|one star|1 star|bad review|abogado|denuncia\w*|procon|advogado)\b",
            re.I,
        ),
        1.4,
    ),
    (re.compile(r"\b(?:scam\w*|thie(?:f|ves)|fraud\w*|liars?|lying|ladr\w+|golpe|estafa\w*)\b", re.I), 1.4),
    (re.compile(r"\b(?:the hell|go to hell|ffs|shame on you|kidding me)\b", re.I), 0.8),
    (re.compile("[😡🤬😠👿💢🖕]"), 2.5),
    (re.compile(r"\b(?:or else|right now|manager|supervisor|vergüenza|absurdo)\b", re.I), 0.8),
    (re.compile(r"[!?]{3,}"), 0.5),
    (re.compile(r"([a-z])\1{3,}", re.I), 0.3),
]
CAPITALS = 0.8
PLAIN_WEIGHT = 0.01
"""Of a plain training example: among thousands, a few are not calm."""
LOOK_BACK = 5
SHOUTED = re.compile(r"\b[^\W\d_a-z]{3,}\b")


def signs(text: str) -> float:
    """How far the writing itself moves the log-odds; 0 for plain text."""
    found = sum(step for pattern, step in SIGNS if pattern.search(text))
    words = re.findall(r"[^\W\d_]{2,}", text)
    shouted = sum(1 for word in words if SHOUTED.fullmatch(word))
    return found + (CAPITALS if shouted >= 2 and shouted > len(words) / 2 else 0.0)


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
        odds = self._model.decision_function(vectors) + np.array([signs(text) for text in texts])
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
