"""Graph component: which trigger a message is like, by example sentences."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.escalation import likeness
from engine.escalation.likeness import LIKENESS, LikenessModel
from engine.learner import Learner
from engine.nlu import encoder, frustration, kept_vectors, vectors

FILE = "likeness.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LikenessReader(Learner[LikenessModel]):
    """Sets `likeness` to the trigger that a message is most like, how sure that is, and the nearest example.

    Training examples, but for those of the configured `telling` intents, and the sentences from which
    frustration is learnt set nothing off by what they mean.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "encoder": "models/encoder",
            "examples": "data/escalation_examples.yml",
            "kept": ".parley/likeness.npz",
            "telling": ["human_agent", "complaint", "refund_request"],
        }

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Changed examples mean another model. Raises InvalidExamples."""
        own = likeness.written(Path(config.get("examples", cls.get_default_config()["examples"])))
        return hashlib.sha256(own.encode() + frustration.EXAMPLES.read_bytes()).hexdigest()

    @classmethod
    def read(cls, folder: Path) -> LikenessModel:
        return LikenessModel.load(folder / FILE)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the example sentences and the bot's plain training examples. Raises InvalidExamples."""
        sentences = likeness.examples(Path(self._config["examples"]))
        angry, _ = frustration.examples()
        told = [*(one for kind in sentences.values() for one in kind), *angry]
        reader = encoder.load(Path(self._config["encoder"]))
        encoded = iter(kept_vectors.encode(reader, told, Path(self._config["kept"])))
        known = {name: np.stack([next(encoded) for _ in kind]) for name, kind in sentences.items()}
        plain = [
            one for one in training_data.intent_examples if one.get(INTENT) not in self._config["telling"]
        ]
        self._learnt = LikenessModel().fit(sentences, known, np.stack([*vectors.of(plain), *encoded]))
        with self._storage.write_to(self._resource) as folder:
            self._learnt.save(folder / FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Read messages."""
        if self._learnt is None:
            return messages
        for message, found in zip(messages, self._learnt.read(vectors.of(messages)), strict=True):
            message.set(LIKENESS, asdict(found) if found else None, add_to_output=True)
        return messages
