"""What the desk says in words for what the core keeps as codes."""

from __future__ import annotations

from datetime import datetime

from conversations import handoff
from conversations.desk import risk

RISKS = {
    risk.RISING: "Frustration rising",
    risk.FALLBACKS: "Not understood twice",
    risk.AGAIN: "Same question again",
    risk.NO_EVIDENCE: "Answer without evidence",
    risk.LATE: "Order is late",
    risk.CLOSING: "Window closes, unanswered",
}
"""The reason codes of the at-risk view."""

STEPS = {
    "nudged": "The customer was told that a reply waits",
    "released": "The customer wrote: a held reply goes out",
    "expired": "A held reply has expired",
}
"""Steps of a held reply that stand in the conversation at their time."""

EXITS = {"whatsapp": "WhatsApp", "zendesk": "Zendesk", "chat": "The chat"}

ANONYMOUS = {"chat": "Chat visitor"}
KINDS = {
    "image": "Photo",
    "document": "Document",
    "audio": "Voice message",
    "video": "Video",
    "sticker": "Sticker",
    "location": "Location",
    "contacts": "Contact",
    "reaction": "Reaction",
}


def reason(why: str | None) -> str:
    """Why control passed, as a person says it."""
    if not why:
        return ""
    known = handoff.SUBJECTS.get(why)
    text = known or why.replace("_", " ")
    return text[0].upper() + text[1:]


def customer(channel: str, name: str | None, wa_id: str | None) -> str:
    """What to call a customer: the name they gave, else the number, else whence they write."""
    return name or (f"+{wa_id}" if wa_id else ANONYMOUS.get(channel, "WhatsApp customer"))


def stamp(at: datetime | None) -> int | None:
    """Milliseconds since 1970, as the browser counts."""
    return None if at is None else round(at.timestamp() * 1000)
