"""Graph component: the frustration score of every message."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.learner import Learner
from engine.nlu import encoder, frustration, kept_vectors, signs, vectors
from engine.nlu.frustration import FrustrationModel

FILE = "frustration.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FrustrationScorer(Learner[FrustrationModel]):
    """Sets `frustration` to `{"score": 0..1}`.

    Training examples show calm messages, but for those of the configured `upset` intents.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"encoder": "models/encoder", "kept": ".parley/frustration.npz", "upset": ["complaint"]}

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Changed examples mean another model."""
        return hashlib.sha256(frustration.EXAMPLES.read_bytes()).hexdigest()

    @classmethod
    def read(cls, folder: Path) -> FrustrationModel:
        return FrustrationModel.load(folder / FILE)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from `frustration.txt` and from the bot's plain training examples."""
        texts, levels = frustration.examples()
        reader = encoder.load(Path(self._config["encoder"]))
        encoded = kept_vectors.encode(reader, texts, Path(self._config["kept"]))
        plain = [one for one in training_data.intent_examples if self._is_plain(one)]
        self._learnt = FrustrationModel().fit(encoded, levels, vectors.of(plain))
        with self._storage.write_to(self._resource) as folder:
            self._learnt.save(folder / FILE)
        return self._resource

    def _is_plain(self, example: Message) -> bool:
        text = example.get(TEXT)
        upset = example.get(INTENT) in self._config["upset"]
        return bool(text) and not upset and not signs.of(text)

    def process(self, messages: list[Message]) -> list[Message]:
        """Score messages."""
        if self._learnt is None:
            return messages
        scores = self._learnt.score(vectors.of(messages), [message.get(TEXT) or "" for message in messages])
        for message, score in zip(messages, scores, strict=True):
            message.set("frustration", {"score": score}, add_to_output=True)
        return messages
