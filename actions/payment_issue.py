"""Trouble with a payment: what happened, to which order, how much and when; then a person looks into it."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk.events import SlotSet

from actions import history, pick, proof, told, wording
from actions import payment_words as words
from actions.answering import WishAction
from actions.form import Form
from actions.step import Step
from actions.topics import TOPICS
from actions.turn import Button, Event, Turn
from orders.model import Order

OWN = ("payment_problem", "payment_order", "payment_amount", "payment_when")
MOST_ORDERS = 8
"""Of a list's ten rows, the others are for having none and, at last, for a person."""


class ValidatePaymentIssueForm(Form):
    """Each answer may tell several things at once, and any of them may be corrected by a later one."""

    topic = "payment_issue"
    free_text = frozenset({"payment_problem"})
    yes_or_no: ClassVar[frozenset[str]] = frozenset({"payment_order", "payment_amount", "payment_when"})

    def given(self, turn: Turn, asked: str) -> bool:
        match asked:
            case "payment_order":
                meant = turn.intent not in TOPICS or turn.intent == self.topic
                told = turn.number and (meant or pick.only(turn.text, turn.number))
                return bool(told or _picked(turn) or words.UNSURE.search(turn.text))
            case "payment_amount":
                return words.amount(turn, True, "") is not None or bool(words.UNSURE.search(turn.text))
            case "payment_when":
                return bool(words.day(turn) or words.UNSURE.search(turn.text))
        return super().given(turn, asked)

    async def step(self, turn: Turn, asked: str | None) -> Step:
        known = dict.fromkeys(OWN) if self.starting(turn) else {name: turn.slot(name) for name in OWN}
        number = self._number(turn, asked)
        order = (
            await proof.find(turn, number or str(known["payment_order"]))
            if number or known["payment_order"]
            else None
        )
        heard = self._heard(turn, asked, order)
        if number:
            if order is None and turn.phone and turn.slot("unknown_order") != number:
                return await self._unknown(turn, heard, number)
            heard["payment_order"] = number if order else f"{number} (not shown to be the customer's)"
        about = {"order_number": order.number} if order else {}
        step = await self._next(turn, known | heard, order, asked)
        fresh = known if self.starting(turn) else {asked: None} if asked and heard else {}
        noted = words.NOTED if step.ask == asked and asked not in heard and heard else ""
        return Step(fresh | about | heard | step.slots, step.ask, noted + step.question, step.choices)

    def _number(self, turn: Turn, asked: str | None) -> str | None:
        """The order's number in the message; an amount of four digits is none."""
        if asked == "payment_amount" and words.amount(turn, True, "") is not None:
            return None
        return turn.number or (_picked(turn) if asked == "payment_order" else None)

    def _heard(self, turn: Turn, asked: str | None, order: Order | None) -> dict[str, Any]:
        """What this message tells, apart from the order's number."""
        heard: dict[str, Any] = {}
        if asked == "payment_problem" and turn.text != words.ELSE["title"]:
            heard["payment_problem"] = words.problem(turn.text)
        elif self.starting(turn) and (words.kind(turn.wish) or len(turn.wish.split()) >= words.TOLD):
            heard["payment_problem"] = words.problem(turn.wish)
        by_itself = asked == "payment_amount" or bool(asked and words.PRICE.match(turn.text))
        amount = words.amount(turn, by_itself, order.currency if order else "")
        if amount:
            heard["payment_amount"] = amount
        day = words.day(turn)
        if day and day <= turn.today:
            heard["payment_when"] = wording.day(day, turn.today)
        if asked in self.yes_or_no and asked not in heard and words.is_unknown(turn) and not turn.number:
            heard[asked] = words.NO_ORDER if asked == "payment_order" else words.UNKNOWN
        return heard

    async def _unknown(self, turn: Turn, heard: dict[str, Any], number: str) -> Step:
        """Asks once more for a number that is not the customer's; the same words whether it exists or not."""
        text = f"{wording.unknown(number, has_phone=turn.phone is not None)}\n{words.WHICH}"
        slots = {**heard, "payment_order": None, "unknown_order": number}
        return Step(slots, "payment_order", text, [*await _orders(turn), words.WITHOUT])

    async def _next(self, turn: Turn, known: dict[str, Any], order: Order | None, asked: str | None) -> Step:
        if known["payment_problem"] is None:
            other = asked == "payment_problem"
            choices = [] if other else words.problems()
            nothing = {"payment_problem": None} if other else {}
            return Step(nothing, "payment_problem", words.TELL if other else words.ASK, choices)
        if known["payment_order"] is None and words.kind(known["payment_problem"]) != "no_order":
            return Step({}, "payment_order", words.WHICH, [*await _orders(turn), words.WITHOUT])
        if known["payment_amount"] is None:
            wrong = words.amount(turn, asked == "payment_amount", "") == ""
            nothing = {"payment_amount": None} if wrong else {}
            question = words.NO_AMOUNT if wrong else words.AMOUNT
            return Step(nothing, "payment_amount", question, words.amounts(order))
        if known["payment_when"] is None:
            ahead = words.day(turn) is not None
            nothing = {"payment_when": None} if ahead else {}
            return Step(
                nothing, "payment_when", words.NOT_YET if ahead else words.WHEN, words.days(turn.today)
            )
        return Step()


class ActionPaymentIssue(WishAction):
    def name(self) -> str:
        return "action_payment_issue"

    async def answer(self, turn: Turn) -> list[Event]:
        number = turn.slot("payment_order")
        order = await proof.find(turn, str(number)) if number else None
        known = {name: turn.slot(name) for name in OWN}
        facts = told.facts("payment_issue", turn.slot) | _of(order)
        events = turn.hand_off(words.thanks(known, order), "payment_issue", "high", facts=facts)
        return [*events, *(SlotSet(name, None) for name in OWN)]


def _of(order: Order | None) -> dict[str, str]:
    """What the order itself says of its payment."""
    if order is None:
        return {}
    total = wording.money(order.total_cents, order.currency)
    return {"The order says": f"{total}, paid by {order.payment_method}, {order.status.words}"}


async def _orders(turn: Turn) -> list[Button]:
    """The customer's own orders to pick from."""
    orders = await turn.desk.orders.of_phone(turn.phone, MOST_ORDERS) if turn.phone else ()
    return [wording.row(order) for order in orders]


def _picked(turn: Turn) -> str | None:
    chosen = pick.choice(turn.text, history.offered(turn.events))
    return pick.value(chosen, "order_number") if chosen else None
