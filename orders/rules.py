"""What may be done with an order. Pure: the order and the day in, a decision with its reason out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from orders.model import Item, Order, Status

RETURN_WINDOW = timedelta(days=30)
"""From the day of delivery, that day not counted. The kb states the same number in `facts.yml`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """May it be done? `because` is a sentence for the customer, `article` the kb article that says so.

    `rule` is a short code for logs and tests.
    """

    allowed: bool
    rule: str
    article: str
    because: str


def may_return(order: Order, today: date) -> Decision:
    """May anything of this order be sent back today?"""
    if order.status is Status.RETURNED:
        return _no("already_returned", "process_steps", "it has already been returned")
    if order.status is Status.CANCELLED:
        return _no("cancelled", "cancellations", "it was cancelled")
    if order.delivered_on is None:
        return _no("not_delivered", "return_window", "it has not been delivered yet")
    if today > last_day_to_return(order.delivered_on):
        return _no("window_closed", "return_window", _window_closed(order.delivered_on, today))
    if not returnable_items(order):
        return _no("final_sale", "sale_items", "its items were marked “Final sale”")
    return Decision(True, "within_window", "return_window", _window_open(order.delivered_on))


def may_cancel(order: Order) -> Decision:
    """May this order still be cancelled?"""
    if order.status is Status.CANCELLED:
        return _no("already_cancelled", "cancellations", "it is cancelled already")
    if order.status is not Status.PROCESSING:
        return _no("dispatched", "cancellations", "it has already been dispatched")
    return Decision(True, "not_dispatched", "cancellations", "it has not been dispatched yet")


def may_change_address(order: Order) -> Decision:
    """May this order still go to another address?"""
    if order.status is Status.CANCELLED:
        return _no("already_cancelled", "order_changes", "it is cancelled")
    if order.status is not Status.PROCESSING:
        return _no("dispatched", "order_changes", "it has already been dispatched")
    return Decision(True, "not_dispatched", "order_changes", "it has not been dispatched yet")


def returnable_items(order: Order) -> tuple[Item, ...]:
    """The items that are not excluded from returns."""
    return tuple(item for item in order.items if not item.final_sale)


def last_day_to_return(delivered_on: date) -> date:
    """The last day on which a return may be asked for."""
    return delivered_on + RETURN_WINDOW


def days_late(order: Order, today: date) -> int:
    """How many days an open order is past its promised delivery; 0 when it is not."""
    return max(0, (today - order.promised_on).days) if order.is_open else 0


def _no(rule: str, article: str, because: str) -> Decision:
    return Decision(False, rule, article, because)


def _window_closed(delivered_on: date, today: date) -> str:
    ago = (today - delivered_on).days
    return f"it was delivered {ago} days ago, and returns are possible for {RETURN_WINDOW.days} days"


def _window_open(delivered_on: date) -> str:
    return f"it can be returned until {last_day_to_return(delivered_on):%-d %B}"
