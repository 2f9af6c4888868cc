"""The orders in Postgres. Each call is one transaction of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from typing import Any, LiteralString, TypeVar

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from orders import rules, terms
from orders.model import (
    Condition,
    Item,
    Kind,
    Order,
    Outcome,
    Owner,
    Refund,
    Return,
    ReturnWish,
    Shipment,
    Status,
)
from orders.terms import Terms

Part = TypeVar("Part", Item, Shipment, Refund, Return)
ENUMS = {"kind": Kind, "condition": Condition, "outcome": Outcome}

# An order with its parts as JSON, so that one round trip brings all of it.
SELECT: LiteralString = """
    SELECT o.*,
        (SELECT json_agg(i ORDER BY i.position) FROM order_items i WHERE i.order_number = o.number) AS items,
        (SELECT json_agg(s ORDER BY s.position) FROM order_shipments s WHERE s.order_number = o.number)
            AS shipments,
        (SELECT json_agg(r ORDER BY r.position) FROM order_refunds r WHERE r.order_number = o.number)
            AS refunds,
        (SELECT json_agg(t ORDER BY t.number) FROM order_returns t WHERE t.order_number = o.number) AS returns
    FROM orders o
"""
# The order with this number, if it is this owner's.
FIND: LiteralString = (
    SELECT + " WHERE o.number = %(number)s AND (o.phone = %(phone)s OR lower(o.email) = lower(%(email)s))"
)
# The same, held until the transaction ends, so that a rule and its change see the same order.
FIND_TO_CHANGE: LiteralString = FIND + " FOR UPDATE OF o"
# The latest orders of a phone.
OF_PHONE: LiteralString = (
    SELECT + " WHERE o.phone = %(phone)s ORDER BY o.placed_on DESC, o.number DESC LIMIT %(limit)s"
)
CANCEL: LiteralString = (
    "UPDATE orders SET status = 'cancelled', estimated_on = NULL WHERE number = %(number)s"
)
CHANGE_ADDRESS: LiteralString = "UPDATE orders SET address = %(address)s WHERE number = %(number)s"
# A return that was cancelled stays as it was; its item may get another one. The demo shop has labels at once.
OPEN_RETURN: LiteralString = """
    INSERT INTO order_returns
        (number, order_number, item, reason, opened_on, condition, outcome, exchange_for, photo, label_url)
    SELECT %(return)s, number, %(item)s, %(reason)s, %(today)s, %(condition)s, %(outcome)s,
           %(exchange_for)s, %(photo)s,
           CASE WHEN demo THEN 'https://shop.example.com/returns/' || %(return)s || '.pdf' END
    FROM orders WHERE number = %(number)s
"""
CANCEL_RETURN: LiteralString = """
    UPDATE order_returns SET cancelled_on = %(today)s
    WHERE order_number = %(number)s AND number = %(return)s AND cancelled_on IS NULL
"""
# Add a demo order; a real order with its number stays as it is, and gets none of its parts below.
PUT_DEMO: LiteralString = """
    INSERT INTO orders (number, customer, phone, email, status, placed_on, promised_on, estimated_on,
                        delivered_on, address, currency, payment_method, invoice_url, demo)
    VALUES (%(number)s, %(customer)s, %(phone)s, %(email)s, %(status)s, %(placed_on)s, %(promised_on)s,
            %(estimated_on)s, %(delivered_on)s, %(address)s, %(currency)s, %(payment_method)s,
            %(invoice_url)s, true)
    ON CONFLICT (number) DO NOTHING
"""
PUT_ITEM: LiteralString = """
    INSERT INTO order_items
        (order_number, position, title, quantity, price_cents, final_sale, kind, photo_url)
    SELECT number, %(position)s, %(title)s, %(quantity)s, %(price_cents)s, %(final_sale)s, %(kind)s,
           %(photo_url)s
    FROM orders WHERE number = %(number)s AND demo
"""
PUT_SHIPMENT: LiteralString = """
    INSERT INTO order_shipments
        (order_number, position, carrier, tracking_number, tracking_url, shipped_on, delivered_on, items,
         proof_url)
    SELECT number, %(position)s, %(carrier)s, %(tracking_number)s, %(tracking_url)s, %(shipped_on)s,
           %(parcel_delivered_on)s, %(contents)s::text[], %(proof_url)s
    FROM orders WHERE number = %(number)s AND demo
"""
PUT_REFUND: LiteralString = """
    INSERT INTO order_refunds (order_number, position, amount_cents, method, requested_on, paid_on)
    SELECT number, %(position)s, %(amount_cents)s, %(method)s, %(requested_on)s, %(paid_on)s
    FROM orders WHERE number = %(number)s AND demo
"""
PUT_RETURN: LiteralString = """
    INSERT INTO order_returns (number, order_number, item, reason, opened_on, condition, outcome, label_url,
                               sent_on, received_on)
    SELECT %(return)s, number, %(item)s, %(reason)s, %(opened_on)s, %(condition)s, %(outcome)s, %(label_url)s,
           %(sent_on)s, %(received_on)s
    FROM orders WHERE number = %(number)s AND demo
