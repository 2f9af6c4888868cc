"""Creating and changing tickets by Zendesk's rules. Source: Zendesk's tickets reference."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.zendesk import shapes
from sandbox.zendesk.errors import Closed, Conflict, Invalid
from sandbox.zendesk.records import Attachment, Audit, Comment, Json, Ticket, User
from sandbox.zendesk.state import State

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("urgent", "high", "normal", "low")
TYPES = ("problem", "incident", "question", "task")
FIELDS = ("status", "priority", "type", "subject", "external_id", "assignee_id", "requester_id", "group_id")
WAITING = ("pending", "hold", "solved")
"""Where a requester's comment opens the ticket again."""
MOST_COMMENTS = 5000
TAGS = re.compile(r"<[^>]+>")


@dataclass
class Change:
    """What one request did to a ticket: field name to (previous, present), and the new comment."""

    ticket: Ticket
    audit: Audit
    actor: User
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    comment: Comment | None = None
    created: bool = False
    merged_into: Ticket | None = None


class Changer:
    """The only place where tickets change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, wanted: Json, actor: User, channel: str = "api") -> Change:
        """A new ticket. Raises Invalid."""
        parent = self._parent(wanted)
        if not _has_words(wanted.get("comment")):
            raise Invalid("base", "Description: cannot be blank", "BlankValue")
        _check(wanted)
        requester = self._requester(wanted, actor, parent)
        now, number = self._state.now(), self._state.first_ticket + len(self._state.tickets)
        subject = str(wanted.get("subject") or wanted["comment"].get("body", ""))[:150]
        submitter = int(wanted.get("submitter_id") or actor.id)
        ticket = Ticket(number, subject, requester.id, submitter, now, now, channel=channel)
        change = self._begin(ticket, wanted, actor, channel)
        change.created = True
        if parent is not None:
            ticket.via_followup_source_id, ticket.tags = parent.id, list(parent.tags)
            parent.followup_ids.append(ticket.id)
        self._apply(change, wanted)
        self._state.tickets[number] = ticket
        self._finish(change, "Create")
        return change

    def update(self, ticket: Ticket, wanted: Json, actor: User, channel: str = "api") -> Change:
        """Change a ticket. Raises Closed, Conflict (safe_update) or Invalid; then nothing has changed."""
        if ticket.status == "closed":
            raise Closed
        _check_stamp(ticket, wanted)
        _check(wanted)
        if wanted.get("status") == "new" and ticket.status != "new":
            raise Invalid("status", "Status: new cannot be set again")
        if "comment" in wanted and not _has_words(wanted["comment"]):
            raise Invalid("comment", "Comment: Body: cannot be blank", "BlankValue")
        if len(ticket.comments) >= MOST_COMMENTS and "comment" in wanted:
            raise Invalid("comment", "Comment: the ticket has too many comments")
        self._check_people(wanted)
        change = self._begin(ticket, wanted, actor, channel)
        self._apply(change, wanted)
        self._finish(change, "Change")
        return change

    def delete(self, ticket: Ticket, actor: User) -> Change:
        """Delete softly: it is gone from everything but the incremental export."""
        change = self._begin(ticket, {}, actor, "api")
        ticket.deleted = True
        self._finish(change, "Change")
        return change

    def merge(self, ticket: Ticket, into: Ticket, actor: User) -> list[Change]:
        """Close a ticket and say in both that it goes on in the other. Raises Closed."""
        said = f'#{ticket.id} "{ticket.subject}" was merged into #{into.id}'
        wanted = {"comment": {"body": said, "public": True}}
        closed = {"status": "closed", "additional_tags": ["closed_by_merge"]}
        changes = [
            self.update(ticket, wanted | closed, actor, "web"),
            self.update(into, wanted, actor, "web"),
        ]
        for change in changes:
            if change.comment:
                change.comment.merged = ticket.id, into.id
        changes[0].merged_into = into
        return changes

    def _begin(self, ticket: Ticket, wanted: Json, actor: User, channel: str) -> Change:
        custom = wanted.get("metadata") or {}
        audit = Audit(self._state.new_id(), ticket.id, actor.id, self._state.now(), channel, custom)
        return Change(ticket, audit, actor)

    def _apply(self, change: Change, wanted: Json) -> None:
        if "comment" in wanted:
            self._comment(change, wanted["comment"])
        for name in FIELDS:
            if name in wanted and not (change.created and name in ("subject", "requester_id")):
                self._set(change, name, wanted[name])
        self._tags(change, wanted)
        for item in wanted.get("custom_fields") or []:
            self._custom_field(change, item)
        self._follow_rules(change, wanted)

    def _follow_rules(self, change: Change, wanted: Json) -> None:
        ticket = change.ticket
        if change.comment and change.comment.author_id == ticket.requester_id and "status" not in wanted:
            if ticket.status in WAITING and not change.created:
                self._set(change, "status", "open")
        if ticket.status in ("solved", "closed") and ticket.assignee_id is None and change.actor.is_staff:
            self._set(change, "assignee_id", change.actor.id)
        if ticket.assignee_id is not None and ticket.status == "new":
            self._set(change, "status", "open")
        if ticket.assignee_id is not None and ticket.group_id is None:
            ticket.group_id = shapes.GROUP

    def _finish(self, change: Change, kind: str) -> None:
        ticket, audit = change.ticket, change.audit
        if change.created:
            change.fields.setdefault("subject", (None, ticket.subject))
            change.fields.setdefault("status", (None, ticket.status))
        for name, (before, after) in change.fields.items():
            event = {"id": self._state.new_id(), "type": kind, "value": after, "field_name": name}
            audit.events.append(event if change.created else event | {"previous_value": before})
        ticket.audits.append(audit)
        ticket.updated_at = audit.created_at
        self._state.touch(ticket)

    def _comment(self, change: Change, wanted: Json) -> None:
        body, markup = _words(wanted)
        default = change.ticket.submitter_id if change.created else change.actor.id
        author = self._state.users[int(wanted.get("author_id") or default)]
        comment = Comment(
            id=self._state.new_id(),
            audit_id=change.audit.id,
            author_id=author.id,
            body=body,
            html_body=markup,
            public=bool(wanted.get("public", True)),
            created_at=change.audit.created_at,
            channel=change.audit.channel,
            metadata=change.audit.metadata,
            attachments=self._attachments(wanted.get("uploads")),
        )
        change.comment = comment
        change.ticket.comments.append(comment)
        change.audit.author_id = author.id
        change.audit.events.append({"id": comment.id, "type": "Comment"})

    def _attachments(self, tokens: Any) -> list[Attachment]:
        tokens = [tokens] if isinstance(tokens, str) else tokens or []
        return [file for token in tokens for file in self._state.uploads.pop(token, [])]

    def _set(self, change: Change, name: str, value: Any) -> None:
        value = int(value) if name.endswith("_id") and name != "external_id" and value else value
        before = getattr(change.ticket, name)
        if before != value:
            setattr(change.ticket, name, value)
            first = change.fields.get(name, (before, None))[0]
            change.fields[name] = (first, value)

    def _tags(self, change: Change, wanted: Json) -> None:
        tags = list(wanted["tags"]) if "tags" in wanted else list(change.ticket.tags)
        tags += wanted.get("additional_tags") or []
        removed = set(wanted.get("remove_tags") or [])
        self._set(change, "tags", sorted({str(tag).lower() for tag in tags} - removed))

    def _custom_field(self, change: Change, item: Json) -> None:
        key, value = int(item["id"]), item.get("value")
        before = change.ticket.custom_fields.get(key)
        if before != value:
            change.ticket.custom_fields[key] = value
            change.fields[f"custom_field_{key}"] = (before, value)

    def _parent(self, wanted: Json) -> Ticket | None:
        number = wanted.get("via_followup_source_id")
        if number is None:
            return None
        parent = self._state.tickets.get(int(number))
        if parent is None or parent.status != "closed":
            raise Invalid("via_followup_source_id", "Follow-up source: must be a closed ticket")
        return parent

    def _requester(self, wanted: Json, actor: User, parent: Ticket | None) -> User:
        self._check_people(wanted)
        if wanted.get("requester_id"):
            return self._state.users[int(wanted["requester_id"])]
        described = wanted.get("requester")
        if isinstance(described, dict):
            return self._described(described)
        return self._state.users[parent.requester_id] if parent else actor

    def _described(self, described: Json) -> User:
        email = described.get("email")
        known = [user for user in self._state.users.values() if email and user.email == email]
        if known:
            return known[0]
        if not described.get("name"):
            raise Invalid("requester", "Requester: Name: is too short (minimum one character)")
        user = self._state.add_user(str(described["name"]), email=email)
        user.phone = described.get("phone")
        return user

    def _check_people(self, wanted: Json) -> None:
        for name, staff in (("requester_id", False), ("assignee_id", True), ("submitter_id", False)):
            self._check_person(name.removesuffix("_id"), wanted.get(name), staff=staff)
        self._check_person("author", (wanted.get("comment") or {}).get("author_id"), staff=False)

    def _check_person(self, role: str, number: Any, *, staff: bool) -> None:
        if not number:
            return
        person = self._state.users.get(int(number)) if str(number).isdigit() else None
        if person is None or (staff and not person.is_staff):
            raise Invalid(role, f"{role.capitalize()}: is not a user who can be this")


def _check(wanted: Json) -> None:
    for name, allowed in (("status", STATUSES), ("priority", PRIORITIES), ("type", TYPES)):
        value = wanted.get(name)
        if value not in allowed and not (value is None and (name != "status" or name not in wanted)):
            raise Invalid(name, f"{name.capitalize()}: {value} is not one of the allowed values")
    for name in ("tags", "additional_tags", "remove_tags"):
        value = wanted.get(name, [])
        if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
            raise Invalid("tags", "Tags: must be a list of strings")
    for item in wanted.get("custom_fields") or []:
        if not isinstance(item, dict) or not str(item.get("id")).isdigit():
            raise Invalid("custom_fields", "Custom fields: each needs a numeric id")
    if not isinstance(wanted.get("metadata") or {}, dict):
        raise Invalid("metadata", "Metadata: must be an object")


def _check_stamp(ticket: Ticket, wanted: Json) -> None:
    if not wanted.get("safe_update"):
        return
    try:
        seen = datetime.fromisoformat(str(wanted.get("updated_stamp")))
    except ValueError:
        raise Invalid("updated_stamp", "Updated stamp: is needed for a safe update") from None
    if ticket.updated_at.replace(microsecond=0) > seen:
        raise Conflict


def _has_words(comment: Any) -> bool:
    return isinstance(comment, dict) and bool(_words(comment)[0].strip() or comment.get("uploads"))


def _words(comment: Json) -> tuple[str, str]:
    """Plain text and HTML of a comment that was given as either."""
    if comment.get("html_body") and not comment.get("body"):
        markup = str(comment["html_body"])
        return html.unescape(TAGS.sub("", markup)), markup
    body = str(comment.get("body") or "")
    paragraphs = "".join(
        f'<p dir="auto">{html.escape(part).replace(chr(10), "<br>")}</p>' for part in body.split("\n\n")
    )
    return body, f'<div class="zd-comment" dir="auto">{paragraphs}</div>'
