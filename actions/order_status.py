"""Where an order is."""

from __future__ import annotations

import re

from actions import again, history, paper, wording
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.turn import Attached, Event, Turn
from orders import rules
from orders.model import Order, Status

HELP = "Would you like a person from our team to look into it?"
"""Offered with an order that is late, and with one that is said to have come."""
NOT_THERE = re.compile(
    r"\b(not|never|nothing|(have|has|did|do|is|was)n'?t|nowhere|missing|lost|still waiting)\b",
    re.I,
)
"""In a question about an order that has been delivered: the customer does not have it."""


class ValidateOrderStatusForm(OrderForm):
    topic = "order_status"
    plural = True
    which = "Which order would you like to know about?"

    def suits(self, turn: Turn, order: Order) -> bool:
        return order.is_open


class ActionOrderStatus(OrderAction):
    plural = True

    def name(self) -> str:
        return "action_order_status"

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        full, short = wording.status(order, turn.today), wording.short_status(order, turn.today)
        if order.status is Status.DELIVERED and NOT_THERE.search(turn.wish):
            sorry = f"{wording.handed_over(order)}\n{HELP}"
            again.tell(turn, sorry, sorry, again.ASK_PERSON, at_the_door(turn, order))
        elif rules.days_late(order, turn.today):
            again.tell(turn, f"{full}\n{HELP}", short, again.ASK_PERSON)
        else:
            told = history.said(turn.events, full, short)
            again.tell(turn, full, short, file=None if told else at_the_door(turn, order))
        return []


def at_the_door(turn: Turn, order: Order) -> Attached | None:
    """The carrier's picture of the parcel, of an order that has come in one."""
    if order.status is not Status.DELIVERED or len(order.shipments) != 1:
        return None
    return paper.picture(turn, order.shipments[0].proof_url, f"Order {order.number}")
