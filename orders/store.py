"""The orders in Postgres. Each call is one transaction of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from typing import Any, LiteralString, TypeVar

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from orders import rules
from orders.model import Item, Order, Owner, Refund, Return, Shipment, Status

Part = TypeVar("Part", Item, Shipment, Refund, Return)

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
OPEN_RETURN: LiteralString = """
    INSERT INTO order_returns (number, order_number, item, reason, opened_on)
    VALUES (%(return)s, %(number)s, %(item)s, %(reason)s, %(today)s)
    ON CONFLICT DO NOTHING
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
    INSERT INTO order_items (order_number, position, title, quantity, price_cents, final_sale)
    SELECT number, %(position)s, %(title)s, %(quantity)s, %(price_cents)s, %(final_sale)s
    FROM orders WHERE number = %(number)s AND demo
"""
PUT_SHIPMENT: LiteralString = """
    INSERT INTO order_shipments
        (order_number, position, carrier, tracking_number, tracking_url, shipped_on, delivered_on)
    SELECT number, %(position)s, %(carrier)s, %(tracking_number)s, %(tracking_url)s, %(shipped_on)s,
           %(parcel_delivered_on)s
    FROM orders WHERE number = %(number)s AND demo
"""
PUT_REFUND: LiteralString = """
    INSERT INTO order_refunds (order_number, position, amount_cents, method, requested_on, paid_on)
    SELECT number, %(position)s, %(amount_cents)s, %(method)s, %(requested_on)s, %(paid_on)s
    FROM orders WHERE number = %(number)s AND demo
"""


class PostgresOrders:
    """`orders.ports.Orders` on our own tables, over a pool that is opened with the first call.

    Raises psycopg.Error when the database does not answer.
    """

    def __init__(self, pool: AsyncConnectionPool[Any]):
        self._pool = pool

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

    async def open_return(
        self, number: str, owner: Owner, item: str, reason: str, today: date
    ) -> Return | None:
        async with self._connection() as conn:
            order = await _find(conn, FIND_TO_CHANGE, number, owner)
            if order is None or not rules.may_return(order, today).allowed:
                return None
            titles = [each.title for each in rules.returnable_items(order)]
            if item not in titles:
                return None
            values = {"return": f"R-{number}-{titles.index(item) + 1}", "number": number, "item": item}
            await conn.execute(OPEN_RETURN, {**values, "reason": reason, "today": today})
            again = await _find(conn, FIND, number, owner)
            return next(each for each in again.returns if each.item == item) if again else None

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


async def _find(conn: AsyncConnection[Any], query: LiteralString, number: str, owner: Owner) -> Order | None:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, {"number": number, "phone": owner.phone, "email": owner.email})
        row = await cursor.fetchone()
    return _order(row) if row else None


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
    """JSON has no dates: columns named `…_on` come as text."""
    return date.fromisoformat(value) if value and name.endswith("_on") else value


def _columns(order: Order) -> dict[str, Any]:
    return {**asdict(order), "status": order.status.value}


def _parts(orders: Iterable[Order], name: str) -> list[dict[str, Any]]:
    rows = []
    for order in orders:
        for position, part in enumerate(getattr(order, name), start=1):
            values = asdict(part)
            values["parcel_delivered_on"] = values.pop("delivered_on", None)
            rows.append({"number": order.number, "position": position, **values})
    return rows
