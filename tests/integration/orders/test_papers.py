"""Links to papers: who made them, whom they open what for, and how long, on a real Postgres."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from psycopg_pool import AsyncConnectionPool

from connectors.shop.papers import Papers
from conversations.errors import Refused, TryLater
from conversations.messages import File
from orders import demo
from orders.model import Owner, ReturnWish
from orders.papers.ports import Paper
from orders.papers.store import PostgresLinks
from orders.store import PostgresOrders

TODAY = date(2026, 3, 20)
ANA, BEN = Owner("+15550100001"), Owner("+15550100002")
Pool = AsyncConnectionPool[Any]


class Clock:
    """A clock that tests set forward."""

    now = datetime(2026, 3, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with AsyncConnectionPool(database_url, open=False) as pool:
        async with pool.connection() as conn:
            await demo.load(conn, TODAY, 5)
        yield pool


def papers(pool: Pool, clock: Clock, transport: httpx.AsyncBaseTransport | None = None) -> Papers:
    http = httpx.AsyncClient(transport=transport or httpx.MockTransport(lambda asked: httpx.Response(404)))
    return Papers(PostgresLinks(pool, clock), PostgresOrders(pool), http)


async def test_a_link_opens_its_owners_invoice(pool: Pool) -> None:
    """The word of the link is long, kept nowhere, and gives the paper to whoever has it, and to a channel."""
    clock = Clock()
    word = await PostgresLinks(pool, clock).make(Paper("invoice", "10235", ANA))
    assert len(word) == 43
    ours = papers(pool, clock)
    found = await ours.open(word)
    assert found
    assert found.name == "Invoice 10235.pdf"
    assert found.data.startswith(b"%PDF-")
    assert await ours.fetch(File(f"https://desk.example/papers/{word}", found.name)) == found.data
    async with pool.connection() as conn:
        kept = await (await conn.execute("SELECT * FROM paper_links")).fetchall()
    assert word not in str(kept)


async def test_nobody_gets_anothers_paper(pool: Pool) -> None:
    """A link made for Ben to Ana's order opens nothing, and neither does a word that was guessed."""
    clock = Clock()
    word = await PostgresLinks(pool, clock).make(Paper("invoice", "10235", BEN))
    ours = papers(pool, clock)
    assert await ours.open(word) is None
    assert await ours.open(f"{word[:-1]}_") is None
    assert await ours.open("10235") is None
    with pytest.raises(Refused):
        await ours.fetch(File(f"https://desk.example/papers/{word}"))


async def test_an_order_without_an_invoice_has_none(pool: Pool) -> None:
    """Before it leaves us there is no invoice, also for who has a link."""
    clock = Clock()
    word = await PostgresLinks(pool, clock).make(Paper("invoice", "10237", ANA))
    assert await papers(pool, clock).open(word) is None


async def test_a_link_dies_after_thirty_days(pool: Pool) -> None:
    """It opens nothing then, and the next link made sweeps it away."""
    clock = Clock()
    links = PostgresLinks(pool, clock)
    word = await links.make(Paper("invoice", "10235", ANA))
    clock.now += timedelta(days=29)
    assert await links.find(word)
    clock.now += timedelta(days=1, seconds=1)
    assert await links.find(word) is None
    await links.make(Paper("invoice", "10235", ANA))
    async with pool.connection() as conn:
        count = await (await conn.execute("SELECT count(*) FROM paper_links")).fetchone()
    assert count == (1,)


async def test_a_label_lives_as_long_as_its_return(pool: Pool) -> None:
    """A return has its own label; once it is called off, the label is gone."""
    clock, orders = Clock(), PostgresOrders(pool)
    opened = await orders.open_return("10235", ANA, ReturnWish("Linen shirt", "small"), TODAY)
    assert opened
    word = await PostgresLinks(pool, clock).make(Paper("label", "10235", ANA, opened.number))
    ours = papers(pool, clock)
    found = await ours.open(word)
    assert found
    assert found.name == f"Return label {opened.number}.pdf"
    await orders.cancel_return("10235", ANA, opened.number, TODAY)
    assert await ours.open(word) is None


async def test_a_file_of_the_shops_own_is_fetched(pool: Pool) -> None:
    """An address that is not ours is asked; what is gone, down or too large is told apart."""

    def answer(asked: httpx.Request) -> httpx.Response:
        match asked.url.path:
            case "/there.pdf":
                return httpx.Response(200, content=b"%PDF-1.4 theirs")
            case "/large.pdf":
                return httpx.Response(200, content=b"x" * (16 * 1024 * 1024 + 1))
            case "/down.pdf":
                return httpx.Response(503)
        return httpx.Response(404)

    ours = papers(pool, Clock(), httpx.MockTransport(answer))
    assert await ours.fetch(File("https://shop.example/there.pdf")) == b"%PDF-1.4 theirs"
    for path, error in (("gone", Refused), ("large", Refused), ("down", TryLater)):
        with pytest.raises(error):
            await ours.fetch(File(f"https://shop.example/{path}.pdf"))
    with pytest.raises(Refused):
        await ours.fetch(File("https://:0:0/"))
