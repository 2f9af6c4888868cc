"""Records as the REST API shows them. Source of the shapes: Zendesk's API reference."""

from __future__ import annotations

from typing import Any

from sandbox.clock import stamp
from sandbox.zendesk.records import Attachment, Audit, Comment, Ticket, User

Json = dict[str, Any]
BRAND, FORM, GROUP = 26155559000003, 26155559000002, 26155559000004
CUSTOM_STATUS = {
    name: 26155559000010 + i for i, name in enumerate(["new", "open", "pending", "hold", "solved", "closed"])
}
CLIENT = {"client": "sandbox", "ip_address": "127.0.0.1", "location": "Local"}


def via(channel: str, followup: int | None = None, merged: tuple[int, int] | None = None) -> Json:
    """How something came in."""
    source: Json = {"from": {}, "to": {}, "rel": None}
    if followup is not None:
        source = {"from": {"ticket_id": followup, "channel": channel}, "to": {}, "rel": "follow_up"}
    if merged is not None:
        source = {"from": {"ticket_id": merged[0]}, "to": {"ticket_id": merged[1]}, "rel": "merge"}
    return {"channel": channel, "source": source}


def ticket(record: Ticket, base: str) -> Json:
    """A ticket; `base` is the sandbox's own address, for the URL."""
    fields = [{"id": key, "value": value} for key, value in record.custom_fields.items()]
    return {
        "url": f"{base}/api/v2/tickets/{record.id}.json",
        "id": record.id,
        "external_id": record.external_id,
        "via": via(record.channel, record.via_followup_source_id),
        "created_at": stamp(record.created_at),
        "updated_at": stamp(record.updated_at),
        "generated_timestamp": int(record.updated_at.timestamp()),
        "type": record.type,
        "subject": record.subject,
        "raw_subject": record.subject,
        "description": record.description,
        "priority": record.priority,
        "status": "deleted" if record.deleted else record.status,
        "recipient": None,
        "requester_id": record.requester_id,
        "submitter_id": record.submitter_id,
        "assignee_id": record.assignee_id,
        "organization_id": None,
        "group_id": record.group_id,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "forum_topic_id": None,
        "problem_id": None,
        "has_incidents": False,
        "is_public": any(comment.public for comment in record.comments),
        "due_at": None,
        "tags": list(record.tags),
        "custom_fields": fields,
        "satisfaction_rating": None,
        "sharing_agreement_ids": [],
        "custom_status_id": CUSTOM_STATUS[record.status],
        "fields": fields,
        "followup_ids": list(record.followup_ids),
        "ticket_form_id": FORM,
        "brand_id": BRAND,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
    }


def comment(record: Comment, base: str) -> Json:
    """A comment."""
    return {
        "id": record.id,
        "type": "Comment",
        "author_id": record.author_id,
        "body": record.body,
        "html_body": record.html_body,
        "plain_body": record.body,
        "public": record.public,
        "attachments": [attachment(file, base) for file in record.attachments],
        "audit_id": record.audit_id,
        "via": via(record.channel, merged=record.merged),
        "created_at": stamp(record.created_at),
        "metadata": {"system": CLIENT, "custom": record.metadata},
    }


def comment_event(record: Comment, base: str) -> Json:
    """A comment as one of an audit's events."""
    shown = comment(record, base)
    return {key: value for key, value in shown.items() if key not in ("via", "created_at", "metadata")}


def attachment(record: Attachment, base: str) -> Json:
    """A file."""
    content = f"{base}/attachments/token/{record.token}/?name={record.file_name}"
    return {
        "url": f"{base}/api/v2/attachments/{record.id}.json",
        "id": record.id,
        "file_name": record.file_name,
        "content_url": content,
        "mapped_content_url": content,
        "content_type": record.content_type,
        "size": len(record.data),
        "width": None,
        "height": None,
        "inline": False,
        "deleted": False,
        "malware_access_override": False,
        "malware_scan_result": "malware_not_found",
        "thumbnails": [],
    }


def audit(record: Audit, comments: dict[int, Comment], base: str) -> Json:
    """An audit; its comment events are filled in from `comments`, by id."""
    events = [comment_event(comments[e["id"]], base) if e["type"] == "Comment" else e for e in record.events]
    return {
        "id": record.id,
        "ticket_id": record.ticket_id,
        "created_at": stamp(record.created_at),
        "author_id": record.author_id,
        "metadata": {"system": CLIENT, "custom": record.metadata},
        "events": events,
        "via": via(record.channel),
    }


def user(record: User, base: str) -> Json:
    """A user."""
    return {
        "id": record.id,
        "url": f"{base}/api/v2/users/{record.id}.json",
        "name": record.name,
        "email": record.email,
        "created_at": stamp(record.created_at),
        "updated_at": stamp(record.updated_at),
        "time_zone": "UTC",
        "iana_time_zone": "Etc/UTC",
        "phone": record.phone,
        "shared_phone_number": record.shared_phone or None,
        "photo": None,
        "locale_id": 1,
        "locale": "en-US",
        "organization_id": None,
        "role": record.role,
        "verified": record.verified,
        "external_id": record.external_id,
        "tags": list(record.tags),
        "alias": None,
        "active": True,
        "shared": False,
        "shared_agent": False,
        "last_login_at": None,
        "two_factor_auth_enabled": None,
        "signature": None,
        "details": record.details,
        "notes": record.notes,
        "role_type": None,
        "custom_role_id": None,
        "moderator": record.is_staff,
        "ticket_restriction": None if record.is_staff else "requested",
        "only_private_comments": False,
        "restricted_agent": not record.is_staff,
        "suspended": False,
        "default_group_id": GROUP if record.is_staff else None,
        "report_csv": False,
        "user_fields": dict(record.user_fields),
    }
