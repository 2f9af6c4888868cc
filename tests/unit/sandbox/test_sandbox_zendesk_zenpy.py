"""The unmodified zenpy against the sandbox, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from zenpy import Zenpy
from zenpy.lib.api_objects import Comment, Identity, Ticket, User, Webhook
from zenpy.lib.exception import APIException, RatelimitBudgetExceeded, RecordNotFoundException

from sandbox.serve import Served, served
from sandbox.zendesk.sandbox import ZendeskSandbox
from sandbox.zendesk.settings import ZendeskSettings

Clients = Callable[..., Zenpy]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[ZendeskSandbox, Served]]:
    sandbox = ZendeskSandbox(ZendeskSettings(speed=1000))
    with served(sandbox) as running:
        yield sandbox, running


@pytest.fixture
def zd(server: tuple[ZendeskSandbox, Served]) -> Iterator[ZendeskSandbox]:
    server[0].faults.reset()
    server[0].faults.search_delay = 0
    yield server[0]
    server[0].faults.reset()


@pytest.fixture
def client(
    server: tuple[ZendeskSandbox, Served], zd: ZendeskSandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Clients]:
    monkeypatch.setenv("ZENPY_FORCE_NETLOC", server[1].base_url.removeprefix("http://"))
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")
    sessions = []

    def make(**more: object) -> Zenpy:
        session = requests.Session()
        session.trust_env = False
        sessions.append(session)
        given = more or {"email": zd.settings.email, "token": zd.settings.api_token}
        return Zenpy(subdomain="acme", disable_cache=True, timeout=5, session=session, **given)

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def zenpy(client: Clients) -> Zenpy:
    return client()


@pytest.fixture
def ana(zenpy: Zenpy) -> User:
    return zenpy.users.create_or_update(User(name="Ana", external_id="whatsapp:1", phone="+15550100001"))


@pytest.fixture
def ticket(zenpy: Zenpy, ana: User, request: pytest.FixtureRequest) -> Ticket:
    comment = Comment(body="hello", public=False)
    name = f"whatsapp:{request.node.name}"
    made = Ticket(subject="Order late", comment=comment, requester_id=ana.id, external_id=name, tags=["bot"])
    return zenpy.tickets.create(made).ticket


def test_create_and_show(zenpy: Zenpy, ticket: Ticket, ana: User) -> None:
    """A created ticket has what was given and can be shown again."""
    shown = zenpy.tickets(id=ticket.id)
    assert (shown.subject, shown.status, shown.requester_id) == ("Order late", "new", ana.id)
    assert shown.description == "hello"
    assert shown.tags == ["bot"]


def test_update_says_what_changed(zenpy: Zenpy, ticket: Ticket) -> None:
    """An update answers with the ticket and an audit of exactly what changed."""
    ticket.status = "pending"
    ticket.comment = Comment(body="internal", public=False)
    result = zenpy.tickets.update(ticket)
    assert result.ticket.status == "pending"
    events = {event["type"]: event for event in result.audit.events}
    assert events["Comment"]["body"] == "internal"
    assert (events["Change"]["previous_value"], events["Change"]["value"]) == ("new", "pending")


def test_metadata_is_kept(zenpy: Zenpy, ticket: Ticket) -> None:
    """Custom metadata of an update is in its audit and in its comment."""
    wanted = Ticket(id=ticket.id, comment=Comment(body="from Ana"), metadata={"wamid": "wamid.1"})
    zenpy.tickets.update(wanted)
    audit = list(zenpy.tickets.audits(ticket=ticket.id))[-1]
    comment = list(zenpy.tickets.comments(ticket=ticket.id))[-1]
    assert audit.to_dict()["metadata"]["custom"] == {"wamid": "wamid.1"}
    assert comment.to_dict()["metadata"]["custom"] == {"wamid": "wamid.1"}


def test_lists(zenpy: Zenpy, ticket: Ticket, ana: User) -> None:
    """A ticket is found by external id at once, among many, and among its requester's."""
    assert [one.id for one in zenpy.tickets(external_id=ticket.external_id)] == [ticket.id]
    assert [one.id for one in zenpy.tickets(ids=[ticket.id, 99_999])] == [ticket.id]
    assert ticket.id in [one.id for one in zenpy.tickets()]
    assert ticket.id in [one.id for one in zenpy.users.requested(ana.id)]


