"""The chat API over HTTP, with the core behind it on a real Postgres and Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from app import web, wiring
from app.chat import keys, limits
from app.settings import Settings
from app.wiring import Parley
from conversations import handoff, inbox
from conversations.desk import holding
from conversations.desk import store as desk
from conversations.desk.holding import HeldByAnother
from conversations.desk.store import Holding
from conversations.messages import Answer, Choice, Content, StaffComment
from tests.fakes.ports import says
from tests.integration.conftest import Core
from tests.services import ALWAYS_OPEN

KEY, SECRET = "an-integrators-key-of-the-shop", "signs-permits"
SHOP = "https://shop.example"
API = "/api/v1/chat"


@dataclass
class Chat:
    """A web process and a worker; `id` and `token` of one customer's session."""

    http: httpx.AsyncClient
    core: Core
    id: str = ""
    token: str = ""

    async def opened(self, name: str | None = "Ana") -> Chat:
        """The same, with a session of its own."""
        answer = await self.post("/sessions", {"name": name}, KEY)
        assert answer.status_code == 201, answer.text
        return Chat(self.http, self.core, answer.json()["id"], answer.json()["token"])

    async def post(self, path: str, body: Any, secret: str | None = None) -> httpx.Response:
        return await self.http.post(API + path, json=body, headers=_bearer(secret or self.token))

    async def says(self, text: str, **more: str) -> httpx.Response:
        """The customer writes; nothing is done about it yet."""
        return await self.post(f"/{self.id}/messages", {"text": text, **more})

    async def history(self, after: str = "", wait: float = 0, secret: str | None = None) -> dict[str, Any]:
        """What is new."""
        answer = await self.http.get(
            f"{API}/{self.id}/history",
            params={"after": after, "wait": wait},
            headers=_bearer(secret or self.token),
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def texts(self) -> list[str]:
        return [line["text"] for line in (await self.history())["lines"]]


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"} if secret else {}


@pytest.fixture
async def parley(database_url: str, redis_url: str) -> AsyncIterator[Parley]:
    """Parley's web side."""
    settings = Settings(
        _env_file=None,
        hours_file=ALWAYS_OPEN,
        database_url=database_url,
        redis_url=redis_url,
        rasa_url="http://127.0.0.1:9",
        whatsapp_base_url="http://127.0.0.1:9",
        whatsapp_phone_number_id="1",
        whatsapp_access_token=SecretStr("token"),
        whatsapp_app_secret=SecretStr("secret"),
        whatsapp_verify_token=SecretStr("verify"),
        zendesk_base_url="http://127.0.0.1:9",
        zendesk_email="bot@example.com",
        zendesk_api_token=SecretStr("token"),
        zendesk_webhook_secret=SecretStr("secret"),
        secret_key=SecretStr(SECRET),
        chat_page=True,
        chat_api_keys=SecretStr(f"shop:{KEY}"),
        chat_origins=SHOP,
    )
    async with wiring.build(settings) as parley:
        yield parley


@pytest.fixture
async def chat(parley: Parley, core: Core) -> AsyncIterator[Chat]:
    """A customer's chat that has just been opened."""
    await parley.redis.flushdb()
    transport = httpx.ASGITransport(web.serve(parley))
    async with httpx.AsyncClient(transport=transport, base_url="http://parley") as http:
        yield await Chat(http, core).opened()


# --- the story -------------------------------------------------------------------------------------


async def test_message_is_answered_and_shown(chat: Chat) -> None:
    """What the customer writes takes the corridor; the answer is there once it is delivered."""
    assert (await chat.says("where is 10234?", client_id="m1")).status_code == 201
    waiting = await chat.history()
    assert (waiting["typing"], waiting["seen"], len(waiting["lines"])) == (True, 0, 1)
    await chat.core.drain()
    then = await chat.history(waiting["cursor"])
    assert [(line["author"], line["text"]) for line in then["lines"]] == [("bot", "echo where is 10234?")]
    assert (then["typing"], then["seen"]) == (False, waiting["lines"][0]["id"])
    assert chat.core.bot.asked[0].phone is None
    assert (await chat.history(then["cursor"]))["lines"] == []


async def test_same_message_twenty_times_at_once_is_one_turn(chat: Chat) -> None:
    """A client_id names a message once; with another text it is 409."""
    answers = await asyncio.gather(*(chat.says("hi", client_id="m1") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await chat.says("another", client_id="m1")).status_code == 409
    await chat.core.drain()
    assert await chat.texts() == ["hi", "echo hi"]


async def test_choices_are_offered_and_only_those_can_be_tapped(chat: Chat) -> None:
    """A tapped choice reaches the bot as its payload; one that was never offered is 422."""
    offer = Content("Which?", (Choice("/pick{1}", "10234", "on its way"), Choice("/pick{2}", "10237")))
    chat.core.bot.replies.append(Answer((offer,)))
    await chat.says("where is my order?")
    await chat.core.drain()
    [_, shown] = (await chat.history())["lines"]
    assert [choice["title"] for choice in shown["choices"]] == ["10234", "10237"]
    assert (await chat.post(f"/{chat.id}/messages", {"choice": "/restart"})).status_code == 422
    assert (await chat.post(f"/{chat.id}/messages", {"choice": "/pick{2}"})).status_code == 201
    await chat.core.drain()
    assert (chat.core.bot.asked[-1].text, chat.core.bot.asked[-1].payload) == ("10237", "/pick{2}")


async def test_news_arrive_while_waiting(chat: Chat, parley: Parley) -> None:
    """A long poll answers when something happens, not when its time is over."""
    start = await chat.history()
    begun = asyncio.get_running_loop().time()
    poll = asyncio.create_task(chat.history(start["cursor"], wait=20))
    await _until(lambda: bool(parley.chats._watching))
    await chat.says("hi")
    first = await poll
    await chat.core.drain()
    second = await chat.history(first["cursor"], wait=20)
    assert [line["text"] for line in second["lines"]] == ["echo hi"]
    assert asyncio.get_running_loop().time() - begun < 15


async def test_nothing_is_missed_when_both_sides_write_at_once(chat: Chat) -> None:
    """A line of ours that is delivered after a newer one of the customer's still comes."""
    await chat.says("one")
    chat.core.bot.replies.append(says("first"))
    await chat.core.take(1, 1, False)  # answered, not yet delivered
    await chat.says("two")
    before = await chat.history()
    await chat.core.drain()
    after = await chat.history(before["cursor"])
    assert [line["text"] for line in before["lines"]] == ["one", "two"]
    assert [line["text"] for line in after["lines"]] == ["first", "echo two"]


async def test_line_that_was_shown_is_read(chat: Chat) -> None:
    """The page's receipt ticks the line, and no session ticks another's."""
    await chat.says("hi")
    await chat.core.drain()
    [_, line] = (await chat.history())["lines"]
    other = await chat.opened()
    await other.post(f"/{other.id}/receipts", {"ids": [line["id"]]})
    assert (await chat.history())["lines"][1]["state"] == "sent"
    assert (await chat.post(f"/{chat.id}/receipts", {"ids": [line["id"]]})).status_code == 204
    assert (await chat.history())["lines"][1]["state"] == "read"


async def test_handoff_makes_a_ticket_and_the_agents_reply_reaches_the_page(chat: Chat) -> None:
    """The bot hands over, an agent answers on the ticket, and the customer reads it in the chat."""
    chat.core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    await chat.says("a person please")
    await chat.core.drain()
    [draft] = chat.core.helpdesk.tickets.values()
    assert draft.external_id == f"chat:{chat.id}"
    assert (await chat.history())["control"] == "agent"
    await chat.says("still there?")
    reply = StaffComment("1", chat.id, "c1", "5", "Mia", "Here I am.", datetime.now(UTC), True)
    async with chat.core.pool.connection() as conn:
        await inbox.receive_comment(conn, chat.core.corridor.jobs, reply)
    await chat.core.drain()
    lines = (await chat.history())["lines"]
    assert (lines[-1]["author"], lines[-1]["text"]) == ("agent", "Here I am.")
    assert [text for _, text, _, _ in chat.core.helpdesk.comments] == ["still there?"]


async def test_takeover_silences_the_bot_and_release_lets_it_speak(chat: Chat) -> None:
    """Once takeover has answered, the bot says nothing; both steps may be repeated."""
    await chat.says("one")
    for _ in range(2):
        taken = await chat.post(f"/{chat.id}/takeover", {"agent": "Mia"}, KEY)
        assert (taken.status_code, taken.json()["control"], taken.json()["silent"]) == (200, "agent", True)
    await chat.core.drain()
    assert await chat.texts() == ["one"]
    for _ in range(2):
        freed = await chat.post(f"/{chat.id}/release", {}, KEY)
        assert (freed.status_code, freed.json()["control"]) == (200, "bot")
    await chat.says("two")
    await chat.core.drain()
    assert await chat.texts() == ["one", "two", "echo two"]


async def test_whom_an_agent_has_at_the_desk_no_integrator_takes_or_returns(chat: Chat) -> None:
    """Another's conversation is 409 with and without a name, and stays theirs; the holder may return it."""
    await chat.says("one")
    async with chat.core.pool.connection() as conn:
        await holding.take(conn, chat.core.jobs, UUID(chat.id), "Mia")
    await handoff.take_and_hush(chat.core.pool, chat.core.jobs, UUID(chat.id), "Mia took over")
    for body in ({"agent": "Bob"}, {}):
        for step in ("takeover", "release"):
            answer = await chat.post(f"/{chat.id}/{step}", body, KEY)
            assert (answer.status_code, answer.json()) == (409, {"error": "Mia has this conversation."})
    assert (await chat.history())["control"] == "agent"
    for step in ("takeover", "release"):
        assert (await chat.post(f"/{chat.id}/{step}", {"agent": "mia"}, KEY)).status_code == 200
    assert (await chat.history())["control"] == "bot"


async def test_whoever_takes_it_over_by_name_holds_it(chat: Chat) -> None:
    """Of ten who take it over at once one has it, also at the desk; without a name nobody holds it."""
    assert (await chat.post(f"/{chat.id}/takeover", {}, KEY)).status_code == 200
    assert await holder(chat) == Holding(None, None)
    names = [f"Agent {number}" for number in range(10)]
    answers = await asyncio.gather(
        *(chat.post(f"/{chat.id}/takeover", {"agent": name}, KEY) for name in names)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    [first] = [name for name, answer in zip(names, answers, strict=True) if answer.status_code == 200]
    assert await holder(chat) == Holding(first, None)
    assert (await chat.post(f"/{chat.id}/release", {"agent": "Bob"}, KEY)).status_code == 409
    with pytest.raises(HeldByAnother):
        async with chat.core.pool.connection() as conn:
            await holding.take(conn, chat.core.jobs, UUID(chat.id), "Mia")


async def test_what_is_optional_may_be_left_out_with_the_body(chat: Chat) -> None:
    """A session, a takeover and a release need no body at all."""
    for path, status in (("/sessions", 201), (f"/{chat.id}/takeover", 200), (f"/{chat.id}/release", 200)):
        assert (await chat.http.post(API + path, headers=_bearer(KEY))).status_code == status


# --- refusals --------------------------------------------------------------------------------------


async def test_no_key_or_a_wrong_one_is_401(chat: Chat) -> None:
    """Every call needs a key or its own session's token, and says so."""
    for secret in (None, "wrong", "", KEY + "x", "ключ"):
        headers = _bearer(secret or "") if secret is None or secret.isascii() else {}
        for method, path in (
            ("POST", "/sessions"),
            ("GET", f"/{chat.id}/history"),
            ("GET", f"/{uuid4()}/history"),
        ):
            answer = await chat.http.request(method, API + path, headers=headers, json={})
            assert answer.status_code == 401, (secret, path)
            assert answer.json()["error"]
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_token_opens_its_own_session_and_no_other(chat: Chat) -> None:
    """Another's session is 401 to a token; who may speak is decided with a key alone."""
    other = await chat.opened()
    for path in ("messages", "receipts"):
        body = {"text": "hi"} if path == "messages" else {"ids": [1]}
        assert (await chat.post(f"/{other.id}/{path}", body)).status_code == 401
    assert (await chat.post("/sessions", {})).status_code == 401
    for step in ("takeover", "release"):
        assert (await chat.post(f"/{chat.id}/{step}", {})).status_code == 403
    assert (await other.history(secret=KEY))["lines"] == []


async def test_expired_token_is_401(chat: Chat) -> None:
    """A token ends with its session."""
    async with chat.core.pool.connection() as conn:
        await conn.execute("UPDATE chat_sessions SET expires_at = now() - interval '1 second'")
    assert (await chat.says("hi")).status_code == 401
    await chat.opened()
    assert (await chat.post(f"/{chat.id}/messages", {"text": "hi"}, KEY)).status_code == 404


async def test_unknown_session_is_404_for_a_key(chat: Chat) -> None:
    """An integrator learns that there is no such session."""
    for path, body in (("messages", {"text": "hi"}), ("takeover", {}), ("release", {})):
        assert (await chat.post(f"/{uuid4()}/{path}", body, KEY)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": "  "}, {"text": "x" * 4001}, {"text": 1}, {"text": "a", "choice": "b"},
     {"text": "hi", "client_id": "no spaces"}, {"text": "hi", "surprise": 1}, [], None, "hi",
     {"choice": "a\0b"}, {"choice": "\0"}, {"text": "hi", "client_id": "a\0b"}],
)  # fmt: skip
async def test_what_is_not_a_message_is_422(chat: Chat, body: Any) -> None:
    """A body that is not as documented is refused in a sentence, and nothing is stored."""
    answer = await chat.post(f"/{chat.id}/messages", body)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert await chat.texts() == []


async def test_broken_parts_of_a_request_are_422(chat: Chat) -> None:
    """No JSON, no UUID, a cursor that is not ours, a wait too long."""
    headers = _bearer(chat.token)
    answers = [
        await chat.http.post(f"{API}/{chat.id}/messages", content=b"{", headers=headers),
        await chat.http.get(f"{API}/nobody/history", headers=headers),
        await chat.http.get(f"{API}/{chat.id}/history", params={"after": "1; DROP"}, headers=headers),
        await chat.http.get(f"{API}/{chat.id}/history", params={"after": "9" * 90}, headers=headers),
        await chat.http.get(f"{API}/{chat.id}/history", params={"wait": 3600}, headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [422] * 5


@pytest.mark.parametrize("body", [b'{"text": "\xe9"}', b"[" * 30_000])
async def test_body_that_cannot_be_read_is_400(chat: Chat, body: bytes) -> None:
    """Not UTF-8, or nested without end: refused in a sentence."""
    headers = {**_bearer(chat.token), "Content-Type": "application/json"}
    answer = await chat.http.post(f"{API}/{chat.id}/messages", content=body, headers=headers)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


async def test_body_over_64_kb_is_413(chat: Chat) -> None:
    """A body nobody would type is not read to its end."""
    answer = await chat.says("x" * 70_000)
    assert (answer.status_code, bool(answer.json()["error"])) == (413, True)


async def test_any_text_is_kept(chat: Chat) -> None:
    """Emoji, right-to-left, markup, a NUL: stored as text; half an emoji is 422."""
    said = ["naïve 👩‍👩‍👧 שלום", "<b>&amp;</b> ' OR 1=1 --", "nul \x00 inside", "/restart"]
    for text in said:
        assert (await chat.says(text)).status_code == 201
    assert await chat.texts() == [text.replace("\x00", "") for text in said]
    half = await chat.http.post(
        f"{API}/{chat.id}/messages", content=rb'{"text": "\ud83d"}', headers=_bearer(chat.token)
    )
    assert half.status_code == 422


async def test_too_many_messages_are_429(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit a session has to wait, and is told how long; another session has not."""
    monkeypatch.setattr("app.chat.limits.time.time", lambda: 1_800_000_010.0)
    codes = [(await chat.says("hi")).status_code for _ in range(limits.MESSAGES.most)]
    assert set(codes) == {201}
    refused = await chat.says("hi")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "51")
    assert (await (await chat.opened()).says("hi")).status_code == 201


async def test_guessing_keys_is_slowed_down(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many wrong keys from one address the answer is 429."""
    monkeypatch.setattr("app.chat.limits.time.time", lambda: 1_800_000_010.0)
    codes = [
        (await chat.post("/sessions", {}, f"guess {n}")).status_code for n in range(limits.WRONG.most + 1)
    ]
    assert codes == [401] * limits.WRONG.most + [429]


async def test_right_key_after_many_wrong_ones_waits_and_no_visitor_does(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever guesses learns nothing more in this minute; whoever came with a token or a page goes on."""
    monkeypatch.setattr("app.chat.limits.time.time", lambda: 1_800_000_010.0)
    permit = keys.permit(SECRET)
    for n in range(limits.WRONG.most):
        await chat.post("/sessions", {}, f"guess {n}")
    refused = await chat.post("/sessions", {}, KEY)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "51")
    assert (await chat.http.get(f"{API}/{chat.id}/history", headers=_bearer(KEY))).status_code == 429
    assert (await chat.says("hi")).status_code == 201
    assert (await chat.post("/sessions", {}, permit)).status_code == 201
    monkeypatch.setattr("app.chat.limits.time.time", lambda: 1_800_000_070.0)
    assert (await chat.post("/sessions", {}, KEY)).status_code == 201


# --- the page and the documentation ----------------------------------------------------------------


async def test_page_brings_a_permit_that_opens_a_session(chat: Chat) -> None:
    """The chat page may open sessions and do nothing else; it can be framed by the shop alone."""
    page = await chat.http.get("/chat")
    assert page.status_code == 200
    assert f"frame-ancestors 'self' {SHOP}" in page.headers["content-security-policy"]
    permit = page.text.split('name="parley-permit" content="')[1].split('"')[0]
    opened = await chat.post("/sessions", {}, permit)
    assert opened.status_code == 201
    mine = Chat(chat.http, chat.core, opened.json()["id"], opened.json()["token"])
    assert (await mine.says("hi")).status_code == 201
    assert (await chat.post(f"/{mine.id}/takeover", {}, permit)).status_code == 401
    assert not keys.is_permit("another secret", permit)


async def test_api_is_documented_where_it_is(chat: Chat) -> None:
    """OpenAPI with every path, its key and its errors."""
    described = (await chat.http.get("/api/v1/openapi.json")).json()
    own = {f"/chat/{{id}}/{part}" for part in ("messages", "history", "takeover", "release")}
    assert set(described["paths"]) >= {"/chat/sessions", *own}
    assert {"401", "404", "409", "413", "422", "429"} <= set(
        described["paths"]["/chat/{id}/messages"]["post"]["responses"]
    )
    for step in ("takeover", "release"):
        assert {"400", "403", "409"} <= set(described["paths"][f"/chat/{{id}}/{step}"]["post"]["responses"])
    assert (await chat.http.get("/api/v1/docs")).status_code == 200
    assert (await chat.http.get("/api/v1/nothing")).json()["error"]


async def test_browser_of_the_shop_may_call_and_no_other(chat: Chat) -> None:
    """CORS lets the named origins in."""
    wants = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    path = f"{API}/{chat.id}/messages"
    ours = await chat.http.options(path, headers={"Origin": SHOP, **wants})
    theirs = await chat.http.options(path, headers={"Origin": "https://evil.example", **wants})
    assert ours.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-origin" not in theirs.headers


async def holder(chat: Chat) -> Holding:
    async with chat.core.pool.connection() as conn:
        return await desk.holding(conn, UUID(chat.id))


async def _until(condition: Any, deadline: float = 5.0) -> None:
    end = asyncio.get_running_loop().time() + deadline
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it never happened"
        await asyncio.sleep(0.005)
