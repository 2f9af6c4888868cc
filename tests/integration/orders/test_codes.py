"""One-time codes in a real Postgres: three tries, ten minutes, limits, and an audit without secrets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg_pool import AsyncConnectionPool

from orders.identity import code
from orders.identity.code import Verdict
from orders.identity.store import PostgresCodes

Pool = AsyncConnectionPool[Any]
ANAS = "ana.silva@example.com"


class Clock:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with AsyncConnectionPool(database_url, open=False) as pool:
        yield pool


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def codes(pool: Pool, clock: Clock) -> PostgresCodes:
    return PostgresCodes(pool, clock)


async def asked(
    codes: PostgresCodes, conversation: str = "c1", number: str = "10234", genuine: bool = True
) -> str:
    """A new code."""
    made = await codes.ask(conversation, number, ANAS, genuine=genuine, again=True)
    assert made.code
    return made.code


async def verdict(codes: PostgresCodes, written: str, conversation: str = "c1") -> Verdict:
    return (await codes.check(conversation, "10234", written)).verdict


def other_than(right: str) -> str:
    return f"{(int(right) + 1) % 10**code.DIGITS:06}"


async def events(pool: Pool) -> list[str]:
    async with pool.connection() as conn:
        rows = await (await conn.execute("SELECT event FROM identity_log ORDER BY id")).fetchall()
    return [row[0] for row in rows]


async def test_a_code_is_good_once(codes: PostgresCodes, pool: Pool) -> None:
    """The right code opens, and is nothing afterwards."""
    right = await asked(codes)
    assert await verdict(codes, right) is Verdict.RIGHT
    assert await verdict(codes, right) is Verdict.SPENT
    assert await events(pool) == ["asked", "right", "spent"]


async def test_a_code_is_good_in_its_conversation_only(codes: PostgresCodes) -> None:
    """Nobody else can use it."""
    right = await asked(codes)
    assert await verdict(codes, right, "c2") is Verdict.SPENT
    assert await verdict(codes, right) is Verdict.RIGHT


async def test_three_tries(codes: PostgresCodes) -> None:
    """Two wrong ones leave one, and after three the right one comes too late."""
    right = await asked(codes)
    wrong = other_than(right)
    lefts = [await codes.check("c1", "10234", wrong) for _ in range(3)]
    assert [(tried.verdict, tried.left) for tried in lefts] == [
        (Verdict.WRONG, 2),
        (Verdict.WRONG, 1),
        (Verdict.SPENT, 0),
    ]
    assert await verdict(codes, right) is Verdict.SPENT


async def test_three_tries_at_the_same_moment(codes: PostgresCodes) -> None:
    """Ten guesses at once are still three."""
    wrong = other_than(await asked(codes))
    tried = await asyncio.gather(*(codes.check("c1", "10234", wrong) for _ in range(10)))
    assert sum(each.verdict is Verdict.WRONG for each in tried) == 2


async def test_ten_minutes(codes: PostgresCodes, clock: Clock) -> None:
    """A code is good for ten minutes and not a second longer."""
    right = await asked(codes)
    clock.passes(minutes=10)
    assert await verdict(codes, other_than(right)) is Verdict.WRONG
    clock.passes(seconds=1)
    assert await verdict(codes, right) is Verdict.EXPIRED
    assert await verdict(codes, right) is Verdict.SPENT


async def test_a_new_code_replaces_the_old(codes: PostgresCodes, clock: Clock) -> None:
    """Only the last one counts."""
    first = await asked(codes)
    clock.passes(seconds=1)
    second = await asked(codes)
    if first != second:
        assert await verdict(codes, first) is Verdict.WRONG
    assert await verdict(codes, second) is Verdict.RIGHT


async def test_a_good_code_is_not_made_again_unasked(codes: PostgresCodes) -> None:
    """The same e-mail once more, in any case, gets no second mail; another one does."""
    await asked(codes)
    again = await codes.ask("c1", "10234", ANAS.upper(), genuine=True, again=False)
    assert (again.code, again.limited) == (None, False)
    assert (await codes.ask("c1", "10234", "other@example.com", genuine=False, again=False)).code


async def test_a_code_for_show_is_never_right(codes: PostgresCodes, pool: Pool) -> None:
    """It is tried, counted and told like any other."""
    decoy = await asked(codes, genuine=False)
    assert await verdict(codes, decoy) is Verdict.WRONG
    assert await events(pool) == ["decoy", "wrong"]


@pytest.mark.parametrize("genuine", [True, False])
async def test_codes_are_limited(codes: PostgresCodes, clock: Clock, pool: Pool, genuine: bool) -> None:
    """Three for a question in ten minutes; later there may be more. Right or wrong e-mail, all the same."""
    for _ in range(code.PER_QUESTION.count):
        await asked(codes, genuine=genuine)
    refused = await codes.ask("c1", "10234", ANAS, genuine=genuine, again=True)
    assert (refused.code, refused.limited) == (None, True)
    assert (await events(pool))[-1] == "limited"
    clock.passes(minutes=11)
    assert await asked(codes, genuine=genuine)


async def test_an_inbox_is_not_flooded(codes: PostgresCodes) -> None:
    """Over many conversations, an order gets no more than so many codes in an hour."""
    for place in range(code.PER_ORDER.count):
        await asked(codes, f"c{place}")
    assert (await codes.ask("c99", "10234", ANAS, genuine=True, again=True)).limited
    assert await asked(codes, "c99", "10235")


async def test_numbers_are_not_tried_through(codes: PostgresCodes) -> None:
    """A conversation asks after no more than so many orders in a day."""
    for place in range(code.PER_CONVERSATION.count):
        await asked(codes, number=f"2000{place}")
    assert (await codes.ask("c1", "30000", ANAS, genuine=True, again=True)).limited


async def test_no_secret_is_kept(codes: PostgresCodes, pool: Pool) -> None:
    """Neither code nor e-mail stands in the tables, and of a spent code not even the digest."""
    right = await asked(codes)
    async with pool.connection() as conn:
        query = "SELECT c::text, l::text FROM identity_codes c, identity_log l"
        rows = await (await conn.execute(query)).fetchall()
        assert right not in str(rows)
        assert ANAS not in str(rows)
        assert right.encode().hex() not in str(rows)
    await verdict(codes, right)
    async with pool.connection() as conn:
        left = await (await conn.execute("SELECT code_digest FROM identity_codes")).fetchone()
    assert left == (None,)


@pytest.mark.parametrize("text", ["123456", "it's 123 456!", "12-34-56", "code: 123456."])
def test_a_code_is_read(text: str) -> None:
    """However it is typed."""
    assert code.read(text) == "123456"


@pytest.mark.parametrize("text", ["12345", "1234567", "10234", "+15550100001", "no"])
def test_other_numbers_are_no_code(text: str) -> None:
    """Order numbers and phones are not taken for one."""
    assert code.read(text) is None
