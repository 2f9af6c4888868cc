"""A Rasa tracker as a conversation that escalation can judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from engine.escalation import signals
from engine.escalation.conversation import Conversation, Turn
from engine.escalation.rules import ASKED, Rules
from engine.escalation.signals import Signal

TAGS = "escalation"
STEP, DROPPED = "escalation", "dropped"
"""Slots: this policy's last step with its last offer, and how often each form was left unfinished."""
OFFER_PERSON = "action_offer_person"
PERSON, NO = "/human_agent", "/deny"


def conversation(rules: Rules, tracker: DialogueStateTracker) -> Conversation | None:
    """What the tracker holds of this session; None before the customer's first message."""
    turns = [_turn(rules, events) for events in split(tracker)]
    if not turns:
        return None
    number = tracker.get_slot("order_number")
    return Conversation(
        turns,
        offer=_offer(tracker),
        drops=_slot(tracker, DROPPED),
        order_number=str(number) if number else None,
        asked=tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name else None,
    )


def split(tracker: DialogueStateTracker) -> list[list[Event]]:
    """The events of this session from each customer message to the next, oldest first."""
    found: list[list[Event]] = []
    for event in tracker.events:
        if isinstance(event, SessionStarted):
            found = []
        elif isinstance(event, UserUttered):
            found.append([event])
        elif found:
            found[-1].append(event)
    return found


def done(events: Sequence[Event]) -> list[str]:
    """The actions of a turn, in their order."""
    return [str(event.action_name) for event in events if isinstance(event, ActionExecuted)]


def _turn(rules: Rules, events: Sequence[Event]) -> Turn:
    user = events[0]
    data = user.parse_data or {}
    text, intent = user.text or "", (user.intent or {}).get("name")
    tapped = bool((user.metadata or {}).get("payload"))
    heard = data.get("frustration") or {}
    return Turn(
        text=text,
        at=float(user.timestamp or 0),
        words=rules.speller.read(text).words,
        intent=intent,
        signals=() if tapped else _signals(rules, text, user, data),
        score=float(heard.get("score") or 0),
        trend=float(heard.get("trend") or 0),
        numbers=_named(user, "order_number"),
        goods=_named(user, "product"),
        tags=frozenset(str(tag) for tag in (user.metadata or {}).get("tags") or ()),
        tapped=tapped,
        offered=any(_offers(event) for event in events),
        ours=OFFER_PERSON in done(events),
        near_miss=not tapped and signals.is_near_miss(rules, ASKED, text, intent),
        dropped=_dropped(events),
    )


def _named(user: UserUttered, kind: str) -> frozenset[str]:
    return frozenset(str(each["value"]) for each in user.entities if each.get("entity") == kind)


def _signals(rules: Rules, text: str, user: UserUttered, data: dict[str, Any]) -> tuple[Signal, ...]:
    """As the tagger found them; conversation tests keep only the text of a message, so it is read anew."""
    if TAGS in data:
        return tuple(Signal(**each) for each in data[TAGS])
    intent = user.intent or {}
    return tuple(signals.find(rules, text, intent.get("name"), float(intent.get("confidence") or 0)))


def _offers(event: Event) -> bool:
    """Does the bot ask here whether a person shall come?"""
    if not isinstance(event, BotUttered):
        return False
    payloads = {button.get("payload") for button in (event.data or {}).get("buttons") or ()}
    return {PERSON, NO} <= payloads


def _dropped(events: Sequence[Event]) -> str | None:
    """The form whose leaving was counted in this turn."""
    counts = [
        event.value
        for event in events
        if isinstance(event, SlotSet) and event.key == DROPPED and isinstance(event.value, dict)
    ]
    return str(next(reversed(counts[-1]))) if counts and counts[-1] else None


def _offer(tracker: DialogueStateTracker) -> dict[str, Any]:
    offer = _slot(tracker, STEP).get("offer")
    return dict(offer) if isinstance(offer, dict) else {}


def _slot(tracker: DialogueStateTracker, name: str) -> dict[str, Any]:
    value = tracker.get_slot(name) if name in tracker.slots else None
    return dict(value) if isinstance(value, dict) else {}
