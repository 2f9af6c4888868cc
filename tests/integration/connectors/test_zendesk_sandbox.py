from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from app.settings import Zendesk
from connectors.zendesk import payload, signature
from connectors.zendesk.client import ZendeskClient
from conversations.errors import NeedsOperator, OutcomeUnknown, TicketClosed, TicketGone, TryLater
from conversations.messages import StaffComment, TicketDraft, TicketStatusChanged
from sandbox.serve import served
from sandbox.zendesk.sandbox import ZendeskSandbox
from sandbox.zendesk.settings import ZendeskSettings

CONVERSATION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
DRAFT = TicketDraft(
    external_id=f"whatsapp:{CONVERSATION}",
    subject="Ana Silva asks for a person",
    comment="Ana: I want to talk to a person",
    requester_external_id="whatsapp:15550100001",
    requester_name="Ana Silva",
    requester_phone="+15550100001",
    priority="high",
    tags=("parley",),
)


class Door:
    """Takes the sandbox's events, checks their signatures, and keeps what concerns us."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.events: list[payload.Told] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = request.headers
        signature.verify(
            self.secret, request.content, headers[signature.HEADER], headers[signature.TIMESTAMP_HEADER]
        )
        event = payload.parse(request.content)
        self.events += [event] if event else []
        return httpx.Response(200)


@pytest.fixture
def door() -> Door:
    return Door(ZendeskSettings().webhook_secret)


@pytest.fixture
def sandbox(door: Door) -> ZendeskSandbox:
    settings = ZendeskSettings(callback="http://parley.test/zendesk", transport=httpx.MockTransport(door))
    return ZendeskSandbox(settings)


@pytest.fixture
def client(sandbox: ZendeskSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZendeskClient]:
    for name in ("ZENPY_FORCE_NETLOC", "ZENPY_FORCE_SCHEME"):
        monkeypatch.setenv(name, "")
    with served(sandbox) as running:
        token, secret = SecretStr(sandbox.settings.api_token), SecretStr(sandbox.settings.webhook_secret)
        opened = ZendeskClient(Zendesk(running.base_url, sandbox.settings.email, token, None, secret))
        yield opened
        opened.close()


async def test_a_ticket_from_opening_to_solving(
    client: ZendeskClient, sandbox: ZendeskSandbox, door: Door
) -> None:
    """Customer and agent talk on one ticket, and only what the agent says in public comes back."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    await client.add_comment(ticket, "Is anybody there?", keys=["outbox-2"], public=True, as_customer=True)
    await client.add_comment(ticket, "Bot: silent now", keys=["outbox-3"], public=False, as_customer=False)
    await sandbox.agent_replies(ticket.id, "Yes, I am.")
    await sandbox.agent_replies(ticket.id, "Call the depot", public=False)
    await sandbox.agent_solves(ticket.id)
    await sandbox.idle()
    (kept,) = sandbox.tickets
    customer, us, *_ = [comment.author_id for comment in kept.comments[1:]]
    assert [comment.public for comment in kept.comments] == [False, True, False, True, False]
    assert (customer, str(us)) == (ticket.requester_id, await client.our_user_id())
    comment = next(event for event in door.events if isinstance(event, StaffComment))
    assert (comment.body, comment.conversation_id, comment.ticket_open) == ("Yes, I am.", CONVERSATION, True)
    statuses = [event for event in door.events if isinstance(event, TicketStatusChanged)]
    assert (statuses[-1].status, statuses[-1].solved) == ("solved", True)
    assert sum(isinstance(event, StaffComment) for event in door.events) == 1


