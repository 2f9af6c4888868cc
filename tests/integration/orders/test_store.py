"""The orders in a real Postgres, asked directly and through a shop's service: both keep the same promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from psycopg_pool import AsyncConnectionPool

from connectors.shop.client import ShopOrders
from orders import demo, terms
from orders.model import Condition, Outcome, Owner, ReturnWish, Status
from orders.ports import Orders
from orders.store import PostgresOrders
from tests.integration.orders import shop_server

TODAY = date(2026, 3, 20)
ANA = Owner("+15550100001")
STRANGER = Owner("+15550199999")
Pool = AsyncConnectionPool[Any]


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with AsyncConnectionPool(database_url, open=False) as pool:
        async with pool.connection() as conn:
            await demo.load(conn, TODAY, 30)
        yield pool


@pytest.fixture(params=["postgres", "http"])
async def orders(pool: Pool, request: pytest.FixtureRequest) -> AsyncIterator[Orders]:
    if request.param == "postgres":
        yield PostgresOrders(pool)
        return
    app = shop_server.serve(PostgresOrders(pool))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield ShopOrders(http, "http://shop.test", shop_server.TOKEN)


async def test_find_gives_the_whole_order(orders: Orders) -> None:
    """What was loaded is what is found, with items, parcels and dates."""
    for wanted in demo.named(TODAY):
        assert await orders.find(wanted.number, Owner(wanted.phone)) == wanted
    for wanted in demo.generated(TODAY, 30):
        assert await orders.find(wanted.number, Owner(wanted.phone)) == wanted


async def test_an_order_belongs_to_its_phone_or_email(orders: Orders) -> None:
    """The phone on the order, or its e-mail in any case, opens it; nothing else does."""
    assert await orders.find("10301", ANA) is None
    assert await orders.find("10301", Owner()) is None
    assert await orders.find("10301", Owner(email="ana.silva@example.com")) is None
    assert await orders.find("99999", ANA) is None
    found = await orders.find("10301", Owner(ANA.phone, "Ben.Okafor@Example.com"))
    assert found
    assert found.number == "10301"


async def test_orders_of_a_phone_come_newest_first(orders: Orders) -> None:
    """A phone lists its own orders only, the newest first, and no more than asked for."""
    assert [order.number for order in await orders.of_phone("+15550100001")] == [
        "10237",
        "10234",
        "10235",
        "10236",
    ]
    assert len(await orders.of_phone("+15550100001", limit=2)) == 2
    assert await orders.of_phone("+15550199999") == ()


async def test_cancelling_twice_cancels_once(orders: Orders) -> None:
    """Cancelling is idempotent, also at the same moment."""
    results = await asyncio.gather(*(orders.cancel("10237", ANA) for _ in range(4)))
    assert {order.status for order in results if order} == {Status.CANCELLED}


async def test_what_has_left_cannot_be_cancelled(orders: Orders) -> None:
    """The rule holds in the store too: an order that has left stays as it is."""
    order = await orders.cancel("10234", ANA)
    assert order
    assert order.status is Status.OUT_FOR_DELIVERY
    assert await orders.change_address("10234", ANA, "1 New Street, Salem 97301") == order


async def test_nothing_of_another_can_be_changed(orders: Orders) -> None:
    """A stranger can neither cancel, nor readdress, nor return."""
    assert await orders.cancel("10237", STRANGER) is None
    assert await orders.change_address("10237", STRANGER, "1 New Street, Salem 97301") is None
    assert await orders.open_return("10235", STRANGER, ReturnWish("Linen shirt", "small"), TODAY) is None
    untouched = await orders.find("10237", ANA)
    assert untouched == demo.named(TODAY)[3]


async def test_address_changes(orders: Orders) -> None:
    """An order that is being packed goes to the new address."""
    await orders.change_address("10237", ANA, "1 New Street, Salem 97301")
    order = await orders.find("10237", ANA)
    assert order
    assert order.address == "1 New Street, Salem 97301"


async def test_a_return_is_opened_once_per_item(orders: Orders) -> None:
    """Asking again gives the return that is there; another item gets its own."""
    first = await orders.open_return("10235", ANA, ReturnWish("Linen shirt", "too small"), TODAY)
    again = await orders.open_return("10235", ANA, ReturnWish("Linen shirt", "ugly"), TODAY)
    other = await orders.open_return("10235", ANA, ReturnWish("Phone case", "broken"), TODAY)
    assert first == again
    assert first
    assert other
    assert first.number != other.number
    order = await orders.find("10235", ANA)
    assert order
    assert order.returns == (first, other)


async def test_a_return_keeps_what_was_told(orders: Orders) -> None:
    """Condition, wish and photo come back as they were given, and the demo shop has a label."""
    wish = ReturnWish("Phone case", "cracked", Condition.FAULTY, Outcome.EXCHANGE, None, "photo-1")
    opened = await orders.open_return("10235", ANA, wish, TODAY)
    assert opened
    assert (opened.condition, opened.outcome, opened.photo) == (Condition.FAULTY, Outcome.EXCHANGE, "photo-1")
    assert opened.label_url == f"https://shop.example.com/returns/{opened.number}.pdf"


async def test_a_cancelled_return_makes_room(orders: Orders) -> None:
    """A return is cancelled once and stays known; the item may be returned again under another number."""
    first = await orders.open_return("10235", ANA, ReturnWish("Linen shirt", "small"), TODAY)
    assert first
    assert await orders.cancel_return("10235", STRANGER, first.number, TODAY) is None
    assert await orders.cancel_return("10235", ANA, "R-10235-9", TODAY) is None
    gone = await orders.cancel_return("10235", ANA, first.number, TODAY)
    later = TODAY + timedelta(1)
    assert gone
    assert gone.cancelled_on == TODAY
    assert await orders.cancel_return("10235", ANA, first.number, later) == gone
    second = await orders.open_return("10235", ANA, ReturnWish("Linen shirt", "small"), later)
    assert second
    assert second.number != first.number


async def test_a_parcel_on_its_way_is_not_called_off(orders: Orders, pool: Pool) -> None:
    """Once the carrier has the parcel, the return stands, whoever asks."""
    opened = await orders.open_return("10235", ANA, ReturnWish("Linen shirt", "small"), TODAY)
    assert opened
    async with pool.connection() as conn:
        await conn.execute("UPDATE order_returns SET sent_on = %s", [TODAY])
    after = await orders.cancel_return("10235", ANA, opened.number, TODAY)
    assert after == replace(opened, sent_on=TODAY)


async def test_the_window_in_force_decides(pool: Pool) -> None:
    """With another window in the terms, the store keeps that one."""
    wide = PostgresOrders(pool, lambda: replace(terms.shop(), return_window=timedelta(90)))
    assert await wide.open_return("10236", ANA, ReturnWish("Coffee grinder", "loud"), TODAY)


@pytest.mark.parametrize(("number", "item"), [("10236", "Coffee grinder"), ("10235", "Yoga mat")])
async def test_no_return_against_the_rules(orders: Orders, number: str, item: str) -> None:
    """Nothing too old, and nothing that was not in the order, can be returned."""
    assert await orders.open_return(number, ANA, ReturnWish(item, "changed my mind"), TODAY) is None


async def test_loading_again_starts_the_demo_afresh(orders: Orders, pool: Pool) -> None:
    """After a second load the demo is as new, and its orders are there once."""
    await orders.cancel("10237", ANA)
    async with pool.connection() as conn:
        await demo.load(conn, TODAY, 30)
        count = await (await conn.execute("SELECT count(*) FROM orders")).fetchone()
    assert count == (35,)
    assert await orders.find("10237", ANA) == demo.named(TODAY)[3]


async def test_loading_leaves_real_orders_alone(orders: Orders, pool: Pool) -> None:
    """A real order with a demo number keeps its owner, its items and its state."""
    async with pool.connection() as conn:
        await conn.execute("UPDATE orders SET demo = false, customer = 'Rita' WHERE number = '10234'")
        await demo.load(conn, TODAY, 30)
    order = await orders.find("10234", ANA)
    assert order
    assert order.customer == "Rita"
    assert len(order.items) == 1


async def test_two_loads_at_once(pool: Pool) -> None:
    """Two processes that load the demo at the same moment do not get in each other's way."""

    async def load() -> int:
        async with pool.connection() as conn:
            return await demo.load(conn, TODAY, 30)

    first, second = await asyncio.gather(load(), load())
    assert first == second == 35
