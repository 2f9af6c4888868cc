from __future__ import annotations

import asyncio
import base64
import dataclasses
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.zendesk.client import ZendeskClient
from conversations.errors import (
    ConnectorError,
    Forbidden,
    Limited,
    NeedsOperator,
    OutcomeUnknown,
    Refused,
    TicketClosed,
    TicketGone,
    TryLater,
)
from conversations.messages import Ticket, TicketDraft
from tests.unit.connectors.helpdesk_server import Helpdesk, serving

TICKETS, USERS = "POST /api/v2/tickets", "POST /api/v2/users/create_or_update"
DRAFT = TicketDraft(
    external_id="whatsapp:7c9e6679-7425-40de-944b-e07fc1f90ae7",
    subject="Ana Silva asks for a person",
    comment="Ana: I want to talk to a person\nBot: Connecting you…",
    requester_external_id="whatsapp:US.7001",
    requester_name="Ana Silva",
    requester_phone="+15550100001",
    priority="high",
    tags=("parley", "whatsapp"),
)


@dataclasses.dataclass(frozen=True)
class Account:
    base_url: str
    email: str | None = None
    api_token: SecretStr | None = None
    oauth_token: SecretStr | None = None


def basic(url: str) -> Account:
    return Account(url, "bot@acme.test", SecretStr("tok"))


@pytest.fixture(autouse=True)
def _environment_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ZENPY_FORCE_NETLOC", "ZENPY_FORCE_SCHEME"):
        monkeypatch.setenv(name, "")


@pytest.fixture
def helpdesk() -> Iterator[Helpdesk]:
    with serving(Helpdesk()) as running:
        yield running


@pytest.fixture
def client(helpdesk: Helpdesk) -> Iterator[ZendeskClient]:
    opened = ZendeskClient(basic(f"http://127.0.0.1:{helpdesk.port}"), timeout=5)
    yield opened
    opened.close()


async def comment(client: ZendeskClient, ticket: Ticket, body: str = "Hi", **more: Any) -> None:
    options = {"keys": ["outbox-2"], "public": True, "as_customer": True, **more}
    await client.add_comment(ticket, body, **options)


