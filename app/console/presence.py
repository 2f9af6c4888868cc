"""Who has a conversation open and who is typing in it: in Redis, gone by itself when the page is."""

from __future__ import annotations

import time
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.console.live import PRESENCE

AT_DESK = "parley:desk:people"
"""Who may answer and has the desk open, whatever they look at."""

VIEWING, TYPING = 20.0, 5.0
"""Seconds that a sign of life counts. A page repeats the first kind every `BEAT` seconds."""

BEAT = 7.0


@dataclass(frozen=True, slots=True)
class Present:
    """A person at a conversation; times in seconds since 1970. `typing_until` is 0 when they do not type."""

    name: str
    until: float
    typing_until: float


async def touch(redis: Redis, conversation_id: str, name: str, *, typing: bool = False) -> None:
    """Note that this person has it open, or is typing. Other pages are told of what is new to them."""
    now = time.time()
    async with redis.pipeline(transaction=True) as pipe:
        pipe.zadd(_key(conversation_id, "viewing"), {name: now + VIEWING})
        pipe.expire(_key(conversation_id, "viewing"), int(VIEWING))
        if typing:
            pipe.zadd(_key(conversation_id, "typing"), {name: now + TYPING})
            pipe.expire(_key(conversation_id, "typing"), int(TYPING))
        pipe.publish(PRESENCE, conversation_id)
        await pipe.execute()


async def sit(redis: Redis, name: str) -> None:
    """Note that somebody who may answer has the desk open."""
    async with redis.pipeline(transaction=False) as pipe:
        pipe.zadd(AT_DESK, {name: time.time() + VIEWING})
        pipe.expire(AT_DESK, int(VIEWING))
        await pipe.execute()


@dataclass(frozen=True, slots=True)
class AtDesk:
    """The core's `Presence` port: who is at the desk."""

    redis: Redis

    async def anybody(self) -> bool | None:
        """Whether somebody who may answer has the desk open; None without Redis."""
        try:
            return bool(await self.redis.zcount(AT_DESK, time.time(), "+inf"))
        except RedisError:
            return None


async def leave(redis: Redis, conversation_id: str, name: str, *, only_typing: bool = False) -> None:
    """This person has stopped typing, or closed it."""
    async with redis.pipeline(transaction=True) as pipe:
        pipe.zrem(_key(conversation_id, "typing"), name)
        if not only_typing:
            pipe.zrem(_key(conversation_id, "viewing"), name)
        pipe.publish(PRESENCE, conversation_id)
        await pipe.execute()


async def others(redis: Redis, conversation_id: str, me: str) -> list[Present]:
    """Who else is there, by name."""
    now = time.time()
    async with redis.pipeline(transaction=False) as pipe:
        for what in ("viewing", "typing"):
            pipe.zrangebyscore(_key(conversation_id, what), now, "+inf", withscores=True)
        viewing, typing = await pipe.execute()
    types = {name.decode(): until for name, until in typing}
    people = {name.decode(): until for name, until in viewing}
    return [Present(name, people[name], types.get(name, 0.0)) for name in sorted(people) if name != me]


def _key(conversation_id: str, what: str) -> str:
    return f"parley:desk:{conversation_id}:{what}"
