"""News of chat conversations: Postgres tells each web process once, and it wakes whoever waits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

import psycopg

logger = logging.getLogger(__name__)

CHANNEL = "parley_chat"
"""Of NOTIFY; the payload is a conversation's id (migration 0071)."""

AGAIN = 1.0
"""Seconds until a lost connection is made anew; whoever waits looks for itself then."""


class Live:
    """Wakes those who watch a conversation when something in it changed."""

    def __init__(self, database_url: str):
        self._database_url = database_url
        self._watching: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def watch(self, id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever the conversation changes, from now on."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        changed, key = asyncio.Event(), str(id)
        self._watching[key].add(changed)
        try:
            yield changed
        finally:
            self._watching[key].discard(changed)
            if not self._watching[key]:
                del self._watching[key]

    async def close(self) -> None:
        """Listen no more."""
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                await self._hear()
            logger.warning("news of chats are not heard; listening again in %s s", AGAIN)
            await asyncio.sleep(AGAIN)

    async def _hear(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._database_url, autocommit=True) as conn:
            await conn.execute(f"LISTEN {CHANNEL}")
            for everybody in list(self._watching):
                self._wake(everybody)
            async for notice in conn.notifies():
                self._wake(notice.payload)

    def _wake(self, id: str) -> None:
        for changed in self._watching.get(id, ()):
            changed.set()
