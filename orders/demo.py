"""The demo shop: five orders with names, for the story one plays first, and as many others as wanted.

Everything is made up, and dated from the day it is loaded, so that "tomorrow" stays tomorrow.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from psycopg import AsyncConnection

from orders import store
from orders.model import Condition, Item, Kind, Order, Outcome, Refund, Return, Shipment, Status

ANA: dict[str, Any] = {
    "customer": "Ana Silva",
    "phone": "+15550100001",
    "email": "ana.silva@example.com",
    "address": "12 Orchard Street, Springfield 01101",
}
BEN: dict[str, Any] = {
    "customer": "Ben Okafor",
    "phone": "+15550100002",
    "email": "ben.okafor@example.com",
    "address": "7 Harbour Road, Portsmouth 03801",
}
GOODS = (
    ("Desk lamp", 3990), ("Linen shirt", 4500), ("Coffee grinder", 6900), ("Wool blanket", 7900),
    ("Running shoes", 8990), ("Wireless headphones", 12900), ("Rain jacket", 9900), ("Tea set", 5400),
    ("Backpack", 6490), ("Phone case", 1990), ("Yoga mat", 2990), ("Wall clock", 3490),
    ("Cast iron pan", 5900), ("Bath towels", 2790), ("Notebook set", 1490), ("Table fan", 4290),
    ("Face cream", 2490), ("Electric toothbrush", 5990), ("Racing game", 4990), ("Gift card", 5000),
    ("Engraved pen", 3290), ("Chocolate box", 1890), ("Audio book", 1590),
)  # fmt: skip
"""Titles, at most 24 characters so that they fit a list on the phone, and prices in cents."""
KINDS = {
    "Face cream": Kind.HYGIENE,
    "Electric toothbrush": Kind.HYGIENE,
    "Racing game": Kind.SOFTWARE,
    "Gift card": Kind.GIFT_CARD,
    "Audio book": Kind.DIGITAL,
    "Engraved pen": Kind.PERSONALISED,
    "Chocolate box": Kind.PERISHABLE,
}
"""Goods that do not come back like others; the rest is general."""
PICTURES = {
    title: f"/pictures/{title.lower().replace(' ', '_')}.png"
    for title in (
        "Linen shirt", "Phone case", "Wireless headphones", "Coffee grinder", "Desk lamp", "Notebook set",
        "Rain jacket",
    )
}  # fmt: skip
"""Drawn for the demo (`orders/pictures/`); the rest has none."""
AT_THE_DOOR = "/pictures/delivered_parcel.png"
FIRST_NAMES = ("Mia", "Omar", "Lena", "Ravi", "Chloe", "Diego", "Aiko", "Noah", "Zoe", "Ivan", "Lucia", "Sam")
LAST_NAMES = ("Novak", "Haddad", "Meyer", "Patel", "Martin", "Rojas", "Sato", "Berg", "Costa", "Kim", "Rossi")
STREETS = ("Mill Lane", "Station Road", "Park Avenue", "River Street", "Hill Close", "Market Square")
TOWNS = ("Albany 12207", "Boulder 80302", "Salem 97301", "Dover 19901", "Madison 53703")
CARRIERS = ("DHL", "UPS", "FedEx")
PAYMENTS = ("card", "PayPal", "bank transfer")
AGES = {
    Status.PROCESSING: (0, 1),
    Status.SHIPPED: (2, 3),
    Status.OUT_FOR_DELIVERY: (3, 4),
    Status.DELAYED: (9, 20),
}  # fmt: skip
"""Between how many days ago an order of this status was placed; 8 to 90 for the finished ones."""
FIRST_NUMBER = 20001


async def load(conn: AsyncConnection[Any], today: date, count: int = 2000) -> int:
    """Set the demo shop to how it looks on `today`, with `count` orders of other customers besides.

    Loading again starts the demo afresh. Real orders are left alone. Returns how many orders there
    are; the caller commits.
    """
    orders = [*named(today), *generated(today, count)]
    await store.replace_demo(conn, orders)
    return len(orders)


def named(today: date) -> tuple[Order, ...]:
    """Ana's four orders and Ben's one."""
    return (
        _out_for_delivery(today),
        _delivered("10235", today, 10, (Item("Linen shirt", 1, 4500), Item("Phone case", 1, 1990))),
        _delivered("10236", today, 60, (Item("Coffee grinder", 1, 6900),)),
        _processing(today),
        _late(today),
    )


def generated(today: date, count: int) -> Iterator[Order]:
    """`count` orders of other customers in every status, the same on every run of a day."""
    chance = random.Random(7)  # noqa: S311 - a demo needs repeatable orders, not secrets
    statuses = list(Status)
    for index in range(count):
        yield _generated(str(FIRST_NUMBER + index), statuses[index % len(statuses)], today, chance)


def _out_for_delivery(today: date) -> Order:
    return _order(
        "10234", ANA, Status.OUT_FOR_DELIVERY, (Item("Wireless headphones", 1, 12900),),
        placed_on=_ago(today, 4), promised_on=_ago(today, -1), estimated_on=_ago(today, -1),
        shipments=(_parcel("10234", "DHL", _ago(today, 2)),),
    )  # fmt: skip


def _processing(today: date) -> Order:
    return _order(
        "10237", ANA, Status.PROCESSING, (Item("Desk lamp", 1, 3990), Item("Notebook set", 2, 1490)),
        placed_on=today, promised_on=_ago(today, -4), estimated_on=_ago(today, -4), invoice_url=None,
    )  # fmt: skip


def _late(today: date) -> Order:
    return _order(
        "10301", BEN, Status.DELAYED, (Item("Rain jacket", 1, 9900),),
        placed_on=_ago(today, 19), promised_on=_ago(today, 14), estimated_on=None,
        shipments=(_parcel("10301", "UPS", _ago(today, 17)),),
    )  # fmt: skip


def _delivered(number: str, today: date, days_ago: int, items: tuple[Item, ...]) -> Order:
    on = _ago(today, days_ago)
    return _order(
        number, ANA, Status.DELIVERED, items,
        placed_on=_ago(on, 4), promised_on=on, estimated_on=on, delivered_on=on,
        shipments=(_parcel(number, "DHL", _ago(on, 2), on),),
    )  # fmt: skip


def _generated(number: str, status: Status, today: date, chance: random.Random) -> Order:
    placed = _ago(today, _age(status, chance))
    delivered = placed + timedelta(4) if status in (Status.DELIVERED, Status.RETURNED) else None
    items = tuple(
        Item(title, chance.randint(1, 2), cents, chance.random() < 0.1, KINDS.get(title, Kind.GENERAL))
        for title, cents in chance.sample(GOODS, chance.randint(2, 5))
    )
    parcels: tuple[Shipment, ...] = ()
    if status not in (Status.PROCESSING, Status.CANCELLED):
        parcels = _parcels(number, items, placed, delivered, today, chance)
    payment = chance.choice(PAYMENTS)
    order = _order(
        number, _customer(chance), status, items, placed_on=placed, promised_on=placed + timedelta(5),
        estimated_on=None if status in (Status.CANCELLED, Status.DELAYED) else placed + timedelta(5),
        delivered_on=delivered, payment_method=payment, shipments=parcels,
    )  # fmt: skip
    if status is Status.RETURNED:
        return _refunded(_sent_back(order), today, chance)
    if status is Status.DELIVERED and int(number) % 4 == 0:
        return _on_its_way_back(order, today)
    return _refunded(order, today, chance) if status is Status.CANCELLED else order


def _parcels(
    number: str,
    items: tuple[Item, ...],
    placed: date,
    delivered: date | None,
    today: date,
    chance: random.Random,
) -> tuple[Shipment, ...]:
    """One parcel, or (for every third order) two with some of the items each, the first there already."""
    sent = placed + timedelta(1)
    if chance.random() > 1 / 3 or placed + timedelta(3) > today:
        return (_parcel(number, chance.choice(CARRIERS), sent, delivered),)
    titles = [item.title for item in items]
    first = _parcel(number, chance.choice(CARRIERS), sent, placed + timedelta(3))
    second = _parcel(f"{number}2", chance.choice(CARRIERS), sent + timedelta(1), delivered)
    return replace(first, items=tuple(titles[:1])), replace(second, items=tuple(titles[1:]))


def _age(status: Status, chance: random.Random) -> int:
    """How many days ago an order of this status was placed."""
    youngest, oldest = AGES.get(status, (8, 90))
    return chance.randint(youngest, oldest)


def _sent_back(order: Order) -> Order:
    """The order with a return for each of its items."""
    opened = (order.delivered_on or order.placed_on) + timedelta(1)
    returns = (
        Return(
            number=f"R-{order.number}-{place}",
            item=item.title,
            reason="changed my mind",
            opened_on=opened,
            condition=Condition.OPENED,
            outcome=Outcome.REFUND,
            label_url=f"https://shop.example.com/returns/R-{order.number}-{place}.pdf",
            sent_on=opened,
            received_on=opened + timedelta(1),
        )
        for place, item in enumerate(order.items, start=1)
    )
    return replace(order, returns=tuple(returns))


def _on_its_way_back(order: Order, today: date) -> Order:
    """The order with its first ordinary item in a parcel back to us, if it came within the last weeks."""
    item = next((each for each in order.items if each.kind is Kind.GENERAL and not each.final_sale), None)
    arrived = order.arrived_on(item) if item else None
    if item is None or arrived is None or not timedelta(2) <= today - arrived <= timedelta(20):
        return order
    number = f"R-{order.number}-1"
    back = Return(
        number=number,
        item=item.title,
        reason="wrong_size",
        opened_on=arrived + timedelta(1),
        condition=Condition.OPENED,
        label_url=f"https://shop.example.com/returns/{number}.pdf",
        sent_on=arrived + timedelta(2),
    )
    return replace(order, returns=(back,))


def _refunded(order: Order, today: date, chance: random.Random) -> Order:
    """The order with its money on the way back: at once, or (every third) in two parts by two ways."""
    since = (order.delivered_on or order.placed_on) + timedelta(2)
    whole = _refund(order.total_cents, order.payment_method, since, 3, today)
    if chance.random() > 1 / 3:
        return replace(order, refunds=(whole,))
    part = order.total_cents // 3
    split = (
        _refund(order.total_cents - part, order.payment_method, since, 3, today),
        _refund(part, "gift card", since, chance.choice((5, 200)), today),
    )
    return replace(order, refunds=split)


def _refund(cents: int, method: str, since: date, days: int, today: date) -> Refund:
    """Paid `days` after it was asked for, if that day has come."""
    paid = since + timedelta(days)
    return Refund(cents, method, since, paid if paid <= today else None)


def _customer(chance: random.Random) -> dict[str, Any]:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return {
        "customer": f"{first} {last}",
        "phone": f"+1555{chance.randint(2000000, 9999999)}",
        "email": f"{first}.{last}@example.com".lower(),
        "address": f"{chance.randint(1, 99)} {chance.choice(STREETS)}, {chance.choice(TOWNS)}",
    }


def _order(number: str, who: dict[str, Any], status: Status, items: tuple[Item, ...], **more: Any) -> Order:
    usual = {
        "delivered_on": None,
        "currency": "USD",
        "payment_method": "card",
        "invoice_url": f"https://shop.example.com/invoices/{number}.pdf",
    }
    shown = tuple(replace(item, photo_url=PICTURES.get(item.title)) for item in items)
    return Order(number=number, status=status, items=shown, **who, **{**usual, **more})


def _parcel(number: str, carrier: str, shipped_on: date, delivered_on: date | None = None) -> Shipment:
    code = f"{carrier[:2].upper()}{number}0042"
    link = f"https://track.example.com/{carrier.lower()}/{code}"
    return Shipment(carrier, code, link, shipped_on, delivered_on, (), AT_THE_DOOR if delivered_on else None)


def _ago(today: date, days: int) -> date:
    """`days` before today; a negative number looks ahead."""
    return today - timedelta(days)