def test_comments_are_paged(zenpy: Zenpy, server: tuple[ZendeskSandbox, Served], ticket: Ticket) -> None:
    """More than a hundred comments come over several pages, in order and each once."""
    for number in range(120):
        server[1].run(server[0].agent_replies(ticket.id, f"line {number}"))
    bodies = [comment.body for comment in zenpy.tickets.comments(ticket=ticket.id)]
    assert bodies == ["hello", *[f"line {number}" for number in range(120)]]


def test_tags(zenpy: Zenpy, ticket: Ticket) -> None:
    """Tags can be added, removed and set."""
    zenpy.tickets.add_tags(ticket.id, ["vip"])
    assert sorted(zenpy.tickets(id=ticket.id).tags) == ["bot", "vip"]
    zenpy.tickets.delete_tags(ticket.id, ["bot"])
    assert zenpy.tickets(id=ticket.id).tags == ["vip"]
    zenpy.tickets.set_tags(ticket.id, ["new"])
    assert zenpy.tickets(id=ticket.id).tags == ["new"]


def test_delete(zenpy: Zenpy, ticket: Ticket) -> None:
    """A deleted ticket cannot be found or updated any more."""
    zenpy.tickets.delete(ticket)
    with pytest.raises(RecordNotFoundException):
        zenpy.tickets(id=ticket.id)
    with pytest.raises(RecordNotFoundException):
        zenpy.tickets.update(Ticket(id=ticket.id, status="open"))


def test_create_many(zenpy: Zenpy) -> None:
    """Several tickets at once are a finished job."""
    made = [Ticket(subject=f"n{i}", comment=Comment(body="x")) for i in range(2)]
    assert zenpy.tickets.create(made).status == "completed"


def test_incremental_export(zenpy: Zenpy, ticket: Ticket) -> None:
    """The export from a start time has every ticket, also the newest change."""
    exported = list(zenpy.tickets.incremental(start_time=int(time.time()) - 3600))
    assert ticket.id in [one.id for one in exported]


def test_search(zenpy: Zenpy, ticket: Ticket) -> None:
    """Search finds by external id and state, counts, and exports."""
    found = zenpy.search(
        type="ticket",
        external_id=ticket.external_id,
        status_less_than="solved",
        sort_by="created_at",
        sort_order="desc",
    )
    assert [one.id for one in found] == [ticket.id]
    assert zenpy.search.count(type="ticket", external_id=ticket.external_id) == 1
    assert ticket.id in [one.id for one in zenpy.search_export(type="ticket", tags="bot")]


def test_search_lags(zenpy: Zenpy, zd: ZendeskSandbox, ticket: Ticket) -> None:
    """A change is found only some time later, while the list knows it at once."""
    zd.faults.search_delay = 30
    assert list(zenpy.search(type="ticket", external_id=ticket.external_id)) == []
    assert list(zenpy.tickets(external_id=ticket.external_id))
    zd.clock.advance(31)
    assert list(zenpy.search(type="ticket", external_id=ticket.external_id))


def test_users(zenpy: Zenpy, zd: ZendeskSandbox, ana: User) -> None:
    """A user is matched by external id, found by id and phone, and has identities."""
    again = zenpy.users.create_or_update(User(name="Ana Silva", external_id="WHATSAPP:1"))
    assert (again.id, again.name) == (ana.id, "Ana Silva")
    assert [user.id for user in zenpy.users.search(external_id="whatsapp:1")] == [ana.id]
    assert [user.id for user in zenpy.users.search(query="phone:+15550100001")] == [ana.id]
    assert [identity.value for identity in zenpy.users.identities(id=ana.id)] == ["+15550100001"]
    made = zenpy.users.identities.create(ana.id, Identity(type="email", value="ana@example.com"))
    assert made.type == "email"
    assert zenpy.users.me().id == zd.state.bot.id


