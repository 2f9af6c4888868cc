"""Zendesk's rules for tickets, users and repeated requests."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from sandbox.zendesk.sandbox import ZendeskSandbox

Json = dict[str, Any]


async def made(api: httpx.AsyncClient, **wanted: Any) -> Json:
    body = {"ticket": {"subject": "s", "comment": {"body": "hello"}, **wanted}}
    answer = await api.post("tickets.json", json=body)
    assert answer.status_code == 201, answer.text
    ticket: Json = answer.json()["ticket"]
    return ticket


async def changed(api: httpx.AsyncClient, ticket: Json, **wanted: Any) -> httpx.Response:
    return await api.put(f"tickets/{ticket['id']}.json", json={"ticket": wanted})


async def user(api: httpx.AsyncClient, name: str, **more: Any) -> Json:
    answer = await api.post("users/create_or_update", json={"user": {"name": name, **more}})
    found: Json = answer.json()["user"]
    return found


def trouble(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def test_paths_with_and_without_json(api: httpx.AsyncClient) -> None:
    """Every path works with and without `.json`, and a created ticket says where it is."""
    answer = await api.post("tickets", json={"ticket": {"comment": {"body": "x"}}})
    assert answer.headers["location"].endswith("/api/v2/tickets/1.json")
    assert (await api.get("tickets/1")).json() == (await api.get("tickets/1.json")).json()


@pytest.mark.parametrize("header", ["", "Basic eA==", "Bearer wrong", "Digest x"])
async def test_strangers_get_401(api: httpx.AsyncClient, header: str) -> None:
    """Without the right credentials everything is 401 with a JSON error."""
    api.auth = httpx.Auth()
    answer = await api.get("tickets.json", headers={"Authorization": header})
    assert trouble(answer) == (401, "Couldn't authenticate you")


async def test_created_ticket_has_every_field(api: httpx.AsyncClient) -> None:
    """A ticket shows the fields that the real one shows, with numeric ids."""
    ticket = await made(api, custom_fields=[{"id": 360, "value": "v"}], external_id="c1", priority="high")
    expected = "url id external_id via created_at updated_at generated_timestamp type subject raw_subject "
    expected += "description priority status recipient requester_id submitter_id assignee_id organization_id "
    expected += "group_id collaborator_ids follower_ids email_cc_ids forum_topic_id problem_id has_incidents "
    expected += "is_public due_at tags custom_fields satisfaction_rating sharing_agreement_ids "
    expected += "custom_status_id fields followup_ids ticket_form_id brand_id allow_channelback "
    expected += "allow_attachments from_messaging_channel"
    assert set(ticket) == set(expected.split())
    assert (ticket["id"], ticket["status"], ticket["priority"]) == (1, "new", "high")
    assert ticket["custom_fields"] == [{"id": 360, "value": "v"}]
    assert len(str(ticket["requester_id"])) == 14


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"status": "OPEN"}, "status"),
        ({"priority": "huge"}, "priority"),
        ({"type": "riddle"}, "type"),
        ({"requester_id": 1}, "requester"),
        ({"assignee_id": "x"}, "assignee"),
        ({"tags": "a b"}, "tags"),
        ({"comment": {"body": " "}}, "base"),
        ({"comment": {"body": "x", "author_id": 7}}, "author"),
        ({"requester": {"email": "a@example.com"}}, "requester"),
        ({"custom_fields": [{"id": "x"}]}, "custom_fields"),
        ({"metadata": "x"}, "metadata"),
        ({"via_followup_source_id": 99}, "via_followup_source_id"),
    ],
)
async def test_invalid_tickets(api: httpx.AsyncClient, zd: ZendeskSandbox, wanted: Json, field: str) -> None:
    """What is not valid is 422 RecordInvalid with the field named, and nothing is made."""
    answer = await api.post("tickets", json={"ticket": {"comment": {"body": "x"}, **wanted}})
    assert trouble(answer) == (422, "RecordInvalid")
    assert list(answer.json()["details"]) == [field]
    assert zd.tickets == []


async def test_bad_requests(api: httpx.AsyncClient) -> None:
    """Broken JSON and a missing object are 400; a ticket that is not there is 404."""
    assert (await api.post("tickets", content=b"{")).status_code == 400
    assert (await api.post("tickets", json={"tickets": {}})).status_code == 400
    assert trouble(await api.get("tickets/7")) == (404, "RecordNotFound")


async def test_requester_by_email(api: httpx.AsyncClient) -> None:
    """A requester is matched by e-mail, and made when there is none."""
    first = await made(api, requester={"name": "Ana", "email": "ana@example.com"})
    second = await made(api, requester={"name": "Another", "email": "ana@example.com"})
    assert first["requester_id"] == second["requester_id"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [("new", "new"), ("open", "open"), ("pending", "open"), ("hold", "open"), ("solved", "open")],
)
async def test_requester_reopens(api: httpx.AsyncClient, status: str, expected: str) -> None:
    """A comment by the requester opens a waiting or solved ticket again; an agent's does not."""
    ana = await user(api, "Ana", external_id="a")
    ticket = await made(api, requester_id=ana["id"], status=status)
    answer = await changed(api, ticket, comment={"body": "note", "public": False})
    assert answer.json()["ticket"]["status"] == status
    answer = await changed(api, ticket, comment={"body": "me again", "author_id": ana["id"]})
    assert answer.json()["ticket"]["status"] == expected


