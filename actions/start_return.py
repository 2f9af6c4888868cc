"""Sending something back."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions import again, history, pick, proof, wording
from actions.answering import OrderAction
from actions.form import Known, OrderForm, Step
from actions.turn import PERSON, Button, Event, Turn
from orders import rules
from orders.model import Item, Order

ASK_REASON = "Why would you like to send it back? A few words are enough."
LONGEST = 500


class ValidateStartReturnForm(OrderForm):
    topic = "start_return"
    which = "Which order would you like to send something back from?"
    own = ("return_item", "return_reason")
    free_text = frozenset({"return_reason"})

    def suits(self, turn: Turn, order: Order) -> bool:
        return rules.may_return(order, turn.today).allowed

    def given(self, turn: Turn, asked: str) -> bool:
        return bool(asked == "return_item" and turn.entity("product")) or super().given(turn, asked)

    def noted(self, turn: Turn) -> dict[str, Any]:
        reason = _reason(turn, None)
        return {"return_reason": reason} if reason else {}

    async def details(self, turn: Turn, order: Order, asked: str | None, known: Known) -> Step:
        if not self.suits(turn, order):
            return Step()
        items = rules.returnable_items(order)
        item = known["return_item"] or _item(turn, items, asked)
        if item is None:
            which = f"Which item of order {order.number} is it?"
            return Step(ask="return_item", question=which, choices=[_row(order, each) for each in items])
        reason = _reason(turn, asked) or known["return_reason"]
        if reason is None:
            return Step({"return_item": item}, "return_reason", f"{item}, order {order.number}. {ASK_REASON}")
        return Step({"return_item": item, "return_reason": reason})


class ActionStartReturn(OrderAction):
    def name(self) -> str:
        return "action_start_return"

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        decision = rules.may_return(order, turn.today)
        if decision.allowed:
            await self._open(turn, order)
        else:
            text = wording.refused(f"Order {order.number} can't be returned", decision)
            again.tell(turn, text, f"I'm sorry, order {order.number} still can't be returned.", [PERSON])
        return [SlotSet("return_item", None), SlotSet("return_reason", None)]

    async def _open(self, turn: Turn, order: Order) -> None:
        item, reason = turn.slot("return_item"), turn.slot("return_reason")
        opened = await turn.desk.orders.open_return(
            order.number, proof.owner(turn, order.number), item, reason, turn.today
        )
        if opened is None:
            turn.say(f"I couldn't open a return for order {order.number}.", [PERSON])
            return
        turn.say(
            f"Your return is open: {opened.item}, return number {opened.number}.\n"
            "Put a slip with this number into the parcel and hand it to the carrier within 14 days. "
            + wording.see("process_steps")
        )


def _item(turn: Turn, items: tuple[Item, ...], asked: str | None) -> str | None:
    """The item that was named or picked; the only one when there is no other."""
    titles = [item.title for item in items]
    if len(titles) == 1:
        return titles[0]
    if turn.entity("product") in titles:
        return turn.entity("product")
    chosen = pick.choice(turn.text, history.offered(turn.events)) if asked == "return_item" else None
    return pick.value(chosen, "product") if chosen else None


def _reason(turn: Turn, asked: str | None) -> str | None:
    written = turn.text if asked == "return_reason" else turn.entity("reason")
    return written.strip()[:LONGEST] or None if written else None


def _row(order: Order, item: Item) -> Button:
    return {
        "title": item.title,
        "payload": f'/inform{{"product": "{item.title}"}}',
        "description": f"{item.quantity} × {wording.money(item.price_cents, order.currency)}",
    }