def test_uploads(zenpy: Zenpy, ticket: Ticket, tmp_path: Path) -> None:
    """An uploaded file becomes an attachment of the comment that names its token, and can be fetched."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"jpeg")
    upload = zenpy.attachments.upload(str(path))
    zenpy.tickets.update(Ticket(id=ticket.id, comment=Comment(body="see", uploads=[upload.token])))
    attachment = list(zenpy.tickets.comments(ticket=ticket.id))[-1].attachments[0]
    assert (attachment.file_name, attachment.size) == ("a.jpg", 4)
    with requests.Session() as session:
        assert session.get(attachment.content_url, timeout=5).content == b"jpeg"


def test_webhooks(zenpy: Zenpy) -> None:
    """A webhook can be made, shown without its credentials, and has a signing secret."""
    wanted = Webhook(
        name="bot",
        status="active",
        endpoint="https://bot.example/hook",
        http_method="POST",
        request_format="json",
        subscriptions=["zen:event-type:ticket.comment_added"],
        authentication={"type": "bearer_token", "data": {"token": "t"}, "add_position": "header"},
    )
    made = zenpy.webhooks.create(wanted)
    shown = zenpy.webhooks(id=made.id)
    assert "data" not in shown.to_dict()["authentication"]
    secret = zenpy.webhooks.show_secret(made.id)
    assert secret.algorithm == "SHA256"
    assert zenpy.webhooks.reset_secret(made.id).secret != secret.secret
    zenpy.webhooks.update(made.id, Webhook(**{**wanted.to_dict(), "status": "inactive"}))
    assert zenpy.webhooks(id=made.id).status == "inactive"
    assert made.id in [one.id for one in zenpy.webhooks.list()]
    zenpy.webhooks.delete(made)
    with pytest.raises(RecordNotFoundException):
        zenpy.webhooks(id=made.id)


def test_bearer_token(client: Clients, zd: ZendeskSandbox) -> None:
    """An OAuth token signs in too; a wrong token does not."""
    assert client(oauth_token=zd.settings.oauth_token).users.me().role == "admin"
    with pytest.raises(APIException) as refused:
        client(email=zd.settings.email, token="wrong").users.me()
    assert refused.value.response.status_code == 401


def test_closed_ticket(zenpy: Zenpy, ticket: Ticket) -> None:
    """A closed ticket refuses updates in the words clients look for, and a follow-up inherits its tags."""
    zenpy.tickets.update(Ticket(id=ticket.id, status="closed"))
    with pytest.raises(APIException, match="closed prevents ticket update"):
        zenpy.tickets.update(Ticket(id=ticket.id, comment=Comment(body="late")))
    follow_up = Ticket(via_followup_source_id=ticket.id, comment=Comment(body="again"))
    made = zenpy.tickets.create(follow_up).ticket
    assert made.tags == ["bot"]
    assert made.requester_id == ticket.requester_id


def test_bad_gateway_is_html(zenpy: Zenpy, zd: ZendeskSandbox) -> None:
    """A 502 is an HTML page, which zenpy raises as an error of requests."""
    zd.faults.fail_next(502)
    with pytest.raises(requests.HTTPError):
        zenpy.users.me()


def test_rate_limit_is_waited_for(client: Clients, zd: ZendeskSandbox) -> None:
    """A 429 with Retry-After makes zenpy wait; over its budget it gives up."""
    zd.faults.fail_next(429, times=None, retry_after=2)
    hurried = client(email=zd.settings.email, token=zd.settings.api_token, ratelimit_budget=1)
    with pytest.raises(RatelimitBudgetExceeded):
        hurried.users.me()


def test_write_may_have_happened(zenpy: Zenpy, zd: ZendeskSandbox, ticket: Ticket) -> None:
    """With the switch on, a write is done and the connection is dropped."""
    zd.faults.reset_times = 1
    with pytest.raises(requests.RequestException):
        zenpy.tickets.update(Ticket(id=ticket.id, comment=Comment(body="did it arrive?")))
    assert [comment.body for comment in zenpy.tickets.comments(ticket=ticket.id)][-1] == "did it arrive?"
