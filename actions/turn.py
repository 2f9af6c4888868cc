"""One customer message, and what can be said and done about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypedDict

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, ConversationPaused, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import history, told
from actions.desk import Desk, Passage
from connectors.whatsapp.text import truncate
from orders.terms import Terms

Event = dict[str, Any]

TITLE, DESCRIPTION = 24, 72
"""What WhatsApp shows of a list row; more is cut off here, where words can be chosen."""


class Button(TypedDict, total=False):
    """A choice. A title of at most 20 characters makes a button, a description makes it a list row."""

    title: str
    payload: str
    description: str


class Attached(TypedDict):
    """A file that goes with an answer. `url`: a link the customer can follow, for where files cannot go."""

    url: str
    name: str
    mime_type: str


PERSON: Button = {"title": "Talk to a person", "payload": "/human_agent"}


@dataclass(frozen=True)
class Turn:
    """The customer's last message in its conversation. `say` and its like answer it."""

    tracker: Tracker
    dispatcher: CollectingDispatcher
    desk: Desk

    @property
    def text(self) -> str:
        """What the customer wrote, or the title of the choice that was tapped."""
        return str(self.tracker.latest_message.get("text") or "")

    @property
    def intent(self) -> str | None:
        name = (self.tracker.latest_message.get("intent") or {}).get("name")
        return str(name) if name else None

    @property
    def ranking(self) -> list[dict[str, Any]]:
        """Intents with their confidence, most likely first."""
        return list(self.tracker.latest_message.get("intent_ranking") or [])

    @property
    def close(self) -> list[str]:
        """The two wishes that the engine could not decide between, if it was so."""
        return [str(name) for name in self.tracker.latest_message.get("close_intents") or []]

    @property
    def conversation(self) -> str:
        """The conversation's id."""
        return str(self.tracker.sender_id)

    @property
    def phone(self) -> str | None:
        """In E.164, if the channel tells it."""
        phone = self._metadata.get("phone")
        return str(phone) if phone else None

    @property
    def carries_pictures(self) -> bool:
        """Do pictures come and go? The chat on a website shows the address of ours, and brings none."""
        return self._metadata.get("channel") != "chat"

    @property
    def at(self) -> float:
        """When the message came, in seconds since 1970."""
        return float(next((event.get("timestamp") for event in self.here), None) or 0.0)

    @property
    def today(self) -> date:
        return self.desk.today()

    @property
    def terms(self) -> Terms:
        """What the shop promises, as it stands now."""
        return self.desk.terms()

    @cached_property
    def events(self) -> list[history.Event]:
        return list(self.tracker.events)

    @cached_property
    def here(self) -> list[history.Event]:
        """The customer's message and what has happened since."""
        return history.this_turn(self.events)

    @property
    def form(self) -> str | None:
        """The form that is active, if one is."""
        name = (self.tracker.active_loop or {}).get("name")
        return str(name) if name else None

    def slot(self, name: str) -> Any:
        return self.tracker.get_slot(name)

    def entity(self, name: str) -> str | None:
        """The first value of this entity in the message."""
        found = next((entity.get("value") for entity in self._entities(name)), None)
        return str(found).strip() if found else None

    @property
    def numbers(self) -> list[str]:
        """The order numbers of the wish being answered; all of the message when it names none itself."""
        found = self._entities("order_number")
        own = [each for each in found if self._in_second(each) == self.on_second]
        return _plain(own or found)

    @property
    def number(self) -> str | None:
        """The first order number in the message."""
        return next(iter(self.numbers), None)

    @property
    def own_number(self) -> str | None:
        """The first order number that stands with the wish being answered."""
        found = self._entities("order_number")
        return next(iter(_plain(each for each in found if self._in_second(each) == self.on_second)), None)

    @property
    def kept_number(self) -> str | None:
        """The order number that stood with a second wish of an earlier message, now taken up."""
        return self._kept[1]

    @property
    def is_half(self) -> bool:
        """Is it the second half of a message that is being answered, of this one or of an earlier one?"""
        return self.on_second or (self._second is None and bool(self._kept[0]))

    @property
    def second_number(self) -> str | None:
        """The order number given with the second of two wishes."""
        return next(iter(_plain(filter(self._in_second, self._entities("order_number")))), None)

    @property
    def wish(self) -> str:
        """The words of the wish being answered: the message, or one half of it when there are two wishes."""
        if self._second is None:
            return self._kept[0] or self.text
        first, second = history.halves(self.text, self._second)
        return (second if self.on_second else first) or self.text

    def say(self, text: str, choices: Sequence[Button] = (), file: Attached | None = None) -> None:
        """Answer, with up to ten choices to tap, and with a file."""
        buttons = [_fitting(each) for each in choices[:10]] or None
        custom = {"file": dict(file)} if file else None
        self.dispatcher.utter_message(text=text, buttons=buttons, json_message=custom)

    def prove(self, passage: Passage) -> None:
        """Pass on the evidence of an answer from the articles."""
        self.dispatcher.utter_message(json_message={"sources": [dict(source) for source in passage.sources]})

    def admit(self) -> None:
        """Tell the desk that an answer was wanted and there was no evidence for one."""
        self.dispatcher.utter_message(json_message={"no_evidence": True})

    def hand_off(
        self,
        text: str,
        reason: str,
        priority: str = "normal",
        evidence: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> list[Event]:
        """Say so and ask for a person. The bot is silent from here on; return these events.

        `evidence`: the words, scores or counts that decided; this message's words where none are given.
        `facts`: what the person should know, by name; what was told to the open form where none are given.
        """
        self.say(text)
        known = (
            told.facts((self.form or "").removesuffix("_form"), self.slot) if facts is None else dict(facts)
        )
        handoff = {"reason": reason, "priority": priority, "evidence": evidence or f"“{self.text}”"}
        self.dispatcher.utter_message(
            json_message={"handoff": {**handoff, **({"facts": known} if known else {})}}
        )
        return [*leave_form(), ConversationPaused()]

    @cached_property
    def _kept(self) -> tuple[str, str | None]:
        return history.kept_wish(self.events) or ("", None)

    @cached_property
    def _second(self) -> dict[str, Any] | None:
        """The entity that the engine makes of a second wish."""
        return next(iter(self._entities("second_wish")), None)

    @property
    def on_second(self) -> bool:
        """Is it the second wish of this message that is being answered? Its slot is emptied before."""
        return self._second is not None and self.slot("second_wish") is None

    def _in_second(self, entity: Mapping[str, Any]) -> bool:
        if self._second is None or self._second.get("end") is None:
            return False
        return int(self._second["start"]) <= int(entity.get("start") or 0) < int(self._second["end"])

    def _entities(self, name: str) -> list[dict[str, Any]]:
        found = self.tracker.latest_message.get("entities") or []
        return [entity for entity in found if entity.get("entity") == name]

    @property
    def _metadata(self) -> dict[str, Any]:
        return self.tracker.latest_message.get("metadata") or {}


def leave_form() -> list[Event]:
    """Events that end whatever form is active and forget what it was about to do."""
    return [ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("confirmed", None)]


def _plain(numbers: Iterable[Mapping[str, Any]]) -> list[str]:
    """Each number once, without spaces and "#"."""
    digits = (re.sub(r"[\s#]", "", str(each.get("value"))) for each in numbers)
    return [number for number in dict.fromkeys(digits) if number]


def _fitting(button: Button) -> Button:
    fitting: Button = {"title": truncate(button["title"], TITLE), "payload": button["payload"]}
    if description := button.get("description"):
        fitting["description"] = truncate(description, DESCRIPTION)
    return fitting
