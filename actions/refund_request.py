"""Wanting money back: the way there depends on where the order is."""

from __future__ import annotations

from actions import again, wording
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.refund_status import describe
from actions.turn import PERSON, Button, Event, Turn
from orders import rules
from orders.model import Order


class ValidateRefundRequestForm(OrderForm):
    topic = "refund_request"
    which = "Which order would you like your money back for?"

    def suits(self, turn: Turn, order: Order) -> bool:
        return order.is_open or rules.may_return(order, turn.today, turn.terms).allowed


class ActionRefundRequest(OrderAction):
    def name(self) -> str:
        return "action_refund_request"

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        returning = rules.may_return(order, turn.today, turn.terms)
        if order.refunds:
            text = describe(order)
            again.tell(turn, text, again.same(text))
        elif rules.may_cancel(order).allowed:
            text = f"Order {order.number} has not left yet, so you can simply cancel it and pay nothing."
            choices = [_button("Cancel the order", "cancel_order", order), PERSON]
            again.tell(turn, text, f"Order {order.number} can simply be cancelled.", choices)
        elif returning.allowed:
            text = f"Order {order.number}: {returning.because}. We refund you once it is back with us."
            choices = [_button("Start a return", "start_return", order), PERSON]
            again.tell(turn, text, f"The way is still a return: {returning.because}.", choices)
        else:
            text = wording.refused(f"I can't refund order {order.number} myself", returning)
            text = f"{text} Would you like a person from our team to look into it?"
            again.tell(turn, text, f"I still can't refund order {order.number} myself.", again.ASK_PERSON)
        return []


def _button(title: str, intent: str, order: Order) -> Button:
    return {"title": title, "payload": f'/{intent}{{"order_number": "{order.number}"}}'}
