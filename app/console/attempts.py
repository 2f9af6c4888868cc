"""How often somebody may try to sign in: a count in Redis for each name."""

from __future__ import annotations

import hashlib

from redis.asyncio import Redis

MOST = 5
PERIOD = 60
"""Wrong passwords for one name within so many seconds; then even the right one has to wait."""


async def count(redis: Redis, name: str) -> int:
    """Note one more try before it is made, and return how many there are; more than `MOST` is too many."""
    key = _key(name)
    async with redis.pipeline(transaction=True) as pipe:
        pipe.set(key, 0, ex=PERIOD, nx=True)
        pipe.incr(key)
        _, tries = await pipe.execute()
    return int(tries)


async def forget(redis: Redis, name: str) -> None:
    """The password was right."""
    await redis.delete(_key(name))


def _key(name: str) -> str:
    return f"parley:sign-in:{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
