"""Calling a person because the engine's policy says so; it gives reason, priority and evidence."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions import proof, wording
from actions.answering import DeskAction
from actions.turn import Event, Turn
from orders.model import Order

SLOT = "escalation"
"""The policy's last step, with its last offer (engine/policies/escalation.py)."""

PERSON = "I'm passing this on to a person from our team"
"""When somebody answers, the core adds (`conversations.waiting`): it knows who is there."""

WORDS = {
    "grave": f"I'm taking this seriously. {PERSON}, as urgent.",
    "refund_demanded": f"I understand: you want your money back. {PERSON}.",
    "vulnerable": f"Thank you for telling me. {PERSON} who can help you.",
    "negotiation": f"That is for a colleague to answer. {PERSON}.",
    "order_value": f"I'm sorry about this. {PERSON} who will look after this order.",
    "vip": f"I'm sorry about this. {PERSON} who will look after it for you.",
}
OTHERWISE = f"I'm sorry about this. {PERSON} who can put it right."
FACTS = {"refund_demanded", "vip"}
"""Reasons for which the order is named to the customer, so that nobody has to ask which one."""


class ActionEscalate(DeskAction):
    def name(self) -> str:
        return "action_escalate"

    async def answer(self, turn: Turn) -> list[Event]:
        step = decided(turn)
        reason = str(step.get("reason") or "frustrated")
        order = await _order(turn) if reason in FACTS else None
        lines = [WORDS.get(reason, OTHERWISE), *([_facts(turn, order)] if order else [])]
        about = [SlotSet("order_number", order.number)] if order else []
        return [*about, *hand_off(turn, "\n".join(lines), step)]


def decided(turn: Turn) -> dict[str, Any]:
    """What the policy has decided in this turn."""
    step = turn.slot(SLOT)
    return step if isinstance(step, dict) else {}


def hand_off(turn: Turn, text: str, step: dict[str, Any]) -> list[Event]:
    """Say so and ask for a person, for the policy's reason."""
    reason, priority = str(step.get("reason") or "frustrated"), str(step.get("priority") or "high")
    return turn.hand_off(text, reason, priority, str(step.get("evidence") or ""))


async def _order(turn: Turn) -> Order | None:
    """The order that is meant: named, talked about, or the only one of this phone."""
    number = turn.number or turn.slot("order_number")
    if number:
        return await proof.find(turn, str(number))
    orders = await turn.desk.orders.of_phone(turn.phone) if turn.phone else ()
    return orders[0] if len(orders) == 1 else None


def _facts(turn: Turn, order: Order) -> str:
    """What the customer and the person who takes over both know then."""
    total = wording.money(order.total_cents, order.currency)
    return f"It's about order {order.number}: {order.contents}, {total}, {order.status.words}."
