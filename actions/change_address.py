"""Sending an order to another address, as long as it has not left."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from rasa_sdk.events import SlotSet

from actions import again, pick, proof, wording
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.step import Known, Step
from actions.turn import PERSON, Event, Turn
from orders import rules
from orders.model import Order

LONGEST = 300
ASK = "What is the new delivery address? Please send street, number, town and postcode in one message."
INCOMPLETE = "I need the whole address in one message: street, number, town and postcode."


class ValidateChangeAddressForm(OrderForm):
    topic = "change_address"
    which = "Which order should go to another address?"
    own = ("new_address", "confirmed")
    free_text = frozenset({"new_address"})

    def suits(self, turn: Turn, order: Order) -> bool:
        return rules.may_change_address(order).allowed

    def noted(self, turn: Turn) -> dict[str, Any]:
        address = usable(turn.entity("address"))
        return {"new_address": address} if address else {}

    async def details(self, turn: Turn, order: Order, asked: str | None, known: Known) -> Step:
        if not rules.may_change_address(order).allowed:
            return Step()
        if asked == "confirmed":
            return self._confirmed(turn, order, known["new_address"])
        written = turn.text if asked == "new_address" else turn.entity("address")
        address = usable(written) or known["new_address"]
        if address is None:
            return Step({"new_address": None}, "new_address", INCOMPLETE if asked else ASK)
        return self._read_back(order, address)

    def _confirmed(self, turn: Turn, order: Order, address: str) -> Step:
        answer = pick.yes_or_no(turn.text, turn.intent)
        another = usable(turn.entity("address")) or (usable(turn.text) if answer is None else None)
        if another:
            again = self._read_back(order, another)
            return replace(again, slots={**again.slots, "confirmed": None})
        return self._read_back(order, address) if answer is None else Step({"confirmed": answer})

    def _read_back(self, order: Order, address: str) -> Step:
        question = f"Order {order.number} will go to:\n{address}\nIs that right?"
        choices = wording.yes_no("Yes, that's right", "No, leave it")
        return Step({"new_address": address}, "confirmed", question, choices)


class ActionChangeAddress(OrderAction):
    def name(self) -> str:
        return "action_change_address"

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        decision = rules.may_change_address(order)
        if not decision.allowed:
            what = f"The address of order {order.number} can't be changed any more"
            short = f"I'm sorry, the address of order {order.number} still can't be changed."
            full = wording.refused(what, decision) + wording.redirect(order)
            again.tell(turn, full, short, [PERSON])
        elif turn.slot("confirmed") and turn.slot("new_address"):
            await self._change(turn, order, turn.slot("new_address"))
        else:
            turn.say(f"All right, order {order.number} still goes to {order.address}.")
        return [SlotSet("confirmed", None), SlotSet("new_address", None)]

    async def _change(self, turn: Turn, order: Order, address: str) -> None:
        after = await turn.desk.orders.change_address(order.number, proof.owner(turn, order.number), address)
        if after and after.address == address:
            turn.say(f"Done: order {order.number} now goes to {address}.")
        else:
            turn.say(f"I couldn't change order {order.number}: it has just been dispatched.", [PERSON])


def usable(text: str | None) -> str | None:
    """The address on one line, or None when it cannot be a whole one (a number and three words)."""
    address = re.sub(r"\s+", " ", text or "").strip(" .,")[:LONGEST]
    whole = len(address.split()) >= 3 and any(character.isdigit() for character in address)
    return address if whole else None
