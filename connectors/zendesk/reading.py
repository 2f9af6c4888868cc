"""What Zendesk says when it is asked: a ticket's comments, and which tickets have changed.

Of the optional parts (sorting, users beside the comments, metadata, attachments, several tickets in one
call, the incremental export) a service may lack any; then its answer is read without.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.zendesk import rich_text
from connectors.zendesk.rest import Rest
from conversations.errors import NeedsOperator, Refused
from conversations.messages import File, StaffComment, Thread, Ticket, TicketMerged, TicketState

SIZE = 100
MOST_PAGES = 50
SKEW = timedelta(seconds=5)
"""How far Zendesk's clock and ours may lie apart."""

EPOCH = datetime.fromtimestamp(0, UTC)

STAFF = ("agent", "admin")
CLOSED_BY_MERGE = "closed_by_merge"
LAG = timedelta(seconds=90)
"""The export begins a minute ago at the latest (CONTRACTS B6)."""

EXPORT_PAGES = 3
"""Pages of the export read in one go; Zendesk takes ten calls a minute."""


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
    """False also of what Zendesk writes by itself, where tickets are merged."""

    at: datetime
    files: tuple[File, ...]
    metadata: Mapping[str, Any]
    merging: tuple[str, ...] = ()
    """The tickets whose merging it tells of, the one that goes on first; empty for any other comment."""

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
        if not following or (since and _reaches_back(found, since)):
            break
        answer = rest.get(following, None, timeout)
        found += _read(answer)
    once = {each.id: each for each in found}
    return sorted(once.values(), key=lambda each: (each.at, each.id.zfill(20)))


def _reaches_back(found: Sequence[Written], since: datetime) -> bool:
    """Whether the newest come first, as was asked, and the last is from before that moment."""
    return bool(found) and found[-1].at <= found[0].at and found[-1].at < since - SKEW


def thread(rest: Rest, ticket: Ticket, our_id: str | None, since: datetime | None) -> Thread:
    """What the staff wrote to the customer of this ticket, and for each other. Raises as `comments`.

    Where we do not know who we are, no note is taken for the staff's: it might be our own.
    """
    found = comments(rest, ticket.id, since=since)
    by_staff = [each for each in found if _is_by_staff(each, ticket, our_id)]
    replies = tuple(_reply(each, ticket) for each in by_staff if each.public)
    notes = tuple(_reply(each, ticket) for each in by_staff if not each.public and our_id is not None)
    dated = [each.at for each in found if each.at != EPOCH]
    private = frozenset(each.id for each in found if not each.public)
    return Thread(replies, private, max(dated, default=None), notes, _merged(found, ticket))


def _merged(found: Sequence[Written], ticket: Ticket) -> TicketMerged | None:
    """The other ticket of the newest merging that its comments tell of."""
    for comment in reversed(found):
        for into in comment.merging:
            if into.isdecimal() and into != str(ticket.id):
                return TicketMerged(f"comment-{comment.id}", str(ticket.id), None, into, comment.at)
    return None


def _is_by_staff(comment: Written, ticket: Ticket, our_id: str | None) -> bool:
    """Whether a person of the staff wrote it, as far as can be told; never what we wrote.

    Where Zendesk tells neither roles nor who we are, nobody is taken for staff: a webhook has to say so.
    """
    if comment.author_id in (our_id, str(ticket.requester_id), "") or "parley" in comment.metadata:
        return False
    return comment.role in STAFF if comment.role else our_id is not None


def _reply(comment: Written, ticket: Ticket) -> StaffComment:
    """The comment in the chat's marks, with its files and then the pictures between its words."""
    read = rich_text.read(comment.html)
    known = {file.url for file in comment.files}
    pictures = [_picture(each) for each in read.pictures if "/attachments/" in each.url]
    return StaffComment(
        ticket_id=str(ticket.id),
        conversation_id=None,
        comment_id=comment.id,
        author_id=comment.author_id,
        author_name=comment.author_name,
        body=read.text or comment.body.strip(),
        at=comment.at,
        ticket_open=True,
        files=(*comment.files, *(each for each in pictures if each.url not in known)),
        whole=True,
    )


def states(rest: Rest, ids: Sequence[int], our_id: str | None = None) -> list[TicketState]:
    """How these tickets are now, without those that are gone. Raises Refused where it cannot be asked.

    A ticket that is assigned to ourselves counts as nobody's.
    """
    path, wanted = "/api/v2/tickets/show_many.json", {"ids": ",".join(str(id) for id in ids)}
    try:
        answer = rest.get(path, {**wanted, "include": "users"})
    except Refused:
        answer = rest.get(path, wanted)
    return _states(answer, our_id)


