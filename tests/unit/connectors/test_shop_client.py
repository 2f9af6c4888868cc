"""A shop's own orders service over real HTTP: what it says, and every way in which it can fail to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from connectors.shop import client
from connectors.shop.client import ShopOrders
from connectors.shop.errors import ShopDown, ShopLockedOut, ShopRefused, ShopUnreadable
from orders import demo
from orders.model import Condition, Order, Owner, Return, ReturnWish

TODAY = date(2026, 3, 20)
ANA = Owner("+15550100001")
OUT, SHIRT, *_ = demo.named(TODAY)
Reply = tuple[int, Any, dict[str, str]] | float | None


class Shop:
    """A service that gives the next reply: a status with a body, a wait in seconds, or a dropped line."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any], str | None]] = []
        self.replies: list[Reply] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/shop/"

    def says(self, status: int = 200, body: Any = None, **headers: str) -> None:
        self.replies.append((status, body, headers))

    def _handler(shop) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                shop.calls.append((self.path, body, self.headers["Authorization"]))
                reply = shop.replies.pop(0) if shop.replies else None
                if isinstance(reply, float):
                    time.sleep(reply)
                if reply is None or isinstance(reply, float):
                    self.close_connection = True
                    return
                status, content, headers = reply
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(raw))}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    thread = threading.Thread(target=shop.server.serve_forever, args=(0.01,))
    thread.start()
    yield shop
    shop.server.shutdown()
    thread.join()
    shop.server.server_close()


@pytest.fixture
async def orders(shop: Shop) -> AsyncIterator[ShopOrders]:
    async with httpx.AsyncClient() as http:
        yield ShopOrders(http, shop.url, "secret", timeout=0.3)


def as_json(order: Order) -> Any:
    return TypeAdapter(Order).dump_python(order, mode="json")


async def test_an_order_is_asked_for_and_read(shop: Shop, orders: ShopOrders) -> None:
    """The number and the proof go in the body, the token in the header, and the whole order comes back."""
    shop.says(body={"order": as_json(OUT), "served_by": "a newer shop"})
    assert await orders.find("10234", ANA) == OUT
    asked = ("/shop/orders/find", {"number": "10234", "owner": {"phone": ANA.phone}}, "Bearer secret")
    assert shop.calls == [asked]


async def test_no_order_is_none(shop: Shop, orders: ShopOrders) -> None:
    """Not theirs and not there are the same null."""
    shop.says(body={"order": None})
    assert await orders.find("10301", ANA) is None


async def test_orders_of_a_phone(shop: Shop, orders: ShopOrders) -> None:
    """The list comes in the shop's order, and never longer than asked for."""
    shop.says(body={"orders": [as_json(OUT), as_json(SHIRT)]})
    assert await orders.of_phone("+15550100001", limit=1) == (OUT,)


async def test_a_return_is_opened_and_called_off(shop: Shop, orders: ShopOrders) -> None:
    """All that the customer told reaches the shop, and its number comes back."""
    agreed = Return("R-1", "Linen shirt", "small", TODAY, Condition.OPENED)
    shop.says(body={"return": {"number": "R-1", "item": "Linen shirt", "reason": "small",
                               "opened_on": "2026-03-20", "condition": "opened"}})  # fmt: skip
    wish = ReturnWish("Linen shirt", "small", Condition.OPENED)
    assert await orders.open_return("10235", ANA, wish, TODAY) == agreed
    assert shop.calls[0][1]["return"]["condition"] == "opened"
    shop.says(body={"return": None})
    assert await orders.cancel_return("10235", ANA, "R-9", TODAY) is None


@pytest.mark.parametrize("trouble", [(500, {}, {}), (503, b"<html>", {}), (429, {}, {}), None])
async def test_trouble_is_tried_again(shop: Shop, orders: ShopOrders, trouble: Reply) -> None:
    """An error of the moment, or a dropped line, costs another attempt and not the answer."""
    shop.replies = [trouble]
    shop.says(body={"order": as_json(OUT)})
    assert await orders.find("10234", ANA) == OUT
    assert len(shop.calls) == 2


async def test_a_slow_shop_is_given_up(shop: Shop, orders: ShopOrders) -> None:
    """Each attempt has its time, and all together stay below what a customer waits for."""
    shop.replies = [1.0, 1.0, 1.0]
    started = time.monotonic()
    with pytest.raises(ShopDown, match="in time"):
        await orders.find("10234", ANA)
    assert len(shop.calls) == 3
    assert time.monotonic() - started < 3


async def test_the_shop_may_ask_for_a_short_wait_only(shop: Shop, orders: ShopOrders) -> None:
    """A customer does not wait a minute because the shop says so."""
    shop.says(429, {}, Retry_After="60")
    with pytest.raises(ShopDown):
        await orders.find("10234", ANA)
    assert len(shop.calls) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        b"[]",
        {},
        {"order": []},
        {"order": {"number": "10234"}},
        {"order": {**as_json(OUT), "status": "lost"}},
        {"order": {**as_json(OUT), "items": []}},
        {"order": {**as_json(OUT), "placed_on": "yesterday"}},
    ],
)
async def test_garbage_is_never_an_order(shop: Shop, orders: ShopOrders, body: Any) -> None:
    """What is not as promised is an error, asked once, and never half an answer."""
    shop.says(body=body)
    with pytest.raises(ShopUnreadable):
        await orders.find("10234", ANA)
    assert len(shop.calls) == 1


async def test_anothers_order_is_never_passed_on(shop: Shop, orders: ShopOrders) -> None:
    """Even if the shop answers with it."""
    late = demo.named(TODAY)[4]
    shop.says(body={"order": as_json(late)})
    with pytest.raises(ShopUnreadable):
        await orders.find("10301", ANA)
    shop.says(body={"orders": [as_json(late)]})
    with pytest.raises(ShopUnreadable):
        await orders.of_phone("+15550100001")
    shop.says(body={"order": as_json(late)})
    assert await orders.find("10301", Owner(email="Ben.Okafor@example.com")) == late


@pytest.mark.parametrize(
    ("status", "error"), [(401, ShopLockedOut), (403, ShopLockedOut), (422, ShopRefused)]
)
async def test_refusals_are_not_repeated(
    shop: Shop, orders: ShopOrders, status: int, error: type[Exception]
) -> None:
    """A wrong token or a call the shop does not know fails at once."""
    shop.says(status, {})
    with pytest.raises(error):
        await orders.find("10234", ANA)
    assert len(shop.calls) == 1


async def test_a_shop_that_is_down_is_left_alone(shop: Shop) -> None:
    """After five calls in vain it is not asked for a while, and asked again after it."""
    async with httpx.AsyncClient() as http:
        orders = ShopOrders(http, shop.url, timeout=0.3, rest=0.2)
        for _ in range(client.FAILURES):
            shop.says(503, {}, Retry_After="60")
            with pytest.raises(ShopDown):
                await orders.find("10234", ANA)
        with pytest.raises(ShopDown, match="left alone"):
            await orders.find("10234", ANA)
        assert len(shop.calls) == client.FAILURES
        shop.says(body={"order": as_json(OUT)})
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                assert await orders.find("10234", ANA) == OUT
                return
            except ShopDown:
                threading.Event().wait(0.05)
        pytest.fail("the shop was never asked again")
