"""What an agent reads first when the bot asks for a person: at a glance, then in full. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from conversations import log
from conversations.messages import HandoffRequest
from conversations.rows import Entry

LONG = 160
"""Characters of a quotation; what is longer can be read in the transcript."""

UPSET, RISING = 0.5, 0.15
"""From which score a message sounds upset, and by how much the last ones must exceed the first to rise."""

PIECE = 20_000
"""Characters of one comment: Zendesk takes 64 kB, and one may be three bytes."""

Turn = Mapping[str, Any]
Orders = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Setup:
    """What the operator has set: where the console is, and which ticket fields take what.

    `fields`: the helpdesk's ids of its own fields, by what they take (`FIELDS`).
    """

    public_url: str | None = None
    fields: Mapping[str, int] = field(default_factory=dict)

    def link(self, conversation_id: UUID) -> str | None:
        """The conversation in the console."""
        return f"{self.public_url}/console/{conversation_id}" if self.public_url else None


FIELDS = ("reason", "order_number", "intent", "frustration", "conversation")


def values(
    setup: Setup, wanted: HandoffRequest, last: Turn | None, slots: Mapping[str, Any], link: str | None
) -> tuple[tuple[int, str], ...]:
    """The values of the ticket's own fields, by id; what is not known is left out."""
    turn = last or {}
    known = {
        "reason": wanted.reason,
        "order_number": slots.get("order_number"),
        "intent": turn.get("intent"),
        "frustration": turn.get("frustration"),
        "conversation": link,
    }
    return tuple((id, str(known[name])) for name, id in setup.fields.items() if known[name] is not None)


def write(
    name: str, title: str, wanted: HandoffRequest, entries: Sequence[Entry], last: Turn | None,
    slots: Mapping[str, Any], link: str | None, promised: str = "", orders: Orders | None = None,
) -> str:  # fmt: skip
    """The ticket's first comment: summary in three lines, facts, then the whole conversation with times.

    `title`: the reason in words. `entries`: the log so far, with the turn that asked for a person given as
    `last` where it is not in the log yet (`log.account`). `promised`: what is owed to the customer. `orders`:
    what the shop says of them, by number. The same arguments give the same bytes.
    """
    turns = [entry.body for entry in entries if entry.kind == "turn"] + ([last] if last else [])
    wishes = [_quoted(entry.text) for entry in entries if _is_said(entry, "customer")][-3:]
    order = _order(entries, slots)
    tried = _tried(turns)
    facts = [
        ("Reason", f"{title} ({wanted.evidence})" if wanted.evidence else title),
        ("Priority", wanted.priority),
        ("Wants", " → ".join(wishes)),
        *wanted.facts,
        ("Order", order),
        _order_facts(orders or {}, slots),
        ("E-mail given", str(slots.get("email") or "")),
        ("Tried", "; ".join(tried) or "nothing yet"),
        ("Mood", _mood(turns)),
        ("Promised", promised),
        ("Conversation", link or ""),
    ]
    return "\n".join(
        [
            f"{name}: {title}.",
            order or "No order is known.",
            _state(tried, wishes),
            "",
            *(f"{label}: {fact}" for label, fact in facts if fact),
            "",
            "The conversation so far (times in UTC):",
            "",
            log.transcript(entries, name),
        ]
    )


def pieces(text: str) -> list[str]:
    """A long package as comments that the helpdesk takes, in order, cut between lines."""
    found = [""]
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), PIECE):
            part = line[start : start + PIECE]
            if len(found[-1]) + len(part) > PIECE:
                found.append("")
            found[-1] += part
    return [piece.strip("\n") for piece in found]


def _order_facts(orders: Orders, slots: Mapping[str, Any]) -> tuple[str, str]:
    """What the shop says of the order talked about, else which orders the customer has."""
    facts = orders.get(str(slots.get("order_number")))
    if facts:
        told = (f"{name.removeprefix('the ')}: {value}" for name, value in facts.items() if value)
        return "Order facts", "; ".join(told)
    known = (f"{number} ({facts.get('the status', 'unknown')})" for number, facts in orders.items())
    return "Orders of this customer", ", ".join(known)


def _state(tried: Sequence[str], wishes: Sequence[str]) -> str:
    """The third line: how far it got, and what the customer wrote last."""
    done = f"The bot tried: {tried[-1]}." if tried else "The bot has done nothing yet."
    return f"{done} Last words: {wishes[-1]}" if wishes else done


def _order(entries: Sequence[Entry], slots: Mapping[str, Any]) -> str:
    """The order talked about, with what the bot last said of it."""
    number = slots.get("order_number")
    if not number:
        unknown = slots.get("unknown_order")
        return f"{unknown}, not found or not shown to be the customer's" if unknown else ""
    named = re.compile(rf"(?<!\d){re.escape(str(number))}(?!\d)")
    told = (
        line
        for entry in reversed(entries)
        if _is_said(entry, "bot")
        for line in entry.text.splitlines()
        if named.search(line) and not line.startswith("•")
    )
    status = next(told, None)
    return f"Order {number}, the bot said: {_quoted(status)}" if status else f"Order {number}"


def _tried(turns: Sequence[Turn]) -> list[str]:
    """What the bot did, in order, with what came of it; the same thing again is counted."""
    done: list[str] = []
    times: list[int] = []
    for what in filter(None, map(_deed, turns)):
        if done and done[-1] == what:
            times[-1] += 1
        else:
            done.append(what)
            times.append(1)
    return [f"{what} ({n} times)" if n > 1 else what for what, n in zip(done, times, strict=True)]


def _deed(turn: Turn) -> str:
    """One turn in a few words; empty when it was only talk, or the hand-over itself."""
    if turn.get("error"):
        return f"no answer, as the bot failed ({turn['error']})"
    action = re.sub(r"^(action|validate|utter)_", "", str(turn.get("action") or ""))
    what = action.removesuffix("_form").replace("_", " ")
    articles = [str(source.get("article")) for source in turn.get("sources") or () if source.get("article")]
    if articles:
        return f"{what}, answered from the article “{articles[0].replace('_', ' ')}”"
    if action == "clarify":
        return "asked what was meant"
    if not action or turn.get("escalated") or str(turn.get("action")).startswith("utter_"):
        return ""
    return f"{what}, {'not sent any more' if turn.get('dropped') else 'answered'}"


def _mood(turns: Sequence[Turn]) -> str:
    """How the customer's last messages sounded, from 0 (calm) to 1 (furious)."""
    scores = [float(turn["frustration"]) for turn in turns if turn.get("frustration") is not None][-5:]
    if not scores:
        return ""
    half = scores[: max(1, len(scores) // 2)]
    change = scores[-1] - sum(half) / len(half)
    trend = "rising" if change > RISING else "easing" if change < -RISING else "steady"
    said = " → ".join(f"{score:.1f}" for score in scores)
    return f"{'upset' if scores[-1] >= UPSET else 'calm'}, {trend} (frustration {said})"


def _is_said(entry: Entry, author: str) -> bool:
    kind = entry.body.get("kind") or "text"
    return entry.kind == "message" and entry.author == author and kind not in ("reaction", "system")


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= LONG else line[: LONG - 1] + '…'}”"
