"""A shop's own orders service, asked over HTTP and JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import stamina
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from connectors import json_text
from connectors.shop import payload
from connectors.shop.errors import ShopDown, ShopLockedOut, ShopRefused, ShopUnreadable
from conversations.errors import BadPayload
from orders.model import Order, Owner, Return, ReturnWish

ATTEMPTS = 3
WITHIN = 5.0
"""Seconds in which a further attempt may begin: an action has eight for everything."""
PATIENCE = 2.0
"""The longest wait that the shop may ask for before another attempt; a customer is waiting, too."""
FAILURES, REST = 5, 20.0
"""After so many calls that failed in a row the shop is left alone for so many seconds."""


class ShopOrders:
    """`orders.ports.Orders` of a service at `base_url`. The HTTP client stays its owner's to close.

    Every call may be repeated: the protocol is idempotent. `timeout`: seconds for one attempt. Raises
    ShopDown, ShopRefused, ShopLockedOut or ShopUnreadable.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        base_url: str,
        token: str | None = None,
        *,
        timeout: float = 2.0,
        rest: float = REST,
    ):
        self._http, self._url, self._timeout = http, base_url.rstrip("/"), timeout
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._retrying = stamina.AsyncRetryingCaller(
            attempts=ATTEMPTS, timeout=WITHIN, wait_initial=0.1, wait_max=1.0, wait_jitter=0.1
        )
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=FAILURES, default_ttl=rest)

    async def find(self, number: str, owner: Owner) -> Order | None:
        return await self._order("find", number, owner)

    async def of_phone(self, phone: str, limit: int = 10) -> tuple[Order, ...]:
        owner = Owner(phone)
        asked = {"owner": payload.owner(owner), "limit": limit}
        found = payload.orders(await self._ask("list", asked))
        return tuple(_owned(order, order.number, owner) for order in found[:limit])

    async def cancel(self, number: str, owner: Owner) -> Order | None:
        return await self._order("cancel", number, owner)

    async def change_address(self, number: str, owner: Owner, address: str) -> Order | None:
        return await self._order("change-address", number, owner, address=address)

    async def open_return(self, number: str, owner: Owner, wish: ReturnWish, today: date) -> Return | None:
        wanted = {"return": payload.wish(wish), "today": today.isoformat()}
        return payload.return_(await self._ask("open-return", _about(number, owner) | wanted))

    async def cancel_return(
        self, number: str, owner: Owner, return_number: str, today: date
    ) -> Return | None:
        wanted = {"return_number": return_number, "today": today.isoformat()}
        return payload.return_(await self._ask("cancel-return", _about(number, owner) | wanted))

    async def _order(self, call: str, number: str, owner: Owner, **more: str) -> Order | None:
        order = payload.order(await self._ask(call, _about(number, owner) | more))
        return _owned(order, number, owner) if order else None

    async def _ask(self, call: str, body: dict[str, Any]) -> Any:
        """The answer's JSON; retried while the shop is down, unasked while it rests."""
        breaker = await self._breakers.get_breaker("shop", exclude=[ShopRefused, ShopLockedOut])
        try:
            async with breaker:
                return await self._retrying(_may_help, self._once, call, body)
        except OpenedState as error:
            raise ShopDown(f"the shop has failed {FAILURES} times in a row and is left alone") from error

    async def _once(self, call: str, body: dict[str, Any]) -> Any:
        try:
            response = await self._http.post(
                f"{self._url}/orders/{call}", json=body, headers=self._headers, timeout=self._timeout
            )
        except httpx.TimeoutException as error:
            raise ShopDown(f"the shop did not answer in time: {type(error).__name__}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ShopDown(f"the shop cannot be reached: {type(error).__name__}") from error
        return _json(response)


def _about(number: str, owner: Owner) -> dict[str, Any]:
    return {"number": number, "owner": payload.owner(owner)}


def _owned(order: Order, number: str, owner: Owner) -> Order:
    """The order, if it is the one asked for and its owner's. Raises ShopUnreadable."""
    by_email = bool(owner.email) and order.email.lower() == str(owner.email).lower()
    if order.number != number or not (by_email or (owner.phone and order.phone == owner.phone)):
        raise ShopUnreadable("the shop answered with an order that is not this owner's")
    return order


def _may_help(error: Exception) -> bool | float:
    """Whether another attempt may help, or the seconds to wait before it."""
    if not isinstance(error, ShopDown):
        return False
    wait = error.retry_after
    return True if wait is None else 0.0 < wait <= PATIENCE and wait


def _json(response: httpx.Response) -> Any:
    status = response.status_code
    if status in (401, 403):
        raise ShopLockedOut(
            f"the shop answered HTTP {status}: ORDERS_TOKEN is not accepted", code=str(status)
        )
    if status == 429 or status >= 500:
        raise ShopDown(f"the shop answered HTTP {status}", retry_after=_seconds(response), code=str(status))
    if status != httpx.codes.OK:
        raise ShopRefused(f"the shop answered HTTP {status}", code=str(status))
    try:
        return json_text.load(response.content)
    except BadPayload as error:
        raise ShopUnreadable("the shop's answer is not JSON") from error


def _seconds(response: httpx.Response) -> float | None:
    """`Retry-After` in seconds."""
    told = response.headers.get("Retry-After", "")
    return float(told) if told.isdigit() else None
