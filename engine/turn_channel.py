"""Rasa's door to the corridor: one customer message in, one answer out, and a real status when it failed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.lock_store import LockError
from redis.exceptions import RedisError
from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from engine import turn

MAX_ID = 255

logger = logging.getLogger(__name__)


class BadRequest(turn.TurnError):
    """The request is not what the channel takes."""

    status = 400
    code = "bad_request"


class TurnChannel(InputChannel):
    """`POST /webhooks/turn/webhook` answers a turn; `GET /webhooks/turn/` tells whether it could."""

    @classmethod
    def name(cls) -> str:
        return turn.CHANNEL

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("turn_channel")
        blueprint.add_route(health, "/", methods=["GET"])
        blueprint.add_route(webhook, "/webhook", methods=["POST"])
        return blueprint


async def webhook(request: Request) -> HTTPResponse:
    """Answer a turn."""
    return await told(_take_turn(request))


async def health(request: Request) -> HTTPResponse:
    """200 when a model is loaded and the tracker store answers."""
    return await told(_check(request))


async def _take_turn(request: Request) -> dict[str, Any]:
    question = read(_json(request))
    return await turn.run(_agent(request), question)


async def _check(request: Request) -> dict[str, Any]:
    await turn.processor_of(_agent(request)).store.check()
    return {"status": "ok"}


def _agent(request: Request) -> Any:
    return getattr(request.app.ctx, "agent", None)


async def told(work: Awaitable[dict[str, Any]]) -> HTTPResponse:
    """The result of `work` as a response; whatever it raised as a status, a code and a sentence."""
    try:
        return response.json(await work)
    except turn.TurnError as error:
        if error.status >= 500:
            logger.error("turn: %s", error, exc_info=True)
        return _error(error.status, error.code, str(error))
    except LockError as error:
        return _error(409, "conversation_busy", str(error))
    except RedisError:
        logger.exception("turn: the lock store does not answer")
        return _error(503, "lock_store", "The lock store does not answer.")
    except SQLAlchemyError:
        logger.exception("turn: the tracker store does not answer")
        return _error(503, turn.NoTrackerStore.code, "The tracker store does not answer.")
    except Exception as error:
        logger.exception("turn: failed")
        return _error(500, turn.TurnError.code, f"The turn failed: {type(error).__name__}.")


def _error(status: int, code: str, message: str) -> HTTPResponse:
    return response.json({"error": code, "message": message}, status=status)


def _json(request: Request) -> Any:
    try:
        return request.json
    except InvalidUsage as error:
        raise BadRequest("The body is not JSON.") from error


def read(body: Any) -> turn.Question:
    """The question in a request's body. Raises BadRequest, naming what is wrong."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    metadata = _typed(body, "metadata", dict, {})
    session = _typed(metadata, "new_session", dict, None)
    rest = {key: value for key, value in metadata.items() if key not in ("new_session", "known")}
    return turn.Question(
        conversation_id=_identifier(body, "conversation_id"),
        message_id=_identifier(body, "message_id"),
        text=_typed(body, "text", str, ""),
        metadata=rest,
        payload=_payload(metadata),
        new_session=None if session is None else _typed(session, "slots", dict, {}),
        known=_typed(metadata, "known", dict, {}),
    )


def _typed(body: dict[str, Any], key: str, kind: type, default: Any) -> Any:
    value = body.get(key)
    if value is None:
        return default
    if not isinstance(value, kind):
        raise BadRequest(f"'{key}' must be of type {kind.__name__}.")
    return value


def _identifier(body: dict[str, Any], key: str) -> str:
    value: str = _typed(body, key, str, "")
    if not 0 < len(value) <= MAX_ID:
        raise BadRequest(f"'{key}' must have 1 to {MAX_ID} characters.")
    return value


def _payload(metadata: dict[str, Any]) -> str | None:
    """A tapped choice that names an intent; any other choice is read by its title."""
    payload: str = _typed(metadata, "payload", str, "")
    return payload if payload.startswith("/") else None
