"""Webhooks: signed on the exact bytes, repeated until the app answers 200. Source: Meta's webhook pages."""

from __future__ import annotations

import secrets
from typing import Literal

import httpx

from sandbox import signatures
from sandbox.clock import Clock
from sandbox.deliveries import Courier, Delivery
from sandbox.faults import WhatsAppFaults
from sandbox.whatsapp.settings import WhatsAppSettings

Signature = Literal["good", "bad", "missing"]
#: Seconds between attempts: at once, then ever more rarely, until seven days have passed.
DELAYS = (0, 2, 5, 15, 30, 60, 300, 900, 3600, 4 * 3600, *[12 * 3600] * 13)
HANDSHAKE_DELAYS = (0, 0.5, 1, 2, 4, *[5] * 60)


def retry_rule(delivery: Delivery) -> float | None:
    """Anything but 200 is repeated."""
    attempts = len(delivery.attempts)
    if delivery.status == 200 or attempts > len(DELAYS):
        return None
    return DELAYS[attempts - 1]


class Webhooks:
    """The subscription of the app: where it listens, and whether it answered the verification."""

    def __init__(
        self, settings: WhatsAppSettings, faults: WhatsAppFaults, courier: Courier, clock: Clock
    ) -> None:
        self._settings, self._faults, self._courier, self._clock = settings, faults, courier, clock
        self.callback = settings.callback
        self.verified: bool | None = None

    async def post(self, body: bytes, ids: tuple[str, ...] = (), signature: Signature = "good") -> Delivery:
        """Sign and deliver; returns after the first attempt. Without a callback nothing is attempted."""
        if self.callback is None:
            return Delivery("", body, {}, ids, over=True)
        return await self._courier.deliver(Delivery(self.callback, body, self._headers(body, signature), ids))

    def _headers(self, body: bytes, signature: Signature) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if signature == "missing" or self._faults.missing_signature:
            return headers
        bad = signature == "bad" or self._faults.bad_signature
        secret = "not-" * bad + self._settings.app_secret
        return headers | {"X-Hub-Signature-256": signatures.meta(secret, body)}

    async def verify(self, url: str, token: str) -> bool:
        """Ask `url` to echo a challenge, as Meta does whenever a callback is saved."""
        challenge = str(secrets.randbelow(9 * 10**9) + 10**9)
        question = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
        try:
            answer = await self._courier.get(url, question)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and answer.text == challenge

    async def register(self, url: str, token: str) -> bool:
        """Verify `url` and, if it answers well, send everything there from now on."""
        if await self.verify(url, token):
            self.callback, self.verified = url, True
            return True
        return False

    async def shake_hands(self) -> None:
        """Verify the configured callback, again and again while the app is still starting."""
        if self.callback is None:
            return
        for delay in HANDSHAKE_DELAYS:
            await self._clock.sleep(delay)
            self.verified = await self.verify(self.callback, self._settings.verify_token)
            if self.verified:
                return
