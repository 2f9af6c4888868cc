"""Dropping whatever was going on."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.answering import WishAction
from actions.turn import Event, Turn, leave_form

DROPPED = "All right, I've dropped that; nothing has been changed. What else can I do for you?"
SLOT = "dropped"
"""How often each form was left unfinished; the one left last stands last."""
NOTHING_TO_DROP = "All right. I'm here if you need anything else."


class ActionNeverMind(WishAction):
    def name(self) -> str:
        return "action_never_mind"

    async def answer(self, turn: Turn) -> list[Event]:
        return drop(turn)


def drop(turn: Turn) -> list[Event]:
    """Leave the form, if one is open, and say so; it is counted how often which form is left."""
    if turn.form is None:
        turn.say(NOTHING_TO_DROP)
        return leave_form()
    turn.say(DROPPED)
    others = {form: times for form, times in _drops(turn).items() if form != turn.form}
    return [*leave_form(), SlotSet(SLOT, {**others, turn.form: _drops(turn).get(turn.form, 0) + 1})]


def _drops(turn: Turn) -> dict[str, int]:
    return dict(turn.slot(SLOT) or {})
