"""The fence of DESIGN §4.4 under fire: a short `make race`, and proof that it would notice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from conversations import handoff, store
from conversations.store import Conn
from tests.race.__main__ import play, play_all
from tests.race.play import stage


async def test_fifty_plays_keep_every_promise(database_url: str) -> None:
    """Takeover, release, turns, sends, retries and crashes in fifty orders keep the promises."""
    figures, failures = await play_all(database_url, list(range(50)))
    assert failures == {}
    assert figures["workers killed"] > 20
    assert figures["takeovers"] > 50


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


@pytest.mark.parametrize(
    ("where", "what", "instead", "promise"),
    [(store, "step_in", not_hushed, "talked over"), (handoff, "pass_on", nothing, "lost")],
)
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
    _, failures = await play_all(database_url, list(range(60)))
    assert promise in {name for found in failures.values() for name in found}
