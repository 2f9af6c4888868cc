"""Which trigger a message is like, whatever its words: learnt from sentences that set each one off. Pure.

A classifier on the embedding chooses between the triggers and none of them. The bot's training examples and
the example sentences of the other kinds show what each trigger is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
import yaml
from rasa.shared.exceptions import RasaException
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.floating[Any]]

LIKENESS = "likeness"
"""What a message keeps it under."""
NONE = "none"
"""The kind of sentences that sound like a trigger and are none."""
PLAIN_WEIGHT = 0.1
"""Of a training example of the bot's: among thousands, some would set a trigger off.

More weight finds less; less takes more harmless messages for grave ones: chosen five-fold on the examples.
"""


class InvalidExamples(RasaException):
    """The example sentences cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How sure it is that a message is of a trigger's kind, 0 to 1; the example of it that is nearest."""

    trigger: str
    sure: float
    example: str


def examples(path: Path) -> dict[str, list[str]]:
    """The sentences of a file, by trigger or `none`. Raises InvalidExamples."""
    try:
        found = yaml.safe_load(written(path))
    except yaml.YAMLError as error:
        raise InvalidExamples(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict) or len(found) < 2 or NONE not in found:
        raise InvalidExamples(f"{path} must list sentences under triggers and under {NONE}.")
    for name, sentences in found.items():
        if not isinstance(sentences, list) or not sentences:
            raise InvalidExamples(f"{path}: {name} must list sentences.")
        for one in sentences:
            if not isinstance(one, str) or not one.strip():
                raise InvalidExamples(f"{path}: {name} must list texts, not {one!r} (put quotes around it).")
    return found


def written(path: Path) -> str:
    """The text of the file. Raises InvalidExamples."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidExamples(f"{path} cannot be read: {error}.") from None


class LikenessModel:
    """Tells which trigger's examples a message is like."""

    def fit(
        self, sentences: Mapping[str, Sequence[str]], vectors: Mapping[str, Floats], plain: Floats
    ) -> LikenessModel:
        """Learn from sentences and their embeddings [n, d] by trigger; `plain` [m, d] set nothing off."""
        names = list(sentences)
        self._sentences = {name: list(sentences[name]) for name in names if name != NONE}
        self._vectors = {name: _unit(vectors[name]) for name in self._sentences}
        labels = [name for name in names for _ in sentences[name]] + [NONE] * len(plain)
        seen = np.concatenate([*(vectors[name] for name in names), plain])
        weights = np.ones(len(seen))
        weights[len(seen) - len(plain) :] = PLAIN_WEIGHT
        self._model = LogisticRegression(C=10.0, max_iter=500).fit(seen, labels, sample_weight=weights)
        return self

    def read(self, vectors: Floats) -> list[Likeness | None]:
        """For each embedding the trigger it is most like; None where it is like none of them."""
        return [
            self._likeness(vector, chances) if vector.any() else None
            for vector, chances in zip(vectors, self._model.predict_proba(vectors), strict=True)
        ]

    def save(self, path: Path) -> None:
        """Write the model to a file."""
        joblib.dump(self, path, compress=3)

    @staticmethod
    def load(path: Path) -> LikenessModel:
        """The model that `save` wrote."""
        model: LikenessModel = joblib.load(path)
        return model

    def _likeness(self, vector: Floats, chances: Floats) -> Likeness | None:
        name = str(self._model.classes_[chances.argmax()])
        if name == NONE:
            return None
        nearest = int((self._vectors[name] @ _unit(vector[None, :])[0]).argmax())
        return Likeness(name, round(float(chances.max()), 3), self._sentences[name][nearest])


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
