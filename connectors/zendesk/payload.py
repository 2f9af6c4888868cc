"""What a Zendesk event webhook says. Zendesk: "Event types: ticket events", schema of 2022-11-06.

Ids are strings here and enums are upper case, unlike in the REST API.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors import json_text
from conversations.errors import BadPayload
from conversations.messages import SOLVED, StaffComment, TicketMerged, TicketStatusChanged

PREFIX = "zen:event-type:ticket."

_EXTERNAL_ID = re.compile(r"[a-z]+:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)

Event = Mapping[str, Any]


Told = StaffComment | TicketStatusChanged | TicketMerged


def parse(body: bytes) -> Told | None:
    """The comment, status change or merging of a ticket; None for anything else.

    The conversation is the one the ticket's external id names; None leaves it to the caller, who may
    know the ticket.

    A comment counts only if it is public and by staff; whether it is an echo of our own is for the
    caller to tell by `author_id`. A ticket merged into one that is not named counts as closed, and one
    deleted or marked as spam as "deleted" and solved: no answer can come from it any more. Raises
    BadPayload when the body is not JSON or a known event lacks its parts.
    """
    event = json_text.load(body)
    if not isinstance(event, dict):
        raise BadPayload("a Zendesk event is an object")
    kind = event.get("type")
    reader = _READERS.get(kind.removeprefix(PREFIX)) if isinstance(kind, str) else None
    if reader is None:
        return None
    detail = _part(event, "detail")
    return reader(event, detail, _conversation_id(detail))


def _conversation_id(detail: Event) -> str | None:
    """Of a ticket whose external id is "channel:conversation"; None if the ticket is not ours."""
    found = _EXTERNAL_ID.fullmatch(str(detail.get("external_id")).strip())
    return found[1].lower() if found else None


def _comment(event: Event, detail: Event, conversation_id: str | None) -> StaffComment | None:
    comment = _part(_part(event, "event"), "comment")
    author = _part(comment, "author")
    if comment.get("is_public") is not True or author.get("is_staff") is not True:
        return None
    return StaffComment(
        ticket_id=_id(detail),
        conversation_id=conversation_id,
        comment_id=_id(comment),
        author_id=_id(author),
        author_name=_text(author, "name"),
        body=_text(comment, "body").strip(),
        at=_time(event, detail),
        ticket_open=_status(detail) not in SOLVED,
    )


def _status_changed(event: Event, detail: Event, conversation_id: str | None) -> TicketStatusChanged:
    status = _text(_part(event, "event"), "current").lower() or _status(detail)
    return _changed(event, detail, conversation_id, status)


def _merged(event: Event, detail: Event, conversation_id: str | None) -> Told:
    about = event.get("event")
    into = str(about.get("target_ticket_id") or "") if isinstance(about, dict) else ""
    if not into.isdecimal():
        return _changed(event, detail, conversation_id, "closed")
    return TicketMerged(_id(event), _id(detail), conversation_id, into, _time(event, detail))


def _now(status: str | None) -> Callable[[Event, Event, str | None], TicketStatusChanged]:
    """A reader for events that mean a status; for None the ticket's own is taken."""

    def reader(event: Event, detail: Event, conversation_id: str | None) -> TicketStatusChanged:
        return _changed(event, detail, conversation_id, status or _status(detail))

    return reader


def _changed(event: Event, detail: Event, conversation_id: str | None, status: str) -> TicketStatusChanged:
    if not status:
        raise BadPayload("a Zendesk event without the ticket's status")
    return TicketStatusChanged(
        event_id=_id(event),
        ticket_id=_id(detail),
        conversation_id=conversation_id,
        status=status,
        solved=status in SOLVED,
        at=_time(event, detail),
    )


_READERS: Mapping[str, Callable[[Event, Event, str | None], Told | None]] = {
    "comment_added": _comment,
    "status_changed": _status_changed,
    "merged": _merged,
    "soft_deleted": _now("deleted"),
    "permanently_deleted": _now("deleted"),
    "marked_as_spam": _now("deleted"),
    "undeleted": _now(None),
}


def _status(detail: Event) -> str:
    return _text(detail, "status").lower()


def _part(parent: Event, key: str) -> Event:
    part = parent.get(key)
    if not isinstance(part, dict):
        raise BadPayload(f"a Zendesk event without its {key}")
    return part


def _id(part: Event) -> str:
    found = part.get("id")
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if isinstance(found, str) and found.strip():
        return found.strip()
    raise BadPayload("a Zendesk event with a part that has no id")


def _text(part: Event, key: str) -> str:
    found = part.get(key)
    return found if isinstance(found, str) else ""


def _time(event: Event, detail: Event) -> datetime:
    """The event's `time` (up to nanoseconds), else the ticket's last change, else the present; UTC."""
    for stamp in (_text(event, "time"), _text(detail, "updated_at")):
        try:
            at = datetime.fromisoformat(stamp)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            continue
    return datetime.now(UTC)
