"""The doors, health and metrics of the web process, over HTTP, on a real Postgres and Redis."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from app import web, wiring
from app.settings import Settings
from app.wiring import Parley
from connectors.zendesk import signature as zendesk_signature
from conversations import inbox, reports
from conversations.messages import Address, CustomerMessage
from orders import demo
from orders.model import Owner
from orders.papers.ports import Paper
from orders.papers.store import PostgresLinks
from tests.services import ALWAYS_OPEN

SECRET, VERIFY, ZENDESK_SECRET = "app-secret", "verify-me", "zendesk-secret"
NUMBER = "106540352242922"


@pytest.fixture
async def parley(database_url: str, redis_url: str) -> AsyncIterator[Parley]:
    """Parley with real connectors that point at nobody."""
    settings = Settings(
        _env_file=None,
        hours_file=ALWAYS_OPEN,
        database_url=database_url,
        redis_url=redis_url,
        rasa_url="http://127.0.0.1:9",
        whatsapp_base_url="http://127.0.0.1:9",
        whatsapp_phone_number_id=NUMBER,
        whatsapp_access_token=SecretStr("token"),
        whatsapp_app_secret=SecretStr(SECRET),
        whatsapp_verify_token=SecretStr(VERIFY),
        zendesk_base_url="http://127.0.0.1:9",
        zendesk_email="bot@example.com",
        zendesk_api_token=SecretStr("token"),
        zendesk_webhook_secret=SecretStr(ZENDESK_SECRET),
    )
    async with wiring.build(settings) as parley:
        yield parley


@pytest.fixture
async def client(parley: Parley) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the web process, in this process."""
    transport = httpx.ASGITransport(web.serve(parley), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://parley") as client:
        yield client


def text(id: str, sender: str = "15550100001", body: str = "hi") -> dict[str, Any]:
    return {"from": sender, "id": id, "timestamp": "1749416383", "type": "text", "text": {"body": body}}


def envelope(*values: dict[str, Any]) -> bytes:
    """One entry a value, so that a batch spreads over entries."""
    meta = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    entries = [
        {
            "id": "1",
            "changes": [
                {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": meta, **value}}
            ],
        }
        for value in values
    ]
    return json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()


async def post(client: httpx.AsyncClient, body: bytes, signature: str | None = "right") -> httpx.Response:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    right = {"X-Hub-Signature-256": f"sha256={digest}"}
    headers = right if signature == "right" else {"X-Hub-Signature-256": signature} if signature else {}
    return await client.post("/webhooks/whatsapp", content=body, headers=headers)


async def stored(parley: Parley) -> int:
    async with parley.pool.connection() as conn:
        return sum(summary.messages for summary in await reports.list_conversations(conn))


async def test_handshake_echoes_the_challenge_for_the_right_token_only(client: httpx.AsyncClient) -> None:
    """Meta's verification call gets its challenge as plain text; a wrong or missing token 403."""
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY}
    right = await client.get("/webhooks/whatsapp", params=query)
    assert (right.status_code, right.text) == (200, "1158201444")
    assert right.headers["content-type"].startswith("text/plain")
    for wrong in ("no", "", "vérify"):
        answer = await client.get("/webhooks/whatsapp", params={**query, "hub.verify_token": wrong})
        assert (answer.status_code, "1158201444" in answer.text) == (403, False)


async def test_signature_decides(client: httpx.AsyncClient, parley: Parley) -> None:
    """A missing signature is 401, a wrong one 403, and nothing of such a call is stored."""
    body = envelope({"messages": [text("m1")]})
    assert (await post(client, body, None)).status_code == 401
    assert (await post(client, body, "sha256=" + "0" * 64)).status_code == 403
    assert (await post(client, body, "sha256=" + "A" * 64)).status_code == 403
    assert await stored(parley) == 0
    assert (await post(client, body)).status_code == 200
    assert await stored(parley) == 1


async def test_batch_over_entries_changes_and_messages_is_stored_whole(
    client: httpx.AsyncClient, parley: Parley
) -> None:
    """Every message of every entry counts, receipts and unknown fields beside them included."""
    status = {"id": "wamid.OUT", "status": "read", "timestamp": "1", "recipient_id": "1"}
    body = envelope(
        {"messages": [text("a1", "1555"), text("b1", "1666"), text("a2", "1555")]},
        {"statuses": [status]},
        {"messages": [text("c1", "1777")], "statuses": [status]},
    )
    data = json.loads(body)
    data["entry"].append({"id": "2", "changes": [{"field": "account_update", "value": {"event": "X"}}]})
    assert (await post(client, json.dumps(data).encode())).status_code == 200
    assert await stored(parley) == 4


async def test_same_webhook_twenty_times_at_once_is_stored_once(
    client: httpx.AsyncClient, parley: Parley
) -> None:
    """Meta may repeat a call at any moment; one message and one turn come of it."""
    body = envelope({"messages": [text("m1")]})
    answers = await asyncio.gather(*(post(client, body) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert await stored(parley) == 1
    jobs = list(await parley.job_queue.job_manager.list_jobs_async())
    assert len(jobs) == 1


async def test_repeated_batches_with_news_add_only_the_news(
    client: httpx.AsyncClient, parley: Parley
) -> None:
    """Batches that come again, shuffled, overlapping and at once, store each message once and lose none."""
    batches = [
        envelope({"messages": [text(f"m{n}", f"1555{n % 3}") for n in numbers]})
        for numbers in (range(10), range(5, 15), range(14, -1, -1), (3, 20, 7, 21))
    ]
    answers = await asyncio.gather(*(post(client, body) for body in batches * 3))
    assert {answer.status_code for answer in answers} == {200}
    assert await stored(parley) == 17
    assert len(list(await parley.job_queue.job_manager.list_jobs_async())) == 17


MALFORMED = (
    b"{", b"[]", b"null", b'"text"', b"", b"\xff\xfe", b'{"object": 1}', b'{"entry": []}', b"[" * 200_000,
    b'{"a":' * 100_000, b'{"object": "whatsapp_business_account", "entry": [' + b"9" * 5_000 + b"]}",
)  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:12]))
async def test_malformed_body_is_400(client: httpx.AsyncClient, body: bytes) -> None:
    """A signed body that is no webhook, or nested deeper than anybody reads, is refused, and says so."""
    answer = await post(client, body)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_body_over_3_mb_is_413(client: httpx.AsyncClient) -> None:
    """Up to 3 MB is taken; more is refused, whether its length was declared or not."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b" " * 1024 * 1024

    assert (await client.post("/webhooks/whatsapp", content=b" " * (3 * 1024 * 1024 + 1))).status_code == 413
    assert (await client.post("/webhooks/whatsapp", content=chunks())).status_code == 413
    largest = envelope({"messages": [text("m1", body="x" * 4096)]})
    assert (await post(client, largest + b" " * (3 * 1024 * 1024 - len(largest)))).status_code == 200


@pytest.mark.parametrize(
    "said",
    ["naïve 👩‍👩‍👧 שלום", "nul \u0000 inside", "lone \ud83d half", "x" * 100_000, "/restart", "' OR 1=1 --"],
)
async def test_any_text_is_stored(client: httpx.AsyncClient, parley: Parley, said: str) -> None:
    """Emoji, right-to-left, a NUL, half an emoji, a huge text: accepted and kept."""
    assert (await post(client, envelope({"messages": [text("m1", body=said)]}))).status_code == 200
    assert await stored(parley) == 1


async def test_message_without_a_phone_number_is_a_conversation(
    client: httpx.AsyncClient, parley: Parley
) -> None:
    """A customer known by business-scoped user id alone is served like any other."""
    message = {
        "from_user_id": "US.1349",
        "id": "m1",
        "timestamp": "1",
        "type": "text",
        "text": {"body": "hi"},
    }
    value = {"contacts": [{"profile": {"name": "Sheena"}, "user_id": "US.1349"}], "messages": [message]}
    assert (await post(client, envelope(value))).status_code == 200
    async with parley.pool.connection() as conn:
        [summary] = await reports.list_conversations(conn)
        conversation, _ = await reports.show(conn, summary.id)
    assert (conversation.user_id, conversation.wa_id, conversation.name) == ("US.1349", None, "Sheena")


async def test_deep_message_costs_its_neighbours_nothing(client: httpx.AsyncClient, parley: Parley) -> None:
    """Something nested a hundred times in a message of an unknown type is stored beside the others."""
    deep: Any = {"id": 1}
    for _ in range(100):
        deep = {"inner": [deep]}
    strange = {"from": "1555", "id": "m2", "timestamp": "1", "type": "hologram", "hologram": deep}
    assert (await post(client, envelope({"messages": [text("m1"), strange]}))).status_code == 200
    assert await stored(parley) == 2


async def test_unknown_message_type_is_accepted(client: httpx.AsyncClient, parley: Parley) -> None:
    """A type WhatsApp invents tomorrow is stored, not refused."""
    message = {"from": "1555", "id": "m1", "timestamp": "1", "type": "hologram", "hologram": {"id": 1}}
    assert (await post(client, envelope({"messages": [message]}))).status_code == 200
    assert await stored(parley) == 1


# --- Zendesk ---------------------------------------------------------------------------------------


def event(conversation_id: object, comment_id: str = "9876543210", **comment: Any) -> dict[str, Any]:
    author = {"id": "844", "is_staff": True, "name": "Agent Smith"}
    said = {"id": comment_id, "body": "We shipped it today", "is_public": True, "author": author, **comment}
    return {
        "account_id": 22129848,
        "detail": {"id": "5158", "external_id": f"whatsapp:{conversation_id}", "status": "OPEN"},
        "event": {"comment": said, "meta": {"sequence": {"id": "01JH", "position": 1}}},
        "id": "cbe4028c-7239-495d-b020-f22348516046",
        "subject": "zen:ticket:5158",
        "time": "2025-01-08T14:25:30.123456789Z",
        "type": "zen:event-type:ticket.comment_added",
        "zendesk_event_version": "2022-11-06",
    }


async def notify(client: httpx.AsyncClient, body: bytes, **changed: str | None) -> httpx.Response:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers: dict[str, str | None] = {
        "X-Zendesk-Webhook-Signature": zendesk_signature.sign(ZENDESK_SECRET, body, stamp),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    kept = {name: value for name, value in headers.items() if value is not None}
    return await client.post("/webhooks/zendesk", content=body, headers=kept)


async def a_conversation(parley: Parley) -> object:
    message = CustomerMessage(
        "m0", Address("whatsapp", NUMBER, None, "1555"), "text", "hi", datetime.now(UTC)
    )
    async with parley.pool.connection() as conn:
        [id] = await inbox.receive(conn, parley.corridor.jobs, [message])
    return id


async def test_zendesk_signature_decides(client: httpx.AsyncClient) -> None:
    """A Zendesk call without a signature is 401, with a wrong one 403."""
    body = json.dumps(event(uuid4())).encode()
    assert (await notify(client, body, **{"X_Zendesk_Webhook_Signature": None})).status_code == 401
    assert (await notify(client, body, **{"X_Zendesk_Webhook_Signature": "AAAA"})).status_code == 403


async def test_agents_comment_is_stored_once(client: httpx.AsyncClient, parley: Parley) -> None:
    """An agent's public comment is taken once, however often Zendesk tells of it."""
    body = json.dumps(event(await a_conversation(parley))).encode()
    for _ in range(3):
        assert (await notify(client, body)).status_code == 200
    jobs = [job async for job in _jobs(parley)]
    assert len(jobs) == 2  # the customer's message, the agent's comment


