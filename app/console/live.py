"""Tells the open pages that something changed: Postgres NOTIFY for what is stored, Redis for who is there.

Each web process listens once, however many pages are open. Pages compare numbers in memory and read the
database only when one has grown. While a source cannot be heard, everything counts as changed now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "parley_desk"
"""Of NOTIFY; its payload is a conversation's id. Migration 0030 has the triggers."""

PRESENCE = "parley:desk:presence"
"""Of Redis; its messages are a conversation's id."""

DEAF = 5.0
"""Seconds after which pages read anew although nothing was heard, while a source is away."""

MOST = 10_000
"""Conversations whose changes are told apart; beyond that everything counts as changed once."""

logger = logging.getLogger(__name__)


class Live:
    """What changed, as numbers that only grow."""

    def __init__(self, database_url: str, redis: Redis):
        self._database_url = database_url
        self._redis = redis
        self._number = 0
        self._floor = 0
        self._of: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def number(self, conversation_id: str | None = None) -> int:
        """The number of the last change: of this conversation, or of any."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(_persistently(listen, self._everything))
                for listen in (self._hear_postgres, self._hear_redis)
            ]
        return self._number if conversation_id is None else self._of.get(conversation_id, self._floor)

    def changed(self, conversation_id: str) -> None:
        """Something of this conversation changed."""
        self._number += 1
        if len(self._of) >= MOST:
            self._of, self._floor = {}, self._number
        self._of[conversation_id] = self._number

    async def close(self) -> None:
        """Listen no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _everything(self) -> None:
        self._number += 1
        self._of, self._floor = {}, self._number

    async def _hear_postgres(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._database_url, autocommit=True) as conn:
            await conn.execute(f"LISTEN {CHANNEL}")
            self._everything()
            async for notice in conn.notifies():
                self.changed(notice.payload)

    async def _hear_redis(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(PRESENCE)
            async for message in pubsub.listen():
                self.changed(message["data"].decode())


async def _persistently(listen: Callable[[], Awaitable[None]], missed: Callable[[], None]) -> None:
    """Listen, and again after every fault; what was missed meanwhile counts as changed."""
    while True:
        with contextlib.suppress(psycopg.Error, RedisError, OSError):
            await listen()
        logger.warning("the desk's pages are told of changes only every %s seconds", DEAF)
        missed()
        await asyncio.sleep(DEAF)
