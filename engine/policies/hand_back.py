"""The policy that answers with a colleague's words what the colleague has answered; below escalation."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from rasa.core.policies.policy import PolicyPrediction, SupportedData
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from engine import hand_back
from engine.escalation import tracked
from engine.hand_back import SLOT, Asks
from engine.learner import LearnerPolicy

ACTION = "action_hand_back"
SILENT = frozenset({"action_session_start", "action_extract_slots"})
NAME = "hand_back.yml"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class HandBackPolicy(LearnerPolicy[Asks]):
    """Predicts `action_hand_back` where a message asks about a colleague's words, else nothing.

    The action finds in the slot `hand_back`, under `about`, which question or words are meant.
    """

    @staticmethod
    def supported_data() -> SupportedData:
        return SupportedData.ML_AND_RULE_DATA

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 9, "phrases": hand_back.FILE}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Changed phrases mean another model."""
        return hashlib.sha256(_text(config.get("phrases", hand_back.FILE)).encode()).hexdigest()

    @classmethod
    def read(cls, folder: Path) -> Asks:
        return hand_back.read((folder / NAME).read_text(encoding="utf-8"))

    def train(
        self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any
    ) -> Resource:
        """Keep the phrases in the model; there is nothing to learn. Raises InvalidHandBack."""
        text = _text(self.config["phrases"])
        self._learnt = hand_back.read(text, str(self.config["phrases"]))
        with self._model_storage.write_to(self._resource) as folder:
            (folder / NAME).write_text(text, encoding="utf-8")
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The action about the colleague's words, when the message is about them; then it is over."""
        left = tracker.get_slot(SLOT) if SLOT in tracker.slots else None
        turns = tracked.split(tracker) if isinstance(left, dict) else []
        if not turns or self._learnt is None or not isinstance(left, dict):
            return self._prediction(self._default_predictions(domain))
        done = [name for name in tracked.done(turns[-1]) if name not in SILENT]
        if done[-1:] == [ACTION] and tracker.active_loop_name is None:
            return self._predict(ACTION_LISTEN_NAME, domain)
        about = None if done else _about(self._learnt, left, turns[-1][0], tracker.active_loop_name)
        if about is None:
            return self._prediction(self._default_predictions(domain))
        return self._predict(ACTION, domain, {**left, hand_back.ABOUT: about})

    def _predict(self, action: str, domain: Domain, known: dict[str, Any] | None = None) -> PolicyPrediction:
        return self._prediction(
            [float(name == action) for name in domain.action_names_or_texts],
            optional_events=[SlotSet(SLOT, known)] if known else [],
            is_no_user_prediction=True,  # a running form does not get the message first
        )


def _about(asks: Asks, left: dict[str, Any], user: Any, form: str | None) -> dict[str, Any] | None:
    """What the message asks of the colleague's words: an answer, an open question, or ({}) promises."""
    if not isinstance(user, UserUttered) or (user.metadata or {}).get("payload"):
        return None
    text, intent = user.text or "", (user.intent or {}).get("name")
    if asks.matches(text, str(left.get("by") or "")):
        return {}
    if form:
        return None
    numbers = frozenset(str(each["value"]) for each in user.entities if each.get("entity") == "order_number")
    again = hand_back.asked_again(left, text, intent, numbers)
    if again:
        return again
    recalled = asks.recalls(left, text, numbers)
    return asks.settled(left, text, intent, numbers) if recalled is None else recalled


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise hand_back.InvalidHandBack(f"{path} cannot be read: {error}.") from None
