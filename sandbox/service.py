"""What a local WhatsApp and a local Zendesk have in common: a life, a clock, and ways to wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import httpx
from fastapi import FastAPI

from sandbox.background import Background
from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.deliveries import Courier, Delivery, RetryRule

T = TypeVar("T")


class Service:
    """A sandbox. It runs while its `app` is served, or inside `async with sandbox:` in one event loop."""

    def __init__(
        self, *, speed: float, rule: RetryRule, timeout: float, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self.clock = Clock(speed)
        self.changes = Changes()
        self.background = Background(self.changes.notify)
        self.courier = Courier(
            self.clock, self.changes, self.background, rule, timeout=timeout, transport=transport
        )
        self.app = FastAPI(lifespan=self._lifespan, openapi_url=None)

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        async with self:
            yield

    async def __aenter__(self) -> Self:
        self.background.start()
        self.courier.start()
        await self.on_start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.changes.close()
        await self.background.stop()
        await self.courier.stop()

    async def on_start(self) -> None:
        """What a sandbox does first."""

    @property
    def deliveries(self) -> list[Delivery]:
        """Every webhook so far, with its attempts."""
        return self.courier.deliveries

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work` in the sandbox's own event loop."""
        return await self.background.run(work)

    async def until(self, condition: Callable[[], T], timeout: float = 5.0, what: str = "") -> T:
        """The first truthy value of `condition`, looked at after each change. Raises TimeoutError."""
        return await self.changes.until(condition, timeout, what)

    async def idle(self, timeout: float = 5.0) -> None:
        """Wait until no webhook, status or retry is under way. Raises TimeoutError."""
        await self.changes.until(lambda: not self.background.busy, timeout, "quiet")
