"""Web and worker killed at every step of a handoff, seen by a client that knows only the public contracts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import get_args

import psycopg
import pytest

from tests.fakes.halts import Halt, When
from tests.journeys.world import A_RESTART, LINES, REPLIES, Step, World, check_all, customer, world

pytestmark = pytest.mark.timeout(400)

STORY = (
    (
        Step("ask", ("person",)),
        Step("send", ("calls a person",)),
        Step("user"),
        Step("ticket"),
    ),
    (Step("comment", (LINES[0],)), Step("send", (REPLIES[0],))),
    (Step("ask", ("where is it",)), Step("send", ("the bot answers",))),
)
"""Every step, those together that are kept back for the same kill."""


@pytest.fixture
def around(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[World]:
    """A world of the test's own."""
    with world(database_url, redis_url, tmp_path) as around:
        yield around


def test_everything_is_killed_at_every_step(around: World) -> None:
    """Before and after each call takes effect: one ticket a handoff, each comment and each line once."""
    stories: dict[tuple[str, str], Future[None]] = {}
    with ThreadPoolExecutor(2 * sum(map(len, STORY))) as people:
        for steps in STORY:
            halts = []
            for step, when in itertools.product(steps, get_args(When)):
                who, mark = customer(len(stories))
                halts.append(around.halt(step, mark, when))
                stories[who, mark] = people.submit(around.tell, who, mark)
            for halt in halts:
                assert halt.reached.wait(A_RESTART), f"nobody comes to {halt}"
            around.restart("worker", "web", halts=halts)
        check_all(around, stories)


@pytest.mark.parametrize("seed", range(1))
def test_parts_are_killed_at_random(around: World, seed: int) -> None:
    """The same, with six customers and kills of either or both parts at calls that the seed chooses."""
    chance = Random(seed)
    with ThreadPoolExecutor(6) as people:
        everybody = map(customer, range(6))
        stories = {(who, mark): people.submit(around.tell, who, mark) for who, mark in everybody}
        for _ in range(5):
            halt = Halt("", "", (), chance.choice(get_args(When)), chance.randint(1, 9))
            chance.choice((around.engine, around.graph, around.zendesk)).halts.append(halt)
            while not halt.reached.wait(0.05) and not all(story.done() for story in stories.values()):
                pass
            names = chance.choice((("worker",), ("web",), ("worker", "web")))
            around.restart(*names, halts=[halt])
        check_all(around, stories)


def test_worker_is_killed_between_two_commits(around: World, database_url: str) -> None:
    """The ticket is known here already, and its delivery is not yet: still one ticket."""
    who, mark = customer(0)
    halt = around.halt(Step("ticket"), mark, "after")
    with ThreadPoolExecutor(1) as people, psycopg.connect(database_url) as conn:
        story = people.submit(around.tell, who, mark)
        assert halt.reached.wait(A_RESTART)
        conn.execute("SELECT FROM outbox WHERE kind = 'ticket' FOR UPDATE")
        halt.release()
        around.box.wait(lambda: conn.execute("SELECT FROM tickets").fetchall(), A_RESTART)
        around.restart("worker")
        conn.rollback()
        check_all(around, {(who, mark): story})
