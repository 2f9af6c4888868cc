"""The policy that calls a person. It looks at every turn, above RulePolicy, also inside a form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.policies.policy import PolicyPrediction, SupportedData
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from engine.escalation import decision, kept, tracked
from engine.escalation.conversation import Conversation
from engine.escalation.decision import Step
from engine.escalation.rules import ASKED, FILE, Rules
from engine.learner import LearnerPolicy

ESCALATE, ORDER_VALUE, GO_ON = "action_escalate", "action_order_value", "action_go_on"
HUMAN_AGENT, CLARIFY = "action_human_agent", "action_clarify"
ACTIONS = {
    "call": ESCALATE,
    "offer": tracked.OFFER_PERSON,
    "go_on": GO_ON,
    "weigh": ORDER_VALUE,
    "ask": CLARIFY,
}
LAST_WORDS = {ESCALATE, HUMAN_AGENT, tracked.OFFER_PERSON}
"""After these there is nothing to add."""
SILENT = {"action_session_start", "action_extract_slots", "action_deactivate_loop", "action_back"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class EscalationPolicy(LearnerPolicy[Rules]):
    """Predicts an action about a person where `data/escalation.yml` says so, and nothing where it does not.

    The action finds reason, priority and evidence in the slot `escalation`.
    """

    @staticmethod
    def supported_data() -> SupportedData:
        return SupportedData.ML_AND_RULE_DATA

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 10, "rules": FILE}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Changed rules mean another model."""
        return kept.fingerprint(Path(config.get("rules", FILE)))

    @classmethod
    def read(cls, folder: Path) -> Rules:
        return kept.read(folder)

    def train(
        self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any
    ) -> Resource:
        """Keep the rules in the model; there is nothing to learn. Raises InvalidEscalation."""
        self._learnt = kept.keep(Path(self.config["rules"]), self._model_storage, self._resource)
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The action about a person that is due now; no action at all when none is."""
        talk = tracked.conversation(self._learnt, tracker) if self._learnt else None
        if talk is None or self._learnt is None:
            return self._nothing(domain)
        done = [name for name in tracked.done(tracked.split(tracker)[-1]) if name not in SILENT]
        if not done:
            return self._take(decision.before_answer(self._learnt, talk), talk, domain)
        if not _has_answered(tracker, done[-1]):
            return self._nothing(domain)
        return self._after(self._learnt, talk, done, domain)

    def _after(self, rules: Rules, talk: Conversation, done: list[str], domain: Domain) -> PolicyPrediction:
        """What follows the answer, and the end of the turn once this policy has had a part in it."""
        step = None
        if not LAST_WORDS & {*done} and GO_ON not in done:
            step = decision.after_answer(rules, talk, weighed=ORDER_VALUE in done)
        if step is None and done[-1] in {*LAST_WORDS, ORDER_VALUE, GO_ON}:
            return self._predict(ACTION_LISTEN_NAME, domain)
        return self._take(step, talk, domain)

    def _take(self, step: Step | None, talk: Conversation, domain: Domain) -> PolicyPrediction:
        if step is None:
            return self._nothing(domain)
        action = HUMAN_AGENT if step.act == "call" and step.reason == ASKED else ACTIONS[step.act]
        return self._predict(action, domain, {**step.to_json(), "offer": _offer_after(step, talk)})

    def _predict(self, action: str, domain: Domain, known: dict[str, Any] | None = None) -> PolicyPrediction:
        """This action for certain, ahead of every other policy; `known` is what it finds in the slot."""
        return self._prediction(
            [float(name == action) for name in domain.action_names_or_texts],
            optional_events=[SlotSet(tracked.STEP, known)] if known else [],
            # Rasa lets a running form go before predictions that look at the message; not before this one.
            is_no_user_prediction=True,
        )

    def _nothing(self, domain: Domain) -> PolicyPrediction:
        return self._prediction(self._default_predictions(domain))


def _offer_after(step: Step, talk: Conversation) -> dict[str, Any]:
    """The last offer, as the next turns shall know it."""
    if step.act == "offer":
        return {**step.to_json(), "at": talk.now.at}
    return {**talk.offer, "declined": True} if step.act == "go_on" else dict(talk.offer)


def _has_answered(tracker: DialogueStateTracker, last: str) -> bool:
    """Has the bot had its say? A form that has ended is followed by its action, an open one asks last."""
    form = tracker.active_loop_name
    if last in {*LAST_WORDS, ORDER_VALUE}:
        return True
    if last == GO_ON:
        return form is None
    return last == form if form else not last.endswith("_form") and last != ACTION_LISTEN_NAME
