"""Reading API requests: JSON bodies, and creates that carry an Idempotency-Key."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from sandbox.clock import Clock
from sandbox.zendesk.errors import ApiError, BadRequest

Json = dict[str, Any]
Answer = tuple[int, Any, dict[str, str]]
"""Status, JSON body, headers."""
KEY_SECONDS = 2 * 3600
KEY_LENGTH = 255


async def read(request: Request, key: str) -> Json:
    """The object under `key` of the JSON body. Raises BadRequest."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise BadRequest("The body is not JSON", "InvalidJSON") from None
    if not isinstance(body, dict) or not isinstance(body.get(key), dict):
        raise BadRequest(f"Parameter {key} is required")
    found: Json = body[key]
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer to a create that may be repeated; its future is not done while it is in flight."""

    digest: str
    until: float
    answer: asyncio.Future[Answer]


class IdempotencyKeys:
    """What was answered to each key in the last two hours. Source: Zendesk's idempotency page."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, Kept] = {}

    async def once(
        self, request: Request, create: Callable[[], Awaitable[Answer]], *, conflict_in_flight: bool
    ) -> JSONResponse:
        """Answer as the first time this key came, or create.

        What happens to a second request while the first is in flight is not documented: it is refused
        with 409 or, without `conflict_in_flight`, waits. Raises ApiError 400 for another body.
        """
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return _response(await create(), {})
        if not 0 < len(key) <= KEY_LENGTH:
            raise BadRequest("Idempotency-Key must have 1 to 255 characters", "IdempotentRequestError")
        digest = hashlib.sha256(await request.body()).hexdigest()
        kept = self._kept.get(key)
        if kept is not None and kept.until > self._clock.timestamp():
            return await self._again(kept, digest, conflict_in_flight)
        return await self._first(key, digest, create)

    async def _first(self, key: str, digest: str, create: Callable[[], Awaitable[Answer]]) -> JSONResponse:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._kept[key] = Kept(digest, self._clock.timestamp() + KEY_SECONDS, answer)
        try:
            answer.set_result(await create())
        except ApiError as error:
            del self._kept[key]  # what was refused may be tried again
            answer.set_exception(error)
        return _response(answer.result(), {"x-idempotency-lookup": "miss"})

    @staticmethod
    async def _again(kept: Kept, digest: str, conflict_in_flight: bool) -> JSONResponse:
        if kept.digest != digest:
            description = "Request parameters don't match the given idempotency key"
            raise BadRequest(description, "IdempotentRequestError")
        if conflict_in_flight and not kept.answer.done():
            description = "A request with this idempotency key is still in flight"
            raise ApiError(409, {"error": "IdempotentRequestError", "description": description})
        return _response(await asyncio.shield(kept.answer), {"x-idempotency-lookup": "hit"})


def _response(answer: Answer, more: dict[str, str]) -> JSONResponse:
    status, body, headers = answer
    return JSONResponse(body, status, headers | more)
