"""The conversation lock; Redis itself is tested in the integration tests."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.core.lock_store import LockError
from rasa.utils.endpoints import EndpointConfig
from redis.exceptions import LockNotOwnedError

from engine.lock_store import RedisLockStore


class FakeLock:
    """A lock that is free or taken, and may have run out."""

    def __init__(self, free: bool = True, expired: bool = False) -> None:
        self.free, self.expired, self.released = free, expired, False

    async def acquire(self) -> bool:
        return self.free

    async def release(self) -> None:
        self.released = True
        if self.expired:
            raise LockNotOwnedError("expired")


class FakeRedis:
    """Gives the lock it was made with and remembers what was asked."""

    def __init__(self, lock: FakeLock) -> None:
        self._lock = lock
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def lock(self, name: str, **options: Any) -> FakeLock:
        self.asked.append((name, options))
        return self._lock


def _store(lock: FakeLock) -> tuple[RedisLockStore, FakeRedis]:
    store = RedisLockStore(EndpointConfig(redis_url="redis://:secret@localhost:6379/3", wait=2))
    redis = FakeRedis(lock)
    store._redis = redis  # type: ignore[assignment]
    return store, redis


async def test_a_conversation_has_a_lock_of_its_own() -> None:
    """The lock is named after the conversation, lives for a bounded time, and is given back."""
    lock = FakeLock()
    store, redis = _store(lock)
    async with store.lock("whatsapp:1", lock_lifetime=60):
        assert not lock.released
    (name, options), *_ = redis.asked
    assert name == "rasa:lock:whatsapp:1"
    assert (options["timeout"], options["blocking_timeout"]) == (60, 2)
    assert lock.released


async def test_a_busy_conversation_is_an_error() -> None:
    """When the lock cannot be had in time, the turn does not run."""
    store, _ = _store(FakeLock(free=False))
    with pytest.raises(LockError):
        async with store.lock("whatsapp:1"):
            pytest.fail("ran without the lock")


async def test_the_lock_is_given_back_after_a_failure() -> None:
    """A turn that fails does not keep its conversation locked."""
    lock = FakeLock()
    store, _ = _store(lock)
    with pytest.raises(ValueError, match="turn"):
        async with store.lock("whatsapp:1"):
            raise ValueError("turn")
    assert lock.released


async def test_a_lock_that_ran_out_hides_no_answer() -> None:
    """An answer that took longer than the lock lives is still given; the tracker store refuses a conflict."""
    store, _ = _store(FakeLock(expired=True))
    async with store.lock("whatsapp:1"):
        pass


def test_the_address_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address of its own the store takes REDIS_URL, and connects only when it is used."""
    monkeypatch.setenv("REDIS_URL", "redis://:secret@localhost:6379/3")
    assert RedisLockStore()._url == "redis://:secret@localhost:6379/3"
