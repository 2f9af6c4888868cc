"""How the bot speaks of orders: short, plain, nothing that is not in the order. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from actions.turn import DESCRIPTION, TITLE, Button
from connectors.whatsapp.text import ELLIPSIS, size, truncate
from orders import rules
from orders.model import Item, Order, Shipment, Status

ARTICLES = {
    "return_window": "Return window",
    "cancellations": "Cancelling an order",
    "order_changes": "Changing an order",
    "process_steps": "How to return an item",
    "sale_items": "Sale and clearance items",
    "exceptions": "Items that cannot be returned",
    "eligible_items": "Items you can return",
    "damaged_or_wrong_item": "Damaged, faulty or wrong items",
    "warranty": "Warranty and repairs",
    "missing_parcel": "Missing parcels",
}
"""Titles of the kb articles that `orders.rules` and the answers name."""


def status(order: Order, today: date) -> str:
    """Where the order is, when it arrives, who brings it, where to follow it."""
    lines = [_state(order, today)]
    if order.is_open:
        lines.append(f"Estimated delivery: {estimate(order, today)}")
        lines += _parcels(order, today)
    return "\n".join(lines)


def handed_over(order: Order) -> str:
    """Of an order that its customer does not have, though it counts as delivered."""
    carrier = order.shipments[-1].carrier if order.shipments else "the carrier"
    when = f" on {order.delivered_on:%A %-d %B}" if order.delivered_on else ""
    return (
        f"I'm sorry that order {order.number} isn't with you. {carrier} says that it was delivered{when}. "
        f"Please look once more by the door and with your neighbours. {see('missing_parcel')}"
    )


def short_status(order: Order, today: date) -> str:
    """The same in a line, for who has just read it."""
    when = f" Estimated delivery: {estimate(order, today)}." if order.is_open else ""
    return f"Still the same: order {order.number} is {order.status.words}.{when}"


def estimate(order: Order, today: date) -> str:
    """When it arrives, as far as anybody knows."""
    return day(order.estimated_on, today) if order.estimated_on else "no new date from the carrier yet"


def day(when: date, today: date) -> str:
    """A date as one says it: "tomorrow, Saturday 22 November"."""
    full = f"{when:%A %-d %B}"
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((when - today).days)
    return f"{near}, {full}" if near else full


def money(cents: int, currency: str) -> str:
    """An amount: "$39.90", or "39.90 CHF" where we have no sign."""
    amount = f"{cents / 100:,.2f}"
    sign = {"USD": "$", "EUR": "€", "GBP": "£"}.get(currency)
    return f"{sign}{amount}" if sign else f"{amount} {currency}"


def row(order: Order) -> Button:
    """The order as a row of a list. However long its goods are called, the status is seen."""
    status = f" · {order.status.words}"
    return {
        "title": f"Order {order.number}",
        "payload": _inform("order_number", order.number),
        "description": _contents(order, DESCRIPTION - size(status)) + status,
    }


def item_row(order: Order, item: Item) -> Button:
    """An item as a row of a list. A long title goes on below, with its end: there its like differ."""
    price = f"{item.quantity} × {money(item.price_cents, order.currency)}"
    long = size(item.title) > TITLE
    more = f"{_end(item.title, DESCRIPTION - size(price) - 3)} · " if long else ""
    return {"title": item.title, "payload": _inform("product", item.title), "description": more + price}


def no_number(rows: Sequence[Button]) -> str:
    """Help for who has no order number at hand; `rows`: their own orders, if any are known."""
    if rows:
        return "No problem. Is it one of these? If not, a person from our team can look it up."
    return (
        "No problem. The number is in the e-mail that confirmed your order. If you can't find it, a person "
        "from our team can look it up."
    )


def yes_no(yes: str, no: str) -> list[Button]:
    """Two buttons that answer a question. Titles of at most 20 characters."""
    return [{"title": yes, "payload": "/affirm"}, {"title": no, "payload": "/deny"}]


def unknown(number: str | None, has_phone: bool) -> str:
    """The same words for an order of somebody else and for one that does not exist."""
    what = f"an order {number}" if number else "that order"
    if has_phone:
        return (
            f"I can't find {what} for you. Please check the number. "
            "If you ordered with another phone number, send me the e-mail address on the order."
        )
    return f"I can't find {what} for you. Please check the number and the e-mail address on the order."


def still_unknown(number: str | None) -> str:
    """The same in fewer words, for the second time."""
    return f"I still can't find {f'an order {number}' if number else 'that order'} for you."


def closed(number: str | None) -> str:
    """No more e-mails are tried for this order just now; the same words whether it exists or not."""
    what = f"an order {number}" if number else "that order"
    return (
        f"I can't find {what} for you, and I can't try another e-mail address right now. "
        "Would you like to talk to a person from our team?"
    )


def redirect(order: Order) -> str:
    """What the customer can still do themselves about the way of a parcel that has left."""
    moving = [parcel for parcel in order.shipments if not parcel.delivered_on and order.is_open]
    links = "\n".join(parcel.tracking_url for parcel in moving)
    ask = "On the carrier's page you can have it left with a neighbour or sent to a parcel shop:"
    return f"\n{ask}\n{links}" if links else ""


def refused(what: str, decision: rules.Decision) -> str:
    """Why something cannot be done, and which article says so."""
    return f"{what}: {decision.because}. {see(decision.article)}"


def see(slug: str) -> str:
    """Names the article that says so."""
    return f"(See “{ARTICLES[slug]}”.)"


def _inform(entity: str, value: str) -> str:
    return f"/inform{json.dumps({entity: value}, ensure_ascii=False)}"


def _contents(order: Order, length: int) -> str:
    """The order in a few words, in at most so many."""
    first, *more = order.items
    rest = f" and {len(more)} more" if more else ""
    return truncate(first.title, length - size(rest)) + rest


def _end(text: str, length: int) -> str:
    """The text, or as many of its last words as fit."""
    words = text.split()
    while len(words) > 1 and size(ELLIPSIS + " ".join(words)) > length:
        words.pop(0)
    kept = " ".join(words)
    return truncate(kept if kept == text else ELLIPSIS + kept, length)


def _state(order: Order, today: date) -> str:
    name = f"Order {order.number} ({order.contents})"
    match order.status:
        case Status.PROCESSING:
            return f"{name} is processing: we are packing it, it has not left yet. 📦"
        case Status.SHIPPED:
            return f"{name} has been shipped and is on its way to you. 🚚"
        case Status.OUT_FOR_DELIVERY:
            return f"{name} is out for delivery. 🚚"
        case Status.DELAYED:
            late = rules.days_late(order, today)
            return (
                f"{name} is delayed, and I'm sorry about that. "
                f"It was due on {order.promised_on:%A %-d %B}, {late} days ago."
            )
        case Status.DELIVERED if order.delivered_on:
            return f"{name} was delivered on {order.delivered_on:%A %-d %B}. ✅"
        case Status.RETURNED:
            return f"{name} is back with us: you have returned it."
        case _:
            return f"{name} is {order.status.words}."


def _parcels(order: Order, today: date) -> list[str]:
    """Who brings it and where to follow it; of several parcels each by itself, with what is in it."""
    if len(order.shipments) == 1:
        return _parcel(order.shipments[0])
    return [line for place, each in enumerate(order.shipments, 1) for line in _numbered(place, each, today)]


def _numbered(place: int, parcel: Shipment, today: date) -> list[str]:
    contents = f" ({', '.join(parcel.items)})" if parcel.items else ""
    if parcel.delivered_on:
        return [
            f"Parcel {place}{contents}: delivered {_on(parcel.delivered_on, today)}, by {parcel.carrier}."
        ]
    sent = f"sent {_on(parcel.shipped_on, today)} with {parcel.carrier}, on its way"
    return [f"Parcel {place}{contents}: {sent}.", f"Track it: {parcel.tracking_url}"]


def _on(when: date, today: date) -> str:
    told = day(when, today)
    return told if "," in told else f"on {told}"


def _parcel(parcel: Shipment) -> list[str]:
    return [f"Carrier: {parcel.carrier}", f"Track it: {parcel.tracking_url}"]
