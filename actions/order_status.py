"""Where an order is."""

from __future__ import annotations

from actions import again, history, paper, wording
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.turn import Attached, Event, Turn
from orders import rules
from orders.model import Order

HELP = "Would you like a person from our team to look into it?"
"""Offered with an order that is late."""


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
        if rules.days_late(order, turn.today):
            again.tell(turn, f"{full}\n{HELP}", short, again.ASK_PERSON)
        else:
            told = history.said(turn.events, full, short)
            again.tell(turn, full, short, file=None if told else at_the_door(turn, order))
        return []


def at_the_door(turn: Turn, order: Order) -> Attached | None:
    """The carrier's picture of the parcel, of an order that has come in one."""
    if order.is_open or len(order.shipments) != 1:
        return None
    return paper.picture(turn, order.shipments[0].proof_url, f"Order {order.number}")
