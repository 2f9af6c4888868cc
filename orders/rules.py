"""What may be done with an order. Pure: the order and the day in, a decision with its reason out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from orders.model import Condition, Item, Kind, Order, Return, Status
from orders.terms import Terms

EXCLUDED = {
    Kind.GIFT_CARD: "gift cards",
    Kind.DIGITAL: "downloads and digital codes",
    Kind.PERSONALISED: "personalised items",
    Kind.PERISHABLE: "perishable food",
}
"""Goods that never come back, as the article `exceptions` lists them."""
SEALED = {Kind.HYGIENE: "hygiene goods", Kind.SOFTWARE: "software and games"}
"""Goods that come back only unopened."""

CANCEL_RETURN = "process_steps"


@dataclass(frozen=True, slots=True)
class Decision:
    """May it be done? `because` is a sentence for the customer, `article` the kb article that says so.

    `rule` is a short code for logs and tests.
    """

    allowed: bool
    rule: str
    article: str
    because: str


def may_return(order: Order, today: date, terms: Terms, condition: Condition | None = None) -> Decision:
    """May anything of this order be sent back today? When nothing may, the first item's reason is given."""
    decisions = [may_return_item(order, item, condition, today, terms) for item in order.items]
    return next((each for each in decisions if each.allowed), decisions[0])


def may_return_item(
    order: Order, item: Item, condition: Condition | None, today: date, terms: Terms
) -> Decision:
    """May this item be sent back today? `condition`: None as long as the customer has not told it."""
    if order.status is Status.RETURNED:
        return _no("already_returned", "process_steps", "it has already been returned")
    if order.status is Status.CANCELLED:
        return _no("cancelled", "cancellations", "it was cancelled")
    if opened := next((each for each in order.open_returns if each.item == item.title), None):
        return _no("return_open", "process_steps", f"return {opened.number} for {item.title} is open already")
    arrived = order.arrived_on(item)
    if arrived is None:
        return _no("not_delivered", "return_window", "it has not been delivered yet")
    if today > last_day_to_return(arrived, terms):
        return _too_late(arrived, condition, today, terms)
    if condition is Condition.FAULTY:
        return Decision(True, "faulty", "damaged_or_wrong_item", _window_open(arrived, terms))
    return _excluded(item, condition) or Decision(
        True, "within_window", "return_window", _window_open(arrived, terms)
    )


def may_cancel(order: Order) -> Decision:
    """May this order still be cancelled?"""
    if order.status is Status.CANCELLED:
        return _no("already_cancelled", "cancellations", "it is cancelled already")
    if order.status is not Status.PROCESSING:
        return _no("dispatched", "cancellations", "it has already been dispatched")
    return Decision(True, "not_dispatched", "cancellations", "it has not been dispatched yet")


def may_cancel_return(order: Order, opened: Return) -> Decision:
    """May this return of the order still be called off?"""
    if not opened.is_open:
        return _no("return_cancelled", CANCEL_RETURN, "it is cancelled already")
    if opened.received_on or order.status is Status.RETURNED:
        refunded = any(refund.paid_on for refund in order.refunds)
        done = "we have it back and the refund is paid" if refunded else "we have received it already"
        return _no("return_received", CANCEL_RETURN, done)
    if opened.sent_on:
        return _no(
            "return_sent", CANCEL_RETURN, f"the parcel has been on its way since {opened.sent_on:%-d %B}"
        )
    return Decision(True, "return_not_sent", CANCEL_RETURN, "the parcel has not been handed over yet")


def may_change_address(order: Order) -> Decision:
    """May this order still go to another address?"""
    if order.status is Status.CANCELLED:
        return _no("already_cancelled", "order_changes", "it is cancelled")
    if order.status is not Status.PROCESSING:
        return _no("dispatched", "order_changes", "it has already been dispatched")
    return Decision(True, "not_dispatched", "order_changes", "it has not been dispatched yet")


def returnable_items(
    order: Order, today: date, terms: Terms, condition: Condition | None = None
) -> tuple[Item, ...]:
    """The items that may be sent back today, as far as their condition is known."""
    return tuple(
        item for item in order.items if may_return_item(order, item, condition, today, terms).allowed
    )


def last_day_to_return(delivered_on: date, terms: Terms) -> date:
    """The last day on which a return may be asked for."""
    return delivered_on + terms.return_window


def days_late(order: Order, today: date) -> int:
    """How many days an open order is past its promised delivery; 0 when it is not."""
    return max(0, (today - order.promised_on).days) if order.is_open else 0


def _excluded(item: Item, condition: Condition | None) -> Decision | None:
    """Why this item, not faulty and within the window, stays with the customer; None when it need not."""
    if item.final_sale:
        return _no("final_sale", "sale_items", f"{item.title} was marked “Final sale”")
    if item.kind in EXCLUDED:
        return _no("excluded_goods", "exceptions", f"{EXCLUDED[item.kind]} cannot be returned")
    if item.kind in SEALED and condition in (Condition.OPENED, Condition.USED):
        return _no("opened_goods", "exceptions", f"{SEALED[item.kind]} can come back only unopened")
    if condition is Condition.USED:
        return _no("used_goods", "eligible_items", "items that were used, worn or washed cannot come back")
    return None


def _no(rule: str, article: str, because: str) -> Decision:
    return Decision(False, rule, article, because)


def _too_late(arrived: date, condition: Condition | None, today: date, terms: Terms) -> Decision:
    ago, days = (today - arrived).days, terms.return_window.days
    because = f"it was delivered {ago} days ago, and returns are possible for {days} days"
    if condition is Condition.FAULTY:
        years = terms.warranty_years
        return _no("warranty", "warranty", f"{because}; the {years}-year warranty may still cover a fault")
    return _no("window_closed", "return_window", because)


def _window_open(arrived: date, terms: Terms) -> str:
    return f"it can be returned until {last_day_to_return(arrived, terms):%-d %B}"
