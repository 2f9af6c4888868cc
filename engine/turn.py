"""One turn inside the engine: a customer message in, everything the bot did out, or an error.

Rasa swallows what goes wrong in a turn (a failed action, a lost database, too many actions). Here each of
these ends the turn, and nothing of it is stored, so that the same message can be asked again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from engine import answer, hand_back
from engine.nlu import frustration
from engine.tracker_store import PostgresTrackerStore, StoredTracker

ACTION_TIMEOUT = 12
"""Seconds an action may take; Rasa would wait 300, longer than its conversation lock lives."""

CHANNEL = "turn"


class TurnError(Exception):
    """A turn that could not be answered; `status` and `code` are what the caller is told."""

    status = 500
    code = "turn_failed"


class ActionFailed(TurnError):
    """An action raised, timed out or could not be reached."""

    code = "action_failed"


class NoModel(TurnError):
    """No model is loaded."""

    status = 503
    code = "no_model"


class NoTrackerStore(TurnError):
    """The tracker store is not the one on Postgres, or it does not answer."""

    status = 503
    code = "tracker_store"


@dataclass(frozen=True)
class Question:
    """A customer message; `payload`: a tapped choice (trusted), `new_session`: slots to begin afresh with."""

    conversation_id: str
    message_id: str
    text: str
    metadata: dict[str, Any] = field(default_factory=dict)
    payload: str | None = None
    new_session: dict[str, Any] | None = None
    known: dict[str, Any] = field(default_factory=dict)
    """Slots that any session gets which has not set them."""


async def run(agent: Agent | None, question: Question) -> dict[str, Any]:
    """Answer one customer message; asked again with the same message id, give the earlier answer.

    Raises TurnError, LockError when the conversation is busy, RedisError and SQLAlchemyError when a store
    is away.
    """
    processor = processor_of(agent)
    async with processor.lock_store.lock(question.conversation_id):
        earlier = await processor.store.events_of(question.conversation_id, question.message_id)
        tracker = await processor.get_tracker(question.conversation_id)
        if earlier:
            return answer.build(earlier, tracker, repeated=True)
        events = await processor.take_turn(tracker, question)
        return answer.build(events, tracker, repeated=False)


def processor_of(agent: Agent | None) -> TurnProcessor:
    """The agent's processor as turns need it. Raises NoModel or NoTrackerStore."""
    if agent is None or agent.processor is None:
        raise NoModel("No model is loaded.")
    return TurnProcessor(agent.processor)