async def test_a_ticket_is_opened(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """Opening makes the requester known by our id, then a ticket with a private first comment."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    assert ticket == Ticket(41, 700)
    user, created = helpdesk.calls
    assert user.path == "/api/v2/users/create_or_update.json"
    assert user.body["user"] == {
        "external_id": "whatsapp:US.7001",
        "name": "Ana Silva",
        "phone": "+15550100001",
    }
    assert created.path == "/api/v2/tickets.json"
    assert created.headers["idempotency-key"] == "outbox-1"
    assert "idempotency-key" not in user.headers
    assert created.body["ticket"] == {
        "external_id": DRAFT.external_id,
        "subject": DRAFT.subject,
        "priority": "high",
        "tags": ["parley", "whatsapp"],
        "requester_id": 700,
        "comment": {"body": DRAFT.comment, "public": False},
        "metadata": {"parley": "outbox-1"},
    }


async def test_own_fields_of_a_ticket(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """Values for the operator's own ticket fields go along by their ids."""
    draft = dataclasses.replace(DRAFT, fields=((36001, "grave"), (36002, "10234")))
    await client.open_ticket(draft, key="outbox-1")
    created = helpdesk.calls[-1].body["ticket"]
    assert created["custom_fields"] == [{"id": 36001, "value": "grave"}, {"id": 36002, "value": "10234"}]


async def test_credentials(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """An API token goes as Basic `email/token:TOKEN`, an OAuth token as Bearer."""
    await client.our_user_id()
    url = f"http://127.0.0.1:{helpdesk.port}"
    oauth = ZendeskClient(Account(url, oauth_token=SecretStr("OAUTH")))
    await oauth.our_user_id()
    oauth.close()
    assert [call.headers["authorization"] for call in helpdesk.calls] == [
        "Basic " + base64.b64encode(b"bot@acme.test/token:tok").decode(),
        "Bearer OAUTH",
    ]
    assert helpdesk.calls[0].headers["authorization"] == "Basic Ym90QGFjbWUudGVzdC90b2tlbjp0b2s="


async def test_opening_twice_makes_one_ticket(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """The same draft under the same key is byte for byte the same request, so Zendesk makes one ticket."""
    first = await client.open_ticket(DRAFT, key="outbox-1")
    assert await client.open_ticket(DRAFT, key="outbox-1") == first
    one, two = helpdesk.made(TICKETS)
    assert one.raw == two.raw
    assert len(helpdesk.tickets) == 1


async def test_a_lost_answer_is_settled_by_looking(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """After a connection lost behind a creation the ticket is found by its key, and no other is made."""
    helpdesk.with_keys = False
    helpdesk.drop(TICKETS, taken=True)
    with pytest.raises(OutcomeUnknown):
        await client.open_ticket(DRAFT, key="outbox-1")
    assert await client.open_ticket(DRAFT, key="outbox-1", again=True) == Ticket(41, 700)
    assert len(helpdesk.made(TICKETS)) == 1


async def test_a_list_that_does_not_name_the_requester(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """The ticket that is found is the customer's all the same."""
    await client.open_ticket(DRAFT, key="outbox-1")
    del helpdesk.tickets[41]["requester_id"]
    assert await client.open_ticket(DRAFT, key="outbox-1", again=True) == Ticket(41, 700)


async def test_a_lost_request_is_made_again(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """After a connection lost before the creation the look finds nothing, and the ticket is made."""
    await client.open_ticket(DRAFT, key="outbox-0")
    helpdesk.drop(TICKETS, taken=False)
    with pytest.raises(OutcomeUnknown):
        await client.open_ticket(DRAFT, key="outbox-1")
    assert await client.open_ticket(DRAFT, key="outbox-1", again=True) == Ticket(42, 700)


async def test_a_look_that_fails_settles_nothing(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """While the look itself fails the outcome stays unknown, so that the next attempt looks as well."""
    helpdesk.fail("GET /api/v2/tickets", 503, "", {"Retry-After": "7"})
    with pytest.raises(OutcomeUnknown) as raised:
        await client.open_ticket(DRAFT, key="outbox-1", again=True)
    assert raised.value.retry_after == 7
    assert helpdesk.made(TICKETS) == []


@pytest.mark.parametrize("missing", ["with_audits", "with_metadata"])
async def test_a_service_without_metadata(client: ZendeskClient, helpdesk: Helpdesk, missing: str) -> None:
    """Where no audit tells keys, the ticket is known again by its first comment."""
    setattr(helpdesk, missing, False)
    helpdesk.with_keys = False
    first = await client.open_ticket(DRAFT, key="outbox-1")
    assert await client.open_ticket(DRAFT, key="outbox-1", again=True) == first
    other = dataclasses.replace(DRAFT, comment="Ana: something else")
    assert (await client.open_ticket(other, key="outbox-9", again=True)).id == 42


async def test_a_key_used_with_another_body(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """If Zendesk knows the key from a request that differed, the ticket it made then is the one."""
    first = await client.open_ticket(DRAFT, key="outbox-1")
    changed = dataclasses.replace(DRAFT, subject="Another subject")
    assert await client.open_ticket(changed, key="outbox-1") == first
    assert len(helpdesk.tickets) == 1


async def test_a_key_used_for_something_else(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """If the key's ticket cannot be found, the refusal stands."""
    helpdesk.fail(TICKETS, 400, {"error": "IdempotentRequestError", "description": "Other parameters"})
    with pytest.raises(Refused):
        await client.open_ticket(DRAFT, key="outbox-1")


async def test_a_follow_up(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """A ticket that follows a closed one says so."""
    first = await client.open_ticket(DRAFT, key="outbox-1")
    helpdesk.tickets[first.id]["status"] = "closed"
    await client.open_ticket(dataclasses.replace(DRAFT, follows=41), key="outbox-2")
    assert helpdesk.made(TICKETS)[-1].body["ticket"]["via_followup_source_id"] == 41


async def test_a_follow_up_that_is_refused(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """A customer is not left alone because the earlier ticket cannot be followed up."""
    ticket = await client.open_ticket(dataclasses.replace(DRAFT, follows=5), key="outbox-1")
    assert ticket.id == 41
    assert "via_followup_source_id" not in helpdesk.made(TICKETS)[-1].body["ticket"]


async def test_a_ticket_whose_fields_are_refused(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """A value that a field does not take costs the fields, never the ticket; a retry finds it by its key."""
    wrong = {"base": [{"description": "Reason: asked_for_person is not a valid value"}]}
    draft = dataclasses.replace(DRAFT, fields=((3601, "asked_for_person"),))
    for _ in range(2):
        helpdesk.fail(TICKETS, 422, {"error": "RecordInvalid", "details": wrong})
        assert await client.open_ticket(draft, key="outbox-1") == Ticket(41, 700)
    first, second = helpdesk.made(TICKETS)[:2]
    assert first.body["ticket"].pop("custom_fields") == [{"id": 3601, "value": "asked_for_person"}]
    assert "custom_fields" not in second.body["ticket"]
    assert second.headers["idempotency-key"] != first.headers["idempotency-key"]
    assert await client.open_ticket(draft, key="outbox-1", again=True) == Ticket(41, 700)


async def test_a_follow_up_in_the_customers_words(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """The first comment is the customer's own and public, when the customer wrote it."""
    await client.open_ticket(dataclasses.replace(DRAFT, as_customer=True), key="outbox-1")
    written = helpdesk.made(TICKETS)[0].body["ticket"]["comment"]
    assert (written["author_id"], written["public"]) == (700, True)


async def test_a_phone_number_that_is_refused(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """A ticket is opened even if Zendesk dislikes the phone number."""
    helpdesk.fail(USERS, 422, {"error": "RecordInvalid", "details": {"phone": [{"description": "bad"}]}})
    assert await client.open_ticket(DRAFT, key="outbox-1") == Ticket(41, 700)
    assert "phone" not in helpdesk.users["whatsapp:US.7001"]


async def test_a_customer_without_name_and_number(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """Zendesk demands a name, so a nameless customer gets one."""
    await client.open_ticket(
        dataclasses.replace(DRAFT, requester_name=" ", requester_phone=None), key="outbox-1"
    )
    assert helpdesk.calls[0].body["user"] == {"external_id": "whatsapp:US.7001", "name": "Customer"}


async def test_a_very_long_conversation(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """Of a conversation longer than a comment may be, the latest part is kept."""
    await client.open_ticket(dataclasses.replace(DRAFT, comment="x" * 70_000 + "end"), key="outbox-1")
    body = helpdesk.calls[-1].body["ticket"]["comment"]["body"]
    assert len(body.encode()) < 65_536
    assert body.startswith("…")
    assert body.endswith("end")


async def test_a_comment_as_the_customer(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """What the customer wrote becomes a comment by the customer, with our key in its metadata."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    await comment(client, ticket, "Is anybody there?")
    (update,) = helpdesk.made("PUT")
    assert update.path == "/api/v2/tickets/41.json"
    assert update.body["ticket"] == {
        "id": 41,
        "comment": {"author_id": 700, "body": "Is anybody there?", "public": True},
        "metadata": {"parley": "outbox-2"},
    }


async def test_a_comment_as_ourselves(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """What we write ourselves names no author, and may be private."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    await comment(client, ticket, as_customer=False, public=False)
    assert helpdesk.made("PUT")[0].body["ticket"]["comment"] == {"body": "Hi", "public": False}


@pytest.mark.parametrize("taken", [True, False])
async def test_a_comment_is_there_once(client: ZendeskClient, helpdesk: Helpdesk, taken: bool) -> None:
    """After a lost answer the comment is written again only if the audits do not have its key."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    helpdesk.drop("PUT", taken=taken)
    with pytest.raises(OutcomeUnknown):
        await comment(client, ticket)
    await comment(client, ticket, again=True)
    keys = [audit["metadata"]["custom"]["parley"] for audit in helpdesk.audits[41]]
    assert keys == ["outbox-1", "outbox-2"]


async def test_a_comment_whose_answer_is_odd(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """A 2xx means the comment was taken, whatever stands in the answer."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    bodies: list[Any] = ["", "<html>", {"odd": 1}, [], {}]
    for body in bodies:
        helpdesk.fail("PUT", 200, body, taken=True)
        await comment(client, ticket)


async def test_a_creation_whose_answer_is_odd(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """A 2xx without a ticket in it leaves its id unknown, to be looked for."""
    bodies: list[Any] = ["<html>", {"odd": 1}, [], {"ticket": {}}]
    for body in bodies:
        helpdesk.fail(TICKETS, 201, body)
        with pytest.raises(OutcomeUnknown):
            await client.open_ticket(DRAFT, key="outbox-1")


async def test_a_closed_and_a_deleted_ticket(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """A closed ticket needs a follow-up and a deleted one a new ticket, so they are told apart."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    helpdesk.tickets[41]["status"] = "closed"
    with pytest.raises(TicketClosed):
        await comment(client, ticket)
    helpdesk.fail("PUT", 422, {"error": "ClosedTicket", "description": "no"})
    with pytest.raises(TicketClosed):
        await comment(client, ticket)
    del helpdesk.tickets[41]
    with pytest.raises(TicketGone):
        await comment(client, ticket, again=True)


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (400, {"error": "TooManyValues"}, {}, Refused),
        (401, {"error": "Couldn't authenticate you"}, {}, NeedsOperator),
        (403, {"error": {"title": "Forbidden", "message": "You do not have access."}}, {}, NeedsOperator),
        (404, "<html>No such help desk", {}, NeedsOperator),
        (302, "", {"Location": "https://login.test/"}, NeedsOperator),
        (409, {"error": "Conflict"}, {}, OutcomeUnknown),
        (413, "", {}, Refused),
        (422, {"error": "RecordInvalid", "details": {"requester": [{"description": "Bad"}]}}, {}, Refused),
        (422, {"error": "invalid"}, {}, Refused),
        (429, {"error": "APIRateLimitExceeded"}, {"Retry-After": "93"}, Limited),
        (429, "", {"Retry-After": "1.5"}, Limited),
        (429, "", {"Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT"}, Limited),
        (500, {"error": "InternalError"}, {}, OutcomeUnknown),
        (502, "<html>bad gateway", {}, OutcomeUnknown),
        (503, "<html>", {"Retry-After": "30"}, Limited),
        (504, "", {}, OutcomeUnknown),
    ],
)
async def test_refusals(
    client: ZendeskClient,
    helpdesk: Helpdesk,
    status: int,
    body: Any,
    headers: dict[str, str],
    kind: type[ConnectorError],
) -> None:
    """Every answer that is no success has its class, at once and without sleeping on a Retry-After."""
    helpdesk.fail(TICKETS, status, body, headers)
    begun = time.monotonic()
    with pytest.raises(kind) as raised:
        await client.open_ticket(DRAFT, key="outbox-1")
    assert type(raised.value) is kind
    wait = headers.get("Retry-After", "")
    assert raised.value.retry_after == (float(wait) if wait[:1].isdigit() else None)
    assert time.monotonic() - begun < 3
    assert len(helpdesk.made(TICKETS)) == 1


@pytest.mark.parametrize(("left", "kind"), [("312", TryLater), ("0", Limited), (None, Limited)])
async def test_a_limit_of_one_ticket_is_not_the_accounts(
    client: ZendeskClient, helpdesk: Helpdesk, left: str | None, kind: type[ConnectorError]
) -> None:
    """A ticket's own limit holds up that ticket alone; with no requests left, everything waits."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    headers = {"Retry-After": "5", **({"x-rate-limit-remaining": left} if left else {})}
    helpdesk.fail("PUT", 429, {"error": "APIRateLimitExceeded"}, headers)
    with pytest.raises(kind) as raised:
        await comment(client, ticket)
    assert type(raised.value) is kind


async def test_one_ticket_that_we_may_not_change(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """403 for a ticket concerns it alone, while 401 and 403 elsewhere hold everything."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    helpdesk.fail("PUT", 403, {"error": {"title": "Forbidden", "message": "You do not have access."}})
    with pytest.raises(Forbidden) as raised:
        await comment(client, ticket)
    assert (raised.value.retryable, raised.value.hold, raised.value.alarm) == (True, False, True)
    helpdesk.fail("PUT", 401, {"error": "Couldn't authenticate you"})
    with pytest.raises(NeedsOperator):
        await comment(client, ticket)


async def test_a_ticket_is_opened_again(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """A note on which somebody has to act opens a solved ticket."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    await comment(client, ticket, as_customer=False, public=False, reopen=True)
    assert helpdesk.made("PUT")[0].body["ticket"]["status"] == "open"


async def test_a_conflicting_update(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """An update that loses against another was not taken."""
    ticket = await client.open_ticket(DRAFT, key="outbox-1")
    helpdesk.fail("PUT", 409, {"error": "UpdateConflict", "description": "Outdated"})
    with pytest.raises(TryLater):
        await comment(client, ticket)


async def test_a_lost_answer_about_the_requester(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """Making the requester known can be repeated at will, so losing its answer leaves nothing uncertain."""
    for body in (None, {"odd": 1}):
        if body is None:
            helpdesk.drop(USERS, taken=True)
        else:
            helpdesk.fail(USERS, 200, body)
        with pytest.raises(TryLater):
            await client.open_ticket(DRAFT, key="outbox-1")
    assert helpdesk.made(TICKETS) == []


async def test_no_connection() -> None:
    """A Zendesk that is not there took nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        client = ZendeskClient(basic(f"http://127.0.0.1:{free.getsockname()[1]}"))
        with pytest.raises(TryLater):
            await comment(client, Ticket(41, 700))
    client.close()


async def test_no_answer_in_time() -> None:
    """A Zendesk that takes the request and keeps silent may have taken the comment."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = ZendeskClient(basic(f"http://127.0.0.1:{silent.getsockname()[1]}"), timeout=0.1)
        with pytest.raises(OutcomeUnknown):
            await comment(client, Ticket(41, 700))
        with pytest.raises(TryLater):
            await client.our_user_id()
    client.close()


async def test_who_we_are(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """Our user's id is asked once."""
    assert await client.our_user_id() == "900"
    assert await client.our_user_id() == "900"
    assert len(helpdesk.calls) == 1


@pytest.mark.parametrize("body", [{"user": {"id": None, "name": "Anonymous user"}}, {"odd": 1}])
async def test_who_we_are_is_not_told(client: ZendeskClient, helpdesk: Helpdesk, body: Any) -> None:
    """Without an answer that names us we do not know who we are."""
    helpdesk.with_me = False
    assert await client.our_user_id() is None
    helpdesk.fail("GET /api/v2/users/me", 200, body)
    assert await client.our_user_id() is None


async def test_calls_run_side_by_side(client: ZendeskClient, helpdesk: Helpdesk) -> None:
    """Tickets opened at the same time each carry their own key."""
    drafts = [dataclasses.replace(DRAFT, external_id=f"whatsapp:{n}", subject=str(n)) for n in range(12)]
    tickets = await asyncio.gather(*(client.open_ticket(d, key=f"key-{d.subject}") for d in drafts))
    assert len({ticket.id for ticket in tickets}) == 12
    for call in helpdesk.made(TICKETS):
        subject = call.body["ticket"]["subject"]
        assert (
            call.headers["idempotency-key"] == call.body["ticket"]["metadata"]["parley"] == f"key-{subject}"
        )


@pytest.mark.parametrize("url", ["", "127.0.0.1:8102", "ftp://x.test", "https://x.test/zendesk"])
def test_an_address_zenpy_cannot_use(url: str) -> None:
    """An address that zenpy would quietly misread is refused at the start."""
    with pytest.raises(ValueError, match="ZENDESK_BASE_URL"):
        ZendeskClient(basic(url))
