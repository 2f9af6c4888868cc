"""Cancelling a return: as long as the parcel has not been handed over, only after a yes, and only once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rasa_sdk.events import SlotSet

from actions import again, history, pick, proof, which_order, wording
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.step import Known, Step
from actions.turn import PERSON, Button, Event, Turn
from orders import rules
from orders.model import Order, Return

NUMBER = re.compile(r"\br-?\d[\w-]*", re.I)
"""A return's number as the customers of our own tables write it: "R-10235-1", "r10235-1"."""
NONE = "There is no open return under your phone number. If you mean another order, send me its number."
STILL_NONE = "I still see no open return under your phone number."


class ValidateCancelReturnForm(OrderForm):
    topic = "cancel_return"
    which = "Which order is the return for?"
    own = ("return_number", "confirmed")

    def suits(self, turn: Turn, order: Order) -> bool:
        return bool(_open(order))

    def given(self, turn: Turn, asked: str) -> bool:
        told = asked == "return_number" and (turn.entity("product") or NUMBER.search(turn.text))
        return bool(told) or super().given(turn, asked)

    async def step(self, turn: Turn, asked: str | None) -> Step:
        if self.starting(turn) and turn.phone and not self._number(turn, asked):
            orders = await turn.desk.orders.of_phone(turn.phone)
            if not any(order.returns for order in orders):
                return Step({"order_number": None, "unknown_order": None})
        return await super().step(turn, asked)

    async def details(self, turn: Turn, order: Order, asked: str | None, known: Known) -> Step:
        number = _named(turn, order, asked) or known["return_number"] or _only(order)
        if number is None:
            return Step(ask="return_number", question="Which return is it?", choices=_rows(_open(order)))
        chosen = order.return_(number)
        if chosen is None or not rules.may_cancel_return(order, chosen).allowed:
            return Step({"return_number": number})
        same = number == known["return_number"]
        answer = pick.yes_or_no(turn.text, turn.intent) if asked == "confirmed" and same else None
        if answer is not None:
            return Step({"return_number": number, "confirmed": answer})
        about = f"{chosen.item}, order {order.number}"
        question = f"Return {number} ({about}) is open. Shall I cancel it? You keep the item then."
        choices = wording.yes_no("Yes, cancel it", "No, leave it open")
        corrected = {} if same else {"confirmed": None}
        return Step({"return_number": number, **corrected}, "confirmed", question, choices)

    async def _look_up(self, turn: Turn, number: str | None, but: str | None) -> which_order.Found:
        """A return's number leads to its order, too. Where none can be cancelled, one that was is meant."""
        orders = await turn.desk.orders.of_phone(turn.phone) if turn.phone and number is None else ()
        of_it = next((order for order in orders if _find(order.returns, _written(turn))), None)
        if of_it:
            return which_order.Found(of_it)
        any_open = any(_open(order) for order in orders)
        return await which_order.find(
            turn, number, lambda order: bool(_open(order) if any_open else order.returns), but
        )


class ActionCancelReturn(OrderAction):
    def name(self) -> str:
        return "action_cancel_return"

    async def answer(self, turn: Turn) -> list[Event]:
        if turn.slot("order_number") or turn.slot("unknown_order"):
            return await super().answer(turn)
        again.tell(turn, NONE, STILL_NONE, [PERSON])
        return []

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        chosen = order.return_(turn.slot("return_number"))
        decision = rules.may_cancel_return(order, chosen) if chosen else None
        if chosen is None or decision is None:
            text = f"There is no return for order {order.number}."
            again.tell(turn, text, again.same(text), [PERSON])
        elif not chosen.is_open:
            turn.say(f"Return {chosen.number} is already cancelled. {_keep(chosen)}")
        elif not decision.allowed:
            text = wording.refused(f"Return {chosen.number} can't be cancelled any more", decision)
            again.tell(turn, text, f"I'm sorry, return {chosen.number} still can't be cancelled.", [PERSON])
        elif turn.slot("confirmed"):
            await self._cancel(turn, order, chosen)
        else:
            turn.say(f"All right, return {chosen.number} stays open.")
        return [SlotSet("return_number", None), SlotSet("confirmed", None)]

    async def _cancel(self, turn: Turn, order: Order, chosen: Return) -> None:
        owner = proof.owner(turn, order.number)
        gone = await turn.desk.orders.cancel_return(order.number, owner, chosen.number, turn.today)
        if gone and not gone.is_open:
            turn.say(f"Done: return {gone.number} is cancelled. {_keep(gone)}")
        else:
            text = f"I couldn't cancel return {chosen.number}: the parcel has just been handed over."
            turn.say(text, [PERSON])


def _open(order: Order) -> list[Return]:
    """The returns that may still be cancelled."""
    return [each for each in order.returns if rules.may_cancel_return(order, each).allowed]


def _only(order: Order) -> str | None:
    """The only return that may be cancelled; where none may, the latest, to say why not."""
    choices = _open(order)
    if choices:
        return choices[0].number if len(choices) == 1 else None
    return order.returns[-1].number if order.returns else ""


def _named(turn: Turn, order: Order, asked: str | None) -> str | None:
    """The return that was named by its number or its item, or picked from the list."""
    if tapped := turn.entity("return_number"):
        return tapped
    if found := _find(order.returns, _written(turn)):
        return found.number
    choices = _open(order)
    item = pick.title(turn.entity("product"), [each.item for each in choices])
    if item:
        return next(each.number for each in choices if each.item == item)
    chosen = pick.choice(turn.text, history.offered(turn.events)) if asked == "return_number" else None
    return pick.value(chosen, "return_number") if chosen else None


def _written(turn: Turn) -> str | None:
    """A return number in the words, without what people add or leave out."""
    found = NUMBER.search(turn.text)
    return _plain(found[0]) if found else None


def _find(returns: Sequence[Return], written: str | None) -> Return | None:
    return next((each for each in returns if written and _plain(each.number) == written), None)


def _plain(number: str) -> str:
    return re.sub(r"\W", "", number).upper()


def _keep(gone: Return) -> str:
    return f"Keep the {gone.item.lower()}; don't send the parcel."


def _rows(returns: Sequence[Return]) -> list[Button]:
    return [
        {
            "title": each.item,
            "payload": f'/inform{{"return_number": "{each.number}"}}',
            "description": f"Return {each.number}, opened on {each.opened_on:%-d %B}",
        }
        for each in returns
    ]
