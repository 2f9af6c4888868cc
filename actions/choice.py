"""What was typed instead of tapped, outside a form: a choice, another number, "the other one"."""

from __future__ import annotations

from collections.abc import Mapping

from rasa_sdk.events import FollowupAction, SlotSet

from actions import history, pick, topics, which_order
from actions.never_mind import NOTHING_TO_DROP
from actions.turn import Event, Turn


def follow(turn: Turn) -> list[Event]:
    """The events that do what the customer picked from the last answer; none when nothing was picked."""
    chosen = _meant(turn, history.offered(turn.events))
    if chosen is None:
        return []
    intent, entities = pick.payload(chosen)
    if intent == "deny":
        turn.say(NOTHING_TO_DROP)
    slots = [SlotSet(name, value) for name, value in entities.items()]
    return [*slots, FollowupAction(topics.action(intent))]


def take_up(turn: Turn) -> list[Event]:
    """Repeat the last topic with the order that is meant now; without one, tell where the order is."""
    last = history.last_topic(
        turn.events, topics.TOPICS.keys() - {"payment_issue", "complaint", "human_agent"}
    )
    by_number = last == "delivery_info" and turn.number
    about_orders = last and (by_number or topics.TOPICS[last].form)
    return [FollowupAction(topics.action(last if last and about_orders else "order_status"))]


def other_order(turn: Turn) -> list[Event]:
    """ "And the other one?" repeats the last topic for another order than the one talked about."""
    known = history.slot_before(turn.events, "order_number")
    return take_up(turn) if known and which_order.means_another(turn.text) else []


def _meant(turn: Turn, buttons: list[dict[str, str]]) -> Mapping[str, str] | None:
    """What the words pick; a yes takes the first choice, when the question was a yes-or-no one."""
    picked = pick.choice(turn.text, buttons)
    refusal = next((button for button in buttons if button["payload"] == "/deny"), None)
    if picked or refusal is None:
        return picked
    answer = pick.yes_or_no(turn.text, turn.intent)
    return None if answer is None else (buttons[0] if answer else refusal)
