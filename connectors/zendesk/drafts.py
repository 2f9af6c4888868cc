"""What we write to Zendesk: tickets and comments. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zenpy.lib.api_objects import Comment

from conversations.messages import TicketDraft

COMMENT_LIMIT = 60_000
"""Characters. Zendesk takes 64 kB; of a longer conversation the latest part is kept."""

PRIORITIES = ("low", "normal", "high", "urgent")


def ticket(draft: TicketDraft, requester_id: int, key: str, uploads: Sequence[str]) -> dict[str, Any]:
    """The ticket's fields, the same bytes for the same draft: the Idempotency-Key demands it."""
    fields: dict[str, Any] = {
        "external_id": draft.external_id,
        "subject": draft.subject,
        "priority": draft.priority,
        "tags": list(draft.tags),
        "requester_id": requester_id,
        "comment": comment(
            draft.comment,
            public=draft.as_customer,
            author_id=requester_id if draft.as_customer else None,
            uploads=uploads,
        ),
        "metadata": {"parley": key},
    }
    if draft.follows is not None:
        fields["via_followup_source_id"] = draft.follows
    return {**fields, **own_fields(draft)}


def comment(text: str, *, public: bool, author_id: int | None = None, uploads: Sequence[str] = ()) -> Comment:
    """A comment by us, unless an author is named."""
    author = {} if author_id is None else {"author_id": author_id}
    files = {"uploads": list(uploads)} if uploads else {}
    return Comment(body=body(text), public=public, **author, **files)


def body(text: str) -> str:
    """The text as long as a comment may be."""
    return text if len(text) <= COMMENT_LIMIT else "…" + text[-COMMENT_LIMIT + 1 :]


def is_higher(priority: str, than: str | None) -> bool:
    """Whether a priority is higher than a ticket's, which may be none."""
    return than not in PRIORITIES or PRIORITIES.index(priority) > PRIORITIES.index(than)


def own_fields(draft: TicketDraft) -> dict[str, Any]:
    """The values of the account's own fields; nothing where there are none."""
    values = [{"id": id, "value": value} for id, value in draft.fields]
    return {"custom_fields": values} if values else {}
