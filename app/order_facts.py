"""What is to be said of a customer's orders, to see what an agent changed of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from orders.model import Item, Order, Owner, Refund, Return, Status
from orders.ports import Orders

MOST = 10
"""Orders looked at, the newest."""

logger = logging.getLogger(__name__)


class OrderFacts:
    """The core's `Shop` on the shop's own port. A shop that fails costs the facts, nothing else."""

    def __init__(self, orders: Orders):
        self._orders = orders

    async def facts(
        self, phone: str | None, slots: Mapping[str, Any]
    ) -> Mapping[str, Mapping[str, str]] | None:
        """Facts of the phone's orders and of the one talked about, by number. See `Shop.facts`."""
        try:
            found = list(await self._orders.of_phone(phone, MOST)) if phone else []
            number = str(slots.get("order_number") or "")
            if number and number not in {order.number for order in found}:
                owner = Owner(phone, str(slots["email"]) if slots.get("email") else None)
                order = await self._orders.find(number, owner)
                found += [order] if order else []
        except Exception:
            logger.warning("the orders cannot be read to see what changes", exc_info=True)
            return None
        return {order.number: describe(order) for order in found}


def describe(order: Order) -> dict[str, str]:
    """An order's facts by name, most of which an agent may change."""
    return {
        "what was ordered": ", ".join(map(_item, order.items)),
        "the total": money(order.total_cents, order.currency),
        "the status": _status(order),
        "the address": order.address,
        "the promised delivery": _day(order.promised_on) if order.is_open else "",
        "the expected delivery": _day(order.estimated_on) if order.is_open else "",
        **{f"refund {place}": _refund(each, order) for place, each in enumerate(order.refunds, start=1)},
        **{f"return {each.number}": _return(each) for each in order.returns},
    }


def money(cents: int, currency: str) -> str:
    """An amount as it is written beside an order: 39.90 USD."""
    return f"{cents / 100:,.2f} {currency}"


def _item(item: Item) -> str:
    return f"{item.quantity} × {item.title}" if item.quantity > 1 else item.title


def _status(order: Order) -> str:
    arrived = order.status is Status.DELIVERED and order.delivered_on
    return f"delivered on {_day(order.delivered_on)}" if arrived else order.status.words


def _day(day: date | None) -> str:
    return f"{day:%-d %b %Y}" if day else ""


def _refund(refund: Refund, order: Order) -> str:
    paid = f"paid on {refund.paid_on:%-d %b}" if refund.paid_on else "on its way"
    return f"{money(refund.amount_cents, order.currency)} by {refund.method}, {paid}"


def _return(back: Return) -> str:
    state = f"cancelled on {back.cancelled_on:%-d %b}" if back.cancelled_on else "open"
    return f"{state} ({back.item})"
