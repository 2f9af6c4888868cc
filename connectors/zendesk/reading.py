"""What Zendesk says when it is asked: a ticket's comments, and which tickets have changed.

Of the optional parts (sorting, users beside the comments, metadata, attachments, several tickets in one
call, the incremental export) a service may lack any; then its answer is read without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.zendesk.rest import Rest
from conversations.errors import Refused
from conversations.messages import File

SIZE = 100
MOST_PAGES = 50
SKEW = timedelta(seconds=5)
"""How far Zendesk's clock and ours may lie apart."""

EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Written:
    """A comment of a ticket. `at`: EPOCH if unknown; `role`: the author's, empty if unknown."""

    id: str
    author_id: str
    author_name: str
    role: str
    body: str
    html: str
    public: bool
    at: datetime
    files: tuple[File, ...]
    metadata: Mapping[str, Any]

    def is_since(self, moment: datetime | None) -> bool:
        """Whether it was written after that moment, as far as can be told."""
        return moment is None or self.at == EPOCH or self.at >= moment - SKEW


def comments(
    rest: Rest, ticket_id: int, *, since: datetime | None = None, timeout: float | None = None
) -> list[Written]:
    """The ticket's comments, oldest first; those before `since` may be left out. Raises as Rest.get."""
    path = f"/api/v2/tickets/{ticket_id}/comments.json"
    wanted = {"sort": "-created_at", "page[size]": str(SIZE), "include": "users"}
    try:
        answer = rest.get(path, wanted, timeout)
    except Refused as error:
        if error.code == "RecordNotFound":
            raise
        answer = rest.get(path, None, timeout)
    found = _read(answer)
    for _ in range(MOST_PAGES):
        following = _next(answer)
        if not following or (since and found and min(each.at for each in found) < since - SKEW):
            break
        answer = rest.get(following, None, timeout)
        found += _read(answer)
    once = {each.id: each for each in found}
    return sorted(once.values(), key=lambda each: (each.at, each.id.zfill(20)))


def _next(answer: Mapping[str, Any]) -> str | None:
    meta, links = answer.get("meta"), answer.get("links")
    if isinstance(meta, dict) and meta.get("has_more") is True and isinstance(links, dict):
        following = links.get("next")
    else:
        following = answer.get("next_page")
    return following if isinstance(following, str) and following else None


def _read(answer: Mapping[str, Any]) -> list[Written]:
    given, users = answer.get("comments"), answer.get("users")
    if not isinstance(given, list):
        raise Refused("Zendesk's list of comments is not understood", code="bad_answer")
    people = (
        {str(user.get("id")): user for user in users if isinstance(user, dict)}
        if isinstance(users, list)
        else {}
    )
    return [_comment(each, people) for each in given if isinstance(each, dict) and each.get("id")]


def _comment(comment: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]]) -> Written:
    author = people.get(str(comment.get("author_id")), {})
    metadata = comment.get("metadata")
    custom = metadata.get("custom") if isinstance(metadata, dict) else None
    return Written(
        id=str(comment["id"]),
        author_id=str(comment.get("author_id") or ""),
        author_name=_text(author, "name"),
        role=_text(author, "role"),
        body=_text(comment, "body") or _text(comment, "plain_body"),
        html=_text(comment, "html_body"),
        public=comment.get("public") is not False,
        at=moment(comment.get("created_at")),
        files=tuple(_files(comment.get("attachments"))),
        metadata=custom if isinstance(custom, dict) else {},
    )


def _files(attachments: Any) -> list[File]:
    found = attachments if isinstance(attachments, list) else ()
    return [
        File(
            url=_text(each, "content_url"),
            name=_text(each, "file_name"),
            mime_type=_text(each, "content_type"),
            size=each["size"] if isinstance(each.get("size"), int) else 0,
        )
        for each in found
        if isinstance(each, dict) and _text(each, "content_url") and each.get("deleted") is not True
    ]


def moment(stamp: Any) -> datetime:
    """A time like 2026-11-21T00:00:00Z; EPOCH when it cannot be read."""
    try:
        at = datetime.fromisoformat(stamp)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return EPOCH


def _text(part: Mapping[str, Any], key: str) -> str:
    found = part.get(key)
    return found if isinstance(found, str) else ""
