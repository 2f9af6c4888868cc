"""A problem with an order of great value: a person looks after it. Of any other order nothing is said."""

from __future__ import annotations

from actions import escalate, proof, wording
from actions.answering import DeskAction
from actions.turn import Event, Turn


class ActionOrderValue(DeskAction):
    """Weighs the order that is talked about against the limit in `data/escalation.yml`."""

    def name(self) -> str:
        return "action_order_value"

    async def answer(self, turn: Turn) -> list[Event]:
        step, number = escalate.decided(turn), turn.slot("order_number")
        order = await proof.find(turn, str(number)) if number else None
        limit = float(step.get("over") or 0)
        if order is None or not limit or order.total_cents <= limit * 100:
            return []
        worth, most = (
            wording.money(cents, order.currency) for cents in (order.total_cents, round(limit * 100))
        )
        evidence = f"{step.get('evidence')}, order {order.number} is worth {worth} (over {most})"
        return escalate.hand_off(turn, escalate.WORDS["order_value"], {**step, "evidence": evidence})
