"""Where a refund is."""

from __future__ import annotations

import re

from actions import again, articles, wording
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.turn import PERSON, Event, Turn
from orders.model import Order, Refund, Status

USUALLY = re.compile(
    r"\bhow (long|many (days|weeks)|soon|quick\w*|fast)\b|\busual\w*|\bnormal\w*|\bin general\b"
    r"|\bcu[aá]nto\b|\bquanto tempo\b|\bkitne din\b",
    re.I,
)
"""How long refunds take, which an order without one says nothing of."""


class ValidateRefundStatusForm(OrderForm):
    topic = "refund_status"
    plural = True
    which = "Which order is the refund for?"

    def suits(self, turn: Turn, order: Order) -> bool:
        return bool(order.refunds or order.open_returns)


class ActionRefundStatus(OrderAction):
    plural = True

    def name(self) -> str:
        return "action_refund_status"

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        if USUALLY.search(turn.wish) and not (order.refunds or order.open_returns):
            return await articles.reply(turn, turn.wish)
        text = describe(order)
        again.tell(turn, text, again.same(text), [] if order.refunds else [PERSON])
        return []


def describe(order: Order) -> str:
    """What has become of the money of this order."""
    if len(order.refunds) > 1:
        return _in_parts(order)
    if order.refunds:
        return f"Refund for order {order.number}: {_part(order, order.refunds[0])}"
    if order.open_returns:
        numbers = ", ".join(each.number for each in order.open_returns)
        return f"Return {numbers} is open. The refund follows once the parcel has reached us."
    if order.status is Status.CANCELLED:
        return (
            f"Order {order.number} is cancelled, so there is nothing to pay for it. A reserved amount is "
            f"released at once, and money already taken goes back by itself. {wording.see('cancellations')}"
        )
    return f"There is no refund for order {order.number} so far."


def _in_parts(order: Order) -> str:
    """A refund by several ways: the whole, then each part with its own state."""
    whole = wording.money(sum(each.amount_cents for each in order.refunds), order.currency)
    start = f"Your refund for order {order.number} is {whole}, in {len(order.refunds)} parts:"
    return "\n".join([start, *(f"• {_part(order, each)}" for each in order.refunds)])


def _part(order: Order, refund: Refund) -> str:
    amount = f"{wording.money(refund.amount_cents, order.currency)} to your {refund.method}"
    if refund.paid_on:
        return f"{amount}, sent on {refund.paid_on:%A %-d %B}."
    return f"{amount}, asked for on {refund.requested_on:%A %-d %B} and being processed."
