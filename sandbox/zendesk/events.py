"""What a change of a ticket says to webhooks: string ids, upper-case enums. Source: its events page."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any

from sandbox.clock import stamp
from sandbox.zendesk import shapes
from sandbox.zendesk.records import Comment, Ticket, User
from sandbox.zendesk.settings import ZendeskSettings
from sandbox.zendesk.ticket_rules import Change

Json = dict[str, Any]
PREFIX = "zen:event-type:ticket."
CHANGED = {
    "status": "status_changed",
    "priority": "priority_changed",
    "type": "type_changed",
    "subject": "subject_changed",
    "assignee_id": "agent_assignment_changed",
    "group_id": "group_assignment_changed",
    "external_id": "external_id_changed",
    "requester_id": "requester_changed",
}
UPPER = ("status", "priority", "type")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def of_change(change: Change, users: dict[int, User], settings: ZendeskSettings) -> list[Json]:
    """Every event of one update, in the order of its sequence."""
    happened: list[tuple[str, Json]] = [("created", {})] if change.created else []
    if change.comment is not None:
        happened.append(("comment_added", {"comment": _comment(change.comment, users)}))
    if change.merged_into is not None:
        happened.append(("merged", {"target_ticket_id": str(change.merged_into.id)}))
    if change.ticket.deleted:
        happened.append(("soft_deleted", {}))
    if not change.created:
        happened += [_changed(name, *values) for name, values in change.fields.items()]
    sequence = ulid()
    return [
        _event(change, settings, kind, event | {"meta": {"sequence": {"id": sequence, "position": position}}})
        for position, (kind, event) in enumerate(happened, 1)
    ]


def ulid() -> str:
    """26 characters that nothing else has, in the alphabet of ULIDs."""
    return "01" + "".join(secrets.choice(ALPHABET) for _ in range(24))


def nanoseconds(moment: datetime) -> str:
    """A moment with nine digits after the point, as Zendesk writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}{secrets.randbelow(1000):03d}Z"


def _event(change: Change, settings: ZendeskSettings, kind: str, event: Json) -> Json:
    return {
        "account_id": settings.account_id,
        "detail": _detail(change.ticket, change.actor, change.audit.channel),
        "event": event,
        "id": str(uuid.uuid4()),
        "subject": f"zen:ticket:{change.ticket.id}",
        "time": nanoseconds(change.audit.created_at),
        "type": PREFIX + kind,
        "zendesk_event_version": "2022-11-06",
    }


def _detail(ticket: Ticket, actor: User, channel: str) -> Json:
    return {
        "actor_id": str(actor.id),
        "assignee_id": _text(ticket.assignee_id),
        "brand_id": str(shapes.BRAND),
        "created_at": stamp(ticket.created_at),
        "custom_status": str(shapes.CUSTOM_STATUS[ticket.status]),
        "description": ticket.description,
        "external_id": ticket.external_id,
        "form_id": str(shapes.FORM),
        "group_id": _text(ticket.group_id),
        "id": str(ticket.id),
        "is_public": any(comment.public for comment in ticket.comments),
        "organization_id": None,
        "priority": _upper(ticket.priority),
        "requester_id": str(ticket.requester_id),
        "status": ticket.status.upper(),
        "subject": ticket.subject,
        "submitter_id": str(ticket.submitter_id),
        "tags": list(ticket.tags),
        "type": _upper(ticket.type),
        "updated_at": stamp(ticket.updated_at),
        "via": {"channel": "web_service" if channel == "api" else channel},
    }


def _comment(comment: Comment, users: dict[int, User]) -> Json:
    author = users[comment.author_id]
    return {
        "id": str(comment.id),
        "body": comment.body,
        "is_public": comment.public,
        "author": {"id": str(author.id), "is_staff": author.is_staff, "name": author.name},
    }


def _changed(name: str, before: Any, after: Any) -> tuple[str, Json]:
    if name == "tags":
        added, removed = sorted(set(after) - set(before)), sorted(set(before) - set(after))
        return "tags_changed", {"tags_added": added, "tags_removed": removed}
    if name.startswith("custom_field_"):
        field = {"id": name.removeprefix("custom_field_"), "type": "text"}
        return "custom_field_changed", {"current": after, "previous": before, "field": field}
    convert = _upper if name in UPPER else _text
    return CHANGED[name], {"current": convert(after), "previous": convert(before)}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _upper(value: Any) -> str | None:
    return None if value is None else str(value).upper()
