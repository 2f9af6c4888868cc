"""Graph component: what in a message speaks for calling a person."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.escalation import kept, signals
from engine.escalation.likeness import LIKENESS, Likeness
from engine.escalation.rules import FILE, Rules
from engine.learner import Learner

KEY = "escalation"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EscalationTagger(Learner[Rules]):
    """Sets `escalation` to the message's signals, each with its trigger and evidence; the policy decides."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"rules": FILE}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Changed rules mean another model."""
        return kept.fingerprint(Path(config.get("rules", FILE)))

    @classmethod
    def read(cls, folder: Path) -> Rules:
        return kept.read(folder)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the rules in the model. Raises InvalidEscalation."""
        self._learnt = kept.keep(Path(self._config["rules"]), self._storage, self._resource)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Tag messages."""
        if self._learnt is None:
            return messages
        for message in messages:
            intent = message.get(INTENT) or {}
            text, confidence = message.get(TEXT) or "", float(intent.get("confidence") or 0)
            like = message.get(LIKENESS)
            likeness = Likeness(**like) if like else None
            found = signals.find(self._learnt, text, intent.get("name"), confidence, likeness)
            message.set(KEY, [asdict(signal) for signal in found], add_to_output=True)
        return messages
