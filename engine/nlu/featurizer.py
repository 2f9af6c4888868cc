"""Graph component: the sentence embedding of every message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu import encoder, kept_vectors
from engine.nlu.encoder import Matrix


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence feature of 1152 numbers.

    `encoder` is the folder of the exported encoder, `kept` the file that saves encoding the same examples
    at every training.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            **DenseFeaturizer.get_default_config(),
            "encoder": "models/encoder",
            "kept": ".parley/vectors.npz",
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        return cls(execution_context.node_name, config)

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, config)
        self._encoder = encoder.load(Path(config["encoder"]))
        self._kept = Path(config["kept"])

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to validate: a missing encoder says so itself."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Embed messages."""
        self._embed(messages, self._encoder.encode)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embed the examples."""
        self._embed(
            training_data.training_examples,
            lambda texts: kept_vectors.encode(self._encoder, texts, self._kept),
        )
        return training_data

    def _embed(self, messages: list[Message], encode: Callable[[list[str]], Matrix]) -> None:
        written = [message for message in messages if message.get(TEXT)]
        vectors = encode([message.get(TEXT) for message in written])
        for message, vector in zip(written, vectors, strict=True):
            features = Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
            message.add_features(features)
