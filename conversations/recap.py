"""What a customer wanted of late, what the bot did about it, and how they sounded: from the log. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from conversations.log import quoted
from conversations.rows import Entry

Turn = Mapping[str, Any]

PAUSE = timedelta(hours=24)
"""A silence after which another conversation begins, as for the engine (domain.yml, session_config)."""

CHATTER = frozenset(
    {"greet", "goodbye", "thank", "affirm", "deny", "inform", "never_mind", "bot_challenge", "human_agent"}
)
"""Intents of messages that alone do not tell what somebody wants, as long as they are short."""
FEW = 8
"""Words of a short message."""

MOST, LONG = 3, 160
"""Wishes that are quoted, and characters of a quotation; the transcript has all."""

NAMES = {
    "hand_back": "what a colleague had said",
    "start_return": "return of an item",
    "cancel_return": "cancelling a return",
    "cancel_order": "cancelling the order",
    "change_address": "change of address",
    "payment_issue": "trouble with a payment",
    "refund_status": "refund",
}
"""What the bot's actions are called on a ticket; others by their own names."""

PASSING = frozenset({"order_value", "go_on", "inform"})
"""Actions that only lead to others: their names tell nobody anything."""

UPSET, RISING = 0.5, 0.15
"""From which score a message sounds upset, and by how much the last ones must exceed the first to rise."""


def split(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """What was before, and the conversation of today: since a long silence, or since the bot got it back."""
    begins = 0
    for place, (one, other) in enumerate(pairwise(entries), start=1):
        returned = one.kind == "control" and one.body.get("to") == "bot"
        if returned or other.at - one.at > PAUSE:
            begins = place
    return list(entries[:begins]), list(entries[begins:])


def wishes(entries: Sequence[Entry], last: Turn | None) -> list[str]:
    """The customer's last messages that tell what they want, quoted. `last`: the turn of the newest one."""
    said = [entry for entry in entries if is_said(entry, "customer")]
    intents = {entry.inbox_id: entry.body.get("intent") for entry in entries if entry.kind == "turn"}
    if said and last:
        intents[said[-1].inbox_id] = last.get("intent")
    telling = [entry.text for entry in said if not _is_chatter(entry.text, intents.get(entry.inbox_id))]
    return [quoted(text, LONG) for text in dict.fromkeys(telling)][-MOST:]


def deeds(entries: Sequence[Entry], last: Turn | None) -> list[str]:
    """What the bot did, in order, each with its last words on it; the same thing again is counted."""
    done: list[tuple[str, str]] = []
    times: list[int] = []
    for turn, line in _turns(entries, last):
        what = _deed(turn)
        if what is None:
            continue
        if done and done[-1][0] == what:
            done[-1] = (what, line or done[-1][1])
            times[-1] += 1
        else:
            done.append((what, line))
            times.append(1)
    return [_told(what, line, n) for (what, line), n in zip(done, times, strict=True)]


def mood(entries: Sequence[Entry], last: Turn | None) -> str:
    """How the customer's last messages sounded, from 0 (calm) to 1 (furious), and where that is going."""
    turns = [turn for turn, _ in _turns(entries, last)]
    scores = [float(turn["frustration"]) for turn in turns if turn.get("frustration") is not None][-5:]
    if not scores:
        return ""
    half = scores[: max(1, len(scores) // 2)]
    change = scores[-1] - sum(half) / len(half)
    trend = "rising" if change > RISING else "easing" if change < -RISING else "steady"
    said = " → ".join(f"{score:.1f}" for score in scores)
    return f"{'upset' if scores[-1] >= UPSET else 'calm'}, {trend} (frustration {said})"


def is_said(entry: Entry, author: str) -> bool:
    """Whether it is a message with words or a file by this author."""
    kind = entry.body.get("kind") or "text"
    return entry.kind == "message" and entry.author == author and kind not in ("reaction", "system")


def _is_chatter(text: str, intent: Any) -> bool:
    return intent in CHATTER and len(text.split()) <= FEW


def _turns(entries: Sequence[Entry], last: Turn | None) -> Iterator[tuple[Turn, str]]:
    """Each turn with the first line of the bot's last message in it."""
    line = ""
    for entry in entries:
        if is_said(entry, "bot") and not entry.unsent:
            line = next(iter(entry.text.splitlines()), "")
        elif entry.kind == "turn":
            yield entry.body, line
            line = ""
    if last:
        yield last, ""


def _deed(turn: Turn) -> str | None:
    """One turn in a few words; None when it was only talk, or the hand-over itself."""
    if turn.get("error"):
        return f"no answer, as the bot failed ({turn['error']})"
    action = str(turn.get("action") or "")
    if not action or turn.get("escalated") or turn.get("dropped") or action.startswith("utter_"):
        return None
    articles = [str(source["article"]) for source in turn.get("sources") or () if source.get("article")]
    if articles:
        return f"answered from the article “{articles[0].replace('_', ' ')}”"
    name = re.sub(r"^(action|validate)_", "", action).removesuffix("_form")
    if name == "clarify":
        return "asked what was meant"
    return "" if name in PASSING else NAMES.get(name, name.replace("_", " "))


def _told(what: str, line: str, times: int) -> str:
    often = f" ({times} times)" if times > 1 else ""
    if not line or what.startswith(("answered", "asked", "no answer")):
        return f"{what or 'answered'}{often}"
    return f"{what}{often}: {quoted(line, LONG)}" if what else quoted(line, LONG)
