"""Bringing webhooks to the app: one attempt at a time, repeated as the service's rule says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from sandbox.background import Background
from sandbox.changes import Changes
from sandbox.clock import Clock


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: the HTTP `status`, or None with `error` ("timeout" or "connection") when none came."""

    at: datetime
    status: int | None
    error: str | None = None
    retry_after: str | None = None


@dataclass
class Delivery:
    """One webhook on its way. `ids`: the messages, statuses or events in it."""

    url: str
    body: bytes
    headers: dict[str, str]
    ids: tuple[str, ...] = ()
    attempts: list[Attempt] = field(default_factory=list)
    over: bool = False

    @property
    def status(self) -> int | None:
        """The HTTP status of the last attempt."""
        return self.attempts[-1].status if self.attempts else None

    @property
    def accepted(self) -> bool:
        """Whether the app took it."""
        return self.status is not None and 200 <= self.status < 300


#: Seconds until the next attempt, or None when there is none.
RetryRule = Callable[[Delivery], float | None]


class Courier:
    """Posts deliveries and keeps them all, so that tests and pages can look at them."""

    def __init__(
        self,
        clock: Clock,
        changes: Changes,
        background: Background,
        rule: RetryRule,
        *,
        timeout: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._clock, self._changes, self._background = clock, changes, background
        self._rule, self._timeout, self._transport = rule, timeout, transport
        self._client: httpx.AsyncClient | None = None
        self.deliveries: list[Delivery] = []

    def start(self) -> None:
        """Open the connections, in the running event loop."""
        self._client = httpx.AsyncClient(timeout=self._timeout, transport=self._transport, trust_env=False)

    async def stop(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def deliver(self, delivery: Delivery) -> Delivery:
        """Try once and return; further attempts, where the rule wants them, go on in the background."""
        self.deliveries.append(delivery)
        await self._attempt(delivery)
        delay = self._rule(delivery)
        if delay is None:
            self._finish(delivery)
        else:
            self._background.spawn(self._repeat(delivery, delay))
        return delivery

    async def get(self, url: str, params: dict[str, str]) -> httpx.Response:
        """A plain GET. Raises httpx.HTTPError."""
        if self._client is None:
            raise RuntimeError("the sandbox is not running")
        return await self._client.get(url, params=params)

    async def _repeat(self, delivery: Delivery, delay: float | None) -> None:
        while delay is not None:
            await self._clock.sleep(delay)
            await self._attempt(delivery)
            delay = self._rule(delivery)
        self._finish(delivery)

    def _finish(self, delivery: Delivery) -> None:
        delivery.over = True
        self._changes.notify()

    async def _attempt(self, delivery: Delivery) -> None:
        if self._client is None:
            raise RuntimeError("the sandbox is not running")
        at = self._clock.now()
        try:
            answer = await self._client.post(delivery.url, content=delivery.body, headers=delivery.headers)
            attempt = Attempt(at, answer.status_code, retry_after=answer.headers.get("Retry-After"))
        except httpx.TimeoutException:
            attempt = Attempt(at, None, "timeout")
        except httpx.HTTPError:
            attempt = Attempt(at, None, "connection")
        delivery.attempts.append(attempt)
        self._changes.notify()
