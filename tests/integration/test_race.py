"""The fence of DESIGN §4.4 under fire: a short `make race`, and proof that it would notice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from conversations import handoff, log, outbox, store, turn
from conversations.store import Conn
from tests.race.__main__ import play, play_all
from tests.race.play import Play, stage


async def test_forty_plays_keep_every_promise(database_url: str) -> None:
    """Takeover, release, turns, sends, retries and crashes in forty orders keep the promises."""
    figures, failures = await play_all(database_url, list(range(40)))
    assert failures == {}
    assert figures["workers killed"] > 20
    assert figures["takeovers"] > 40


async def test_a_seed_plays_the_same_way_again(database_url: str) -> None:
    """A failing seed can be looked at alone: it takes the same moves and sends the same lines."""
    async with stage(database_url) as on:
        for seed in range(5):
            first, again = [(await play(on, seed))[0] for _ in range(2)]
            told = [[(sent.at, sent.text) for sent in each.channel.sent] for each in (first, again)]
            assert told[0] == told[1]
            assert first.schedule.now == again.schedule.now


async def not_hushed(conn: Conn, id: UUID) -> int:
    return (await store.conversation(conn, id)).epoch


async def nothing(*args: object, **options: object) -> None:
    return None


async def always(*args: object) -> bool:
    return True


pytestmark = pytest.mark.timeout(400)

BOARDS = {
    "a takeover makes no new epoch": (store, "step_in", not_hushed, "talked over"),
    "a takeover waits for nobody": (outbox, "wait_until_silent", always, "talked over"),
    "what the customer writes is not passed on": (handoff, "pass_on", nothing, "lost"),
    "the bot answers whatever happened meanwhile": (turn, "_still_to_answer", always, "talked over"),
    "a dropped line is not told of": (log, "delivery", nothing, "unexplained"),
    "what a dead worker did is forgotten": (Play, "_rescue", nothing, "unfinished"),
}


@pytest.mark.parametrize(("where", "what", "instead", "promise"), BOARDS.values(), ids=BOARDS)
async def test_race_notices_what_is_missing(
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    where: object,
    what: str,
    instead: Callable[..., Awaitable[object]],
    promise: str,
) -> None:
    """Take one of the fence's boards away, and the race falls through it."""
    monkeypatch.setattr(where, what, instead)
    found: set[str] = set()
    async with stage(database_url) as on:
        for seed in range(120):
            if promise not in found:
                found |= (await play(on, seed))[1].keys()
    assert promise in found
