"""Two wishes in one message: when the first is answered, the second is answered, or asked about.

The engine finds it and the slot `second_wish` keeps it, also while a form for the first asks its
questions; a form that is left for another one keeps its wish there, too. What only tells something
follows at once; what changes something waits for a yes.
"""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import FollowupAction, SlotSet

from actions import again, history, topics
from actions.turn import Button, Event, Turn

SLOT = "second_wish"
GOODBYE = "utter_goodbye"
COVERED = {("action_order_status", "delivery_info")}
"""What the first answer tells already."""


def after(turn: Turn, action: str, events: Sequence[Event]) -> list[Event]:
    """The events of an action that has answered a wish, and those that lead on to the next one."""
    wish = turn.slot(SLOT)
    if not wish or _still_busy(turn, events):
        return list(events)
    return [*events, SlotSet(SLOT, None), *_lead_on(turn, action, str(wish))]


def instead(turn: Turn) -> list[Event]:
    """Where the first wish was not understood, the second is followed."""
    wish = turn.slot(SLOT)
    if wish not in topics.TOPICS:
        return []
    return [SlotSet(SLOT, None), FollowupAction(topics.action(wish))]


def _still_busy(turn: Turn, events: Sequence[Event]) -> bool:
    """Is a person taking over, or a form waiting for the customer?"""
    kinds = {event["event"] for event in events}
    left = any(event["event"] == "active_loop" and event["name"] is None for event in events)
    return "pause" in kinds or "followup" in kinds or (turn.form is not None and not left)


def _lead_on(turn: Turn, action: str, wish: str) -> list[Event]:
    topic = topics.TOPICS.get(wish)
    begins_with = topics.action(wish)
    gone = history.times(turn.events, GOODBYE)
    if topic is None or gone or action == f"action_{wish}" or (action, wish) in COVERED:
        return []
    if not topic.changes:
        return [FollowupAction(begins_with)]
    yes: Button = {"title": topic.title, "payload": _payload(turn, wish)}
    turn.say(f"You also wanted to {topic.phrase}. Shall we do that now?", [yes, again.NO_THANKS])
    return []


def _payload(turn: Turn, wish: str) -> str:
    """The wish, with the order number that was given along with it."""
    number = turn.second_number or history.left_with(turn.events, f"{wish}_form")
    return f'/{wish}{{"order_number": "{number}"}}' if number else f"/{wish}"