def changed(rest: Rest, cursor: str, since: datetime) -> tuple[list[TicketState], str]:
    """The tickets of the incremental export after this cursor, or since that moment, and the next cursor.

    Raises Refused where there is no export for us: Zendesk gives it to admins only.
    """
    path, found = "/api/v2/incremental/tickets/cursor.json", list[TicketState]()
    for _ in range(EXPORT_PAGES):
        start = min(since, datetime.now(UTC) - LAG)
        wanted = {"cursor": cursor} if cursor else {"start_time": str(int(start.timestamp()))}
        try:
            answer = rest.get(path, wanted)
        except NeedsOperator as error:
            if error.code in ("401", "Couldn't authenticate you"):
                raise
            raise Refused(str(error), code=error.code) from error
        found += _states(answer)
        cursor = _text(answer, "after_cursor") or cursor
        if answer.get("end_of_stream") is not False:
            break
    return found, cursor


def _states(answer: Mapping[str, Any], our_id: str | None = None) -> list[TicketState]:
    names = {id: _text(user, "name") for id, user in _people(answer).items()}
    given = answer.get("tickets")
    if not isinstance(given, list):
        raise Refused("Zendesk's list of tickets is not understood", code="bad_answer")
    return [
        TicketState(
            each["id"], _text(each, "status"), stamp, moment(stamp), _assignee(each, names, our_id),
            merged=_is_merged(each),
        )
        for each in given
        if isinstance(each, dict) and isinstance(each.get("id"), int) and _text(each, "status")
        for stamp in [_text(each, "updated_at")]
    ]  # fmt: skip


def _is_merged(ticket: Mapping[str, Any]) -> bool:
    """Zendesk closes a ticket that it merges into another, and tags it so."""
    tags = ticket.get("tags")
    return isinstance(tags, list) and CLOSED_BY_MERGE in tags


def _assignee(ticket: Mapping[str, Any], names: Mapping[str, str], our_id: str | None) -> str | None:
    """The name of the person it is assigned to, empty for nobody or ourselves; None where it is not told."""
    if "assignee_id" not in ticket:
        return None
    id = ticket["assignee_id"]
    return "" if id is None or str(id) == our_id else names.get(str(id)) or None


def _people(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The users beside a list, by id; empty where there are none."""
    users = answer.get("users")
    found = users if isinstance(users, list) else ()
    return {str(user.get("id")): user for user in found if isinstance(user, dict)}


def _picture(picture: rich_text.Picture) -> File:
    """A picture between the words is kept at Zendesk like an attachment; its address has its name."""
    address = urlsplit(picture.url)
    name = parse_qs(address.query).get("name", [""])[0] or picture.name or PurePosixPath(address.path).name
    return File(picture.url, name, mimetypes.guess_type(name)[0] or "image/png")


def _next(answer: Mapping[str, Any]) -> str | None:
    meta, links = answer.get("meta"), answer.get("links")
    if isinstance(meta, dict) and meta.get("has_more") is True and isinstance(links, dict):
        following = links.get("next")
    else:
        following = answer.get("next_page")
    return following if isinstance(following, str) and following else None


def _read(answer: Mapping[str, Any]) -> list[Written]:
    given = answer.get("comments")
    if not isinstance(given, list):
        raise Refused("Zendesk's list of comments is not understood", code="bad_answer")
    people = _people(answer)
    return [_comment(each, people) for each in given if isinstance(each, dict) and each.get("id")]


def _comment(comment: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]]) -> Written:
    author = people.get(str(comment.get("author_id")), {})
    metadata = comment.get("metadata")
    custom = metadata.get("custom") if isinstance(metadata, dict) else None
    merging = _merging(comment)
    return Written(
        id=str(comment["id"]),
        author_id=str(comment.get("author_id") or ""),
        author_name=_text(author, "name"),
        role=_text(author, "role"),
        body=_text(comment, "body") or _text(comment, "plain_body"),
        html=_text(comment, "html_body"),
        public=comment.get("public") is not False and not merging,
        at=moment(comment.get("created_at")),
        files=tuple(_files(comment.get("attachments"))),
        metadata=custom if isinstance(custom, dict) else {},
        merging=merging,
    )


def _files(attachments: Any) -> list[File]:
    found = attachments if isinstance(attachments, list) else ()
    return [
        File(
            url=_text(each, "content_url"),
            name=_text(each, "file_name"),
            mime_type=_kind(each),
            size=each["size"] if isinstance(each.get("size"), int) else 0,
        )
        for each in found
        if isinstance(each, dict) and _text(each, "content_url") and each.get("deleted") is not True
    ]


def _merging(comment: Mapping[str, Any]) -> tuple[str, ...]:
    """The tickets of a merging, the one that goes on first; blank ids where they are not named."""
    via = comment.get("via")
    source = via.get("source") if isinstance(via, dict) else None
    if not isinstance(source, dict) or source.get("rel") != "merge":
        return ()
    ends = [end if isinstance(end, dict) else {} for end in (source.get("to"), source.get("from"))]
    return tuple(str(end.get("ticket_id") or "") for end in ends)


def _kind(attachment: Mapping[str, Any]) -> str:
    """The file's type, by its name where the browser that uploaded it knew none."""
    told = _text(attachment, "content_type")
    vague = told.partition(";")[0].strip().lower() in ("", "application/octet-stream", "binary/octet-stream")
    return (mimetypes.guess_type(_text(attachment, "file_name"))[0] or told) if vague else told


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
