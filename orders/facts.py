"""What there is to say of an order, as names and values in plain words. Pure."""

from __future__ import annotations

from datetime import date

from orders import rules
from orders.model import Item, Order, Refund, Return, Status
from orders.terms import Terms

ADDRESS = "the address"


def describe(order: Order) -> dict[str, str]:
    """An order's facts by name, most of which an agent may change."""
    return {
        "what was ordered": ", ".join(map(_item, order.items)),
        "the total": money(order.total_cents, order.currency),
        "the status": _status(order),
        ADDRESS: order.address,
        "the promised delivery": _day(order.promised_on) if order.is_open else "",
        "the expected delivery": _day(order.estimated_on) if order.is_open else "",
        **{f"refund {place}": _refund(each, order) for place, each in enumerate(order.refunds, start=1)},
        **{f"return {each.number}": _return(each) for each in order.returns},
    }


def lines(order: Order, today: date, terms: Terms) -> str:
    """The order in lines of name and value, and until when it may be sent back; nothing of who and where."""
    known = {name: value for name, value in describe(order).items() if value and name != ADDRESS}
    back = f"sending it back: {rules.may_return(order, today, terms).because}"
    return "\n".join([f"order {order.number}", *(f"{name}: {value}" for name, value in known.items()), back])


def money(cents: int, currency: str) -> str:
    """An amount as it is written beside an order: 39.90 USD."""
    return f"{cents / 100:,.2f} {currency}"


def _item(item: Item) -> str:
    return f"{item.quantity} × {item.title}" if item.quantity > 1 else item.title


def _status(order: Order) -> str:
    arrived = order.status is Status.DELIVERED and order.delivered_on
    return f"delivered on {_day(order.delivered_on)}" if arrived else order.status.words


def _day(day: date | None) -> str:
    return f"{day:%-d %b %Y}" if day else ""


def _refund(refund: Refund, order: Order) -> str:
    paid = f"paid on {refund.paid_on:%-d %b}" if refund.paid_on else "on its way"
    return f"{money(refund.amount_cents, order.currency)} by {refund.method}, {paid}"


def _return(back: Return) -> str:
    state = f"cancelled on {back.cancelled_on:%-d %b}" if back.cancelled_on else "open"
    return f"{state} ({back.item})"
