from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.zendesk import payload
from conversations.errors import BadPayload
from conversations.messages import StaffComment, TicketMerged, TicketStatusChanged
from tests import payloads

CONVERSATION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
AT = datetime(2026, 11, 20, 10, 25, 30, 123456, UTC)


def parse(name: str) -> StaffComment | TicketStatusChanged | TicketMerged | None:
    return payload.parse(payloads.read(f"zendesk/{name}"))


def test_a_public_comment_of_an_agent() -> None:
    """A public comment by staff is a reply to the customer, with who wrote it and when."""
    assert parse("comment_public") == StaffComment(
        ticket_id="41",
        conversation_id=CONVERSATION,
        comment_id="9000000000001",
        author_id="3000000000011",
        author_name="Maya Chen",
        body="We shipped it today.",
        at=AT,
        ticket_open=True,
    )


def test_fields_we_do_not_know() -> None:
    """Fields that are new to us change nothing."""
    assert parse("unknown_fields") == parse("comment_public")


def test_a_comment_on_a_solved_ticket() -> None:
    """A comment says whether its ticket was still open."""
    comment = parse("comment_on_solved")
    assert isinstance(comment, StaffComment)
    assert not comment.ticket_open


def test_a_comment_that_is_only_an_attachment() -> None:
    """A reply without words is still a reply: dropping it would hide the agent's mistake."""
    comment = parse("comment_attachment_only")
    assert isinstance(comment, StaffComment)
    assert comment.body == ""


@pytest.mark.parametrize(
    "name",
    [
        "comment_private",
        "comment_by_customer",
        "created",
        "tags_changed",
        "messaging_message",
        "trigger_custom_body",
    ],
)
def test_what_does_not_concern_us(name: str) -> None:
    """Notes, the customer's own words and other events are passed over."""
    assert parse(name) is None


@pytest.mark.parametrize(
    ("name", "status", "solved"),
    [
        ("status_pending", "pending", False),
        ("status_solved", "solved", True),
        ("status_closed", "closed", True),
        ("merged", "closed", True),
        ("soft_deleted", "deleted", True),
        ("permanently_deleted", "deleted", True),
        ("marked_as_spam", "deleted", True),
        ("undeleted", "open", False),
    ],
)
def test_statuses(name: str, status: str, solved: bool) -> None:
    """A ticket that is solved, closed, merged or deleted takes no more part in the conversation."""
    change = parse(name)
    assert isinstance(change, TicketStatusChanged)
    assert (change.status, change.solved) == (status, solved)
    assert (change.ticket_id, change.conversation_id, change.at) == ("41", CONVERSATION, AT)
    assert change.event_id


def test_merging_names_the_other_ticket() -> None:
    """The conversation goes on there."""
    assert parse("merged_into") == TicketMerged(
        "cbe4028c-7239-495d-b020-f22348510011", "41", CONVERSATION, "40", AT
    )


@pytest.mark.parametrize(
    "external_id",
    [None, 5, "", "whatsapp:", "whatsapp:abc", CONVERSATION, f"whatsapp:{CONVERSATION}x", "wa:1"],
)
def test_tickets_of_others(external_id: object) -> None:
    """Only an external id of our own making names a conversation."""
    event = json.loads(payloads.read("zendesk/comment_public"))
    event["detail"]["external_id"] = external_id
    found = payload.parse(json.dumps(event).encode())
    assert found
    assert found.conversation_id is None


@pytest.mark.parametrize(
    "time",
    ["2026-11-20T10:25:30.123456789Z", "2026-11-20T10:25:30.123456Z", "2026-11-20T12:25:30.123456+02:00"],
)
def test_times(time: str) -> None:
    """Nanoseconds, microseconds and offsets all come to the same instant."""
    event = json.loads(payloads.read("zendesk/comment_public")) | {"time": time}
    comment = payload.parse(json.dumps(event).encode())
    assert comment is not None
    assert comment.at == AT


def test_a_time_that_is_missing() -> None:
    """Without its time an event happened when the ticket last changed."""
    event = json.loads(payloads.read("zendesk/comment_public"))
    del event["time"]
    comment = payload.parse(json.dumps(event).encode())
    assert comment is not None
    assert comment.at == AT.replace(microsecond=0)


def test_a_trigger_body_with_bare_quotes() -> None:
    """A trigger's own body may be broken JSON, and is refused as such."""
    with pytest.raises(BadPayload):
        payload.parse((payloads.FOLDER / "zendesk/trigger_broken.txt").read_bytes())


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_event(body: bytes) -> None:
    """Anything but an object is refused."""
    with pytest.raises(BadPayload):
        payload.parse(body)


@pytest.mark.parametrize("part", ["detail", "event"])
@pytest.mark.parametrize("value", [None, 5, [], {}])
def test_a_known_event_without_its_parts(part: str, value: object) -> None:
    """A comment event that lacks its comment or its ticket is refused."""
    event = json.loads(payloads.read("zendesk/comment_public")) | {part: value}
    with pytest.raises(BadPayload):
        payload.parse(json.dumps(event).encode())


VALUES: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([]) | st.just({})
)


@given(st.sampled_from(payloads.names("zendesk")), st.integers(0, 200), VALUES)
def test_any_value_anywhere_is_survived(name: str, place: int, value: object) -> None:
    """With any value in any place an event is read, passed over, or refused as a whole."""
    event = json.loads(payloads.read(name))
    holders = [event]
    for holder in holders:
        holders += [inner for inner in holder.values() if isinstance(inner, dict)]
    places = [(holder, key) for holder in holders for key in holder]
    holder, key = places[place % len(places)]
    holder[key] = value
    try:
        payload.parse(json.dumps(event).encode())
    except BadPayload:
        return