async def test_closed_is_for_good(api: httpx.AsyncClient) -> None:
    """A closed ticket refuses everything in the documented words."""
    ticket = await made(api)
    await changed(api, ticket, status="closed")
    answer = await changed(api, ticket, comment={"body": "x"})
    assert trouble(answer) == (422, "RecordInvalid")
    assert answer.json()["details"] == {"status": [{"description": "Status: closed prevents ticket update"}]}


async def test_assigning_opens(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """Assigning an agent opens a new ticket, and a customer cannot be assigned."""
    ticket = await made(api)
    answer = await changed(api, ticket, assignee_id=zd.agent().id)
    assert answer.json()["ticket"]["status"] == "open"
    ana = await user(api, "Ana", external_id="a")
    assert (await changed(api, ticket, assignee_id=ana["id"])).status_code == 422


async def test_comment_as_somebody(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """A comment is ours and public unless said otherwise; HTML gets a plain body."""
    ana = await user(api, "Ana", external_id="a")
    ticket = await made(api, requester_id=ana["id"])
    await changed(api, ticket, comment={"html_body": "<p>a &amp; <b>b</b></p>", "author_id": ana["id"]})
    await changed(api, ticket, comment={"body": "note", "public": False})
    comments = (await api.get("tickets/1/comments.json")).json()["comments"]
    assert [comment["body"] for comment in comments] == ["hello", "a & b", "note"]
    assert [comment["public"] for comment in comments] == [True, True, False]
    assert [comment["author_id"] for comment in comments] == [zd.state.bot.id, ana["id"], zd.state.bot.id]


async def test_tags_of_an_update(api: httpx.AsyncClient) -> None:
    """`tags` replaces, `additional_tags` and `remove_tags` change."""
    ticket = await made(api, tags=["a", "b"])
    answer = await changed(api, ticket, additional_tags=["c"], remove_tags=["a"])
    assert answer.json()["ticket"]["tags"] == ["b", "c"]
    assert (await changed(api, ticket, tags=["z"])).json()["ticket"]["tags"] == ["z"]


async def test_safe_update(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """A safe update with an old stamp is 409 UpdateConflict and changes nothing."""
    ticket = await made(api)
    zd.clock.advance(5)
    await changed(api, ticket, priority="low")
    stale = await changed(api, ticket, priority="high", safe_update=True, updated_stamp=ticket["updated_at"])
    assert trouble(stale) == (409, "UpdateConflict")
    fresh = (await api.get("tickets/1")).json()["ticket"]
    assert fresh["priority"] == "low"
    stamp = fresh["updated_at"]
    good = await changed(api, ticket, priority="high", safe_update=True, updated_stamp=stamp)
    assert good.json()["ticket"]["priority"] == "high"


async def test_idempotency_key(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """A repeated key answers as the first time, another body is 400, and after two hours it is new."""
    body = {"ticket": {"comment": {"body": "x"}}}
    headers = {"Idempotency-Key": "outbox-1"}
    first = await api.post("tickets.json", json=body, headers=headers)
    again = await api.post("tickets.json", json=body, headers=headers)
    assert (first.status_code, first.headers["x-idempotency-lookup"]) == (201, "miss")
    assert (again.status_code, again.headers["x-idempotency-lookup"]) == (201, "hit")
    assert again.json() == first.json()
    other = await api.post("tickets.json", json={"ticket": {"comment": {"body": "y"}}}, headers=headers)
    assert trouble(other) == (400, "IdempotentRequestError")
    zd.clock.advance(7201)
    late = await api.post("tickets.json", json=body, headers=headers)
    assert late.headers["x-idempotency-lookup"] == "miss"
    assert len(zd.tickets) == 2


async def test_key_survives_a_lost_answer(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """A create whose answer was lost is found again by its key."""
    zd.faults.reset_times = 1
    body, headers = {"ticket": {"comment": {"body": "x"}}}, {"Idempotency-Key": "k"}
    with pytest.raises(ConnectionResetError):
        await api.post("tickets", json=body, headers=headers)
    again = await api.post("tickets", json=body, headers=headers)
    assert again.headers["x-idempotency-lookup"] == "hit"
    assert len(zd.tickets) == 1


async def test_refused_create_may_be_tried_again(api: httpx.AsyncClient) -> None:
    """A create that was refused leaves its key free."""
    headers = {"Idempotency-Key": "k"}
    bad = {"ticket": {"comment": {"body": ""}}}
    assert (await api.post("tickets", json=bad, headers=headers)).status_code == 422
    assert (await api.post("tickets", json=bad, headers=headers)).status_code == 422


async def test_same_key_at_once(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """Twenty equal creates at the same time make one ticket."""
    body, headers = {"ticket": {"comment": {"body": "x"}}}, {"Idempotency-Key": "k"}
    await asyncio.gather(*(api.post("tickets", json=body, headers=headers) for _ in range(20)))
    assert len(zd.tickets) == 1


@pytest.mark.parametrize(("conflict", "expected"), [(True, [201, 409]), (False, [201, 201])])
async def test_same_key_in_flight(
    api: httpx.AsyncClient, zd: ZendeskSandbox, conflict: bool, expected: list[int]
) -> None:
    """While a create is in flight, its key is refused with 409 or waits for the answer, as switched."""
    zd.faults.change(slow_creates=0.05, conflict_on_same_key=conflict)
    body, headers = {"ticket": {"comment": {"body": "x"}}}, {"Idempotency-Key": "k"}
    answers = await asyncio.gather(*(api.post("tickets", json=body, headers=headers) for _ in range(2)))
    assert [answer.status_code for answer in answers] == expected
    assert len(zd.tickets) == 1


async def test_users_match_by_external_id_or_email(api: httpx.AsyncClient) -> None:
    """create_or_update answers 201 then 200, never matches by phone, and needs a name."""
    body = {"user": {"name": "Ana", "external_id": "whatsapp:1", "phone": "+15550100001"}}
    first = await api.post("users/create_or_update.json", json=body)
    again = await api.post("users/create_or_update.json", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    other = {"user": {"name": "Ana", "external_id": "whatsapp:2", "phone": "+15550100001"}}
    second = (await api.post("users/create_or_update", json=other)).json()["user"]
    assert second["id"] != first.json()["user"]["id"]
    assert second["shared_phone_number"] is True
    assert (await api.get(f"users/{second['id']}/identities")).json()["identities"] == []
    assert (await api.post("users/create_or_update", json={"user": {"email": "x@y.z"}})).status_code == 422


async def test_external_id_of_a_user_is_unique(api: httpx.AsyncClient) -> None:
    """A second user with the same external id is refused, whatever its case."""
    await user(api, "Ana", external_id="whatsapp:1")
    answer = await api.post("users", json={"user": {"name": "Bo", "external_id": "WhatsApp:1"}})
    assert answer.json()["details"]["external_id"][0]["error"] == "DuplicateValue"


async def test_cursor_pages(api: httpx.AsyncClient) -> None:
    """Cursor pages link to each other on the sandbox's own address, percent-encoded, both ways."""
    for _ in range(5):
        await made(api)
    first = (await api.get("tickets.json?page[size]=2")).json()
    assert [ticket["id"] for ticket in first["tickets"]] == [1, 2]
    assert first["meta"]["has_more"] is True
    assert first["links"]["next"].startswith("http://zendesk.test/api/v2/tickets.json?page%5Bafter%5D=")
    second = (await api.get(first["links"]["next"])).json()
    last = (await api.get(second["links"]["next"])).json()
    assert [ticket["id"] for ticket in last["tickets"]] == [5]
    assert last["meta"]["has_more"] is False
    assert last["links"]["next"]
    back = (await api.get(last["links"]["prev"])).json()
    assert [ticket["id"] for ticket in back["tickets"]] == [3, 4]


async def test_offset_pages(api: httpx.AsyncClient) -> None:
    """Offset pages count everything and link to the next and the previous one."""
    for _ in range(3):
        await made(api)
    first = (await api.get("tickets?per_page=2")).json()
    assert (first["count"], first["previous_page"]) == (3, None)
    second = (await api.get(first["next_page"])).json()
    assert [ticket["id"] for ticket in second["tickets"]] == [3]
    assert second["next_page"] is None


async def test_export_goes_on_from_its_cursor(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """The export's cursor brings what changed since, deleted tickets too, and nothing twice."""
    start = int(zd.clock.timestamp()) - 61
    ticket = await made(api)
    await made(api)
    page = (await api.get("incremental/tickets/cursor.json", params={"start_time": start})).json()
    assert [one["id"] for one in page["tickets"]] == [1, 2]
    assert page["end_of_stream"] is True
    await changed(api, ticket, priority="low")
    await api.delete("tickets/2")
    later = (await api.get(page["after_url"])).json()
    assert [(one["id"], one["status"]) for one in later["tickets"]] == [(1, "new"), (2, "deleted")]
    assert (await api.get(later["after_url"])).json()["tickets"] == []


async def test_export_wants_an_older_start(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """A start time less than a minute ago is refused."""
    now = int(zd.clock.timestamp())
    answer = await api.get("incremental/tickets/cursor", params={"start_time": now})
    assert trouble(answer) == (400, "StartTimeTooRecent")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type:ticket", [1, 2, 3]),
        ("type:ticket status<solved", [1, 2]),
        ("type:ticket status:solved", [3]),
        ("type:ticket -tags:vip", [2, 3]),
        ("external_id:c2", [2]),
        ("type:ticket priority>normal", [1]),
        ('"late order"', [2]),
        ("type:ticket created>2020-01-01", [1, 2, 3]),
        ("type:ticket assignee:none", [1, 2]),
        ("type:user name:Parley", []),
    ],
)
async def test_search_language(
    api: httpx.AsyncClient, zd: ZendeskSandbox, query: str, found: list[int]
) -> None:
    """Search understands fields, comparisons, negation, phrases and dates, and says what kind each is."""
    zd.faults.search_delay = 0
    await made(api, tags=["vip"], priority="urgent")
    await made(api, subject="A late order", external_id="c2")
    await made(api, status="solved")
    answer = (await api.get("search.json", params={"query": query})).json()
    tickets = [one["id"] for one in answer["results"] if one["result_type"] == "ticket"]
    assert sorted(tickets) == found
    assert answer["count"] == len(answer["results"])
