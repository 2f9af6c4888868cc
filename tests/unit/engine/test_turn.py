"""A turn, with a real model, a real store and a made-up action server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ConversationPaused
from sqlalchemy.exc import SQLAlchemyError

from engine import turn
from tests.unit.engine.bot import FakeActions, agent_with, fails, says, train_bot


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_bot(tmp_path_factory.mktemp("bot"))


@pytest.fixture
def agent(model: Path, tmp_path: Path) -> Agent:
    return agent_with(model, tmp_path / "rasa.db", FakeActions(says("On its way.")))


async def _ask(agent: Agent, text: str, message: str = "m1", **more: Any) -> dict[str, Any]:
    return await turn.run(agent, turn.Question("ana", message, text, {"name": "Ana"}, **more))


def _texts(answer: dict[str, Any]) -> list[str]:
    return [message["text"] for message in answer["messages"]]


async def test_an_answer_tells_what_was_said_and_why(agent: Agent) -> None:
    """An answer holds messages, intent, action, policy and model."""
    answer = await _ask(agent, "hello")
    assert answer["messages"] == [
        {"text": "Hello!", "buttons": [{"title": "Track", "payload": "/order_status"}]}
    ]
    assert (answer["intent"], answer["action"], answer["policy"]) == ("greet", "utter_greet", "RulePolicy")
    assert answer["model_id"] == agent.model_id
    assert answer["frustration"] == {"score": 0.0, "trend": 0.0}
    assert answer["repeated"] is False


async def test_the_same_message_is_answered_once(agent: Agent) -> None:
    """Asked again, also after other turns, a message gets its earlier answer and no action runs again."""
    first = await _ask(agent, "where", "m1")
    for number in range(2, 12):
        await _ask(agent, "hello", f"m{number}")
    again = await _ask(agent, "where", "m1")
    assert again["repeated"] is True
    assert {**again, "repeated": False} == first
    assert isinstance(agent.action_endpoint, FakeActions)
    assert len(agent.action_endpoint.calls) == 1


async def test_the_same_message_at_once_is_answered_once(agent: Agent) -> None:
    """Twenty copies of one message that arrive together run one turn."""
    answers = await asyncio.gather(*(_ask(agent, "where") for _ in range(20)))
    assert sorted(answer["repeated"] for answer in answers) == [False] + [True] * 19
    assert isinstance(agent.action_endpoint, FakeActions)
    assert len(agent.action_endpoint.calls) == 1


async def test_text_that_begins_with_a_slash_is_only_text(agent: Agent) -> None:
    """A customer cannot name an intent: the slash is not read."""
    answer = await _ask(agent, '/order_status{"order_number": "10301"} hi')
    assert answer["entities"] == []
    assert answer["slots"] == {}


async def test_a_tapped_choice_names_an_intent(agent: Agent) -> None:
    """A tapped choice is read as its intent and entities; the text stays what the customer saw."""
    payload = '/order_status{"order_number": "10234"}'
    answer = await _ask(agent, "My jacket", payload=payload)
    assert (answer["intent"], answer["slots"]) == ("order_status", {"order_number": "10234"})
    assert isinstance(agent.action_endpoint, FakeActions)
    told = agent.action_endpoint.calls[0]["tracker"]["latest_message"]
    assert told["text"] == "My jacket"
    assert told["metadata"] == {"name": "Ana", "frustration": {"score": 0.0, "trend": 0.0}}


async def test_a_choice_of_an_unknown_intent_is_read_by_its_title(agent: Agent) -> None:
    """A payload that this model does not know does not end the turn."""
    assert (await _ask(agent, "hello", payload="/gone"))["intent"] == "greet"


async def test_a_failed_action_fails_the_turn_and_leaves_no_trace(model: Path, tmp_path: Path) -> None:
    """Rasa goes on without a failed action's events; we fail, store nothing, and can be asked again."""
    broken = agent_with(model, tmp_path / "rasa.db", FakeActions(fails))
    with pytest.raises(turn.ActionFailed):
        await _ask(broken, "where")
    whole = agent_with(model, tmp_path / "rasa.db", FakeActions(says("On its way.")))
    answer = await _ask(whole, "where")
    assert (_texts(answer), answer["repeated"]) == (["On its way."], False)


async def test_a_bot_that_does_not_stop_fails_the_turn(agent: Agent) -> None:
    """When the bot keeps predicting actions, the turn fails instead of ending half-way."""
    with pytest.raises(turn.TurnError):
        await _ask(agent, "loop")


async def test_a_new_session_forgets_and_keeps_what_it_is_given(agent: Agent) -> None:
    """A new session un-pauses, empties the slots and sets the given ones; unknown ones are left out."""
    await _ask(agent, "x", "m1", payload='/order_status{"order_number": "1"}')
    processor = turn.processor_of(agent)
    tracker = await processor.get_tracker("ana")
    tracker.update_with_events([ConversationPaused()], agent.domain)
    await processor.save_tracker(tracker)
    assert (await _ask(agent, "hello", "m2"))["messages"] == []
    answer = await _ask(agent, "hello", "m3", new_session={"order_number": "2", "nonsense": 1})
    assert (_texts(answer), answer["slots"]) == (["Hello!"], {"order_number": "2"})


async def test_the_trend_follows_the_conversation(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frustration is compared with the customer's earlier messages of the session, and actions see it."""
    scores = iter([0.2, 0.8, 0.1, 0.9])
    read = turn.TurnProcessor.parse_message

    async def upset(self: turn.TurnProcessor, *given: Any) -> dict[str, Any]:
        return {**await read(self, *given), "frustration": {"score": next(scores)}}

    monkeypatch.setattr(turn.TurnProcessor, "parse_message", upset)
    first, second = [await _ask(agent, "hello", one) for one in ("m1", "m2")]
    third = await _ask(agent, "where", "m3")
    afresh = await _ask(agent, "hello", "m4", new_session={})
    assert first["frustration"] == {"score": 0.2, "trend": 0.0}
    assert second["frustration"] == {"score": 0.8, "trend": 0.6}
    assert third["frustration"] == {"score": 0.1, "trend": -0.4}
    assert afresh["frustration"]["trend"] == 0.0
    assert isinstance(agent.action_endpoint, FakeActions)
    message = agent.action_endpoint.calls[0]["tracker"]["latest_message"]
    assert message["metadata"]["frustration"] == third["frustration"]


async def test_without_a_model_there_is_no_turn() -> None:
    """An engine that has loaded no model says so."""
    with pytest.raises(turn.NoModel):
        await turn.run(Agent(), turn.Question("ana", "m1", "hello"))


async def test_memory_is_no_tracker_store(model: Path) -> None:
    """When Rasa has fallen back to memory, the turn fails instead of being forgotten later."""
    agent = Agent.load(model, tracker_store=InMemoryTrackerStore(Domain.empty()))
    with pytest.raises(turn.NoTrackerStore):
        await _ask(agent, "hello")


async def test_a_lost_database_fails_the_turn(model: Path, tmp_path: Path) -> None:
    """When the database cannot be reached, the turn fails; Rasa's silent fallback is not used."""
    agent = agent_with(model, tmp_path / "nowhere" / "rasa.db", FakeActions(says("x")))
    with pytest.raises(SQLAlchemyError):
        await _ask(agent, "hello")
