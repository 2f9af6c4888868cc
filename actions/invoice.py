"""Getting the invoice."""

from __future__ import annotations

from actions import again, paper
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.turn import Event, Turn
from orders.model import Order


class ValidateInvoiceForm(OrderForm):
    topic = "invoice"
    plural = True
    which = "Which order do you need the invoice for?"

    def suits(self, turn: Turn, order: Order) -> bool:
        return order.invoice_url is not None


class ActionInvoice(OrderAction):
    plural = True

    def name(self) -> str:
        return "action_invoice"

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        if file := await paper.invoice(turn, order):
            text = f"Here is the invoice for order {order.number}."
            again.tell(turn, text, f"Here is the invoice for order {order.number} once more.", file=file)
        else:
            text = f"There is no invoice for order {order.number} yet. It comes when the order leaves us."
            again.tell(turn, text, again.same(text))
        return []
