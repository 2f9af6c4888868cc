"""The app under the sandbox's webhooks: takes them down and answers as it was told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

Answer = int | Exception | tuple[int, dict[str, str]]


class Receiver(httpx.AsyncBaseTransport):
    """Stands where the network would be. `answers`: what comes next, then 200 for ever.

    `on_post` is called with every webhook before it is answered.
    """

    def __init__(self, *answers: Answer, verify_token: str = "sandbox-verify-token") -> None:
        self.answers = list(answers)
        self.posts: list[httpx.Request] = []
        self.on_post: Callable[[], None] = lambda: None
        self._verify_token = verify_token

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """Every webhook, parsed."""
        return [json.loads(request.content) for request in self.posts]

    @property
    def values(self) -> list[dict[str, Any]]:
        """The `value` of every change of every WhatsApp webhook."""
        changes = [c for body in self.bodies for entry in body["entry"] for c in entry["changes"]]
        return [change["value"] for change in changes]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        """Every WhatsApp status."""
        return [status for value in self.values for status in value.get("statuses", [])]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Every WhatsApp message."""
        return [message for value in self.values for message in value.get("messages", [])]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if request.method == "GET":
            return self._verified(request)
        self.posts.append(request)
        self.on_post()
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        return httpx.Response(status, headers=headers, text="")

    def _verified(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        good = asked["hub.mode"] == "subscribe" and asked["hub.verify_token"] == self._verify_token
        return httpx.Response(200 if good else 403, text=asked["hub.challenge"] if good else "no")
