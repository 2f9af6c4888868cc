"""What a person or another program can do over HTTP: the pages' own paths."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.whatsapp.sandbox import WhatsAppSandbox
from sandbox.zendesk.sandbox import ZendeskSandbox
from tests.unit.sandbox.receiver import Receiver

ANA = "15550100001"


@pytest.fixture
async def phone(wa: WhatsAppSandbox) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(wa.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://phone.test") as client:
        yield client


@pytest.fixture
async def desk(zd: ZendeskSandbox) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(zd.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        yield client


async def test_pages_and_their_files(phone: httpx.AsyncClient, desk: httpx.AsyncClient) -> None:
    """Both pages are there, and name nothing outside the sandbox."""
    for client, name in ((phone, "phone"), (desk, "desk")):
        page = await client.get("/")
        assert page.headers["Content-Type"].startswith("text/html")
        assert 'src="http' not in page.text
        assert 'href="http' not in page.text
        assert (await client.get(f"/pages/{name}/app.js")).status_code == 200


async def test_everybody_is_listed(wa: WhatsAppSandbox, phone: httpx.AsyncClient) -> None:
    """The customers of the demo shop and one without a number are there from the start."""
    people = (await phone.get("/sandbox/state")).json()["customers"]
    assert [(one["name"], one["phone"]) for one in people] == [
        ("Ana Silva", "+15550100001"),
        ("Ben Okafor", "+15550100002"),
        ("Someone without a number", None),
    ]


async def test_writing_on_the_phone(wa: WhatsAppSandbox, phone: httpx.AsyncClient, app: Receiver) -> None:
    """What is written on the page reaches the app and stands in the chat with two ticks."""
    path = f"/sandbox/chats/{ANA}"
    assert (await phone.post(f"{path}/messages", json={"text": "hi"})).status_code == 202
    await wa.idle()
    assert app.messages[0]["text"]["body"] == "hi"
    chat = (await phone.get(path)).json()
    assert [(one["text"], one["tick"]) for one in chat["messages"]] == [("hi", "delivered")]
    assert chat["window_open"] is True


@pytest.mark.parametrize("kind", ["image", "audio", "sticker", "document", "location", "unsupported"])
async def test_attaching(wa: WhatsAppSandbox, phone: httpx.AsyncClient, app: Receiver, kind: str) -> None:
    """Everything in the attach menu is sent, and what it shows can be loaded."""
    await phone.post(f"/sandbox/chats/{ANA}/messages", json={"attach": kind})
    await wa.idle()
    assert app.messages[0]["type"] == kind
    (bubble,) = (await phone.get(f"/sandbox/chats/{ANA}")).json()["messages"]
    if "media" in bubble:
        assert (await phone.get(bubble["media"]["url"])).status_code == 200


async def test_reacting(wa: WhatsAppSandbox, phone: httpx.AsyncClient, app: Receiver) -> None:
    """A reaction hangs on its message, is no bubble of its own, and can be taken back."""
    await wa.customer_says(ANA, "hi")
    target = app.messages[0]["id"]
    for emoji, shown in (("👍", ["👍"]), ("", [])):
        await phone.post(f"/sandbox/chats/{ANA}/messages", json={"react": emoji, "message_id": target})
        await wa.idle()
        (bubble,) = (await phone.get(f"/sandbox/chats/{ANA}")).json()["messages"]
        assert bubble["reactions"] == shown


async def test_newcomers(phone: httpx.AsyncClient) -> None:
    """Somebody new can be added with or without a number; a wrong number is refused."""
    with_number = {"name": "Chloe", "phone": "+15550100003"}
    assert (await phone.post("/sandbox/customers", json=with_number)).json() == {"key": "15550100003"}
    without = await phone.post("/sandbox/customers", json={"name": "Dee", "phone": None})
    assert without.json()["key"].startswith("US.")
    assert (await phone.post("/sandbox/customers", json={"name": "E", "phone": "12"})).status_code == 422
    assert (await phone.get("/sandbox/chats/nobody")).status_code == 404


async def test_bad_messages_are_refused(phone: httpx.AsyncClient) -> None:
    """A message that says nothing is 422."""
    assert (await phone.post(f"/sandbox/chats/{ANA}/messages", json={})).status_code == 422
    assert (await phone.post(f"/sandbox/chats/{ANA}/messages", json={"text": ""})).status_code == 422


async def test_switches_over_http(wa: WhatsAppSandbox, phone: httpx.AsyncClient) -> None:
    """Fault switches can be seen, set and reset; nonsense is refused."""
    shown = (await phone.get("/sandbox/faults")).json()
    assert {about["name"] for about in shown["switches"]} == set(shown["values"])
    assert all(about["description"] for about in shown["switches"])
    await phone.patch("/sandbox/faults", json={"window_closed": True, "error_code": 131016})
    assert (wa.faults.window_closed, wa.faults.error_code) == (True, 131016)
    assert (await phone.patch("/sandbox/faults", json={"nonsense": 1})).status_code == 422
    await phone.delete("/sandbox/faults")
    assert wa.faults.window_closed is False


async def test_clock_over_http(wa: WhatsAppSandbox, phone: httpx.AsyncClient) -> None:
    """A day can pass at once, and then the window is closed."""
    await wa.customer_says(ANA, "hi")
    await phone.post("/sandbox/clock", json={"seconds": 86_401})
    assert (await phone.get(f"/sandbox/chats/{ANA}")).json()["window_open"] is False


async def test_any_webhook_over_http(phone: httpx.AsyncClient, app: Receiver) -> None:
    """Any webhook can be sent by hand, and the app's answer is shown."""
    app.answers = [403]
    answer = await phone.post("/sandbox/webhooks", json={"body": {"entry": []}, "signature": "bad"})
    assert answer.json()["status"] == 403


