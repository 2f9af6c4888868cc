"""One turn at a time per conversation, over all engine processes: a lock in Redis."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.asyncio import Redis
from redis.exceptions import LockNotOwnedError

WAIT = 15.0
POLL = 0.02

logger = logging.getLogger(__name__)


class RedisLockStore(LockStore):
    """Rasa's own Redis lock reads, changes and writes in three steps, so two processes can take it at
    once, and a waiter looks only once a second. This one is taken in a single step.

    `url` defaults to the environment's REDIS_URL (password, database number and TLS included). `lock`
    raises LockError when the conversation stays busy for `wait` seconds, RedisError when Redis is away.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        options: dict[str, Any] = endpoint_config.kwargs if endpoint_config else {}
        self._url = str(options.get("redis_url") or os.environ["REDIS_URL"])
        self._wait = float(options.get("wait", WAIT))
        self._redis: Redis[bytes] | None = None
        super().__init__()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = POLL,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation's lock for at most `lock_lifetime` seconds."""
        lock = self._connected().lock(
            f"rasa:lock:{conversation_id}",
            timeout=lock_lifetime,
            sleep=min(wait_time_in_seconds, POLL),
            blocking_timeout=self._wait,
        )
        if not await lock.acquire():
            raise LockError(f"Conversation '{conversation_id}' is busy.")
        try:
            yield TicketLock(conversation_id)
        finally:
            await self._release(lock, conversation_id)

    async def _release(self, lock: Any, conversation_id: str) -> None:
        try:
            await lock.release()
        except LockNotOwnedError:
            logger.warning("The lock of conversation '%s' ran out before its turn ended.", conversation_id)

    def _connected(self) -> Redis[bytes]:
        if self._redis is None:
            self._redis = Redis.from_url(self._url, socket_timeout=5, socket_connect_timeout=5)
        return self._redis
