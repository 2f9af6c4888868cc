"""Going on without a colleague; an open form asks its question again."""

from __future__ import annotations

from actions.answering import DeskAction
from actions.turn import Event, Turn

GO_ON = "All right, let's go on."
WITHOUT_FORM = "All right. What can I do for you?"


class ActionGoOn(DeskAction):
    def name(self) -> str:
        return "action_go_on"

    async def answer(self, turn: Turn) -> list[Event]:
        turn.say(GO_ON if turn.form else WITHOUT_FORM)
        return []