async def test_private_notes_and_customers_comments_are_left_alone(
    client: httpx.AsyncClient, parley: Parley
) -> None:
    """What is not a public comment by staff never reaches the customer."""
    id = await a_conversation(parley)
    customer = {"id": "9", "is_staff": False, "name": "Ana"}
    comments: list[dict[str, Any]] = [{"is_public": False}, {"author": customer}]
    for number, comment in enumerate(comments):
        body = json.dumps(event(id, f"{number}", **comment)).encode()
        assert (await notify(client, body)).status_code == 200
    assert len([job async for job in _jobs(parley)]) == 1


async def test_event_of_somebody_elses_ticket_is_accepted_and_ignored(client: httpx.AsyncClient) -> None:
    """Tickets that are not ours, and kinds of events we have no use for, are 200."""
    other = event(uuid4())
    other["detail"]["external_id"] = None
    unknown = {**event(uuid4()), "type": "zen:event-type:ticket.hologram_added"}
    for data in (event(uuid4()), other, unknown):
        assert (await notify(client, json.dumps(data).encode())).status_code == 200


async def test_broken_trigger_body_is_400(client: httpx.AsyncClient) -> None:
    """A trigger's unescaped text makes broken JSON; it is refused, not a crash."""
    assert (await notify(client, b'{"comment": "she said "hi""}')).status_code == 400


