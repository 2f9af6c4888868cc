"""Trouble with a payment: hear what happened, then let a person look into it."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.answering import WishAction
from actions.form import Form
from actions.step import Step
from actions.turn import Event, Turn

ASK = (
    "I'm sorry about the trouble with your payment. Please tell me in one message what happened, "
    "with the amount and the order number if you have them."
)
THANKS = "Thank you. I'm connecting you with a person from our team who can look into the payment."
TOLD = 12
"""A first message of so many words has told what happened already."""


class ValidatePaymentIssueForm(Form):
    topic = "payment_issue"
    free_text = frozenset({"payment_problem"})

    async def step(self, turn: Turn, asked: str | None) -> Step:
        told = asked == "payment_problem" or (self.starting(turn) and len(turn.text.split()) >= TOLD)
        if told and turn.text:
            return Step({"payment_problem": turn.text})
        return Step(ask="payment_problem", question=ASK)


class ActionPaymentIssue(WishAction):
    def name(self) -> str:
        return "action_payment_issue"

    async def answer(self, turn: Turn) -> list[Event]:
        return [*turn.hand_off(THANKS, "payment_issue", "high"), SlotSet("payment_problem", None)]
