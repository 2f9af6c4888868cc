"""Offering a colleague, once, to a customer who is upset or goes round in circles."""

from __future__ import annotations

from actions import escalate
from actions.answering import DeskAction
from actions.turn import Button, Event, Turn

OFFER = {
    "repeated_question": "You've asked this a few times now. Shall I bring a colleague?",
    "form_abandoned": "This doesn't seem to work well for you. Shall I bring a colleague?",
}
UPSET = "I can see that this is frustrating, and I'm sorry. Shall I bring a colleague?"
CHOICES: tuple[Button, ...] = (
    {"title": "Yes, please", "payload": "/affirm"},
    {"title": "No, go on", "payload": "/deny"},
)


class ActionOfferPerson(DeskAction):
    def name(self) -> str:
        return "action_offer_person"

    async def answer(self, turn: Turn) -> list[Event]:
        step = escalate.decided(turn)
        turn.say(OFFER.get(str(step.get("reason")), UPSET), CHOICES)
        offer = {key: step.get(key) for key in ("reason", "priority", "evidence")}
        turn.dispatcher.utter_message(json_message={"offer": offer})
        return []
