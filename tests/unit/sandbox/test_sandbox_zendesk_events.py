"""What Zendesk tells the app, how it signs it, and when it tries again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox import signatures
from sandbox.zendesk.sandbox import ZendeskSandbox
from sandbox.zendesk.webhooks import TEST_SECRET
from tests.unit.sandbox.receiver import Answer, Receiver

Json = dict[str, Any]
SIGNATURE, STAMP = "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"


def kinds(app: Receiver) -> list[str]:
    return [body["type"].removeprefix("zen:event-type:ticket.") for body in app.bodies]


async def opened(api: httpx.AsyncClient, **more: Any) -> int:
    person = {"name": "Ana", "external_id": "a"}
    requester = (await api.post("users/create_or_update", json={"user": person})).json()["user"]["id"]
    wanted = {"comment": {"body": "hello"}, "requester_id": requester, "external_id": "c1", **more}
    answer = await api.post("tickets", json={"ticket": wanted})
    return int(answer.json()["ticket"]["id"])


@pytest.fixture
async def ticket(zd: ZendeskSandbox, api: httpx.AsyncClient, app: Receiver) -> int:
    number = await opened(api, priority="high", tags=["bot"])
    await zd.idle()
    app.posts.clear()
    return number


async def test_creation(zd: ZendeskSandbox, api: httpx.AsyncClient, app: Receiver) -> None:
    """A new ticket is announced together with its first comment."""
    await opened(api)
    await zd.idle()
    assert kinds(app) == ["created", "comment_added"]
    assert app.bodies[0]["event"] == {"meta": app.bodies[0]["event"]["meta"]}
    assert app.bodies[0]["detail"]["via"] == {"channel": "web_service"}


async def test_reply_of_an_agent(zd: ZendeskSandbox, app: Receiver, ticket: int) -> None:
    """An agent's reply has string ids, upper-case enums, its author and our external id."""
    comment = await zd.agent_replies(ticket, "We shipped it today", agent="Jonas")
    await zd.idle()
    (event,) = app.bodies
    assert event["type"] == "zen:event-type:ticket.comment_added"
    assert event["subject"] == f"zen:ticket:{ticket}"
    assert event["event"]["comment"] == {
        "id": str(comment.id),
        "body": "We shipped it today",
        "is_public": True,
        "author": {"id": str(zd.agent("Jonas").id), "is_staff": True, "name": "Jonas Beck"},
    }
    detail = event["detail"]
    assert (detail["id"], detail["external_id"], detail["status"]) == (str(ticket), "c1", "NEW")
    assert (detail["priority"], detail["tags"]) == ("HIGH", ["bot"])
    assert detail["actor_id"] == str(zd.agent("Jonas").id)
    assert event["time"].endswith("Z")
    assert len(event["time"].split(".")[1]) == 10


async def test_one_update_is_several_events(zd: ZendeskSandbox, app: Receiver, ticket: int) -> None:
    """Reply and solve in one go are events with one sequence and growing positions."""
    await zd.agent_replies(ticket, "Done", status="solved", priority="low", tags=["done"])
    await zd.idle()
    expected = ["comment_added", "status_changed", "priority_changed", "tags_changed"]
    assert sorted(kinds(app)) == sorted([*expected, "agent_assignment_changed"])
    sequences = [body["event"]["meta"]["sequence"] for body in app.bodies]
    assert len({sequence["id"] for sequence in sequences}) == 1
    assert [sequence["position"] for sequence in sequences] == [1, 2, 3, 4, 5]
    solved = next(body for body in app.bodies if body["type"].endswith("status_changed"))
    assert (solved["event"]["previous"], solved["event"]["current"]) == ("NEW", "SOLVED")
    assert len({body["id"] for body in app.bodies}) == 5


