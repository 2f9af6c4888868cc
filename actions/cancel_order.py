"""Cancelling an order: only while it can be, only after a yes, and only once."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions import again, pick, proof, wording
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.step import Known, Step
from actions.turn import PERSON, Event, Turn
from orders import rules
from orders.model import Order, Status


class ValidateCancelOrderForm(OrderForm):
    topic = "cancel_order"
    which = "Which order would you like to cancel?"
    own = ("confirmed",)

    def suits(self, turn: Turn, order: Order) -> bool:
        return rules.may_cancel(order).allowed

    async def details(self, turn: Turn, order: Order, asked: str | None, known: Known) -> Step:
        if not rules.may_cancel(order).allowed:
            return Step()
        answer = pick.yes_or_no(turn.text, turn.intent) if asked == "confirmed" else None
        if answer is not None:
            return Step({"confirmed": answer})
        question = f"Order {order.number} ({order.contents}) can still be cancelled. Shall I cancel it?"
        return Step(
            ask="confirmed", question=question, choices=wording.yes_no("Yes, cancel it", "No, keep it")
        )


class ActionCancelOrder(OrderAction):
    def name(self) -> str:
        return "action_cancel_order"

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        decision = rules.may_cancel(order)
        if order.status is Status.CANCELLED:
            turn.say(f"Order {order.number} is already cancelled.")
        elif not decision.allowed:
            text = wording.refused(f"Order {order.number} can't be cancelled any more", decision)
            again.tell(turn, text, f"I'm sorry, order {order.number} still can't be cancelled.", [PERSON])
        elif turn.slot("confirmed"):
            await self._cancel(turn, order)
        else:
            turn.say(f"All right, order {order.number} stays as it is.")
        return [SlotSet("confirmed", None)]

    async def _cancel(self, turn: Turn, order: Order) -> None:
        after = await turn.desk.orders.cancel(order.number, proof.owner(turn, order.number))
        if after and after.status is Status.CANCELLED:
            turn.say(f"Done: order {order.number} is cancelled. You won't be charged for it.")
        else:
            turn.say(f"I couldn't cancel order {order.number}: it has just been dispatched.", [PERSON])
