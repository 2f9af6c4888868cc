"""The customer's orders beside the conversation: read-only, through the shop's own port."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from orders import rules
from orders.facts import money
from orders.model import Order, Owner
from orders.ports import Orders

MOST = 5
"""Orders shown, the newest."""

KEPT = 60.0
"""Seconds that a late order is remembered before the shop is asked again."""

logger = logging.getLogger(__name__)


class OrderBook:
    """Answers what the desk asks about orders; a shop that fails costs the card, never the page."""

    def __init__(self, orders: Orders):
        self._orders = orders
        self._late: dict[str, tuple[float, bool]] = {}

    async def of(self, phone: str | None, slots: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """The orders of the phone, the one talked about first; None when the shop does not answer."""
        talked_about = str(slots.get("order_number") or "")
        try:
            found = {order.number: order for order in await self._of_phone(phone)}
            if talked_about and talked_about not in found:
                owner = Owner(phone, str(slots["email"]) if slots.get("email") else None)
                order = await self._orders.find(talked_about, owner)
                found = {**({order.number: order} if order else {}), **found}
        except Exception:
            logger.warning("the orders cannot be read for the desk", exc_info=True)
            return None
        today = datetime.now(UTC).date()
        ordered = sorted(found.values(), key=lambda order: order.number != talked_about)
        return [card(order, today, order.number == talked_about) for order in ordered[:MOST]]

    async def is_late(self, wa_id: str | None) -> bool:
        """Whether an open order of this phone is past its promised day; remembered for a minute."""
        if not wa_id:
            return False
        at, late = self._late.get(wa_id, (0.0, False))
        if time.monotonic() - at < KEPT and at:
            return late
        try:
            today = datetime.now(UTC).date()
            late = any(rules.days_late(order, today) for order in await self._of_phone(f"+{wa_id}"))
        except Exception:
            logger.warning("the orders cannot be read for the warnings", exc_info=True)
            late = False
        if len(self._late) > 5000:
            self._late.clear()
        self._late[wa_id] = (time.monotonic(), late)
        return late

    async def _of_phone(self, phone: str | None) -> tuple[Order, ...]:
        return await self._orders.of_phone(phone, MOST) if phone else ()


def card(order: Order, today: date, talked_about: bool) -> dict[str, Any]:
    """An order as the card shows it, all in words."""
    late = rules.days_late(order, today)
    shipment = order.shipments[-1] if order.shipments else None
    facts = [
        ("Placed", f"{order.placed_on:%-d %b %Y}"),
        ("Promised", f"{order.promised_on:%-d %b %Y}"),
        ("Expected", f"{order.estimated_on:%-d %b %Y}" if order.estimated_on else ""),
        ("Delivered", f"{order.delivered_on:%-d %b %Y}" if order.delivered_on else ""),
        ("Paid by", order.payment_method),
        ("To", order.address),
        *(
            ("Refund", _refund(refund.amount_cents, order.currency, refund.paid_on))
            for refund in order.refunds
        ),
        *(("Return", f"{back.number}: {back.item}") for back in order.returns),
    ]
    return {
        "number": order.number,
        "status": order.status.words,
        "late": f"{late} {'day' if late == 1 else 'days'} late" if late else "",
        "about": talked_about,
        "total": money(order.total_cents, order.currency),
        "items": [f"{item.quantity} × {item.title}" for item in order.items],
        "facts": [[name, value] for name, value in facts if value],
        "tracking": _tracking(shipment.carrier, shipment.tracking_number, shipment.tracking_url)
        if shipment
        else None,
    }  # fmt: skip


def _refund(cents: int, currency: str, paid_on: date | None) -> str:
    return money(cents, currency) + (f", paid {paid_on:%-d %b}" if paid_on else ", not paid yet")


def _tracking(carrier: str, number: str, url: str) -> dict[str, str]:
    """A link only where it is one: what a shop stores must not become a script."""
    return {"text": f"{carrier} {number}", "url": url if url.startswith(("https://", "http://")) else ""}
