"""What the shop says of a customer's orders when a person is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from conversations.package import Orders
from conversations.ports import Shop
from conversations.rows import Conversation

SECONDS = 3.0
"""For so long a handoff waits for it."""


async def orders(shop: Shop | None, of: Conversation, slots: Mapping[str, Any]) -> Orders | None:
    """The facts of the customer's orders, by number; nothing where it fails or takes too long."""
    if shop is None:
        return None
    try:
        async with asyncio.timeout(SECONDS):
            return await shop.facts(of.address.phone, slots)
    except TimeoutError:
        return None