async def _jobs(parley: Parley) -> AsyncIterator[object]:
    for job in await parley.job_queue.job_manager.list_jobs_async():
        yield job


async def test_doors_without_a_database_ask_for_a_repeat(
    client: httpx.AsyncClient, parley: Parley, postgres: str, database_url: str
) -> None:
    """When nothing can be stored nothing is acknowledged: 503 with Retry-After, on both doors."""
    id = await a_conversation(parley)
    parley.pool.timeout = 0.3
    name = database_url.split("/")[3].partition("?")[0]
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        conn.execute(ended, [name])
    for answer in (
        await post(client, envelope({"messages": [text("m1")]})),
        await notify(client, json.dumps(event(id)).encode()),
    ):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert (await client.get("/readyz")).json()["parts"]["database"] != "ok"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    parley.pool.timeout = 20.0
    assert (await post(client, envelope({"messages": [text("m1")]}))).status_code == 200


# --- health ----------------------------------------------------------------------------------------


async def test_readiness_names_what_fails(client: httpx.AsyncClient) -> None:
    """Alive is not ready: the failing parts are named with 503."""
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert (parts["database"], parts["redis"]) == ("ok", "ok")
    assert "engine" in parts["engine"]
    assert "worker" in parts["worker"]


async def test_metrics_count_the_corridor(client: httpx.AsyncClient) -> None:
    """Prometheus sees conversations, jobs and the age of what waits."""
    await post(client, envelope({"messages": [text("m1")]}))
    shown = (await client.get("/metrics")).text
    assert 'parley_conversations{control="bot"} 1.0' in shown
    assert 'parley_jobs{status="todo"} 1.0' in shown
    assert 'parley_age_seconds{what="oldest_arrival"}' in shown


async def test_papers_and_pictures(client: httpx.AsyncClient, parley: Parley) -> None:
    """A link opens its paper without being cached anywhere; what is no link, and no picture, is not there."""
    async with parley.pool.connection() as conn:
        await demo.load(conn, datetime.now(UTC).date(), 1)
    word = await PostgresLinks(parley.pool).make(Paper("invoice", "10235", Owner("+15550100001")))
    found = await client.get(f"/papers/{word}")
    assert found.status_code == 200
    assert found.headers["Content-Type"] == "application/pdf"
    assert found.headers["Cache-Control"] == "private, no-store"
    assert found.headers["Content-Disposition"] == 'inline; filename="Invoice 10235.pdf"'
    assert found.content.startswith(b"%PDF-")
    assert (await client.get("/papers/10235")).status_code == 404
    assert (await client.get("/pictures/linen_shirt.png")).headers["Content-Type"] == "image/png"
    assert (await client.get("/pictures/shop.yml")).status_code == 404