class TurnProcessor(MessageProcessor):
    """Another's processor (model, stores, responses) that fails loudly."""

    def __init__(self, processor: MessageProcessor) -> None:
        self.__dict__.update(processor.__dict__)
        self.store = _postgres_store(processor)
        self.tracker_store = self.store
        self.on_circuit_break = _too_many_actions
        self._failures: list[BaseException] = []
        if processor.action_endpoint is not None:
            self.action_endpoint = WatchedEndpoint(processor.action_endpoint, self._failures)

    async def take_turn(self, tracker: DialogueStateTracker, question: Question) -> list[Event]:
        """Run the turn on `tracker`, store it, and return what happened."""
        output = CollectingOutputChannel()
        if question.new_session is not None:
            self._begin_session(tracker, question.new_session)
        await self._update_tracker_session(tracker, output, question.metadata)
        await self._learn(tracker, question.known)
        await self._handle_message_with_tracker(await self._read(question, tracker), tracker)
        await self.run_action_extract_slots(output, tracker)
        self._raise_failure()
        await self._run_prediction_loop(output, tracker)
        events = tracker.unsaved() if isinstance(tracker, StoredTracker) else list(tracker.events)
        await self.save_tracker(tracker)
        return events

    def _begin_session(self, tracker: DialogueStateTracker, slots: dict[str, Any]) -> None:
        known = [SlotSet(name, value) for name, value in slots.items() if name in tracker.slots]
        start = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
        tracker.update_with_events([*start, *known, ActionExecuted(ACTION_LISTEN_NAME)], self.domain)

    async def _learn(self, tracker: DialogueStateTracker, known: dict[str, Any]) -> None:
        """Set what is known and what this session has not set."""
        for name, value in known.items():
            if name in tracker.slots and tracker.get_slot(name) is None:
                if name == hand_back.SLOT and isinstance(value, dict):
                    value = await hand_back.understand(value, self.parse_message)
                tracker.update(SlotSet(name, value), self.domain)

    async def _read(self, question: Question, tracker: DialogueStateTracker) -> UserMessage:
        """The message with its meaning; only a tapped choice may name an intent."""
        text = question.text.strip()
        parsed = await self._tapped(question) or await self.parse_message(UserMessage(text.lstrip("/ ")))
        parsed["text"] = text
        parsed.setdefault("escalation", [])  # a tapped choice is no words of the customer's
        score = float(parsed.get("frustration", {}).get("score", 0.0))
        parsed["frustration"] = {"score": score, "trend": frustration.trend(score, _scores(tracker))}
        return UserMessage(
            text,
            sender_id=question.conversation_id,
            parse_data=parsed,
            input_channel=question.metadata.get("channel") or CHANNEL,
            message_id=question.message_id,
            metadata={**question.metadata, "frustration": parsed["frustration"]},
        )

    async def _tapped(self, question: Question) -> dict[str, Any] | None:
        """The meaning of a tapped choice, None when it names no intent of this model."""
        intent = re.match(r"/(\w+)", question.payload or "")
        if not intent or intent[1] not in self.domain.intents:
            return None
        return dict(await self.parse_message(UserMessage(question.payload)))

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: Any,
    ) -> bool:
        watched = WatchedAction(action, self._failures)
        proceed: bool = await super()._run_action(watched, tracker, output_channel, nlg, prediction)
        self._raise_failure()
        return proceed

    def _raise_failure(self) -> None:
        if self._failures:
            raise ActionFailed("An action failed; the turn is not stored.") from self._failures[0]


class WatchedAction(Action):
    """An action whose failure is remembered; a form's rejection is none."""

    def __init__(self, action: Action, failures: list[BaseException]) -> None:
        self._action = action
        self._failures = failures

    def name(self) -> str:
        return str(self._action.name())

    def event_for_successful_execution(self, prediction: Any) -> ActionExecuted:
        return self._action.event_for_successful_execution(prediction)

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        try:
            return list(await self._action.run(output_channel, nlg, tracker, domain))
        except ActionExecutionRejection:
            raise
        except Exception as error:
            self._failures.append(error)
            raise


class WatchedEndpoint(EndpointConfig):
    """The action server's address, with a shorter patience; every failed call is remembered."""

    def __init__(self, endpoint: EndpointConfig, failures: list[BaseException]) -> None:
        self.__dict__.update(endpoint.__dict__)
        self._endpoint = endpoint
        self._failures = failures

    async def request(self, *args: Any, **kwargs: Any) -> Any | None:
        try:
            return await self._endpoint.request(*args, **{**kwargs, "timeout": ACTION_TIMEOUT})
        except ClientResponseError as error:
            if error.status != 400:  # 400 is a form's rejection
                self._failures.append(error)
            raise
        except Exception as error:
            self._failures.append(error)
            raise


def _scores(tracker: DialogueStateTracker) -> list[float]:
    """How frustrated the customer's messages of this session sounded, oldest first."""
    scores: list[float] = []
    for event in tracker.events:
        if isinstance(event, SessionStarted):
            scores = []
        elif isinstance(event, UserUttered):
            scores.append(float((event.parse_data or {}).get("frustration", {}).get("score", 0.0)))
    return scores


def _postgres_store(processor: MessageProcessor) -> PostgresTrackerStore:
    store = processor.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        store = store._tracker_store
    if not isinstance(store, PostgresTrackerStore):
        raise NoTrackerStore("The tracker store is not on Postgres; conversations would be lost.")
    return store


def _too_many_actions(*_: Any) -> None:
    raise TurnError("The bot did not stop predicting actions.")
