"""What colleagues read of a customer who waits: never a name, an order or the customer's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from conversations.handoff import SUBJECTS
from conversations.messages import HandoffRequest, Notice
from conversations.package import Setup
from conversations.promises.store import Promise
from conversations.rows import Conversation

CHANNELS = {"whatsapp": "WhatsApp", "chat": "Web chat"}
OVERDUE = {"answer": "an answer", "call": "a call-back", "own": "what a colleague promised"}
TOLD_DIGITS = 3
"""Digits of a phone number that a colleague may read in a notification: enough to tell two apart."""


def body(
    conversation: Conversation, wanted: HandoffRequest, skill: str | None, link: str | None
) -> dict[str, Any]:
    """What is kept with the notice, so that every attempt says the same."""
    return {
        "priority": wanted.priority,
        "subject": SUBJECTS.get(wanted.reason, wanted.reason.replace("_", " ").capitalize()),
        "channel": CHANNELS.get(conversation.channel, conversation.channel),
        "phone": masked(conversation.wa_id),
        "skill": skill,
        "link": link,
    }


def overdue(conversation: Conversation, promise: Promise, setup: Setup) -> dict[str, Any]:
    """What is kept with the notice of a broken promise: not its words, which are the customer's business."""
    hours = setup.hours() if setup.hours else None
    due = f"{hours.local(promise.due_at):%a %-d %b %-H:%M} ({hours.zone_name})" if hours else ""
    return {
        "overdue": OVERDUE[promise.kind],
        "due": due or f"{promise.due_at:%a %-d %b %-H:%M} (UTC)",
        "by": promise.made_by,
        "channel": CHANNELS.get(conversation.channel, conversation.channel),
        "phone": masked(conversation.wa_id),
        "link": setup.link(conversation.id),
    }


def notice(kept: Mapping[str, Any], step: int, waited: timedelta) -> Notice:
    """The message, after so long a wait."""
    if "overdue" in kept:
        return _overdue(kept)
    minutes = int(waited.total_seconds() // 60)
    wait = span(minutes)
    nobody = "Nobody has taken it yet." if step else "Somebody is needed."
    who = " ".join(filter(None, (kept["channel"], kept["phone"])))
    skill = f"Skill: {kept['skill']}" if kept["skill"] else ""
    facts = (f"Waiting: {wait}", f"Customer: {who}", skill)
    return Notice(
        f"{kept['priority'].capitalize()}: {kept['subject']}",
        nobody,
        tuple(filter(None, facts)),
        kept["link"],
    )


def _overdue(kept: Mapping[str, Any]) -> Notice:
    who = " ".join(filter(None, (kept["channel"], kept["phone"])))
    facts = (f"Was due: {kept['due']}", f"Promised by: {kept['by']}", f"Customer: {who}")
    return Notice(f"Overdue: {kept['overdue']}", "It is still owed to the customer.", facts, kept["link"])


def masked(phone: str | None) -> str:
    """The last digits of a phone number; empty for none, or for one too short to hide anything."""
    return f"…{phone[-TOLD_DIGITS:]}" if phone and len(phone) > 2 * TOLD_DIGITS else ""


def span(minutes: int) -> str:
    """How long, in words."""
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{minutes // 60} hours"
