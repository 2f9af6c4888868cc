"""What the conversation's events tell. Pure: a list of Rasa events (as JSON) in, an answer out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

Event = Mapping[str, Any]
Events = Sequence[Event]

CLARIFY = "action_clarify"
QUIET = {CLARIFY, "action_inform", "action_listen"}


def turns(events: Events) -> list[list[Event]]:
    """The events from each customer message to the next, oldest first, of this session only."""
    found: list[list[Event]] = []
    for event in events:
        if event["event"] in ("session_started", "restart"):
            found = []
        elif event["event"] == "user":
            found.append([event])
        elif found:
            found[-1].append(event)
    return found


def this_turn(events: Events) -> list[Event]:
    """The customer's last message and what has happened since."""
    return (turns(events) or [[]])[-1]


def unresolved_before(events: Events) -> int:
    """How many turns in a row, right before this one, ended without understanding the customer."""
    count = 0
    for turn in reversed(turns(events)[:-1]):
        if not _unresolved(turn):
            break
        count += 1
    return count


def has(turn: Events, kind: str, name: str) -> bool:
    """Is there an event of this kind, about this form or action, in the turn?"""
    return any(event["event"] == kind and event.get("name") == name for event in turn)


def slot_before(events: Events, name: str) -> Any:
    """The value a slot had when the customer's last message came in."""
    before = list(_of_session(events))[len(this_turn(events)) :]
    return next((event.get("value") for event in before if _is_slot(event, name)), None)


def set_before_form(events: Events, name: str) -> Any:
    """The value a slot got in this turn before a form started: from the message or an action before it."""
    turn = this_turn(events)
    start = next((place for place, event in enumerate(turn) if event["event"] == "active_loop"), 0)
    return next((event.get("value") for event in reversed(turn[:start]) if _is_slot(event, name)), None)


def offered(events: Events) -> list[dict[str, str]]:
    """The choices that the bot's last answer offered, in the order they were shown."""
    past = turns(events)[:-1]
    messages = [event for event in (past[-1] if past else []) if event["event"] == "bot"]
    shown = [(message.get("data") or {}).get("buttons") or [] for message in messages]
    return next((list(buttons) for buttons in reversed(shown) if buttons), [])


def said(events: Events, *texts: str) -> int:
    """In how many earlier turns of this session the bot's answer began with one of these texts."""
    return sum(any(_begins(event, texts) for event in turn) for turn in turns(events)[:-1])


def last_topic(events: Events, topics: Collection[str]) -> str | None:
    """Which of these topics was the last one in this session, by its form or its action."""
    before = list(_of_session(events))[len(this_turn(events)) :]
    names = (str(event.get("name")) for event in before if event["event"] in ("active_loop", "action"))
    heard = (name.removesuffix("_form").removeprefix("action_") for name in names)
    return next((name for name in heard if name in topics), None)


def last_actions(events: Events) -> set[str]:
    """The actions of the turn before this one."""
    before = turns(events)[:-1]
    return {str(event.get("name")) for event in (before[-1] if before else []) if event["event"] == "action"}


def kept_wish(events: Events) -> tuple[str, str | None] | None:
    """Words and order number of an earlier second wish, if an action of this turn has led on to it."""
    led_on = {event.get("name") for event in this_turn(events) if event["event"] == "followup"}
    for event in _of_session(events):
        for entity in (event.get("parse_data") or {}).get("entities") or []:
            names = {f"action_{entity['value']}", f"{entity['value']}_form"}
            if entity["entity"] == "second_wish" and names & led_on:
                return halves(str(event.get("text") or ""), entity)[1], _number_in(event, entity)
    return None


def left_with(events: Events, form: str) -> str | None:
    """The order number that a form had when it last left a message to the rules."""
    older = iter(_of_session(events))
    for event in older:
        if event["event"] == "action_execution_rejected" and event.get("name") == form:
            value = next((each.get("value") for each in older if _is_slot(each, "order_number")), None)
            return str(value) if value else None
    return None


def halves(text: str, second: Mapping[str, Any]) -> tuple[str, str]:
    """A message of two wishes in its two parts; `second` is the entity over the second one."""
    if second.get("end") is None:
        return text, text
    start, end = int(second["start"]), int(second["end"])
    return f"{text[:start]} {text[end:]}".strip(" ,.;"), text[start:end].strip(" ,.;")


def times(events: Events, action: str) -> int:
    """How often an action has run in this session."""
    return sum(event["event"] == "action" and event.get("name") == action for event in _of_session(events))


def _of_session(events: Events) -> Iterator[Event]:
    """The events of this session, newest first."""
    for event in reversed(events):
        if event["event"] in ("session_started", "restart"):
            return
        yield event


def _unresolved(turn: Events) -> bool:
    """Only the clarifying question ran (and the open form asked again), and it found no answer either."""
    actions = {event.get("name") for event in turn if event["event"] == "action"}
    forms = {name for name in actions if str(name).endswith("_form")}
    answered = any("sources" in _custom(event) for event in turn)
    led_on = any(event["event"] == "followup" and event.get("name") != CLARIFY for event in turn)
    return CLARIFY in actions <= QUIET | forms and not answered and not led_on


def _custom(event: Event) -> Mapping[str, Any]:
    return (event.get("data") or {}).get("custom") or {} if event["event"] == "bot" else {}


def _number_in(event: Event, second: Mapping[str, Any]) -> str | None:
    if second.get("end") is None:
        return None
    half = range(int(second["start"]), int(second["end"]))
    found = (each for each in event["parse_data"]["entities"] if each["entity"] == "order_number")
    return next((str(each["value"]) for each in found if each.get("start") in half), None)


def _begins(event: Event, texts: tuple[str, ...]) -> bool:
    return event["event"] == "bot" and str(event.get("text") or "").startswith(texts)


def _is_slot(event: Event, name: str) -> bool:
    return event["event"] == "slot" and event.get("name") == name
