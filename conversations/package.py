"""What an agent reads first when the bot asks for a person: at a glance, then in full. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from conversations import log, recap
from conversations.hours import Hours
from conversations.messages import HandoffRequest, TicketDraft
from conversations.recap import Turn, is_said
from conversations.rows import Conversation, Entry

PIECE = 20_000
"""Characters of one comment: Zendesk takes 64 kB, and one may be three bytes."""

NOBODY = "Customer"
"""The name of one who gave none."""

Orders = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Setup:
    """What the operator has set: where the console is, and which ticket fields take what.

    `fields`: the helpdesk's ids of its own fields, by what they take (`FIELDS`). `hours`: whose clock the
    times are told by; UTC without.
    """

    public_url: str | None = None
    fields: Mapping[str, int] = field(default_factory=dict)
    hours: Callable[[], Hours] | None = None

    def link(self, conversation_id: UUID) -> str | None:
        """The conversation in the console."""
        return f"{self.public_url}/console/{conversation_id}" if self.public_url else None


SHORT = ("what was ordered", "the status", "the total")
"""Facts of an order that tell it from others at a glance."""

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
    slots: Mapping[str, Any], link: str | None, owed: str = "", orders: Orders | None = None,
    hours: Hours | None = None,
) -> str:  # fmt: skip
    """The ticket's first comment: summary in three lines, facts, then the whole conversation with times.

    `title`: the reason in words. `entries`: the log so far, with the turn that asked for a person given as
    `last` where it is not in the log yet (`log.account`). `owed`: what is due to the customer, by when.
    `orders`: what the shop says of them, by number. `hours`: whose clock the times are told by. The same
    arguments give the same bytes.
    """
    name = on_one_line(name)
    before, now = recap.split(entries)
    tried = recap.deeds(now, last)
    facts = [
        ("Reason", f"{title} ({wanted.evidence})" if wanted.evidence else title),
        ("Priority", wanted.priority),
        *wanted.facts,
        _order_facts(now, orders or {}, slots),
        ("E-mail given", str(slots.get("email") or "")),
        ("Tried", "; ".join(tried) or "nothing yet"),
        ("Mood", recap.mood(now, last)),
        ("Owed", owed),
        ("Conversation", link or ""),
    ]
    parts = [
        [f"{name}: {title}.", _wants(now, last), _state(tried, orders or {}, slots)],
        [f"{label}: {on_one_line(fact)}" for label, fact in facts if fact],
        [f"The conversation so far (times: {hours.zone_name if hours else 'UTC'}):"],
        [log.transcript(now, name, hours)],
        *([["Before that:"], [log.transcript(before, name, hours)]] if before else []),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts)


def on_one_line(text: str) -> str:
    """The text with each run of white space as one blank: customers write names and words as they like."""
    return " ".join(text.split())


def name_of(conversation: Conversation) -> str:
    """What the customer is called on a ticket."""
    return on_one_line(conversation.name or "") or NOBODY


def draft(conversation: Conversation, subject: str, comment: str, priority: str, reason: str) -> TicketDraft:
    """The ticket to open for a conversation, with this as its first comment."""
    customer = conversation.user_id or conversation.wa_id
    name = name_of(conversation)
    return TicketDraft(
        external_id=f"{conversation.channel}:{conversation.id}",
        subject=f"{name}: {subject}",
        comment=comment,
        requester_external_id=f"{conversation.channel}:{customer}",
        requester_name=name,
        requester_phone=conversation.address.phone,
        priority=priority,
        tags=("parley", conversation.channel, reason),
    )


def follow_up(conversation: Conversation) -> dict[str, Any]:
    """The ticket that a comment opens where there is none to take it, as JSON, without the comment."""
    return draft(conversation, "Follow-up", "", "normal", "follow_up").to_json()


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


def _wants(now: Sequence[Entry], last: Turn | None) -> str:
    """The second line: what it is about, in the customer's words."""
    wishes = recap.wishes(now, last)
    return f"Wants: {' → '.join(wishes)}" if wishes else "Has not said yet what it is about."


def _state(tried: Sequence[str], orders: Orders, slots: Mapping[str, Any]) -> str:
    """The third line: about which order, and how far it got."""
    done = f"The bot's last step: {tried[-1]}" if tried else "The bot has done nothing yet"
    return f"{_order(orders, slots)}. {done}{'' if done.endswith(('.”', '?”', '!”')) else '.'}"


def _order(orders: Orders, slots: Mapping[str, Any]) -> str:
    """The order talked about, in a few words."""
    number, unknown = slots.get("order_number"), slots.get("unknown_order")
    if not number:
        return f"Order {unknown}, not found or not shown to be theirs" if unknown else "No order is known"
    facts = orders.get(str(number), {})
    short = [value for name in SHORT if (value := facts.get(name))]
    return f"Order {number} ({'; '.join(short)})" if short else f"Order {number}"


def _order_facts(now: Sequence[Entry], orders: Orders, slots: Mapping[str, Any]) -> tuple[str, str]:
    """What the shop says of the order talked about, else which orders the customer has.

    Where the shop says nothing of an order, what the bot last said of it.
    """
    number = slots.get("order_number")
    facts = orders.get(str(number))
    if facts:
        told = (f"{name.removeprefix('the ')}: {value}" for name, value in facts.items() if value)
        return f"Order {number}", "; ".join(told)
    if number:
        status = _said_of(str(number), now)
        return f"Order {number}, the bot said", log.quoted(status, recap.LONG) if status else ""
    known = (f"{number} ({facts.get('the status', 'unknown')})" for number, facts in orders.items())
    return "Orders of this customer", ", ".join(known)


def _said_of(number: str, now: Sequence[Entry]) -> str | None:
    named = re.compile(rf"(?<!\d){re.escape(number)}(?!\d)")
    told = (
        line
        for entry in reversed(now)
        if is_said(entry, "bot")
        for line in entry.text.splitlines()
        if named.search(line) and not line.startswith("•")
    )
    return next(told, None)
