"""Text messages into the sandbox's mailbox, where a person can read them."""

from __future__ import annotations

from dataclasses import asdict

import httpx
import stamina

from connectors.sms.message import TextDelayed, TextMessage, TextRefused


class SandboxTexter:
    """Puts text messages into the mailbox at `url`. The HTTP client stays its owner's to close."""

    def __init__(self, http: httpx.AsyncClient, url: str):
        self._http, self._url = http, f"{url.rstrip('/')}/sandbox/texts"
        self._retrying = stamina.AsyncRetryingCaller(attempts=3, timeout=10.0)

    async def send(self, message: TextMessage) -> None:
        await self._retrying(TextDelayed, self._once, message)

    async def _once(self, message: TextMessage) -> None:
        try:
            response = await self._http.post(self._url, json=asdict(message), timeout=5)
        except httpx.HTTPError as error:
            raise TextDelayed(f"the sandbox's mailbox does not answer: {type(error).__name__}") from error
        if response.status_code >= 500:
            raise TextDelayed(f"the sandbox's mailbox answered HTTP {response.status_code}")
        if response.status_code != httpx.codes.CREATED:
            raise TextRefused(f"the sandbox's mailbox answered HTTP {response.status_code}")
