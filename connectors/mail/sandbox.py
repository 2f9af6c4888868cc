"""Mails into the sandbox's mailbox, where a person can read them."""

from __future__ import annotations

from dataclasses import asdict

import httpx
import stamina

from connectors.mail.message import Mail, MailDelayed, MailRefused


class SandboxMailer:
    """Puts mails into the mailbox at `url`. The HTTP client stays its owner's to close."""

    def __init__(self, http: httpx.AsyncClient, url: str):
        self._http, self._url = http, f"{url.rstrip('/')}/sandbox/mail"
        self._retrying = stamina.AsyncRetryingCaller(attempts=3, timeout=10.0)

    async def send(self, mail: Mail) -> None:
        await self._retrying(MailDelayed, self._once, mail)

    async def _once(self, mail: Mail) -> None:
        try:
            response = await self._http.post(self._url, json=asdict(mail), timeout=5)
        except httpx.HTTPError as error:
            raise MailDelayed(f"the sandbox's mailbox does not answer: {type(error).__name__}") from error
        if response.status_code >= 500:
            raise MailDelayed(f"the sandbox's mailbox answered HTTP {response.status_code}")
        if response.status_code != httpx.codes.CREATED:
            raise MailRefused(f"the sandbox's mailbox answered HTTP {response.status_code}")