async def test_ticket_is_assigned_by_name(client: ZendeskClient, sandbox: ZendeskSandbox) -> None:
    """To one of the staff in whatever case, to nobody; a name that Zendesk does not know changes nothing."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    (kept,) = sandbox.tickets
    ines = sandbox.agent("Ines Aldana")
    assert await client.assign(ticket, "ines  aldana")
    assert (kept.assignee_id, kept.status, len(kept.comments)) == (ines.id, "open", 1)
    for unknown in ("Nobody", "Ana Silva"):
        assert not await client.assign(ticket, unknown)
    sandbox.state.add_user("Jonas Beck", "admin")
    assert not await client.assign(ticket, "Jonas Beck")
    assert kept.assignee_id == ines.id
    assert await client.assign(ticket, "")
    assert kept.assignee_id is None


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [("normal", "urgent", "urgent"), ("urgent", "high", "urgent"), (None, "low", "low")],
)
async def test_a_comment_makes_its_ticket_like_a_draft(
    client: ZendeskClient, sandbox: ZendeskSandbox, before: str | None, wanted: str, after: str
) -> None:
    """Tags are added and fields set anew with it; the priority rises, and never falls."""
    ticket = await client.open_ticket(replace(DRAFT, fields=((36001, "unresolved"),)), key="outbox-1")
    (kept,) = sandbox.tickets
    kept.priority = before
    like = replace(DRAFT, priority=wanted, tags=("parley", "grave"), fields=((36001, "grave"),))
    await client.add_comment(ticket, "Police!", keys=["outbox-2"], public=False, as_customer=False, like=like)
    assert kept.priority == after
    assert set(kept.tags) == {"parley", "grave"}
    assert kept.custom_fields[36001] == "grave"
    assert kept.comments[-1].body == "Police!"


async def test_a_dropped_connection(client: ZendeskClient, sandbox: ZendeskSandbox) -> None:
    """What was done before the connection dropped is found again and not done twice."""
    sandbox.faults.change(reset_times=1)
    with pytest.raises(TryLater):  # the first write makes the requester known, which may be repeated
        await client.open_ticket(DRAFT, key="outbox-1")
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    found = await client.open_ticket(DRAFT, key="outbox-1", again=True)
    assert (found.id, found.requester_id) == (ticket.id, ticket.requester_id)
    sandbox.faults.change(reset_times=1)
    for again in (False, True):
        with contextlib.suppress(OutcomeUnknown):
            await client.add_comment(
                ticket, "Hello?", keys=["outbox-2"], public=True, as_customer=True, again=again
            )
    (kept,) = sandbox.tickets
    assert [comment.body for comment in kept.comments] == [DRAFT.comment, "Hello?"]


async def test_closed_and_deleted(client: ZendeskClient, sandbox: ZendeskSandbox) -> None:
    """A closed ticket is followed up by another, and a deleted one is gone."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    await sandbox.agent_closes(ticket.id)
    with pytest.raises(TicketClosed):
        await client.add_comment(ticket, "Hi", keys=["outbox-2"], public=True, as_customer=True)
    second = await client.open_ticket(replace(DRAFT, follows=ticket.id), key="outbox-3")
    assert second.requester_id == ticket.requester_id
    await sandbox.agent_deletes(second.id)
    with pytest.raises(TicketGone):
        await client.add_comment(second, "Hi", keys=["outbox-4"], public=True, as_customer=True)


async def test_follow_up_in_the_customers_words_is_solved_and_opened_again(
    client: ZendeskClient, sandbox: ZendeskSandbox
) -> None:
    """Its first comment is the customer's and public; a note on which somebody has to act opens it again."""
    first = await client.open_ticket(DRAFT, key="outbox-1")
    await sandbox.agent_closes(first.id)
    ticket = await client.open_ticket(replace(DRAFT, follows=first.id, as_customer=True), key="outbox-2")
    await sandbox.agent_solves(ticket.id)
    await client.add_comment(
        ticket, "It did not arrive.", keys=["outbox-3"], public=False, as_customer=False, reopen=True
    )
    kept = sandbox.tickets[-1]
    assert (kept.comments[0].author_id, kept.comments[0].public) == (ticket.requester_id, True)
    assert kept.status == "open"


async def test_refusals(client: ZendeskClient, sandbox: ZendeskSandbox) -> None:
    """Limits, outages and lost credentials arrive as the classes the core acts on."""
    sandbox.faults.fail_next(429, retry_after=40)
    with pytest.raises(TryLater) as raised:
        await client.open_ticket(DRAFT, key="outbox-1")
    assert raised.value.retry_after == 40
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    for status, kind in ((401, NeedsOperator), (502, OutcomeUnknown), (503, TryLater)):
        sandbox.faults.fail_next(status, retry_after=None)
        with pytest.raises(kind):
            await client.add_comment(ticket, "Hi", keys=["outbox-2"], public=True, as_customer=True)


async def test_what_stands_in_a_ticket(client: ZendeskClient, sandbox: ZendeskSandbox) -> None:
    """The agent's public words with their author, and the tickets' states, one by one and by the export."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    await client.add_comment(ticket, "Hello?", keys=["outbox-2"], public=True, as_customer=True)
    await sandbox.agent_replies(ticket.id, "Yes, I am.")
    await sandbox.agent_replies(ticket.id, "Call the depot", public=False, status="solved")
    thread = await client.thread(ticket)
    assert [(reply.body, reply.author_name) for reply in thread.replies] == [("Yes, I am.", "Ines Aldana")]
    assert len(thread.private) == 2
    [state] = await client.states([ticket.id, 999])
    assert (state.id, state.status) == (ticket.id, "solved")
    changes, cursor = await client.changed("", datetime.now(UTC) - timedelta(hours=1))
    assert [change.id for change in changes] == [ticket.id]
    assert await client.changed(cursor, datetime.now(UTC)) == ([], cursor)
    await sandbox.agent_deletes(ticket.id)
    [gone], _ = await client.changed(cursor, datetime.now(UTC))
    assert gone.status == "deleted"


async def test_what_zendesk_knows_of_the_requester(client: ZendeskClient, sandbox: ZendeskSandbox) -> None:
    """A ticket comes with the tags of the user it was opened for."""
    first = await client.open_ticket(DRAFT, key="outbox-1")
    assert first.requester_tags == ()
    sandbox.state.user(first.requester_id).tags.append("vip")
    assert (await client.open_ticket(DRAFT, key="outbox-2")).requester_tags == ("vip",)
