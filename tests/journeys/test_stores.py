"""PostgreSQL and Redis go away in the middle of customers' stories, and come back."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from app import embedded
from app.embedded import Server
from migrations import runner
from tests.fakes.outside import BlackBox
from tests.journeys.world import World, check_all, customer, world

pytestmark = pytest.mark.timeout(400)


class Store:
    """A server that can be stopped and started again where it was."""

    def __init__(self, make: Callable[[Path], Server], folder: Path):
        self._make, self._folder = make, folder
        self._running = ExitStack()
        self.url = self.start()

    def start(self) -> str:
        return self._running.enter_context(embedded.running(self._make(self._folder)))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture
def stores() -> Iterator[tuple[Store, Store]]:
    """A PostgreSQL, migrated, and a Redis, of the test's own."""
    with tempfile.TemporaryDirectory(prefix="parley-stores-") as folder:
        postgres = Store(embedded.postgres, Path(folder) / "data")
        redis = Store(embedded.redis, Path(folder) / "redis")
        asyncio.run(runner.migrate(postgres.url))
        yield postgres, redis
        redis.stop()
        postgres.stop()


@pytest.fixture
def around(stores: tuple[Store, Store], tmp_path: Path) -> Iterator[World]:
    """A world on these stores."""
    postgres, redis = stores
    with world(postgres.url, redis.url, tmp_path) as around:
        yield around


def test_postgres_goes_away_and_comes_back(around: World, stores: tuple[Store, Store]) -> None:
    """Meanwhile webhooks are 503, so that they come again; nothing is lost or doubled, no process ends."""
    postgres, _ = stores
    box = around.box
    once = BlackBox(box.url, box.graph, box.zendesk, box.http)
    with ThreadPoolExecutor(4) as people:
        stories = {one: people.submit(around.tell, *one) for one in map(customer, range(4))}
        around.box.wait(lambda: around.box.zendesk.tickets)
        postgres.stop()
        with pytest.raises(AssertionError, match="nothing was stored"):
            once.write("15550109999", "hello")
        around.box.wait(lambda: ready(around).status_code == 503)
        assert "database" in ready(around).text
        assert postgres.start() == postgres.url
        check_all(around, stories)
    said = around.parts.said()
    assert said.count("the database cannot be reached; trying until it is back") == 1
    assert "Traceback" not in said


def test_redis_goes_away(around: World, stores: tuple[Store, Store]) -> None:
    """Only what may be lost was there: every story goes on as if nothing had happened."""
    _, redis = stores
    redis.stop()
    with ThreadPoolExecutor(2) as people:
        stories = {one: people.submit(around.tell, *one) for one in map(customer, range(2))}
        check_all(around, stories)
    assert "redis" in ready(around).text
    assert "Traceback" not in around.parts.said()
    assert redis.start() == redis.url
    around.box.wait(lambda: ready(around).status_code == 200)


def ready(around: World) -> httpx.Response:
    return httpx.get(f"{around.box.url}/readyz", timeout=30)
