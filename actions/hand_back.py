"""A colleague has answered already: the bot repeats those words, and says none of its own against them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from actions import again, history
from actions.answering import DeskAction
from actions.turn import Event, Turn

SLOT = "hand_back"
"""What the agent left to the bot (conversations/handback); the policy adds `about` (engine/hand_back.py)."""

NO_MORE = "I can't add anything to that myself."
NO_PROMISE = "{} made no promise that I know of."
LAST_WORDS = "The last answer was: “{}”"
STILL_OPEN = "{} has not answered that yet."
LISTS = (("promised", "{} promised:"), ("changed", "What has changed:"), ("open", "Still open:"))


class ActionHandBack(DeskAction):
    def name(self) -> str:
        return "action_hand_back"

    async def answer(self, turn: Turn) -> list[Event]:
        left = turn.slot(SLOT) or {}
        about = left.get("about")
        if about and not about["answered"]:
            turn.say(f"{STILL_OPEN.format(_who(left))} {again.OFFER}", again.ASK_PERSON)
        elif about:
            said = f"{_who(left)} answered that {_when(left, turn)}: “{about['answered']}”"
            turn.say(f"{said}\n{NO_MORE} {again.OFFER}", again.ASK_PERSON)
        else:
            _tell(turn, left)
        return []


def of(turn: Turn) -> Mapping[str, Any]:
    """What the last agent left to the bot; empty when there was none."""
    left = turn.slot(SLOT)
    return left if isinstance(left, dict) else {}


def resumed(turn: Turn, topics: Collection[str]) -> bool:
    """Whether a colleague had the conversation, and none of these topics has come up since."""
    return bool(of(turn)) and history.last_topic(turn.events, topics) is None


def _tell(turn: Turn, left: Mapping[str, Any]) -> None:
    """Promises, changes and open questions; where something is open, a person is offered."""
    who = f"{_who(left)} ({_when(left, turn)})"
    parts = [
        "\n".join([title.format(who), *(f"• {each}" for each in left[key])])
        for key, title in LISTS
        if left.get(key)
    ]
    if not left.get("promised"):
        parts.insert(0, NO_PROMISE.format(who))
        if handled := left.get("handled"):
            parts.insert(1, LAST_WORDS.format(handled[-1]["answered"]))
    if left.get("open") or not (left.get("promised") or left.get("changed")):
        turn.say("\n\n".join([*parts, again.OFFER]), again.ASK_PERSON)
    else:
        turn.say("\n\n".join(parts))


def _who(left: Mapping[str, Any]) -> str:
    name = str(left.get("by") or "").strip()
    return f"My colleague {name}" if name else "My colleague"


def _when(left: Mapping[str, Any], turn: Turn) -> str:
    try:
        day = datetime.fromisoformat(str(left.get("at"))).date()
    except ValueError:
        return "earlier"
    return "today" if day == turn.today else f"on {day:%-d %B}"