async def test_customer_and_note(
    zd: ZendeskSandbox, api: httpx.AsyncClient, app: Receiver, ticket: int
) -> None:
    """A customer's comment is not by staff, and a note is not public."""
    ana = zd.state.ticket(ticket).requester_id
    await api.put(f"tickets/{ticket}", json={"ticket": {"comment": {"body": "hm", "author_id": ana}}})
    await zd.agent_replies(ticket, "between us", public=False)
    await zd.idle()
    first, second = (body["event"]["comment"] for body in app.bodies)
    assert first["author"]["is_staff"] is False
    assert second["is_public"] is False


async def test_deletion(zd: ZendeskSandbox, app: Receiver, ticket: int) -> None:
    """A deleted ticket is announced as such."""
    await zd.agent_deletes(ticket)
    await zd.idle()
    assert kinds(app) == ["soft_deleted"]


async def test_signature(zd: ZendeskSandbox, app: Receiver, ticket: int) -> None:
    """Each delivery is signed over its timestamp and exact bytes, and says who it is from."""
    await zd.agent_replies(ticket, "dä 👍")
    await zd.idle()
    request = app.posts[0]
    expected = signatures.zendesk(zd.settings.webhook_secret, request.headers[STAMP], request.content)
    assert request.headers[SIGNATURE] == expected
    assert request.headers["X-Zendesk-Account-Id"] == str(zd.settings.account_id)
    assert request.headers["X-Zendesk-Webhook-Id"] in zd.webhooks.all
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert request.headers["User-Agent"] == "Zendesk Webhook"


def test_published_test_secret() -> None:
    """The secret of unsaved webhooks is the published one, and signs the published example."""
    signature = signatures.zendesk(
        TEST_SECRET, "2021-03-25T05:09:27Z", b'{"event":"ticket.updated","id":123}'
    )
    assert signature == "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM="


@pytest.mark.parametrize("switch", ["bad_signature", "missing_signature"])
async def test_signature_faults(zd: ZendeskSandbox, app: Receiver, ticket: int, switch: str) -> None:
    """A delivery can be signed wrongly or not at all."""
    zd.faults.change(**{switch: True})
    await zd.agent_replies(ticket, "x")
    await zd.idle()
    request = app.posts[0]
    stamp = request.headers.get(STAMP, "")
    assert request.headers.get(SIGNATURE) != signatures.zendesk(
        zd.settings.webhook_secret, stamp, request.content
    )


@pytest.mark.parametrize(
    ("answer", "attempts"),
    [
        (200, 1),
        (204, 1),
        (500, 1),
        (404, 1),
        (401, 1),
        (503, 1),
        (httpx.ConnectError("refused"), 1),
        (409, 4),
        ((503, {"Retry-After": "30"}), 6),
        ((429, {"Retry-After": "5"}), 6),
        ((503, {"Retry-After": "60"}), 1),
        (httpx.ReadTimeout("slow"), 6),
    ],
    ids=str,
)
async def test_what_is_tried_again(
    zd: ZendeskSandbox, app: Receiver, ticket: int, answer: Answer, attempts: int
) -> None:
    """Only timeouts, 409, and 429 or 503 with a short Retry-After bring an event again."""
    app.answers = [answer] * 10
    await zd.agent_replies(ticket, "x")
    await zd.idle()
    assert len(app.posts) == attempts
    assert zd.deliveries[-1].over
    assert len({request.headers["X-Zendesk-Webhook-Invocation-Id"] for request in app.posts}) == 1


async def test_retry_ends_with_success(zd: ZendeskSandbox, app: Receiver, ticket: int) -> None:
    """An event that is taken at the second attempt does not come a third time."""
    app.answers = [409]
    await zd.agent_replies(ticket, "x")
    await zd.idle()
    assert len(app.posts) == 2
    assert zd.deliveries[-1].accepted


async def _many(zd: ZendeskSandbox, ticket: int, count: int = 60) -> list[str]:
    texts = [f"line {number}" for number in range(count)]
    for text in texts:
        await zd.agent_replies(ticket, text)
    await zd.idle()
    return texts


def _texts(app: Receiver) -> list[str]:
    return [body["event"]["comment"]["body"] for body in app.bodies]


