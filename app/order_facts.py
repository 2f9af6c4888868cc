"""What is to be said of a customer's orders, to see what an agent changed of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from orders import facts
from orders.model import Owner
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
        return {order.number: facts.describe(order) for order in found}
