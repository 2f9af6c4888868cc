"""How a form listens: what answers its question, what is a digression, what corrects an earlier answer.

A form's `validate_…` action does the whole step: it reads the message, looks things up, asks the next
question. When a message is not for the form it is rejected, so that the rules answer it; after that
Rasa comes back here and the question is asked again.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

from rasa_sdk.events import ActionExecutionRejected, SlotSet

from actions import code_step, hand_back, history, pick, proof, which_order, wording
from actions.answering import DeskAction
from actions.step import Known, Step
from actions.topics import TOPICS
from actions.turn import PERSON, Event, Turn
from orders.identity import code
from orders.identity.ports import Codes
from orders.model import Order, Owner

ALWAYS_FIRST = {"human_agent", "bot_challenge"}
LEAVING = {"never_mind", "goodbye"}
BACK_FROM = ("action_go_on", "action_clarify", "action_hand_back")
"""What the policies about a person let answer a message in the place of an open form."""
FEW_WORDS = 4
OFTEN = 2
"""Times a question may have been asked already before a person is offered beside it."""

NO_NUMBER = re.compile(
    r"\b(don'?t|do not|can'?t|cannot|no|lost|without|where) .{0,20}\bnumber"
    r"|\b(don'?t|can'?t) (know|remember|find)\b",
    re.I,
)
"""Where an order number was asked for, and the customer has none."""
ONE_BY_ONE = "I can only do one at a time."


class Form(DeskAction):
    """The validation of `<topic>_form`."""

    topic: ClassVar[str]
    free_text: ClassVar[frozenset[str]] = frozenset()
    """Slots that take whatever the customer writes."""
    yes_or_no: ClassVar[frozenset[str]] = frozenset({"confirmed"})
    """Slots that a no answers: it does not end the form."""

    def name(self) -> str:
        return f"validate_{self.topic}_form"

    async def answer(self, turn: Turn) -> list[Event]:
        asked = self._asked(turn)
        if asked and self._is_digression(turn, asked):
            return self._reject(turn)
        step = await self.step(turn, asked)
        if asked and asked not in step.slots and not self._stays(turn, asked):
            return self._reject(turn)
        if step.ask:
            times = history.said(turn.events, step.question)
            for each in () if times else step.pictures:
                turn.say(each["name"], file=each)
            tired = times >= OFTEN
            turn.say(step.question, [*step.choices[:9], PERSON] if tired else step.choices)
        # Rasa takes a step that sets no slot for a rejected one.
        slots = step.slots or ({asked: None} if asked else {})
        return [*(SlotSet(*slot) for slot in slots.items()), SlotSet("requested_slot", step.ask)]

    @abstractmethod
    async def step(self, turn: Turn, asked: str | None) -> Step:
        """The next step. `asked` is the slot that the message may answer, None when nothing was asked."""

    def starting(self, turn: Turn) -> bool:
        """Is this the message that started the form?"""
        return history.has(turn.here, "active_loop", f"{self.topic}_form")

    def named(self, turn: Turn, asked: str | None) -> str | None:
        """The order number in this message, if it is meant as one."""
        if asked == "code" and code.read(turn.text):
            return None
        if (closed := turn.slot(proof.CLOSED)) and code.is_alone(turn.text):
            return str(closed)  # a code that came too late is no order number
        long = len(turn.text.split()) >= FEW_WORDS
        return None if asked in self.free_text and long else turn.number

    def _stays(self, turn: Turn, asked: str) -> bool:
        """Is it for this form, though it brings nothing new: the wish once more, or a number?"""
        return turn.intent == self.topic or self.named(turn, asked) is not None

    def given(self, turn: Turn, asked: str) -> bool:
        """Does the message bring the very thing that was asked for, whatever else it may seem to be?"""
        if asked == "order_number" and NO_NUMBER.search(turn.text):
            return True
        if asked == "order_number":
            return bool(turn.number and (turn.intent not in TOPICS or pick.only(turn.text, turn.number)))
        if asked == "code":
            said = code.read(turn.text) or turn.entity("email") or turn.entity("code_way")
            return bool(said or proof.wants_new_code(turn))
        if asked == "code_way":
            return bool(code_step.way(turn) or turn.entity("email"))
        entity = {"email": "email", "new_address": "address"}.get(asked)
        return bool(entity and turn.entity(entity))

    def _asked(self, turn: Turn) -> str | None:
        """The slot this message may answer; None at the start and when coming back from a digression."""
        rejected = history.has(turn.here, "action_execution_rejected", f"{self.topic}_form")
        answered = rejected or any(history.has(turn.here, "action", name) for name in BACK_FROM)
        return None if answered or self.starting(turn) else turn.slot("requested_slot")

    def _is_digression(self, turn: Turn, asked: str) -> bool:
        if turn.intent in ALWAYS_FIRST:
            return True
        if self.given(turn, asked) or (turn.number and turn.intent in {*LEAVING, "deny"}):
            return False
        if turn.intent in LEAVING or (asked not in self.yes_or_no and self._declines(turn, asked)):
            return True
        question = turn.text.rstrip().endswith("?")
        if asked in self.free_text and turn.intent == "out_of_scope":
            return question and not turn.entity("reason")
        if turn.intent == self.topic or turn.intent not in TOPICS:
            return False
        if asked in self.free_text:
            return question
        return not self._looks_like_answer(turn, asked)

    def _declines(self, turn: Turn, asked: str) -> bool:
        """A no, where the question was not one of yes or no: the customer does not want to go on."""
        vague = (
            turn.intent == "deny" and asked not in self.free_text and not which_order.means_another(turn.text)
        )
        return pick.is_no(turn.text) or (vague and not self._looks_like_answer(turn, asked))

    def _looks_like_answer(self, turn: Turn, asked: str) -> bool:
        if asked in self.yes_or_no:
            return pick.yes_or_no(turn.text, None) is not None
        if pick.everything(turn.text) or which_order.means_another(turn.text):
            return True
        return pick.choice(turn.text, history.offered(turn.events)) is not None

    def _reject(self, turn: Turn) -> list[Event]:
        """Leave the message to the rules; an order number in it is theirs, not the form's.

        Another form would end this one: then a wish to change something is kept, to be taken up after it.
        """
        before = history.slot_before(turn.events, "order_number")
        other = TOPICS.get(turn.intent or "")
        ends = other is not None and other.form and TOPICS[self.topic].changes
        kept = [SlotSet("second_wish", self.topic)] if ends and not turn.slot("second_wish") else []
        return [*kept, SlotSet("order_number", before), ActionExecutionRejected(f"{self.topic}_form")]


class OrderForm(Form):
    """A form that is about one order of the customer."""

    which: ClassVar[str] = "Which order do you mean?"
    own: ClassVar[tuple[str, ...]] = ()
    """Slots that belong to one run of this form."""
    plural: ClassVar[bool] = False
    """Can it be answered for several orders at once?"""

    @abstractmethod
    def suits(self, turn: Turn, order: Order) -> bool:
        """Is this an order the customer is likely to mean?"""

    def noted(self, turn: Turn) -> dict[str, Any]:
        """What the message says of the form's own slots before the order is known."""
        return {}

    def goes_on(self, turn: Turn, order: Order) -> bool:
        """Does a message that begins the form go on with what was told before a colleague came?"""
        return hand_back.resumed(turn, TOPICS)

    async def details(self, turn: Turn, order: Order, asked: str | None, known: Known) -> Step:
        """What else is needed once the order is known, and what is known of it from earlier messages."""
        return Step()

    async def step(self, turn: Turn, asked: str | None) -> Step:
        if asked == "code" and turn.desk.codes and not self.named(turn, asked):
            return await self._prove(turn, turn.desk.codes)
        if asked == "code_way" and turn.desk.codes and not self.named(turn, asked):
            return await code_step.choose(turn, turn.desk.codes, str(self._held(turn)))
        if asked is None and not self.starting(turn) and turn.slot("requested_slot") == "code":
            return self._still_waiting(turn)
        email = turn.entity("email") if asked == "email" else None
        heard = {"email": email} if email else {}
        found = await self._find(turn, asked)
        if found.missing == "code" and turn.desk.codes and found.number:
            return await code_step.start(turn, turn.desk.codes, found.number, str(proof.email(turn)))
        rest = (
            await self._rest(turn, found.order, asked) if found.order else self._missing(found, turn, asked)
        )
        return replace(rest, slots={**heard, **rest.slots})

    async def _prove(self, turn: Turn, codes: Codes) -> Step:
        """The step that a message makes while the code is waited for."""
        number = str(self._held(turn))
        heard = await code_step.hear(turn, codes, number)
        if heard is None:
            return self._still_waiting(turn)
        if isinstance(heard, Step):
            return heard
        order = await turn.desk.orders.find(number, Owner(turn.phone, turn.slot("email")))
        rest = await self._rest(turn, order, None) if order else Step({"unknown_order": number})
        return replace(rest, slots={**heard, **rest.slots})

    def _still_waiting(self, turn: Turn) -> Step:
        """The question for the code once more, after something else was answered."""
        choices = code_step.choices(turn, str(turn.slot("code_way") or proof.MAIL))
        return Step(ask="code", question=code_step.STILL.format(self._held(turn)), choices=choices)

    async def _find(self, turn: Turn, asked: str | None) -> which_order.Found:
        """The order that is meant. Of several, the first where one answer can be about all of them."""
        if self._means_another(turn, asked) and not turn.number:
            return await self._look_up(turn, None, self._held(turn))
        if asked == "order_number" and pick.everything(turn.text):
            found = which_order.Found(missing="choice", orders=await which_order.shown(turn))
        else:
            found = await self._look_up(turn, await self._meant(turn, asked), None)
        if self.plural and found.orders and self._means_all(turn, asked):
            return which_order.Found(found.orders[0])
        return found

    def _means_all(self, turn: Turn, asked: str | None) -> bool:
        if asked == "order_number":
            return pick.everything(turn.text)
        return self.starting(turn) and which_order.means_several(turn.wish)

    async def _look_up(self, turn: Turn, number: str | None, but: str | None) -> which_order.Found:
        return await which_order.find(turn, number, lambda order: self.suits(turn, order), but)

    def _means_another(self, turn: Turn, asked: str | None) -> bool:
        fresh = asked is not None or self.starting(turn)
        return fresh and asked not in self.free_text and which_order.means_another(turn.wish)

    async def _rest(self, turn: Turn, order: Order, asked: str | None) -> Step:
        """The step after the order: a new order forgets what was said about the one before."""
        held = self._held(turn)
        begins = self.starting(turn) and not self.goes_on(turn, order)
        afresh = begins or (held is not None and order.number != held)
        forgotten = dict.fromkeys(self.own) if afresh else {}
        known = {name: turn.slot(name) for name in self.own} | forgotten
        rest = await self.details(turn, order, None if afresh else asked, known)
        about = {"order_number": order.number, "unknown_order": None}
        return replace(rest, slots={**forgotten, **about, **rest.slots})

    async def _meant(self, turn: Turn, asked: str | None) -> str | None:
        """The number of the order meant; goods that are named count for more than what "it" stands for."""
        number = self._number(turn, asked)
        by_it = number and self.starting(turn) and not turn.number
        return None if by_it and await which_order.means_goods_of_another(turn, str(number)) else number

    def _number(self, turn: Turn, asked: str | None) -> str | None:
        if number := self.named(turn, asked):
            return number
        if self.starting(turn):
            return self._from_context(turn)
        return self._picked(turn) if asked == "order_number" else self._held(turn)

    def _from_context(self, turn: Turn) -> str | None:
        """The number that a choice brought along, an e-mail belongs to, or "it" stands for."""
        if turn.kept_number:
            return turn.kept_number
        if number := history.set_before_form(turn.events, "order_number"):
            return str(number)
        if turn.entity("email") and turn.slot("unknown_order"):
            return str(turn.slot("unknown_order"))
        before = turn.slot("order_number") if turn.on_second else self._held(turn)
        # Without a phone, the order proved before is the only one that can be meant; right after a
        # colleague had the conversation it is the one they talked about.
        meant = (
            turn.phone is None
            or hand_back.resumed(turn, TOPICS)
            or which_order.refers_back(turn.wish, half=turn.is_half)
        )
        return before if meant else None

    def _held(self, turn: Turn) -> str | None:
        """The number the form went into this message with."""
        number = history.slot_before(turn.events, "order_number")
        return str(number) if number else None

    def _picked(self, turn: Turn) -> str | None:
        chosen = pick.choice(turn.text, history.offered(turn.events))
        return pick.value(chosen, "order_number") if chosen else None

    def _missing(self, found: which_order.Found, turn: Turn, asked: str | None) -> Step:
        if asked == "order_number" and NO_NUMBER.search(turn.text) and not turn.number:
            rows = [wording.row(order) for order in found.orders]
            return Step({"order_number": None}, "order_number", wording.no_number(rows), [*rows[:9], PERSON])
        if found.unknown:
            return Step({"order_number": None, "unknown_order": found.unknown})
        if found.missing == "email":
            question = "To keep your order private: which e-mail address is on it?"
            return Step({"order_number": found.number}, "email", question)
        noted, another = self.noted(turn), self._means_another(turn, asked)
        heard = asked is None or noted or another or pick.everything(turn.text)
        nothing: dict[str, Any] = {"order_number": None} if heard else {}
        nothing |= {**(dict.fromkeys(self.own) if another or self.starting(turn) else {}), **noted}
        if found.missing == "choice":
            rows = [wording.row(order) for order in found.orders]
            several = asked == "order_number" and pick.everything(turn.text)
            question = f"{ONE_BY_ONE} {self.which}" if several else self.which
            return Step(nothing, "order_number", question, rows)
        proof = "" if turn.phone else " and the e-mail address on the order"
        return Step(nothing, "order_number", f"{self.which} Please send me the order number{proof}.")