Check = Callable[[list[str], list[str]], bool]
FAULTS: list[tuple[str, Check]] = [
    ("drop_events", lambda got, said: 20 < len(got) < 60 and set(got) < set(said)),
    ("duplicate_events", lambda got, said: len(got) > 65 and set(got) == set(said)),
    ("reorder_events", lambda got, said: got != said and sorted(got) == sorted(said)),
]


@pytest.mark.parametrize(("switch", "holds"), FAULTS, ids=[name for name, _ in FAULTS])
async def test_unreliable_events(
    zd: ZendeskSandbox, app: Receiver, ticket: int, switch: str, holds: Check
) -> None:
    """Three tenths of the events can be lost, come twice, or come late."""
    zd.faults.change(**{switch: 0.3})
    said = await _many(zd, ticket)
    assert holds(_texts(app), said)


async def test_subscription_decides(
    zd: ZendeskSandbox, api: httpx.AsyncClient, app: Receiver, ticket: int
) -> None:
    """A webhook gets only the types it asked for, with its own credentials; an inactive one nothing."""
    for webhook_id in list(zd.webhooks.all):
        zd.webhooks.delete(webhook_id)
    wanted = {
        "name": "bot",
        "status": "active",
        "endpoint": "http://other.test/hook",
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": ["zen:event-type:ticket.status_changed"],
        "authentication": {"type": "bearer_token", "data": {"token": "t"}, "add_position": "header"},
    }
    webhook = (await api.post("webhooks", json={"webhook": wanted})).json()["webhook"]
    await zd.agent_replies(ticket, "x", status="pending")
    await zd.idle()
    assert kinds(app) == ["status_changed"]
    assert app.posts[0].headers["Authorization"] == "Bearer t"
    await api.patch(f"webhooks/{webhook['id']}", json={"webhook": {"status": "inactive"}})
    await zd.agent_replies(ticket, "x", status="open")
    await zd.idle()
    assert len(app.posts) == 1


async def test_triggers_and_events_do_not_mix(api: httpx.AsyncClient) -> None:
    """A webhook is for triggers or for events, never for both."""
    both = ["conditional_ticket_events", "zen:event-type:ticket.created"]
    wanted = {"name": "b", "status": "active", "endpoint": "http://x.test", "http_method": "POST"}
    body = {"webhook": wanted | {"request_format": "json", "subscriptions": both}}
    assert (await api.post("webhooks", json=body)).status_code == 422


async def test_any_event_can_be_delivered(zd: ZendeskSandbox, app: Receiver, ticket: int) -> None:
    """Tests can deliver an event of their own, and the same delivery again."""
    (delivery,) = await zd.deliver({"id": "e1", "type": "zen:event-type:ticket.merged"})
    await zd.deliver_again(delivery)
    assert [json.loads(request.content)["id"] for request in app.posts] == ["e1", "e1"]
    assert app.posts[0].headers[SIGNATURE] == app.posts[1].headers[SIGNATURE]


async def test_waiting_helpers(zd: ZendeskSandbox, ticket: int) -> None:
    """A test can wait for a ticket of a conversation and for a comment in it."""
    (found,) = await zd.wait_for_tickets(external_id="c1")
    assert found.id == ticket
    assert (await zd.wait_for_comment(ticket, "hell")).body == "hello"
    with pytest.raises(TimeoutError):
        await zd.wait_for_comment(ticket, "never", timeout=0.01)


async def test_agents_work(zd: ZendeskSandbox, ticket: int) -> None:
    """An agent takes, solves and closes; an unknown agent is an error."""
    await zd.agent_takes(ticket, "Jonas")
    assert (zd.tickets[0].status, zd.tickets[0].assignee_id) == ("open", zd.agent("Jonas").id)
    await zd.agent_solves(ticket, "Jonas")
    await zd.agent_closes(ticket)
    assert zd.tickets[0].status == "closed"
    with pytest.raises(LookupError):
        zd.agent("Nobody")
