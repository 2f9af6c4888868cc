"""The door of the desk, over HTTP, and what its pages read, on a real Postgres and Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from app import web, wiring
from app.console import attempts, session, users
from app.settings import Settings
from conversations import handoff, inbox, reports
from conversations.desk import reports as desk_reports
from conversations.errors import BotFailed, Refused
from conversations.messages import Address, CustomerMessage
from tests.fakes.ports import says
from tests.integration.conftest import Core
from tests.services import ALWAYS_OPEN

KEY, USERS = "a long random text", "mia:right:agent, leo:p:w:lead"


@asynccontextmanager
async def client_of(
    database_url: str, redis_url: str, users: str | None = USERS, key: str | None = KEY, **more: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a web process with these people, and `more` settings."""
    settings = Settings(
        _env_file=None,
        hours_file=ALWAYS_OPEN,
        database_url=database_url,
        redis_url=redis_url,
        whatsapp_phone_number_id="1",
        whatsapp_access_token=SecretStr("token"),
        whatsapp_app_secret=SecretStr("secret"),
        whatsapp_verify_token=SecretStr("verify"),
        sandbox=True,
        console_users=SecretStr(users) if users else None,
        secret_key=SecretStr(key) if key else None,
        **more,
    )
    async with wiring.build(settings) as parley:
        await parley.redis.flushdb()
        transport = httpx.ASGITransport(web.serve(parley))
        async with httpx.AsyncClient(transport=transport, base_url="http://parley") as client:
            yield client


