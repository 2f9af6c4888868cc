"""Not having understood: ask once with choices, once more in fewer words, then get a person."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import FollowupAction

from actions import articles, choice, delivery_info, history, limits, return_words, second_wish, topics
from actions.answering import DeskAction
from actions.topics import TOPICS
from actions.turn import PERSON, Button, Event, Turn

FIRST = "I'm not sure I understood. What can I help you with?"
ELSEWHERE = "Sorry, that's not something I can help with here. What can I do about your orders or returns?"
CLOSE = "Just to be sure: do you want to {} or {}?"
AGAIN = "Sorry, I still didn't get it. Could you say it in a few simple words?"
NEITHER = "All right, neither. What can I help you with?"
ANYTHING_ELSE = "All right! Is there anything else I can do for you?"
IN_FORM = "Sorry, I didn't get that."
NOT_OURS = "I'm sorry, I can't help with that here."
GIVE_UP = "I'm sorry, I can't work out what you need. I'm passing this on to a person from our team."
ALIKE = {"order_status", "delivery_info"}
UNKNOWN = {"nlu_fallback", "out_of_scope", "inform"}
STRONG = 0.9
"""Evidence (a probability, see kb.evidence) from which an article may answer what is no known wish."""
SHORT = 2
"""Words of a message that may as well be a slip of the finger."""
LIKELY = 0.15
"""An intent less likely than this is not worth offering."""

MENU: tuple[Button, ...] = (
    {"title": "Track an order", "payload": "/order_status"},
    {"title": "Return an item", "payload": "/start_return"},
    PERSON,
)


class ActionClarify(DeskAction):
    def name(self) -> str:
        return "action_clarify"

    async def answer(self, turn: Turn) -> list[Event]:
        if not turn.form and (led_on := lead_on(turn)):
            return led_on
        if turn.intent in UNKNOWN and not turn.close and await self._knows(turn):
            return []
        missed = history.unresolved_before(turn.events)
        if turn.intent == "affirm" and not turn.form and not missed:
            turn.say(ANYTHING_ELSE)
            return [FollowupAction("action_listen")]
        patience, priority = limits.unresolved()
        if missed + 1 >= patience:
            return turn.hand_off(GIVE_UP, "unresolved", priority, f"{missed + 1} turns unresolved")
        turn.say(*_words(turn, missed))
        return []

    async def _knows(self, turn: Turn) -> bool:
        """Does an article answer it beyond doubt?"""
        passage = await articles.ask(turn, turn.text) if len(turn.text.split()) > 2 else None
        if passage is None or passage.score < STRONG:
            return False
        articles.cite(turn, passage)
        return True


def lead_on(turn: Turn) -> list[Event]:
    """What is understood all the same: a choice typed, an order number, the other order, a second wish."""
    clear = _alike(turn) if turn.close else _number(turn)
    return (
        clear
        or _not_right(turn)
        or choice.follow(turn)
        or choice.other_order(turn)
        or second_wish.instead(turn)
    )


def _alike(turn: Turn) -> list[Event]:
    """Where an order is and when it arrives need no telling apart: one answer serves both."""
    if set(turn.close) != ALIKE:
        return []
    general = delivery_info.GENERAL.search(turn.text) and not turn.number
    return [FollowupAction(topics.action("delivery_info" if general else "order_status"))]


def _not_right(turn: Turn) -> list[Event]:
    """Something is wrong with what came ("they sent me the wrong one"): what a return begins with."""
    wrong = turn.entity("reason") in return_words.REASONS and turn.text not in return_words.REASONS.values()
    return [FollowupAction(topics.action("start_return"))] if wrong else []


def later() -> list[Event]:
    """Events that let the clarifying question follow."""
    return [FollowupAction("action_clarify")]


def asked_before(turn: Turn) -> bool:
    """Was the last answer a clarifying question with choices?"""
    return history.CLARIFY in history.last_actions(turn.events) and bool(history.offered(turn.events))


def neither(turn: Turn) -> list[Event]:
    """Answer a no to the choices that were offered."""
    turn.say(NEITHER, MENU)
    return []


def _number(turn: Turn) -> list[Event]:
    """With an order number in it, even an unclear message is about that order."""
    if turn.number is None:
        return []
    likely = (name for name in _likely(turn) if name in TOPICS and TOPICS[name].form)
    return [FollowupAction(topics.action(next(likely, "order_status")))]


def _words(turn: Turn, missed: int) -> tuple[str, Sequence[Button]]:
    """What to say to the first message that was not understood, and to the next."""
    if turn.form:
        return (NOT_OURS if turn.intent == "out_of_scope" else IN_FORM), ()
    wishes = [name for name in turn.close or _likely(turn) if name in TOPICS][:2]
    if turn.intent == "nlu_fallback" and len(wishes) == 2 and (turn.close or not missed):
        return _either(turn, wishes)
    if missed:
        return AGAIN, [PERSON]
    return (ELSEWHERE if _is_elsewhere(turn) else FIRST), MENU


def _is_elsewhere(turn: Turn) -> bool:
    """Was it plainly something else than a shop's business, and not a word nobody knows?"""
    return turn.intent == "out_of_scope" and len(turn.text.split()) > SHORT


def _either(turn: Turn, wishes: Sequence[str]) -> tuple[str, list[Button]]:
    """Which of two wishes is it? An order number that was given goes with either."""
    about = f'{{"order_number": "{turn.number}"}}' if turn.number else ""
    choices: list[Button] = [{"title": TOPICS[name].title, "payload": f"/{name}{about}"} for name in wishes]
    return CLOSE.format(*(TOPICS[name].phrase for name in wishes)), choices


def _likely(turn: Turn) -> list[str]:
    return [str(each["name"]) for each in turn.ranking if float(each.get("confidence") or 0) >= LIKELY]
