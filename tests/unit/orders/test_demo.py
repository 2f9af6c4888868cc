"""The demo shop."""

from __future__ import annotations

from datetime import date, timedelta

from orders import demo, rules, terms
from orders.model import Kind, Status

TODAY = date(2026, 3, 20)


def test_named_orders_play_the_story() -> None:
    """Ana has one out for delivery, one returnable, one too old and one to cancel; Ben one two weeks late."""
    out, shirt, grinder, lamp, late = demo.named(TODAY)
    assert (out.number, out.status, out.estimated_on) == (
        "10234",
        Status.OUT_FOR_DELIVERY,
        TODAY + timedelta(1),
    )
    assert out.shipments[0].carrier == "DHL"
    assert out.shipments[0].tracking_url.startswith("https://")
    assert (shirt.number, rules.may_return(shirt, TODAY, terms.shop()).allowed) == ("10235", True)
    assert (grinder.number, rules.may_return(grinder, TODAY, terms.shop()).rule) == ("10236", "window_closed")
    assert (lamp.number, rules.may_cancel(lamp).allowed) == ("10237", True)
    assert (late.number, late.phone, rules.days_late(late, TODAY)) == ("10301", "+15550100002", 14)


def test_generated_orders_repeat() -> None:
    """The same day gives the same orders, in every status, none of them with a named customer's number."""
    orders = list(demo.generated(TODAY, 70))
    assert orders == list(demo.generated(TODAY, 70))
    assert {order.status for order in orders} == set(Status)
    named = {order.number for order in demo.named(TODAY)} | {demo.ANA["phone"], demo.BEN["phone"]}
    assert not named & {value for order in orders for value in (order.number, order.phone)}


def test_generated_orders_make_sense() -> None:
    """Nothing generated was delivered or refunded in the future, and only delayed orders are overdue."""
    for order in demo.generated(TODAY, 300):
        assert order.placed_on <= TODAY
        assert order.delivered_on is None or order.placed_on < order.delivered_on <= TODAY
        assert all(refund.paid_on is None or refund.paid_on <= TODAY for refund in order.refunds)
        assert bool(rules.days_late(order, TODAY)) == (order.status is Status.DELAYED)


def test_generated_orders_show_everything() -> None:
    """Every status, carrier and kind of goods; several items, parcels apart, refunds in two parts."""
    orders = list(demo.generated(TODAY, 2000))
    assert len({order.number for order in orders}) == 2000
    assert {order.status for order in orders} == set(Status)
    assert all(len(order.items) > 1 for order in orders)
    assert {parcel.carrier for order in orders for parcel in order.shipments} == set(demo.CARRIERS)
    assert {item.kind for order in orders for item in order.items} == set(Kind)
    under_way = [order for order in orders if order.is_open and len(order.shipments) > 1]
    assert any(order.shipments[0].delivered_on and not order.shipments[1].delivered_on for order in under_way)
    split = [order for order in orders if len(order.refunds) > 1]
    assert all(sum(r.amount_cents for r in order.refunds) == order.total_cents for order in split)
    assert any(order.refunds[0].paid_on and not order.refunds[1].paid_on for order in split)


def test_some_returns_are_on_their_way() -> None:
    """Among the delivered there are returns that can no longer be called off, sent after they were opened."""
    back = [each for order in demo.generated(TODAY, 600) for each in order.returns if each.sent_on]
    assert any(each.received_on is None for each in back)
    assert all(each.sent_on and each.opened_on <= each.sent_on <= TODAY for each in back)


def test_parcels_hold_the_order() -> None:
    """Where an order comes in two parcels, each item is in exactly one of them."""
    for order in demo.generated(TODAY, 300):
        packed = [title for parcel in order.shipments for title in parcel.items]
        assert not packed or sorted(packed) == sorted(item.title for item in order.items)


def test_titles_fit_the_phone() -> None:
    """Item titles fit a list row on WhatsApp, so that a pick is never ambiguous."""
    assert all(len(title) <= 24 for title, _ in demo.GOODS)