"""


class PostgresOrders:
    """`orders.ports.Orders` on our own tables, over a pool that is opened with the first call.

    `shop_terms` tells what the shop promises. Raises psycopg.Error when the database does not answer.
    """

    def __init__(self, pool: AsyncConnectionPool[Any], shop_terms: Callable[[], Terms] = terms.shop):
        self._pool, self._terms = pool, shop_terms

    async def find(self, number: str, owner: Owner) -> Order | None:
        async with self._connection() as conn:
            return await _find(conn, FIND, number, owner)

    async def of_phone(self, phone: str, limit: int = 10) -> tuple[Order, ...]:
        async with self._connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(OF_PHONE, {"phone": phone, "limit": limit})
            return tuple(_order(row) for row in await cursor.fetchall())

    async def cancel(self, number: str, owner: Owner) -> Order | None:
        async with self._connection() as conn:
            order = await _find(conn, FIND_TO_CHANGE, number, owner)
            if order is None or not rules.may_cancel(order).allowed:
                return order
            await conn.execute(CANCEL, {"number": number})
            return await _find(conn, FIND, number, owner)

    async def change_address(self, number: str, owner: Owner, address: str) -> Order | None:
        async with self._connection() as conn:
            order = await _find(conn, FIND_TO_CHANGE, number, owner)
            if order is None or not rules.may_change_address(order).allowed:
                return order
            await conn.execute(CHANGE_ADDRESS, {"number": number, "address": address})
            return await _find(conn, FIND, number, owner)

    async def open_return(self, number: str, owner: Owner, wish: ReturnWish, today: date) -> Return | None:
        async with self._connection() as conn:
            order = await _find(conn, FIND_TO_CHANGE, number, owner)
            item = order.item(wish.item) if order else None
            if order is None or item is None:
                return None
            if opened := next((each for each in order.open_returns if each.item == wish.item), None):
                return opened
            if not rules.may_return_item(order, item, wish.condition, today, self._terms()).allowed:
                return None
            return_number = f"R-{number}-{len(order.returns) + 1}"
            values = {**asdict(wish), "return": return_number, "number": number, "today": today}
            await conn.execute(OPEN_RETURN, values)
            return await _return(conn, number, owner, return_number)

    async def cancel_return(
        self, number: str, owner: Owner, return_number: str, today: date
    ) -> Return | None:
        async with self._connection() as conn:
            order = await _find(conn, FIND_TO_CHANGE, number, owner)
            opened = order.return_(return_number) if order else None
            if order is None or opened is None or not rules.may_cancel_return(order, opened).allowed:
                return opened
            values = {"number": number, "return": return_number, "today": today}
            await conn.execute(CANCEL_RETURN, values)
            return await _return(conn, number, owner, return_number)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        await self._pool.open()
        async with self._pool.connection() as conn:
            yield conn


async def replace_demo(conn: AsyncConnection[Any], orders: Iterable[Order]) -> None:
    """Make these the demo orders, and nothing else. Real orders are neither changed nor removed.

    The caller commits. Two at once wait for each other.
    """
    wanted = list(orders)
    async with conn.cursor() as cursor:
        await cursor.execute("LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE")
        await cursor.execute("DELETE FROM orders WHERE demo")
        await cursor.executemany(PUT_DEMO, [_columns(order) for order in wanted])
        await cursor.executemany(PUT_ITEM, _parts(wanted, "items"))
        await cursor.executemany(PUT_SHIPMENT, _parts(wanted, "shipments"))
        await cursor.executemany(PUT_REFUND, _parts(wanted, "refunds"))
        await cursor.executemany(PUT_RETURN, _parts(wanted, "returns"))


async def _find(conn: AsyncConnection[Any], query: LiteralString, number: str, owner: Owner) -> Order | None:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, {"number": number, "phone": owner.phone, "email": owner.email})
        row = await cursor.fetchone()
    return _order(row) if row else None


async def _return(conn: AsyncConnection[Any], number: str, owner: Owner, return_number: str) -> Return | None:
    order = await _find(conn, FIND, number, owner)
    return order.return_(return_number) if order else None


def _order(row: dict[str, Any]) -> Order:
    plain = {name: row[name] for name in Order.__slots__ if name in row}
    return Order(
        **{
            **plain,
            "status": Status(row["status"]),
            "items": tuple(_part(Item, part) for part in row["items"] or ()),
            "shipments": tuple(_part(Shipment, part) for part in row["shipments"] or ()),
            "refunds": tuple(_part(Refund, part) for part in row["refunds"] or ()),
            "returns": tuple(_part(Return, part) for part in row["returns"] or ()),
        }
    )


def _part(kind: type[Part], row: dict[str, Any]) -> Part:
    return kind(**{name: _value(name, row[name]) for name in kind.__slots__})


def _value(name: str, value: Any) -> Any:
    """JSON has no dates (columns named `…_on` come as text), no tuples and no enums."""
    if name.endswith("_on"):
        return date.fromisoformat(value) if value else None
    if name == "items":
        return tuple(value)
    return ENUMS[name](value) if name in ENUMS else value


def _columns(order: Order) -> dict[str, Any]:
    return {**asdict(order), "status": order.status.value}


def _parts(orders: Iterable[Order], name: str) -> list[dict[str, Any]]:
    rows = []
    for order in orders:
        for position, part in enumerate(getattr(order, name), start=1):
            values = asdict(part)
            values["parcel_delivered_on"] = values.pop("delivered_on", None)
            values["contents"] = list(values.pop("items", ()))
            values["return"] = values.pop("number", None)
            rows.append({**values, "number": order.number, "position": position})
    return rows
