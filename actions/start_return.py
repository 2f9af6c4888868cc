"""Sending something back: which item, why, in what state, for what, and only after a yes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk.events import SlotSet

from actions import again, paper, proof, return_words, wording
from actions.answering import OrderAction
from actions.form import OrderForm
from actions.order_status import NOT_THERE
from actions.step import Known, Step
from actions.turn import PERSON, Attached, Event, Turn
from conversations import handoff
from orders import rules
from orders.model import Condition, Item, Order, Outcome, Return, ReturnWish

OWN = (*handoff.UNFINISHED, "confirmed")
NO_PHOTO = "none"
HAS_COME = re.compile(r"\b(arrived|came|received|got|opened|unpacked)\b", re.I)
MOST_PICTURES = 3


class ValidateStartReturnForm(OrderForm):
    topic = "start_return"
    which = "Which order would you like to send something back from?"
    own = OWN
    free_text = frozenset({"return_reason", "return_exchange"})
    yes_or_no = frozenset({"confirmed", "return_photo"})

    def suits(self, turn: Turn, order: Order) -> bool:
        return rules.may_return(order, turn.today, turn.terms, return_words.condition_told(turn)).allowed

    async def _meant(self, turn: Turn, asked: str | None) -> str | None:
        """What has come ("it arrived like this") is not the order talked about, where that has not."""
        number = await super()._meant(turn, asked)
        come = HAS_COME.search(turn.text) and not NOT_THERE.search(turn.text)
        if number is None or turn.number or not (self.starting(turn) and come):
            return number
        order = await proof.find(turn, number)
        on_its_way = order and not any(order.arrived_on(item) for item in order.items)
        return None if on_its_way else number

    def goes_on(self, turn: Turn, order: Order) -> bool:
        named = return_words.item(turn, order, (), None)
        return super().goes_on(turn, order) and named in (None, turn.slot("return_item"))

    def given(self, turn: Turn, asked: str) -> bool:
        wish, state = return_words.outcome_heard(turn, asked), return_words.plain(turn.text)
        answers = {
            "return_item": turn.entity("product") or state,
            "return_reason": state or return_words.reason_given(turn),
            "return_condition": return_words.condition(turn.text),
            "return_outcome": wish,
            "return_photo": turn.entity("photo") or wish or state,
            "confirmed": wish or return_words.instead(turn, asked),
        }
        return bool(answers.get(asked)) or super().given(turn, asked)

    def noted(self, turn: Turn) -> dict[str, Any]:
        reason = turn.entity("reason")
        return {"return_reason": reason} if reason else {}

    async def details(self, turn: Turn, order: Order, asked: str | None, known: Known) -> Step:
        told = self._told(turn, order, asked, known)
        heard = {name: told[name] for name in OWN if told[name] is not None and told[name] != known[name]}
        step = self._next(turn, order, told)
        unanswered = {asked: None} if asked and heard else {}
        return replace(step, slots=unanswered | heard | step.slots)

    def _told(self, turn: Turn, order: Order, asked: str | None, known: Known) -> dict[str, Any]:
        """All that is known of the return after this message."""
        reason = return_words.reason(turn, asked) or known["return_reason"]
        told_now = asked is not None or self.starting(turn)
        condition = known["return_condition"] or return_words.condition_heard(turn, asked, reason, told_now)
        item = known["return_item"] or return_words.item(turn, order, _items(turn, order, condition), asked)
        told = dict(known) | {"return_reason": reason, "return_condition": condition, "return_item": item}
        wish = self._wish(turn, asked)
        told["return_outcome"] = wish or known["return_outcome"]
        if asked == "return_photo" or turn.entity("photo"):
            told["return_photo"] = turn.entity("photo") or return_words.no_photo(turn, wish, NO_PHOTO)
        if told["return_outcome"] == Outcome.EXCHANGE:
            told["return_exchange"] = return_words.instead(turn, asked) or known["return_exchange"]
        if asked == "return_exchange":
            told["return_exchange"] = turn.text.strip()[: return_words.LONGEST] or None
        if asked == "confirmed":
            changed = any(told[name] != known[name] for name in ("return_outcome", "return_exchange"))
            told["confirmed"] = None if changed else return_words.agreed(turn)
        return told

    def _wish(self, turn: Turn, asked: str | None) -> Outcome | None:
        """What the customer wants for the item, if the message is for this form and not in free text."""
        heard = self.starting(turn) or (asked is not None and asked not in self.free_text)
        return return_words.outcome_heard(turn, asked) if heard else None

    def _next(self, turn: Turn, order: Order, told: Known) -> Step:
        """The next question; none when all is known, or when the rules do not allow it."""
        items = _items(turn, order, told["return_condition"])
        item = order.item(told["return_item"])
        if not items or (item and item not in items):
            return Step()
        if item is None:
            return replace(return_words.ask_item(order, items), pictures=_pictures(turn, items))
        for name in OWN[1:]:
            needless = told[name] is not None or (name == "return_photo" and not turn.carries_pictures)
            if not needless and (question := return_words.ask(name, order, item, told)):
                return question
        return Step()


class ActionStartReturn(OrderAction):
    def name(self) -> str:
        return "action_start_return"

    async def about(self, turn: Turn, order: Order) -> list[Event]:
        item, condition = order.item(turn.slot("return_item")), turn.slot("return_condition")
        decision = _decide(turn, order, item, Condition(condition) if condition else None)
        if not decision.allowed:
            what = f"{_what(order, item, decision)} can't be returned"
            reason = f"{wording.refused(what, decision)}{return_words.unless_faulty(decision.rule)}"
            again.tell(turn, reason, f"I'm sorry, {_same(what)}.", [PERSON])
        elif item and condition and turn.slot("confirmed"):
            await self._open(turn, order)
        else:
            turn.say(return_words.NOT_OPENED)
        return [SlotSet(name, None) for name in OWN]

    async def _open(self, turn: Turn, order: Order) -> None:
        owner = proof.owner(turn, order.number)
        opened = await turn.desk.orders.open_return(order.number, owner, _wish(turn), turn.today)
        if opened is None:
            turn.say(f"I couldn't open a return for order {order.number}.", [PERSON])
            return
        turn.say(_opened(turn, order, opened), file=await paper.label(turn, order, opened))


def _pictures(turn: Turn, items: Sequence[Item]) -> list[Attached]:
    """Of a few items to choose from, what they look like; none where one is missing."""
    found = [paper.picture(turn, item.photo_url, item.title) for item in items[: MOST_PICTURES + 1]]
    shown = [each for each in found if each]
    return shown if len(shown) == len(items) <= MOST_PICTURES else []


def _items(turn: Turn, order: Order, condition: str | None) -> tuple[Item, ...]:
    known = Condition(condition) if condition else None
    return rules.returnable_items(order, turn.today, turn.terms, known)


def _decide(turn: Turn, order: Order, item: Item | None, condition: Condition | None) -> rules.Decision:
    if item:
        return rules.may_return_item(order, item, condition, turn.today, turn.terms)
    return rules.may_return(order, turn.today, turn.terms, condition)


def _what(order: Order, item: Item | None, decision: rules.Decision) -> str:
    """What cannot be returned, without saying its name twice."""
    if item is None:
        return f"Order {order.number}"
    return "It" if decision.because.startswith(item.title) else item.title


def _same(what: str) -> str:
    return re.sub("^(Order|It) ", lambda found: found[0].lower(), what.replace("can't", "still can't"))


def _wish(turn: Turn) -> ReturnWish:
    photo, outcome = turn.slot("return_photo"), Outcome(turn.slot("return_outcome") or Outcome.REFUND)
    return ReturnWish(
        item=turn.slot("return_item"),
        reason=turn.slot("return_reason") or "",
        condition=Condition(turn.slot("return_condition")),
        outcome=outcome,
        exchange_for=turn.slot("return_exchange") if outcome is Outcome.EXCHANGE else None,
        photo=None if photo == NO_PHOTO else photo,
    )


def _opened(turn: Turn, order: Order, opened: Return) -> str:
    return "\n".join(
        [
            f"Your return is open: {opened.item}, return number {opened.number}.",
            *return_words.label(opened, turn.terms),
            return_words.what_follows(order, opened),
            wording.see("process_steps"),
        ]
    )