async def test_latency(wa: WhatsAppSandbox, zd: ZendeskSandbox, api: httpx.AsyncClient) -> None:
    """An answer can be made late."""
    zd.faults.latency = 0.05
    before = time.perf_counter()
    await api.get("users/me")
    assert time.perf_counter() - before >= 0.05


async def test_working_at_the_desk(
    zd: ZendeskSandbox, api: httpx.AsyncClient, desk: httpx.AsyncClient, app: Receiver
) -> None:
    """An agent replies, notes, assigns, tags and solves; the app hears of it as the agent's work."""
    await api.post("tickets", json={"ticket": {"subject": "Help", "comment": {"body": "hello"}}})
    state = (await desk.get("/sandbox/state")).json()
    agent = state["agents"][1]["id"]
    work = {"agent_id": agent, "comment": {"body": "Hi", "public": True}, "assignee_id": agent}
    answer = await desk.post("/sandbox/tickets/1", json=work | {"tags": ["VIP"], "priority": "high"})
    ticket = answer.json()
    assert (ticket["status"], ticket["assignee"], ticket["tags"]) == ("open", "Jonas Beck", ["vip"])
    assert [(one["side"], one["public"]) for one in ticket["comments"]] == [("app", True), ("agent", True)]
    solved = await desk.post("/sandbox/tickets/1", json={"agent_id": agent, "status": "solved"})
    assert solved.json()["status"] == "solved"
    await zd.idle()
    assert app.bodies[-1]["detail"]["via"] == {"channel": "web"}
    assert app.bodies[-1]["detail"]["actor_id"] == str(agent)


async def test_desk_refuses_what_zendesk_refuses(
    zd: ZendeskSandbox, api: httpx.AsyncClient, desk: httpx.AsyncClient
) -> None:
    """A closed ticket, an unknown ticket and an unknown agent are refused at the desk too."""
    await api.post("tickets", json={"ticket": {"comment": {"body": "hello"}}})
    agent = zd.agent().id
    await desk.post("/sandbox/tickets/1", json={"agent_id": agent, "status": "closed"})
    late = {"agent_id": agent, "comment": {"body": "late"}}
    assert (await desk.post("/sandbox/tickets/1", json=late)).status_code == 422
    assert (await desk.post("/sandbox/tickets/2", json=late)).status_code == 404
    assert (await desk.post("/sandbox/tickets/1", json=late | {"agent_id": 1})).status_code == 404
