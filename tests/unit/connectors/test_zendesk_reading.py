"""What is read of a ticket and of the list of changes, from services that tell more or less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import requests

from connectors.zendesk import reading
from connectors.zendesk.rest import Rest
from connectors.zendesk.session import Session
from conversations.errors import NeedsOperator, Refused, TryLater
from conversations.messages import Ticket

TICKET = Ticket(41, 700)
US, MIA, CUSTOMER = 900, 800, 700
AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@dataclass
class FakeRest:
    """Gives these answers in turn and keeps the calls; an error is raised."""

    answers: list[Any]
    calls: list[tuple[str, Mapping[str, str] | None]] = field(default_factory=list)

    def get(self, path: str, params: Mapping[str, str] | None = None, timeout: float | None = None) -> Any:
        self.calls.append((path, params))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class FakeSession:
    """Answers everything with an empty object and keeps the addresses."""

    asked: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        self.asked.append(url)
        response = requests.Response()
        response._content = b"{}"
        return response


def comment(id: int, author: int, body: str = "Hi", **more: Any) -> dict[str, Any]:
    stamp = f"2026-11-20T10:{id:02}:00Z"
    return {"id": id, "author_id": author, "body": body, "public": True, "created_at": stamp, **more}


def listed(*comments: dict[str, Any], roles: bool = True) -> dict[str, Any]:
    people = [
        {"id": US, "role": "admin", "name": "Parley"},
        {"id": MIA, "role": "agent", "name": "Mia"},
        {"id": CUSTOMER, "role": "end-user", "name": "Ana"},
        {"id": 600, "role": "end-user", "name": "A copied friend"},
    ]
    return {"comments": list(comments), "meta": {"has_more": False}, **({"users": people} if roles else {})}


def thread(*answers: Any, our_id: str | None = str(US)) -> Any:
    return reading.thread(cast(Rest, FakeRest(list(answers))), TICKET, our_id, None)


def test_replies_are_what_staff_wrote_in_public() -> None:
    """Newest first or not: the replies come oldest first, without notes, the customer's words, or our own."""
    found = thread(
        listed(
            comment(7, MIA, "second"),
            comment(6, MIA, "psst", public=False),
            comment(5, 600, "me too"),
            comment(4, CUSTOMER, "hello?"),
            comment(3, MIA, "first"),
            comment(2, MIA, "mirrored", metadata={"custom": {"parley": "parley-1"}}),
            comment(1, US, "we"),
        )
    )
    assert [reply.body for reply in found.replies] == ["first", "second"]
    assert {(reply.author_name, reply.whole, reply.ticket_id) for reply in found.replies} == {
        ("Mia", True, "41")
    }
    assert found.private == {"6"}
    assert [(note.author_name, note.body) for note in found.notes] == [("Mia", "psst")]
    assert found.until == AT.replace(minute=7)


@pytest.mark.parametrize(("our_id", "found"), [(str(US), ["Hi"]), (None, [])])
def test_without_roles_who_we_are_decides(our_id: str | None, found: list[str]) -> None:
    """Without roles a stranger is staff if we know ourselves; knowing neither, nobody is."""
    answer = listed(comment(1, US), comment(2, CUSTOMER), comment(3, MIA), roles=False)
    assert [reply.body for reply in thread(answer, our_id=our_id).replies] == found


def test_files_come_with_their_comment() -> None:
    """A file's address, name, type and size; a deleted one is left out."""
    file = {"content_url": "https://z/1", "file_name": "a.pdf", "content_type": "application/pdf", "size": 9}
    [reply] = thread(listed(comment(1, MIA, attachments=[file, {**file, "deleted": True}]))).replies
    [found] = reply.files
    assert (found.url, found.name, found.mime_type, found.size) == (
        "https://z/1",
        "a.pdf",
        "application/pdf",
        9,
    )


def test_service_that_knows_no_options_is_asked_without() -> None:
    """Where sorting or users beside the comments are refused, the plain list is read."""
    rest = FakeRest([Refused("no", code="InvalidParameter"), listed(comment(1, MIA), roles=False)])
    assert reading.thread(cast(Rest, rest), TICKET, str(US), None).replies
    assert rest.calls[1][1] is None


def test_states_of_several_tickets() -> None:
    """Status and last change of each; a list that is none is refused."""
    ticket = {"id": 41, "status": "solved", "updated_at": "2026-11-20T10:00:00Z"}
    [state] = reading.states(cast(Rest, FakeRest([{"tickets": [ticket, {"id": 42}]}])), [41, 42])
    assert (state.id, state.status, state.solved, state.at) == (41, "solved", True, AT)
    with pytest.raises(Refused):
        reading.states(cast(Rest, FakeRest([{}])), [41])


def test_whom_a_ticket_is_assigned_to() -> None:
    """The name of the person; empty for nobody and for ourselves; None where the service does not tell."""
    stamp = {"status": "open", "updated_at": "2026-11-20T10:00:00Z"}
    tickets = [{"id": id, **stamp, "assignee_id": whose} for id, whose in enumerate((MIA, None, US, 555))]
    people = [{"id": MIA, "name": "Mia"}, {"id": US, "name": "Parley"}]
    rest = FakeRest([Refused("no", code="400"), {"tickets": [*tickets, {"id": 9, **stamp}], "users": people}])
    states = reading.states(cast(Rest, rest), [1], str(US))
    assert [state.assignee for state in states] == ["Mia", "", "", None, None]
    assert [params and "include" in params for _, params in rest.calls] == [True, False]


