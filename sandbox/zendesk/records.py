"""Users, tickets, comments and audits, as plain values in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]
STAFF = ("agent", "admin")


@dataclass
class User:
    """A person: an end user, an agent, or the admin that the app writes as."""

    id: int
    name: str
    role: str
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    shared_phone: bool = False
    verified: bool = False
    tags: list[str] = field(default_factory=list)
    notes: str | None = None
    details: str | None = None
    user_fields: Json = field(default_factory=dict)
    identities: list[Json] = field(default_factory=list)

    @property
    def is_staff(self) -> bool:
        """Whether this is somebody who answers customers."""
        return self.role in STAFF


@dataclass
class Attachment:
    """A file; `token` is in its URL."""

    id: int
    token: str
    file_name: str
    content_type: str
    data: bytes


@dataclass
class Comment:
    """Something written in a ticket; private ones are for staff."""

    id: int
    audit_id: int
    author_id: int
    body: str
    html_body: str
    public: bool
    created_at: datetime
    channel: str
    metadata: Json = field(default_factory=dict)
    merged: tuple[int, int] | None = None
    """Written by Zendesk itself when the first ticket was merged into the second."""

    attachments: list[Attachment] = field(default_factory=list)


@dataclass
class Audit:
    """One update of a ticket, with everything it changed."""

    id: int
    ticket_id: int
    author_id: int
    created_at: datetime
    channel: str
    metadata: Json
    events: list[Json] = field(default_factory=list)


@dataclass
class Ticket:
    """A ticket. `sequence` grows with every change of any ticket: the cursor of the incremental export."""

    id: int
    subject: str
    requester_id: int
    submitter_id: int
    created_at: datetime
    updated_at: datetime
    status: str = "new"
    priority: str | None = None
    type: str | None = None
    external_id: str | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    tags: list[str] = field(default_factory=list)
    custom_fields: dict[int, Any] = field(default_factory=dict)
    channel: str = "api"
    via_followup_source_id: int | None = None
    followup_ids: list[int] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)
    deleted: bool = False
    sequence: int = 0

    @property
    def description(self) -> str:
        """The first comment."""
        return self.comments[0].body if self.comments else ""
