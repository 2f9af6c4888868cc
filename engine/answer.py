"""What a turn's events say, as the turn channel tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from rasa.shared.core.constants import (
    ACTION_EXTRACT_SLOTS,
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    SESSION_START_METADATA_SLOT,
)
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

SILENT_ACTIONS = {ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, ACTION_EXTRACT_SLOTS}


def build(events: Sequence[Event], tracker: DialogueStateTracker, repeated: bool) -> dict[str, Any]:
    """The turn channel's answer, from the events of one turn.

    Slots are the tracker's present ones, also when an earlier turn is told again.
    """
    parsed = _parsed(events)
    action, policy = _last_action(events)
    return {
        "messages": [message for message in map(_message, _spoken(events)) if message],
        "intent": parsed.get("intent", {}).get("name"),
        "confidence": parsed.get("intent", {}).get("confidence", 0.0),
        "intent_ranking": parsed.get("intent_ranking", []),
        "entities": parsed.get("entities", []),
        "frustration": parsed.get("frustration", {"score": 0.0, "trend": 0.0}),
        "close_intents": parsed.get("close_intents", []),
        "escalation": _escalation(events),
        "slots": _slots(tracker),
        "action": action,
        "policy": policy,
        "model_id": next(
            (event.metadata["model_id"] for event in events if "model_id" in event.metadata), None
        ),
        "repeated": repeated,
    }


def _parsed(events: Iterable[Event]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in events:
        if isinstance(event, UserUttered):
            found = dict(event.parse_data or {})
    return found


def _spoken(events: Iterable[Event]) -> Iterable[BotUttered]:
    return (event for event in events if isinstance(event, BotUttered))


def _message(event: BotUttered) -> dict[str, Any]:
    data = event.message()
    buttons = [*(data.pop("buttons", None) or []), *(data.pop("quick_replies", None) or [])]
    message = {key: data[key] for key in ("text", "custom", "image", "attachment") if data.get(key)}
    if buttons:
        message["buttons"] = buttons
    return message


def _escalation(events: Iterable[Event]) -> dict[str, Any] | None:
    """What was decided about a person, if anything: `act` is "handoff" or "offer"."""
    for event in _spoken(events):
        custom = (event.data or {}).get("custom") or {}
        for act in ("handoff", "offer"):
            if isinstance(custom.get(act), dict):
                return {"act": act, **custom[act]}
    return None


def _last_action(events: Iterable[Event]) -> tuple[str | None, str | None]:
    """The last action that did or said something, and the policy that chose it."""
    executed = [event for event in events if isinstance(event, ActionExecuted)]
    for event in reversed(executed):
        if event.action_name and event.action_name not in SILENT_ACTIONS:
            return event.action_name, re.sub(r"^policy_\d+_", "", event.policy or "") or None
    return None, None


def _slots(tracker: DialogueStateTracker) -> dict[str, Any]:
    values = tracker.current_slot_values()
    return {k: v for k, v in values.items() if v is not None and k != SESSION_START_METADATA_SLOT}
