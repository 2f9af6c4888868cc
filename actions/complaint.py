"""A customer who is not happy."""

from __future__ import annotations

from actions import again, history
from actions.answering import WishAction
from actions.turn import Event, Turn

SORRY = "I'm sorry, this is not how it should be. Would you like to talk to a person from our team?"
AGAIN = "I'm really sorry. I'm passing this on to a person from our team who can put this right."


class ActionComplaint(WishAction):
    """The first complaint offers a person, the second gets one."""

    def name(self) -> str:
        return "action_complaint"

    async def answer(self, turn: Turn) -> list[Event]:
        if history.times(turn.events, self.name()):
            return turn.hand_off(AGAIN, "complaint", "high", f"second complaint: “{turn.text}”")
        turn.say(SORRY, again.ASK_PERSON)
        return []
