"""Goods that are named in a message, and the order and the item that are meant by them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions import pick, wording
from actions.order_status import ValidateOrderStatusForm
from actions.start_return import ActionStartReturn, ValidateStartReturnForm
from actions.turn import DESCRIPTION
from connectors.whatsapp.text import size
from orders import demo
from orders.model import Item
from tests.unit.actions.shop import (
    TODAY,
    FakeOrders,
    a_desk,
    asking,
    run,
    slot,
    starting,
    tracker,
    user,
)

LONG = "Grandma’s Extra-Large Hand-Knitted Merino Wool Winter Blanket 🧶✨ (limited edition, forest {})"


def selling(*items: Item) -> FakeOrders:
    """Ana's delivered order, with these items in it."""
    orders = FakeOrders()
    orders.orders["10235"] = replace(orders.orders["10235"], items=items)
    return orders


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("return the lamp", ["Desk lamp"]),
        ("the tea set and the lamp", ["Tea set"]),
        ("my phone is broken", []),
        ("one set", []),
        ("something", []),
    ],
)
def test_titles_are_found_by_their_telling_words(text: str, found: list[str]) -> None:
    """A word that many titles have names none of them by itself; the title with most words in it wins."""
    assert pick.mentioned(text, ["Desk lamp", "Tea set", "Phone case"]) == found


async def test_the_order_with_the_goods_is_meant() -> None:
    """ "Where is my lamp?" is about the order with the lamp, whichever was talked about before."""
    form = ValidateOrderStatusForm(a_desk())
    said = await run(form, tracker(*starting("order_status", "where is my lamp?")))
    assert said.slots["order_number"] == "10237"
    after_another = [user("…", "order_status"), slot("order_number", "10234")]
    said = await run(form, tracker(*starting("order_status", "and my desk lamp?", *after_another)))
    assert said.slots["order_number"] == "10237"


async def test_an_item_that_stays_is_not_mistaken_for_one_that_may_go() -> None:
    """Who names the item of the sale hears that it cannot come back, and is asked about no other one."""
    orders = selling(Item("Wool blanket", 1, 7900, final_sale=True), Item("Tea set", 1, 5400))
    begun = starting("start_return", "I'd like to return the blanket")
    said = await run(ValidateStartReturnForm(a_desk(orders)), tracker(*begun))
    assert said.slots["return_item"] == "Wool blanket"
    assert said.slots["requested_slot"] is None
    known = [slot("order_number", "10235"), slot("return_item", "Wool blanket")]
    refused = await run(ActionStartReturn(a_desk(orders)), tracker(*begun, *known))
    assert "Wool blanket was marked “Final sale”" in refused.text
    assert "If it arrived damaged" in refused.text


async def test_what_is_picked_by_its_colour_alone() -> None:
    """Of two long titles that differ in their last word, the last word is seen, and names one."""
    blue, green = LONG.format("blue"), LONG.format("green")
    orders = selling(Item(blue, 1, 12000), Item(green, 1, 12000), Item('27" screen', 1, 9900))
    asked = await run(
        ValidateStartReturnForm(a_desk(orders)),
        tracker(*starting("start_return", "return something of 10235")),
    )
    rows = {row["description"] for row in asked.buttons}
    assert {row[-len("forest green) · 1 × $120.00") :] for row in rows} >= {"forest green) · 1 × $120.00"}
    assert len(rows) == 3
    held = slot("order_number", "10235")
    said = await run(
        ValidateStartReturnForm(a_desk(orders)),
        tracker(*asking("start_return", "return_item", held), user("the blue one")),
    )
    assert said.slots["return_item"] == blue
    assert [pick.value(row, "product") for row in asked.buttons] == [blue, green, '27" screen']


def test_a_row_keeps_the_status() -> None:
    """However long the goods are called, a row says how many more there are and where the order is."""
    order = demo.named(TODAY)[0]
    row = wording.row(replace(order, items=(Item(LONG, 1, 100), *order.items)))
    assert row["description"].endswith("… and 1 more · out for delivery")
    assert size(row["description"]) <= DESCRIPTION