def test_export_is_read_on_to_its_end() -> None:
    """Page after page from the cursor; the first time from a start that lies a minute back at least."""
    ticket = {"id": 41, "status": "open", "updated_at": "2026-11-20T10:00:00Z"}
    pages = [
        {"tickets": [ticket], "after_cursor": "c1", "end_of_stream": False},
        {"tickets": [ticket | {"status": "deleted"}], "after_cursor": "c2", "end_of_stream": True},
    ]
    rest = FakeRest(pages)
    states, cursor = reading.changed(cast(Rest, rest), "", datetime.now(UTC))
    assert ([state.status for state in states], cursor) == (["open", "deleted"], "c2")
    first, second = [params or {} for _, params in rest.calls]
    assert int(first["start_time"]) <= datetime.now(UTC).timestamp() - 60
    assert second == {"cursor": "c1"}


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (NeedsOperator("403", code="Forbidden"), Refused),
        (NeedsOperator("401", code="401"), NeedsOperator),
        (Refused("404", code="404"), Refused),
        (TryLater("429", retry_after=30), TryLater),
    ],
)
def test_export_we_may_not_read(fault: Exception, raised: type[Exception]) -> None:
    """The export is for admins: a refusal of it alone is no reason to stop everything."""
    with pytest.raises(raised):
        reading.changed(cast(Rest, FakeRest([fault])), "c1", AT)


@pytest.mark.parametrize("host", ["https://acme.zendesk.com", "https://help.acme.example", ""])
def test_next_page_is_asked_for_at_our_own_address(host: str) -> None:
    """An account has more hosts than one, and its links may name another than the one we were given."""
    session = FakeSession()
    Rest(cast(Session, session), "http://127.0.0.1:8102", 5).get(
        f"{host}/api/v2/tickets.json?page%5Bsize%5D=1"
    )
    assert session.asked == ["http://127.0.0.1:8102/api/v2/tickets.json?page%5Bsize%5D=1"]


def test_words_about_a_merging_stay_inside() -> None:
    """Zendesk writes them in the agent's name, and in public."""
    about = {"channel": "web", "source": {"from": {"ticket_id": 40}, "to": {"ticket_id": 41}, "rel": "merge"}}
    found = thread(listed(comment(1, MIA, "#40 was merged into #41", via=about), comment(2, MIA, "Hello")))
    assert [reply.body for reply in found.replies] == ["Hello"]
    assert found.private == {"1"}


def test_service_that_lists_the_oldest_first_is_read_to_its_end() -> None:
    """The first page is old, and that does not mean that nothing new follows."""
    first = {
        **listed(comment(1, MIA), comment(2, MIA)),
        "meta": {"has_more": True},
        "links": {"next": "/more"},
    }
    rest = cast(Rest, FakeRest([first, listed(comment(50, MIA, "New"))]))
    found = reading.comments(rest, 41, since=AT.replace(minute=40))
    assert [each.body for each in found] == ["Hi", "Hi", "New"]


@pytest.mark.parametrize(
    ("ends", "into"),
    [
        ({"from": {"ticket_id": 40}, "to": {"ticket_id": 41}}, "41"),
        ({"from": {"ticket_id": 41}, "to": {}}, "41"),
        ({"from": {"ticket_id": 41}, "to": None}, "41"),
        ({"from": {"ticket_ids": [41, 42]}, "to": {"ticket_id": 40}}, None),
        ({"from": {}, "to": {}}, None),
        ({}, None),
    ],
)
def test_where_a_merged_ticket_goes_on(ends: dict[str, Any], into: str | None) -> None:
    """The other of the two tickets that the comment about their merging names."""
    about = {"channel": "web", "source": {**ends, "rel": "merge"}}
    rest = cast(Rest, FakeRest([listed(comment(1, MIA, "merged", via=about))]))
    found = reading.thread(rest, Ticket(40, CUSTOMER), str(US), None)
    assert (found.merged.into if found.merged else None) == into


def test_only_zendesks_tag_says_that_a_ticket_was_merged() -> None:
    """A ticket into which another one was merged has a comment about it, too, and stays what it is."""
    answer = {
        "tickets": [{"id": 40, "status": "closed", "tags": tags} for tags in (["closed_by_merge"], [], None)]
    }
    assert [state.merged for state in reading.states(cast(Rest, FakeRest([answer])), [40])] == [
        True,
        False,
        False,
    ]


def test_reply_in_the_chats_marks_with_its_files() -> None:
    """Formatting becomes marks; pictures between the words follow the attachments, no file twice."""
    kept = "https://z.example/attachments/token"
    markup = (
        f'<p>Your <b>label</b></p><img src="{kept}/b/?name=b.png"><img src="{kept}/c/?name=door.jpg">'
        '<img src="https://tracker.example/pixel.gif">'
    )
    attached = [
        {"content_url": f"{kept}/a/", "file_name": "label.pdf", "content_type": "application/octet-stream"},
        {
            "content_url": f"{kept}/b/?name=b.png",
            "file_name": "b.png",
            "content_type": "image/png",
            "size": 9,
        },
    ]
    [reply] = thread(listed(comment(1, MIA, "Your label", html_body=markup, attachments=attached))).replies
    assert reply.body == "Your *label*"
    assert [(file.name, file.mime_type) for file in reply.files] == [
        ("label.pdf", "application/pdf"),
        ("b.png", "image/png"),
        ("door.jpg", "image/jpeg"),
    ]
