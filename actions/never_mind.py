"""Dropping whatever was going on."""

from __future__ import annotations

from actions.answering import WishAction
from actions.turn import Event, Turn, leave_form

DROPPED = "All right, I've dropped that; nothing has been changed. What else can I do for you?"
NOTHING_TO_DROP = "All right. I'm here if you need anything else."


class ActionNeverMind(WishAction):
    def name(self) -> str:
        return "action_never_mind"

    async def answer(self, turn: Turn) -> list[Event]:
        return drop(turn)


def drop(turn: Turn) -> list[Event]:
    """Leave the form, if one is open, and say so."""
    turn.say(DROPPED if turn.form else NOTHING_TO_DROP)
    return leave_form()
