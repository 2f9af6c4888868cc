"""Graph component: the intent of a message, its confidence, and the refusal of what is not ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.learner import Learner
from engine.nlu import encoder, vectors, wishes
from engine.nlu.intents import IntentModel, Reading
from engine.nlu.scores import OUT_OF_SCOPE, are_few
from engine.nlu.wishes import Wishes

FILE = "intents.joblib"
RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ScopedIntentClassifier(IntentClassifier, Learner[IntentModel]):
    """Sets `intent` and `intent_ranking`; `close_intents` and an entity `second_wish` where they apply.

    When the evidence is too thin the intent is `nlu_fallback`, put first in the ranking as Rasa's own
    FallbackClassifier does, with the intents it could have been behind it. So it is when two of the
    configured `wishes` are close; then `close_intents` names the two. A message of two wishes has the
    intent of the first; the entity's value is the intent of the second, its place the clause.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"encoder": "models/encoder", "wishes": []}

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @classmethod
    def read(cls, folder: Path) -> IntentModel:
        return IntentModel.load(folder / FILE)

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        learnt: IntentModel | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource, learnt)
        self._encoder = encoder.load(Path(config["encoder"]))
        self._wishes = frozenset(config["wishes"])

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the intents of the examples.

        Where these are few, each intent's name is one more: with ten examples per intent of BANKING77 that
        gives 0.4 points, held out.
        """
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        intents = [example.get(INTENT) for example in examples]
        named = sorted({*intents} - {OUT_OF_SCOPE}) if are_few(intents) else []
        words = [name.replace("_", " ").lower() for name in named]
        known = np.concatenate([vectors.of(examples), self._encoder.encode(words)])
        self._learnt = IntentModel().fit(texts + words, known, intents + named)
        with self._storage.write_to(self._resource) as folder:
            self._learnt.save(folder / FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Read messages."""
        if self._learnt is None:
            return messages
        texts = [message.get(TEXT) or "" for message in messages]
        model = self._learnt

        def read(clauses: Sequence[str]) -> list[Reading]:
            return model.read(clauses, self._encoder.encode(clauses))

        readings = model.read(texts, vectors.of(messages))
        for message, text, reading in zip(messages, texts, readings, strict=True):
            two = wishes.find(text, reading, read, self._wishes)
            if two:
                message.set(ENTITIES, [*message.get(ENTITIES, []), second_wish(two)], add_to_output=True)
            self._tell(message, two.first if two else reading, understood=bool(text.strip()))
        return messages

    def _tell(self, message: Message, reading: Reading, understood: bool) -> None:
        close = close_intents(reading, self._wishes) if understood else []
        ranking = ranking_of(reading, understood and not close)
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking[:RANKING], add_to_output=True)
        if close:
            message.set("close_intents", close, add_to_output=True)


def close_intents(reading: Reading, intents: Collection[str]) -> list[str]:
    """The two of `intents` that a message wavers between; empty when it does not, or between others."""
    best = [name for name, _ in reading.ranking if name != OUT_OF_SCOPE][:2]
    return best if reading.close and len(best) == 2 and set(best) <= set(intents) else []


def second_wish(two: Wishes) -> dict[str, Any]:
    """The entity that keeps a message's second wish."""
    return {
        "entity": "second_wish",
        "value": two.second,
        "start": two.clause.start,
        "end": two.clause.end,
        "extractor": ScopedIntentClassifier.__name__,
    }


def ranking_of(reading: Reading, understood: bool) -> list[dict[str, Any]]:
    """Rasa's intent ranking; its first entry is the intent."""
    ranking = [{"name": name, "confidence": confidence} for name, confidence in reading.ranking]
    if reading.accepted and understood:
        return ranking
    refusal = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": max(1 - reading.in_scope, 0.5)}
    return [refusal, *ranking]
