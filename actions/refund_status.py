"""Where a refund is."""

from __future__ import annotations

from actions import again, wording
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.turn import PERSON, Event, Turn
from orders.model import Order, Refund


class ValidateRefundStatusForm(OrderForm):
    topic = "refund_status"
    plural = True
    which = "Which order is the refund for?"

    def suits(self, turn: Turn, order: Order) -> bool:
        return bool(order.refunds or order.returns)


class ActionRefundStatus(OrderAction):
    plural = True

    def name(self) -> str:
        return "action_refund_status"

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        text = describe(order)
        again.tell(turn, text, again.same(text), [] if order.refunds else [PERSON])
        return []


def describe(order: Order) -> str:
    """What has become of the money of this order."""
    if order.refunds:
        return "\n".join(_line(order, refund) for refund in order.refunds)
    if order.returns:
        numbers = ", ".join(each.number for each in order.returns)
        return f"Return {numbers} is open. The refund follows once the parcel has reached us."
    return f"There is no refund for order {order.number} so far."


def _line(order: Order, refund: Refund) -> str:
    amount = wording.money(refund.amount_cents, order.currency)
    start = f"Refund for order {order.number}: {amount} to your {refund.method}"
    if refund.paid_on:
        return f"{start}, sent on {refund.paid_on:%A %-d %B}."
    return f"{start}, asked for on {refund.requested_on:%A %-d %B} and being processed."
