"""Ready replies, and what stands beside a conversation."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from app.console import canned, orders, origin, suggest, users
from app.console.canned import Replies
from app.console.orders import OrderBook
from conversations.reports import Line
from orders import demo
from orders.model import Order, Owner

TODAY = datetime.now(UTC).date()


def test_variables_are_filled_and_gaps_are_seen() -> None:
    """What has no value stands out, and such a text is known not to be whole."""
    text = canned.fill("Hello {name}, order {order}: {nonsense}", {"name": "Ana", "order": ""})
    assert text == "Hello Ana, order ⟨order⟩: ⟨nonsense⟩"
    assert canned.GAP.search(text)
    assert not canned.GAP.search(canned.fill("Hello {name}", {"name": "Ana"}))


def test_shipped_replies_are_whole() -> None:
    """Every reply of the file has a title of its own and only variables the desk knows."""
    replies = Replies().all()
    assert len({reply.title for reply in replies}) == len(replies) > 3
    assert {name for reply in replies for name in canned.VARIABLE.findall(reply.text)} <= {
        "name",
        "order",
        "agent",
    }


def test_edited_file_counts_at_once_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    """Operators edit while agents work."""
    file = tmp_path / "replies.yml"
    file.write_text("- {title: A, text: a}")
    replies = Replies(file)
    assert [one.title for one in replies.all()] == ["A"]
    for number, text in enumerate(["- {title: B, text: b}", "- nonsense: {", "x: y"]):
        file.write_text(text)
        os.utime(file, (number + 1, number + 1))
        assert [one.title for one in replies.all()] == ["B"]


class Shop:
    """A shop with some orders; None breaks it."""

    def __init__(self, *orders: Order, broken: bool = False):
        self.orders, self.broken, self.asked = orders, broken, 0

    async def of_phone(self, phone: str, limit: int = 10) -> tuple[Order, ...]:
        self.asked += 1
        if self.broken:
            raise ConnectionError
        return tuple(order for order in self.orders if order.phone == phone)

    async def find(self, number: str, owner: Owner) -> Order | None:
        mine = [
            o
            for o in self.orders
            if o.number == number and (o.phone == owner.phone or o.email == owner.email)
        ]
        return mine[0] if mine else None


ALL = {order.number: order for order in demo.named(TODAY)}


async def test_order_talked_about_comes_first() -> None:
    """The phone's orders, and one proven by e-mail; never somebody else's."""
    book = OrderBook(Shop(*ALL.values()))  # type: ignore[arg-type]
    shown = await book.of("+15550100001", {"order_number": "10235"})
    assert shown is not None
    assert (shown[0]["number"], shown[0]["about"]) == ("10235", True)
    assert "10301" not in [
        one["number"] for one in await book.of("+15550100001", {"order_number": "10301"}) or []
    ]
    by_mail = await book.of(None, {"order_number": "10301", "email": "ben.okafor@example.com"})
    assert [one["number"] for one in by_mail or []] == ["10301"]


async def test_shop_that_fails_costs_only_the_card() -> None:
    """The page says that the orders cannot be read, and nothing else breaks."""
    book = OrderBook(Shop(broken=True))  # type: ignore[arg-type]
    assert await book.of("+15550100001", {}) is None
    assert await book.is_late("15550100001") is False


async def test_late_orders_are_asked_for_once_a_minute() -> None:
    """Warnings of many conversations do not become a storm on the shop."""
    shop = Shop(ALL["10301"])
    book = OrderBook(shop)  # type: ignore[arg-type]
    assert [await book.is_late("15550100002") for _ in range(5)] == [True] * 5
    assert shop.asked == 1


def test_card_says_late_and_links_only_to_web_addresses() -> None:
    """What a shop stores as a tracking address must not become a script."""
    late = orders.card(ALL["10301"], TODAY, False)
    assert late["late"].endswith("days late")
    order = ALL["10234"]
    evil = replace(order, shipments=(replace(order.shipments[0], tracking_url="javascript:alert(1)"),))
    assert orders.card(evil, TODAY, True)["tracking"]["url"] == ""
    assert orders.card(order, TODAY, True)["tracking"]["url"].startswith("https://")


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"host": "desk.example"}, True),
        ({"host": "desk.example", "origin": "https://desk.example"}, True),
        ({"host": "desk.example:8000", "origin": "http://desk.example:8101"}, False),
        ({"host": "desk.example", "origin": "https://evil.example"}, False),
        ({"host": "desk.example", "origin": "null"}, False),
        ({"host": "desk.example", "sec-fetch-site": "cross-site"}, False),
    ],
)
def test_other_sites_are_told_apart(headers: dict[str, str], ours: bool) -> None:
    """Same host and port is ours; another port, another site or a hidden one is not."""
    assert origin.is_ours(Headers(headers)) is ours


def test_roles_decide_who_speaks_and_who_may_take_from_others() -> None:
    """Trainers read along, agents speak, leads and admins may take over from a colleague."""
    people = users.read("a:x:agent,l:x:lead,t:x:trainer,d:x:admin").values()
    assert [users.may_speak(one) for one in people] == [True, True, False, True]
    assert [users.may_wrest(one) for one in people] == [False, True, False, True]


def test_question_is_the_last_one_with_enough_words() -> None:
    """ "ok" is nothing to ask the articles."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    said = ["how long can I return it", "ok"]
    log = [Line(n, at, "message", "customer", text, {}, None, None) for n, text in enumerate(said)]
    assert suggest.question(log) == "how long can I return it"
    assert suggest.question([]) == ""
