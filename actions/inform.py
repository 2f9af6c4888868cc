"""A detail, or a no, that no form was waiting for: "no, 10235", an e-mail address, "the other one"."""

from __future__ import annotations

from actions import choice, clarify, history, topics
from actions.answering import WishAction
from actions.never_mind import drop
from actions.turn import Event, Turn


class ActionInform(WishAction):
    """Takes up the last topic with the new detail; a plain no in a form drops it."""

    def name(self) -> str:
        return "action_inform"

    async def answer(self, turn: Turn) -> list[Event]:
        if turn.number or _proves(turn) or (not turn.form and _readdresses(turn)):
            return choice.take_up(turn)
        if turn.form:
            return drop(turn) if turn.intent == "deny" else clarify.later()
        if followed := choice.follow(turn) or choice.other_order(turn):
            return followed
        if turn.intent == "deny" and clarify.asked_before(turn):
            return clarify.neither(turn)
        return drop(turn) if turn.intent == "deny" else clarify.later()


def _proves(turn: Turn) -> bool:
    """Is there an e-mail for the order that could not be found?"""
    return bool(turn.entity("email") and turn.slot("unknown_order"))


def _readdresses(turn: Turn) -> bool:
    """Is there another address, right after one was changed?"""
    last = history.last_topic(turn.events, topics.TOPICS)
    return bool(turn.entity("address")) and last == "change_address"