@pytest.fixture
async def client(database_url: str, redis_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a web process that knows mia and leo."""
    async with client_of(database_url, redis_url) as client:
        yield client


async def sign_in(client: httpx.AsyncClient, name: str, password: str, next: str = "") -> httpx.Response:
    form = {"name": name, "password": password, **({"next": next} if next else {})}
    return await client.post("/console/sign-in", data=form)


@pytest.mark.parametrize("path", ["/console", f"/console/{uuid4()}", "/analytics", "/analytics?days=30"])
async def test_pages_send_strangers_to_the_door(client: httpx.AsyncClient, path: str) -> None:
    """Nobody sees a page without signing in; the door remembers where they wanted to go."""
    answer = await client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/console/sign-in?next={quote(path, safe='')}"


async def test_live_connection_needs_a_session(client: httpx.AsyncClient) -> None:
    """The pages' live connection is closed to strangers too; the files are open."""
    assert (await client.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling")).status_code == 403
    assert (await client.get("/console/static/desk.css")).status_code == 200


async def test_right_password_opens_a_signed_session(client: httpx.AsyncClient) -> None:
    """The cookie is for HTTP alone, for this site alone, and the person goes where they wanted."""
    answer = await sign_in(client, "leo", "p:w", "/analytics?days=30")
    assert (answer.status_code, answer.headers["location"]) == (303, "/analytics?days=30")
    [(name, cookie)] = SimpleCookie(answer.headers["set-cookie"]).items()
    assert (name, cookie["httponly"], cookie["samesite"]) == (session.COOKIE, True, "lax")
    assert (await client.get("/console/sign-in")).status_code == 303
    gone = await client.post("/console/sign-out")
    assert (gone.status_code, gone.headers["location"]) == (303, "/console/sign-in")
    assert (await client.get("/console")).status_code == 303


@pytest.mark.parametrize(("name", "password"), [("mia", "wrong"), ("nobody", "right"), ("", ""), ("mia", "")])
async def test_wrong_password_opens_nothing(client: httpx.AsyncClient, name: str, password: str) -> None:
    """A wrong password and an unknown name are told the same words, and no cookie is set."""
    answer = await sign_in(client, name, password)
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    assert "The name or the password is not right." in answer.text


async def test_guessing_is_limited_for_each_name(client: httpx.AsyncClient) -> None:
    """After five wrong passwords a name has to wait, even with the right one; other names have not."""
    for _ in range(attempts.MOST):
        assert (await sign_in(client, "mia", "wrong")).status_code == 401
    answer = await sign_in(client, "mia", "right")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert (await sign_in(client, "leo", "p:w")).status_code == 303


@pytest.mark.parametrize(
    "next", ["https://evil.example", "//evil.example", "/webhooks/whatsapp", "/console\n"]
)
async def test_door_leads_only_to_pages_of_ours(client: httpx.AsyncClient, next: str) -> None:
    """Signing in never leads to an address somebody else chose."""
    assert (await sign_in(client, "mia", "right", next)).headers["location"] == "/console"


async def test_forged_cookies_open_nothing(client: httpx.AsyncClient) -> None:
    """A cookie of another key, an old password or plain nonsense counts for nothing."""
    mia = users.read("mia:right:agent")["mia"]
    old = users.read("mia:earlier:admin")["mia"]
    for value in ("", "x", "a.b.c", session.issue("another key", mia), session.issue(KEY, old)):
        client.cookies.set(session.COOKIE, value)
        assert (await client.get("/console")).status_code == 303


@pytest.mark.parametrize(
    ("users", "key", "said"),
    [
        (None, KEY, "set CONSOLE_USERS"),
        (USERS, None, "SECRET_KEY"),
    ],
)
async def test_without_users_the_door_says_how_to_set_them(
    database_url: str, redis_url: str, users: str | None, key: str | None, said: str
) -> None:
    """There is no default password: the page says what to set, and nobody gets in."""
    async with client_of(database_url, redis_url, users, key) as client:
        page = await client.get("/console", follow_redirects=True)
        assert said in page.text
        assert "<form" not in page.text
        assert (await sign_in(client, "mia", "right")).status_code == 503


async def test_names_are_shown_as_text(client: httpx.AsyncClient) -> None:
    """What was typed as a name comes back as text, never as markup."""
    answer = await sign_in(client, '"><script>alert(1)</script>', "x")
    assert "<script>" not in answer.text


async def test_other_paths_are_not_the_desks(client: httpx.AsyncClient) -> None:
    """An unknown path is a plain 404, no page of NiceGUI's."""
    for path in ("/", "/nowhere", "/console/nowhere", "/consoles", "/analytics/x"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


# --- what the pages read ---------------------------------------------------------------------------


async def arrive(core: Core, wa_id: str, text: str = "hi", kind: str = "text") -> UUID:
    at = datetime.now(UTC)
    address = Address("whatsapp", "1", None, wa_id)
    message = CustomerMessage(uuid4().hex, address, kind, text, at, name=f"c{wa_id}", words=text)
    async with core.pool.connection() as conn:
        [id] = await inbox.receive(conn, core.corridor.jobs, [message])
    await core.drain()
    return id


async def the_desk(core: Core, with_bot: int = 200) -> list[desk_reports.Card]:
    async with core.pool.connection() as conn:
        return await desk_reports.cards(conn, with_bot)


async def reply(core: Core, id: UUID, text: str = "On it.") -> None:
    async with core.pool.connection() as conn:
        await inbox.receive_reply(conn, core.corridor.jobs, id, uuid4().hex, "Mia", text)


async def test_desk_puts_the_longest_wait_first(core: Core) -> None:
    """Who waits for an agent comes first, then who talks with one, then the bot's, newest first."""
    old, new = await arrive(core, "1"), await arrive(core, "2")
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    first = await arrive(core, "3")
    taken = await arrive(core, "4")
    await handoff.take_and_hush(core.pool, core.corridor.jobs, taken, "Mia took over")
    await reply(core, taken)
    await core.drain()
    core.bot.replies.append(says("A colleague comes.", handoff="bot_failed"))
    second = await arrive(core, "5")
    cards = await the_desk(core)
    assert [card.id for card in cards] == [first, second, taken, new, old]
    assert [card.waiting_since is not None for card in cards] == [True, True, False, False, False]
    assert (cards[0].control_why, cards[0].ticket_id) == ("asked_for_person", 1)
    assert (cards[2].last_author, cards[2].last_text) == ("agent", "On it.")
    assert [card.id for card in await the_desk(core, with_bot=1)] == [first, second, taken, new]


async def test_a_card_shows_what_the_waiting_customer_wrote(core: Core) -> None:
    """Not the bot's farewell, which is the same on every card."""
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    await arrive(core, "1", "is anybody there?")
    [card] = await the_desk(core)
    assert (card.last_author, card.last_text) == ("customer", "is anybody there?")


async def test_an_answer_that_did_not_arrive_is_none(core: Core) -> None:
    """The customer goes on waiting, the card says why, and an answer that arrives ends both."""
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    id = await arrive(core, "1")
    core.channel.faults.append(Refused("131026: not deliverable", code="131026"))
    for waits in (True, False):
        await reply(core, id)
        await core.drain()
        [card] = await the_desk(core)
        assert (card.waiting_since is not None, card.undelivered) == (waits, waits)


async def test_a_web_chat_has_no_window_that_closes(core: Core) -> None:
    """WhatsApp's 24 hours are WhatsApp's."""
    await arrive(core, "1")
    message = CustomerMessage(
        uuid4().hex, Address("chat", "web", "a-visitor"), "text", "hi", datetime.now(UTC), words="hi"
    )
    async with core.pool.connection() as conn:
        await inbox.receive(conn, core.corridor.jobs, [message])
    await core.drain()
    assert {card.channel: card.closes is None for card in await the_desk(core)} == {
        "whatsapp": False, "chat": True,
    }  # fmt: skip


async def test_waiting_ends_with_an_answer_and_begins_anew_with_a_message(core: Core) -> None:
    """An agent's reply ends the wait; the customer's next message begins another, a reaction does not."""
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    id = await arrive(core, "1")
    [card] = await the_desk(core)
    assert card.waiting_since == card.control_since
    await reply(core, id)
    await core.drain()
    await arrive(core, "1", kind="reaction")
    assert [card.waiting_since for card in await the_desk(core)] == [None]
    await arrive(core, "1", "and now?")
    [card] = await the_desk(core)
    assert card.waiting_since is not None
    assert card.waiting_since > card.control_since


async def test_reply_is_to_come_until_a_worker_takes_it(core: Core) -> None:
    """What an agent wrote is seen at once, and once, before and after the worker took it."""
    id = await arrive(core, "1")
    await reply(core, id, "Let me look.")
    async with core.pool.connection() as conn:
        assert [one.text for one in await reports.replies_to_come(conn, id)] == ["Let me look."]
    await core.drain()
    async with core.pool.connection() as conn:
        assert await reports.replies_to_come(conn, id) == []
        _, lines = await reports.show(conn, id, last=2)
    assert [(line.kind, line.text) for line in lines if line.kind == "message"] == [
        ("message", "Let me look.")
    ]


async def test_figures_add_up(core: Core) -> None:
    """Conversations, the bot's share, handoffs, takeovers, failed turns, latency and intents."""
    await arrive(core, "1")
    await arrive(core, "1")
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    await arrive(core, "2")
    core.bot.replies.extend([BotFailed("no")] * 4)
    await arrive(core, "3")
    await handoff.take_and_hush(core.pool, core.corridor.jobs, await arrive(core, "4"), "Mia took over")
    async with core.pool.connection() as conn:
        found = await reports.figures(conn, 7)
    assert list(found.per_day.values()) == [0, 0, 0, 0, 0, 0, 4]
    assert list(found.per_day)[-1] == datetime.now(UTC).date()
    assert (found.conversations, found.alone, found.takeovers) == (4, 1, 1)
    assert found.handoffs == {"asked_for_person": 1, "bot_failed": 1}
    assert (found.turns, found.failed, found.intents) == (5, 1, {"order_status": 4})
    assert found.median_ms is not None
    assert found.p95_ms is not None
    assert 0 <= found.median_ms <= found.p95_ms


async def test_figures_know_their_days(core: Core) -> None:
    """What happened before the chosen days does not count; of no days there are no times."""
    await arrive(core, "1")
    async with core.pool.connection() as conn:
        await conn.execute("UPDATE log SET at = at - %s", [timedelta(days=8)])
        week, month = await reports.figures(conn, 7), await reports.figures(conn, 30)
    assert (week.conversations, week.turns, week.median_ms, sum(week.per_day.values())) == (0, 0, None, 0)
    assert (month.conversations, len(month.per_day), sum(month.per_day.values())) == (1, 30, 1)
