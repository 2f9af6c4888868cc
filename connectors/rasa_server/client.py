"""The engine, asked over its turn channel."""

from __future__ import annotations

from typing import Any

import httpx

from connectors import json_text
from connectors.rasa_server import payload
from conversations.errors import BadPayload, BotFailed
from conversations.messages import Answer, Question

READY_TIMEOUT = 3.0
CONNECT_TIMEOUT = 3.0


class RasaServer:
    """Implements the core's `Bot`. The HTTP client stays its owner's to close.

    `base_url` is the engine's (http://127.0.0.1:5005); `timeout` the seconds it may think.
    """

    def __init__(self, http: httpx.AsyncClient, base_url: str, *, timeout: float = 15.0):
        self._http = http
        self._url = f"{base_url.rstrip('/')}/webhooks/turn/"
        self._timeout = timeout

    async def ask(self, question: Question) -> Answer:
        """The engine's answer. Raises BotFailed, its code being the engine's, or "unreachable",
        "timeout", "empty" or "bad_answer".
        """
        response = await self._call("POST", "webhook", self._timeout, json=payload.request(question))
        try:
            return payload.answer(json_text.load(response.content))
        except BadPayload as error:
            raise BotFailed("the engine's answer is not JSON", code="bad_answer") from error

    async def ready(self) -> None:
        """Return if the engine can answer a turn. Raises BotFailed saying why not."""
        await self._call("GET", "", READY_TIMEOUT)

    async def _call(self, method: str, path: str, timeout: float, json: Any = None) -> httpx.Response:
        patience = httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT))
        try:
            response = await self._http.request(method, self._url + path, json=json, timeout=patience)
        except httpx.TimeoutException as error:
            raise BotFailed(
                f"the engine did not answer in time: {type(error).__name__}", code="timeout"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BotFailed(
                f"the engine cannot be reached: {type(error).__name__}", code="unreachable"
            ) from error
        if response.status_code != httpx.codes.OK:
            raise _failure(response)
        return response


def _failure(response: httpx.Response) -> BotFailed:
    """The error of `{"error": code, "message": sentence}`, or of the bare status."""
    status = response.status_code
    try:
        data = json_text.load(response.content)
    except BadPayload:
        data = None
    found = data if isinstance(data, dict) else {}
    code, message = found.get("error"), found.get("message")
    words = f": {message[:300]}" if isinstance(message, str) else ""
    return BotFailed(
        f"the engine answered HTTP {status}{words}",
        code=code if isinstance(code, str) and code else str(status),
    )
