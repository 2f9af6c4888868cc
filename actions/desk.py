"""What the actions need from outside, built once and only when first needed."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
from psycopg_pool import AsyncConnectionPool

from connectors.shop.client import ShopOrders
from orders import terms
from orders.ports import Orders
from orders.store import PostgresOrders
from orders.terms import Terms

CONNECT_SECONDS = 4


@dataclass(frozen=True, slots=True)
class Passage:
    """What the articles say: a text for the customer, and the evidence, best first."""

    text: str
    sources: tuple[Mapping[str, Any], ...]

    @property
    def score(self) -> float:
        """How strong the best evidence is."""
        return float(self.sources[0].get("score") or 0.0) if self.sources else 0.0


AskKb = Callable[[str], Awaitable[Passage | None]]
"""A question in, what the articles say about it out; None when they say nothing."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The shop's orders, the articles, today's date, and what the shop promises."""

    orders: Orders
    ask_kb: AskKb
    today: Callable[[], date]
    terms: Callable[[], Terms] = terms.shop


@functools.cache
def default() -> Desk:
    """The desk of the running action server, from its environment and the kb in `models/`."""
    return Desk(_orders(os.environ), ask_articles, lambda: datetime.now(UTC).date())


def _orders(environment: Mapping[str, str]) -> Orders:
    """The shop's own service with `ORDERS_URL`, else our tables in `DATABASE_URL`."""
    if url := environment.get("ORDERS_URL"):
        return ShopOrders(httpx.AsyncClient(), url, environment.get("ORDERS_TOKEN"))
    return PostgresOrders(_pool(environment))


def _pool(environment: Mapping[str, str]) -> AsyncConnectionPool[Any]:
    return AsyncConnectionPool(
        environment["DATABASE_URL"],
        min_size=1,
        max_size=8,
        timeout=CONNECT_SECONDS,
        check=AsyncConnectionPool.check_connection,
        open=False,
    )


async def ask_articles(question: str) -> Passage | None:
    """What the shop's articles say. Raises what the kb raises, when it is not built for example."""
    from kb import answer  # the index is heavy: loaded with the first question, not with the server

    found = await asyncio.to_thread(answer.answer, question)
    return Passage(found.text, tuple(found.sources)) if found else None
