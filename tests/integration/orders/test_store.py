"""The orders in a real Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from psycopg_pool import AsyncConnectionPool

from orders import demo
from orders.model import Owner, Status
from orders.store import PostgresOrders

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


@pytest.fixture
def orders(pool: Pool) -> PostgresOrders:
    return PostgresOrders(pool)


async def test_find_gives_the_whole_order(orders: PostgresOrders) -> None:
    """What was loaded is what is found, with items, parcels and dates."""
    for wanted in demo.named(TODAY):
        assert await orders.find(wanted.number, Owner(wanted.phone)) == wanted
    refunded = next(order for order in demo.generated(TODAY, 30) if order.refunds)
    assert await orders.find(refunded.number, Owner(refunded.phone)) == refunded


async def test_an_order_belongs_to_its_phone_or_email(orders: PostgresOrders) -> None:
    """The phone on the order, or its e-mail in any case, opens it; nothing else does."""
    assert await orders.find("10301", ANA) is None
    assert await orders.find("10301", Owner()) is None
    assert await orders.find("10301", Owner(email="ana.silva@example.com")) is None
    assert await orders.find("99999", ANA) is None
    found = await orders.find("10301", Owner(ANA.phone, "Ben.Okafor@Example.com"))
    assert found
    assert found.number == "10301"


async def test_orders_of_a_phone_come_newest_first(orders: PostgresOrders) -> None:
    """A phone lists its own orders only, the newest first, and no more than asked for."""
    assert [order.number for order in await orders.of_phone("+15550100001")] == [
        "10237",
        "10234",
        "10235",
        "10236",
    ]
    assert len(await orders.of_phone("+15550100001", limit=2)) == 2
    assert await orders.of_phone("+15550199999") == ()


async def test_cancelling_twice_cancels_once(orders: PostgresOrders) -> None:
    """Cancelling is idempotent, also at the same moment."""
    results = await asyncio.gather(*(orders.cancel("10237", ANA) for _ in range(4)))
    assert {order.status for order in results if order} == {Status.CANCELLED}


async def test_what_has_left_cannot_be_cancelled(orders: PostgresOrders) -> None:
    """The rule holds in the store too: an order that has left stays as it is."""
    order = await orders.cancel("10234", ANA)
    assert order
    assert order.status is Status.OUT_FOR_DELIVERY
    assert await orders.change_address("10234", ANA, "1 New Street, Salem 97301") == order


async def test_nothing_of_another_can_be_changed(orders: PostgresOrders) -> None:
    """A stranger can neither cancel, nor readdress, nor return."""
    assert await orders.cancel("10237", STRANGER) is None
    assert await orders.change_address("10237", STRANGER, "1 New Street, Salem 97301") is None
    assert await orders.open_return("10235", STRANGER, "Linen shirt", "small", TODAY) is None
    untouched = await orders.find("10237", ANA)
    assert untouched == demo.named(TODAY)[3]


async def test_address_changes(orders: PostgresOrders) -> None:
    """An order that is being packed goes to the new address."""
    await orders.change_address("10237", ANA, "1 New Street, Salem 97301")
    order = await orders.find("10237", ANA)
    assert order
    assert order.address == "1 New Street, Salem 97301"


async def test_a_return_is_opened_once_per_item(orders: PostgresOrders) -> None:
    """Asking again gives the return that is there; another item gets its own."""
    first = await orders.open_return("10235", ANA, "Linen shirt", "too small", TODAY)
    again = await orders.open_return("10235", ANA, "Linen shirt", "ugly", TODAY)
    other = await orders.open_return("10235", ANA, "Phone case", "broken", TODAY)
    assert first == again
    assert first
    assert other
    assert first.number != other.number
    order = await orders.find("10235", ANA)
    assert order
    assert order.returns == (first, other)


@pytest.mark.parametrize(("number", "item"), [("10236", "Coffee grinder"), ("10235", "Yoga mat")])
async def test_no_return_against_the_rules(orders: PostgresOrders, number: str, item: str) -> None:
    """Nothing too old, and nothing that was not in the order, can be returned."""
    assert await orders.open_return(number, ANA, item, "changed my mind", TODAY) is None


async def test_loading_again_starts_the_demo_afresh(orders: PostgresOrders, pool: Pool) -> None:
    """After a second load the demo is as new, and its orders are there once."""
    await orders.cancel("10237", ANA)
    async with pool.connection() as conn:
        await demo.load(conn, TODAY, 30)
        count = await (await conn.execute("SELECT count(*) FROM orders")).fetchone()
    assert count == (35,)
    assert await orders.find("10237", ANA) == demo.named(TODAY)[3]


async def test_loading_leaves_real_orders_alone(orders: PostgresOrders, pool: Pool) -> None:
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
