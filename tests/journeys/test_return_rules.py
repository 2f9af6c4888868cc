"""Returns as the rules have them: refused with rule and article, or opened, all of it typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from orders import demo, rules, terms
from orders.model import Item, Kind, Order, Status
from sandbox.whatsapp.state import Message
from tests.journeys.conftest import STRANGERS, Journey

TERMS = terms.shop()
TODAY = datetime.now(UTC).date()


def told(messages: list[Message]) -> str:
    return "\n".join(message.text for message in messages)


def titles(messages: list[Message]) -> list[str]:
    return [str(each["title"]) for message in messages for each in message.choices]


def stranger(suits: Callable[[Order], bool]) -> tuple[Order, str]:
    """The first generated order that suits, and the phone it was placed from, as WhatsApp writes it."""
    order = next(each for each in demo.generated(TODAY, STRANGERS) if suits(each))
    return order, order.phone.removeprefix("+")


def returnable(order: Order, item: Item) -> bool:
    return rules.may_return_item(order, item, None, TODAY, TERMS).allowed


def fresh(order: Order) -> bool:
    """Delivered in one parcel lately, with nothing sent back yet."""
    arrived = order.delivered_on
    lately = arrived is not None and TODAY - arrived < timedelta(20)
    return order.status is Status.DELIVERED and lately and not order.returns


async def test_the_window_the_rule_and_the_article_are_named(journey: Journey) -> None:
    """An order that came too long ago is refused with the days that count; a fault leads to the warranty."""
    late = await journey.say("I want to return order 10236")
    days = TERMS.return_window.days
    assert "60 days ago" in told(late)
    assert f"returns are possible for {days} days" in told(late)
    assert "“Return window”" in told(late)
    assert "Talk to a person" in titles(late)


async def test_an_item_of_the_sale_is_refused_and_its_neighbour_goes_back(journey: Journey) -> None:
    """By its name the reduced item is refused; the other item of the order is returned, and called off."""
    order, phone = stranger(
        lambda each: (
            fresh(each)
            and any(item.final_sale for item in each.items)
            and sum(returnable(each, item) for item in each.items) == 1
        )
    )
    sale = next(item for item in order.items if item.final_sale)
    other = next(item for item in order.items if returnable(order, item))
    refused = told(await journey.say(f"I want to return the {sale.title.lower()}", phone))
    assert "Final sale" in refused
    assert "“Sale and clearance items”" in refused
    assert other.title not in refused
    assert "Why would you" in told(await journey.say(f"then I'd like to return the {other.title}", phone))
    assert "What state" in told(await journey.say("I just changed my mind", phone))
    assert "What would you like" in told(await journey.say("never opened", phone))
    back = told(await journey.say("refund please", phone))
    assert f"{other.title} from order {order.number}, unopened, for a refund" in back
    opened = await journey.say("yes", phone)
    number = f"R-{order.number}-1"
    assert f"return number {number}" in told(opened)
    assert "Print the label" in told(opened)
    sure = told(await journey.say(f"cancel return {number}", phone))
    assert number in sure
    assert "is cancelled" in told(await journey.say("yes", phone))
    assert await journey.control() == "bot"


async def test_opened_goods_stay(journey: Journey) -> None:
    """Hygiene goods come back unopened only; that they were opened may be told with the first words."""
    order, phone = stranger(
        lambda each: (
            fresh(each) and any(item.kind is Kind.HYGIENE and returnable(each, item) for item in each.items)
        )
    )
    cream = next(item for item in order.items if item.kind is Kind.HYGIENE and returnable(order, item))
    refused = told(await journey.say(f"return the {cream.title.lower()} please, I opened it once", phone))
    assert "hygiene goods can come back only unopened" in refused
    assert "“Items that cannot be returned”" in refused


async def test_of_a_partial_order_what_has_come_goes_back(journey: Journey) -> None:
    """The item of the first parcel can be returned, one of the parcel on its way cannot yet."""

    def partly(each: Order) -> bool:
        items = {item.title: item for item in each.items}
        here = [title for parcel in each.shipments if parcel.delivered_on for title in parcel.items]
        return (
            each.status is Status.SHIPPED
            and bool(here)
            and all(returnable(each, items[title]) for title in here)
        )

    order, phone = stranger(partly)
    here, coming = order.shipments[0].items[0], order.shipments[1].items[0]
    not_yet = told(await journey.say(f"I want to return the {coming.lower()}", phone))
    assert "it has not been delivered yet" in not_yet
    asked = told(await journey.say(f"and return the {here.lower()}", phone))
    assert f"{here}, order {order.number}. Why would you" in asked
    assert "nothing has been changed" in told(await journey.say("never mind", phone))
