"""What the turn channel takes, and what it answers when a turn fails."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

import pytest
from rasa.core.lock_store import LockError
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy.exc import OperationalError

from engine import turn, turn_channel

GOOD = {"conversation_id": "whatsapp:1", "message_id": "wamid.1", "text": "hi"}


def test_a_whole_request_is_read() -> None:
    """Metadata goes on to the actions; the new session's slots and the payload are taken out of it."""
    metadata = {
        "phone": "+15550100001",
        "payload": '/inform{"a": "b"}',
        "new_session": {"slots": {"order_number": "1"}},
    }
    question = turn_channel.read({**GOOD, "metadata": metadata})
    assert question.payload == '/inform{"a": "b"}'
    assert question.new_session == {"order_number": "1"}
    assert question.metadata["phone"] == "+15550100001"
    assert "new_session" not in question.metadata


def test_a_new_session_may_be_empty() -> None:
    """An empty new session is still one; none at all is none."""
    assert turn_channel.read({**GOOD, "metadata": {"new_session": {}}}).new_session == {}
    assert turn_channel.read(GOOD).new_session is None


def test_a_choice_without_an_intent_is_read_by_its_title() -> None:
    """A payload that is no intent is not passed on as one."""
    assert turn_channel.read({**GOOD, "metadata": {"payload": "choice-1"}}).payload is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {**GOOD, "conversation_id": ""},
        {**GOOD, "conversation_id": 5},
        {**GOOD, "message_id": "x" * 256},
        {**GOOD, "text": ["hi"]},
        {**GOOD, "metadata": "phone"},
        {**GOOD, "metadata": {"new_session": {"slots": []}}},
    ],
)
def test_a_malformed_request_is_refused(body: Any) -> None:
    """What is missing or of another type is named, not guessed."""
    with pytest.raises(turn_channel.BadRequest):
        turn_channel.read(body)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (turn_channel.BadRequest("x"), 400, "bad_request"),
        (LockError("x"), 409, "conversation_busy"),
        (turn.ActionFailed("x"), 500, "action_failed"),
        (turn.TurnError("x"), 500, "turn_failed"),
        (ValueError("x"), 500, "turn_failed"),
        (turn.NoModel("x"), 503, "no_model"),
        (turn.NoTrackerStore("x"), 503, "tracker_store"),
        (OperationalError("x", {}, Exception()), 503, "tracker_store"),
        (RedisConnectionError("x"), 503, "lock_store"),
    ],
)
async def test_every_failure_has_its_status(error: Exception, status: int, code: str) -> None:
    """No failure is answered with 200."""

    async def work() -> dict[str, Any]:
        raise error

    response = await turn_channel.told(work())
    assert response.status == status
    assert json.loads(response.body)["error"] == code


async def test_an_answer_is_told_with_200() -> None:
    """What the turn gives is the body."""

    async def work() -> dict[str, Any]:
        return {"messages": []}

    awaitable: Awaitable[dict[str, Any]] = work()
    assert json.loads((await turn_channel.told(awaitable)).body) == {"messages": []}


def test_the_channel_is_named_turn() -> None:
    """Its routes stand under /webhooks/turn."""
    assert turn_channel.TurnChannel.name() == "turn"
