"""How often the chat API may be used: counts in Redis that may be lost."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

import structlog
from fastapi import HTTPException
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in any minute of the clock."""

    what: str
    most: int


MESSAGES = Limit("messages", 30)
"""Of one session: nobody types faster."""

READS = Limit("reads", 240)
"""Of one session: a page that waits for news asks again after each."""

FILES = Limit("files", 30)
"""Of one session: each is fetched from the helpdesk."""

SESSIONS = Limit("sessions", 20)
"""From one address, opened by the chat page."""

KEY = Limit("key", 1200)
"""Calls with one API key."""

WRONG = Limit("wrong", 20)
"""Keys and tokens from one address that were not right."""

MINUTE = 60


async def check(redis: Redis, limit: Limit, who: str) -> None:
    """Count one more. Answers 429 with Retry-After when there were too many.

    Without Redis nothing is counted: customers are answered when only that is down.
    """
    await _add(redis, limit, who, 1, limit.most)


async def look(redis: Redis, limit: Limit, who: str) -> None:
    """Answers 429, as `check`, when one more would be too many. Counts nothing."""
    await _add(redis, limit, who, 0, limit.most - 1)


async def _add(redis: Redis, limit: Limit, who: str, more: int, most: int) -> None:
    now = time.time()
    name = hashlib.sha256(who.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    key = f"parley:chat:{limit.what}:{name}:{int(now // MINUTE)}"
    try:
        async with redis.pipeline(transaction=True) as pipe:
            pipe.incrby(key, more)
            pipe.expire(key, MINUTE)
            count, _ = await pipe.execute()
    except RedisError as error:
        log.error("the chat is not limited: Redis does not answer", why=type(error).__name__)
        return
    if int(count) > most:
        wait = str(int(MINUTE - now % MINUTE) + 1)
        raise HTTPException(429, f"Too many {limit.what}; wait {wait} s.", {"Retry-After": wait})
