"""Who holds a conversation, notes, warnings, presence and live updates, on a real Postgres and Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from app.console import presence
from app.console.board import Board
from app.console.live import Live
from app.console.orders import OrderBook
from connectors.shop.papers import Papers
from connectors.zendesk.client import ZendeskClient
from conversations import handoff, inbox, reports
from conversations import store as core_store
from conversations.desk import holding, risk, store
from conversations.desk import reports as desk_reports
from conversations.desk.holding import HeldByAnother
from conversations.errors import Refused
from conversations.messages import Address, Answer, Content, CustomerMessage, File, StaffComment
from orders.store import PostgresOrders
from tests.fakes.ports import says
from tests.integration.conftest import Core
from tests.integration.test_console import arrive, client_of, reply, sign_in

ZENDESK: dict[str, Any] = {
    "zendesk_base_url": "http://127.0.0.1:9",
    "zendesk_email": "bot@example.com",
    "zendesk_api_token": SecretStr("token"),
    "zendesk_webhook_secret": SecretStr("secret"),
}


async def held(core: Core, id: UUID) -> store.Holding:
    async with core.pool.connection() as conn:
        return await store.holding(conn, id)


async def take(core: Core, id: UUID, person: str, *, wrest: bool = False) -> None:
    async with core.pool.connection() as conn:
        await holding.take(conn, core.jobs, id, person, wrest=wrest)
    await handoff.take_and_hush(core.pool, core.corridor.jobs, id, f"{person} took over")


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never became true"
        await asyncio.sleep(0.01)


async def test_of_many_at_once_one_holds(core: Core) -> None:
    """Ten people reach for one conversation at the same moment: one has it, nine are told who."""
    id = await arrive(core, "1")
    people = [f"agent {number}" for number in range(10)]
    results = await asyncio.gather(*(take(core, id, person) for person in people), return_exceptions=True)
    refused = [result for result in results if isinstance(result, HeldByAnother)]
    winner = people[results.index(None)]
    assert (len(refused), (await held(core, id)).holder) == (9, winner)
    assert {str(error) for error in refused} == {f"{winner} has this conversation."}


async def test_lead_may_take_it_and_that_is_remembered(core: Core) -> None:
    """Taking from a colleague works with the right to, and leaves a remark."""
    id = await arrive(core, "1")
    await take(core, id, "Mia")
    with pytest.raises(HeldByAnother):
        await take(core, id, "Leo")
    await take(core, id, "Leo", wrest=True)
    async with core.pool.connection() as conn:
        assert [note.text for note in await desk_reports.notes(conn, id)] == ["Leo took it from Mia."]
    assert (await held(core, id)).holder == "Leo"


async def test_release_leaves_nobody_holding(core: Core) -> None:
    """What the bot has, no person holds."""
    id = await arrive(core, "1")
    await take(core, id, "Mia")
    async with core.pool.connection() as conn:
        await handoff.release(conn, core.corridor.jobs, id, "Mia returned it")
    assert await held(core, id) == store.Holding(None, None)


async def test_holder_gives_it_on_and_others_cannot(core: Core) -> None:
    """It passes to a colleague or back to the queue, noted privately on the ticket."""
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    id = await arrive(core, "1")
    await take(core, id, "Mia")
    jobs = core.corridor.jobs
    with pytest.raises(HeldByAnother):
        async with core.pool.connection() as conn:
            await holding.give(conn, jobs, id, "Leo", "Leo")
    async with core.pool.connection() as conn:
        await holding.give(conn, jobs, id, "Mia", "Leo")
    assert await held(core, id) == store.Holding("Leo", "desk")
    async with core.pool.connection() as conn:
        await holding.give(conn, jobs, id, "Leo", None)
    assert await held(core, id) == store.Holding(None, None)
    await core.drain()
    private = [text for _, text, public, _ in core.helpdesk.comments if not public]
    assert "Mia gave it to Leo." in "\n".join(private)


async def test_answer_in_zendesk_shows_who_holds_it(core: Core) -> None:
    """An agent who answers on the ticket holds the conversation in the desk too, and is named there."""
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    id = await arrive(core, "1")
    comment = StaffComment("1", str(id), "c1", "99", "Ines", "Hello, Ines here.", datetime.now(UTC), True)
    async with core.pool.connection() as conn:
        await inbox.receive_comment(conn, core.corridor.jobs, comment)
    await core.drain()
    assert await held(core, id) == store.Holding("Ines", "zendesk")
    with pytest.raises(HeldByAnother, match="Ines has this conversation in Zendesk"):
        await take(core, id, "Mia")
    async with core.pool.connection() as conn:
        _, lines = await reports.show(conn, id)
    said = [line for line in lines if line.author == "agent" and line.kind == "message"]
    assert [(line.text, line.body["by"]) for line in said] == [("Hello, Ines here.", "Ines")]


async def test_note_is_kept_once_and_never_reaches_the_customer(core: Core) -> None:
    """Sent three times by a restless page, it stands once in the desk and once, privately, on the ticket."""
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    id = await arrive(core, "1")
    sent = list(core.channel.texts)
    for _ in range(3):
        async with core.pool.connection() as conn:
            await holding.note(conn, core.corridor.jobs, id, "Mia", "Be kind to her.", "note:12345678")
    await core.drain()
    async with core.pool.connection() as conn:
        assert [(n.author, n.text) for n in await desk_reports.notes(conn, id)] == [
            ("Mia", "Be kind to her.")
        ]
    about = [(public, text) for _, text, public, _ in core.helpdesk.comments if "Be kind" in text]
    assert [public for public, _ in about] == [False]
    assert core.channel.texts == sent


async def test_handoff_priority_reaches_the_desk(core: Core) -> None:
    """The bot's priority stands on the card until control passes again."""
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    id = await arrive(core, "1")
    async with core.pool.connection() as conn:
        assert [card.priority for card in await desk_reports.cards(conn)] == ["high"]
        await handoff.release(conn, core.corridor.jobs, id, "done")
        assert [card.priority for card in await desk_reports.cards(conn)] == ["normal"]


def turn(intent: str, frustration: float = 0.1, action: str = "action_x") -> Answer:
    return Answer((Content("…"),), None, intent=intent, frustration=frustration, action=action)


async def test_watched_facts_come_from_the_log(core: Core) -> None:
    """Turns since the bot got control, beside their messages; what an agent has is not watched."""
    core.bot.replies.extend([turn("nlu_fallback"), turn("nlu_fallback", 0.7, risk.CLARIFYING)])
    id = await arrive(core, "1", "blurb blah")
    await arrive(core, "1", "what on earth")
    taken = await arrive(core, "2")
    await take(core, taken, "Mia")
    now = datetime.now(UTC)
    async with core.pool.connection() as conn:
        [one] = await desk_reports.watched(conn, now)
    assert one.id == id
    assert [(each.text, each.intent, each.frustration) for each in one.facts.exchanges] == [
        ("blurb blah", "nlu_fallback", 0.1), ("what on earth", "nlu_fallback", 0.7),
    ]  # fmt: skip
    assert risk.codes(one.facts, now) == (risk.RISING, risk.FALLBACKS)


async def test_unanswered_customer_is_seen_before_the_window_closes(core: Core) -> None:
    """A message that nobody has answered yet, 23 hours old."""
    at = datetime.now(UTC) - timedelta(hours=23)
    message = CustomerMessage(
        "old", Address("whatsapp", "1", None, "1"), "text", "hello?", at, words="hello?"
    )
    async with core.pool.connection() as conn:
        await inbox.receive(conn, core.corridor.jobs, [message])
    now = datetime.now(UTC)
    async with core.pool.connection() as conn:
        [one] = await desk_reports.watched(conn, now)
    assert risk.codes(one.facts, now) == (risk.CLOSING,)


async def test_judged_warnings_are_counted(core: Core) -> None:
    """Acted on, then judged once or twice: the last word counts, once."""
    id = await arrive(core, "1")
    since = datetime.now(UTC) - timedelta(days=1)
    codes = [risk.RISING, risk.LATE]
    async with core.pool.connection() as conn:
        await store.act_on_warning(conn, id, "Mia", codes)
        assert await desk_reports.warning_to_judge(conn, id, "Mia") == sorted(codes)
        for useful in (True, False):
            await store.judge_warning(conn, id, "Mia", codes, useful)
        await store.judge_warning(conn, id, "Leo", codes[:1], True)
        assert await desk_reports.warning_to_judge(conn, id, "Mia") is None
        counted = {
            one.code: (one.acted, one.useful, one.useless) for one in await desk_reports.judged(conn, since)
        }
    assert counted == {risk.RISING: (2, 1, 1), risk.LATE: (1, 0, 1)}


async def test_a_warning_counts_anew_when_the_bot_has_it_again(core: Core) -> None:
    """Acted on, judged after the takeover, returned, and the same once more: two that were acted on."""
    id = await arrive(core, "1")
    since = datetime.now(UTC) - timedelta(days=1)
    for useful in (True, False):
        async with core.pool.connection() as conn:
            await store.act_on_warning(conn, id, "Mia", [risk.LATE])
        await take(core, id, "Mia")
        async with core.pool.connection() as conn:
            assert await desk_reports.warning_to_judge(conn, id, "Mia") == [risk.LATE]
            await store.judge_last(conn, id, "Mia", useful)
            assert await desk_reports.warning_to_judge(conn, id, "Mia") is None
            await handoff.release(conn, core.corridor.jobs, id, "Mia returned it to the bot")
    async with core.pool.connection() as conn:
        [counted] = await desk_reports.judged(conn, since)
    assert (counted.acted, counted.useful, counted.useless) == (2, 1, 1)


async def test_history_knows_hand_overs_tickets_and_other_conversations(core: Core) -> None:
    """What happened before with the same customer, the newest first."""
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    id = await arrive(core, "1")
    other = Address("whatsapp", "another number", None, "1")
    message = CustomerMessage("m", other, "text", "hi", datetime.now(UTC) - timedelta(days=3), words="hi")
    async with core.pool.connection() as conn:
        [elsewhere] = await inbox.receive(conn, core.corridor.jobs, [message])
        found = await desk_reports.earlier(conn, id)
    assert [one.kind for one in found][-1] == "conversation"
    assert {one.kind for one in found} == {"handover", "ticket open", "conversation"}
    assert found[-1].conversation_id == elsewhere


# --- live ------------------------------------------------------------------------------------------


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
async def live(database_url: str, redis: Redis) -> AsyncIterator[Live]:
    """A listener that has begun to listen."""
    live = Live(database_url, redis)
    before = live.number()
    await until(lambda: live.number() > before)
    yield live
    await live.close()


async def test_every_change_is_heard(core: Core, live: Live) -> None:
    """A message, a delivery, a takeover, a reply, a note: each grows the conversation's number."""
    id = await arrive(core, "1")
    await until(lambda: live.number(str(id)) > 0)
    other = live.number(str(uuid4()))

    async def heard(change: Callable[[], object]) -> None:
        await asyncio.sleep(0.05)
        before = live.number(str(id))
        await change()  # type: ignore[misc]
        await until(lambda: live.number(str(id)) > before)

    await heard(lambda: take(core, id, "Mia"))
    await heard(lambda: reply(core, id))
    await heard(core.drain)
    async with core.pool.connection() as conn:
        before = live.number(str(id))
        await store.add_note(conn, id, "Mia", "a note")
    await until(lambda: live.number(str(id)) > before)
    assert live.number(str(uuid4())) == other


async def test_lists_are_read_once_however_many_look(core: Core, live: Live) -> None:
    """Fifty pages at once cost one reading; without a change there is none."""
    await arrive(core, "1")
    board = Board(core.pool, live, OrderBook(PostgresOrders(core.pool)))
    await asyncio.sleep(0.1)
    rows = await asyncio.gather(*(board.queue() for _ in range(50)))
    assert len({id(one) for one in rows}) == 1
    assert (await board.queue()) is rows[0]
    await arrive(core, "2")
    await until(lambda: live.number() > board._queue_number)
    assert len(await board.queue()) == 2


async def test_colleagues_are_seen_and_fade(
    redis: Redis, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has it open and who types is seen by others, not by oneself, and goes by itself."""
    before = live.number("c1")
    await presence.touch(redis, "c1", "Mia", typing=True)
    await until(lambda: live.number("c1") > before)
    [mia] = await presence.others(redis, "c1", "Leo")
    assert (mia.name, mia.typing_until > time.time()) == ("Mia", True)
    assert await presence.others(redis, "c1", "Mia") == []
    await presence.leave(redis, "c1", "Mia", only_typing=True)
    assert [one.typing_until for one in await presence.others(redis, "c1", "Leo")] == [0.0]
    monkeypatch.setattr(presence, "VIEWING", 0.05)
    await presence.touch(redis, "c2", "Mia")
    await asyncio.sleep(0.06)
    assert await presence.others(redis, "c2", "Leo") == []


# --- the doors -------------------------------------------------------------------------------------


async def test_other_sites_cannot_act_in_a_persons_name(database_url: str, redis_url: str) -> None:
    """A form or a live connection from another origin is refused, even with the cookie."""
    async with client_of(database_url, redis_url) as client:
        evil = {"Origin": "https://evil.example"}
        form = {"name": "mia", "password": "right"}
        assert (await client.post("/console/sign-in", data=form, headers=evil)).status_code == 403
        assert (await sign_in(client, "mia", "right")).status_code == 303
        assert (await client.post("/console/sign-out", headers=evil)).status_code == 403
        live = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
        assert (await client.get(live, headers=evil)).status_code == 403


async def test_files_are_for_signed_in_people(
    database_url: str, redis_url: str, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger gets nothing, a file WhatsApp has is passed on, one it has not is a 404."""
    from connectors.whatsapp import client as whatsapp
    from connectors.whatsapp.download import FileGone, OpenFile

    async def open_file(self: object, media_id: str) -> OpenFile:
        if media_id == "gone":
            raise FileGone("WhatsApp has this file no longer")
        kinds = {"page": "text/html"}
        response = httpx.Response(200, content=b"\xff\xd8picture", request=httpx.Request("GET", "http://x"))
        return OpenFile(kinds.get(media_id, "image/jpeg"), response)

    monkeypatch.setattr(whatsapp.WhatsAppClient, "open_file", open_file)
    id = await arrive(core, "1")
    async with core.pool.connection() as conn:
        cursor = await conn.execute(
            "INSERT INTO log (conversation_id, kind, author, body) VALUES (%s, 'message', 'customer', "
            '\'{"media": [{"kind": "image", "id": "1"}, {"kind": "image", "id": "gone"}, '
            '{"kind": "document", "id": "page"}]}\') RETURNING id',
            [id],
        )
        [line] = await cursor.fetchone() or [0]
    async with client_of(database_url, redis_url) as client:
        assert (await client.get(f"/console/media/{line}/0")).status_code == 403
        await sign_in(client, "mia", "right")
        picture = await client.get(f"/console/media/{line}/0")
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
        assert picture.content == b"\xff\xd8picture"
        assert (await client.get(f"/console/media/{line}/1")).status_code == 404
        page = await client.get(f"/console/media/{line}/2")
        assert page.headers["content-type"] == "application/octet-stream"
        assert page.headers["content-disposition"] == "attachment"
        assert (await client.get(f"/console/media/{line}/9")).status_code == 404


async def test_files_of_agents_and_the_bot_are_for_signed_in_people(
    database_url: str, redis_url: str, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot's come from the papers, an agent's from the helpdesk; one that is gone is a 404."""

    async def fetch(self: object, file: File) -> bytes:
        if file.name == "gone":
            raise Refused("the attachment cannot be fetched: HTTP 404")
        return file.url.encode()

    monkeypatch.setattr(ZendeskClient, "fetch", fetch)
    monkeypatch.setattr(Papers, "fetch", fetch)
    id = await arrive(core, "1")
    sent = {
        "photo": ("agent", File("http://zendesk/photo", "photo", "image/jpeg")),
        "sheet": ("agent", File("http://zendesk/sheet", "sheet", "application/pdf")),
        "gone": ("agent", File("http://zendesk/gone", "gone", "application/pdf")),
        "mug": ("bot", File("http://shop/mug", "mug", "image/png")),
        "none": ("bot", None),
    }
    lines = {}
    async with core.pool.connection() as conn:
        for name, (author, file) in sent.items():
            body = {"content": Content("", file=file).to_json()}
            await core_store.append(conn, id, "message", author, "", body, None, None)
            [lines[name]] = await (await conn.execute("SELECT max(id) FROM log")).fetchone() or [0]
    async with client_of(database_url, redis_url, **ZENDESK) as client:
        paths = {name: f"/console/media/{line}/file" for name, line in lines.items()}
        assert (await client.get(paths["photo"])).status_code == 403
        await sign_in(client, "mia", "right")
        photo = await client.get(paths["photo"])
        assert (photo.headers["content-type"], photo.content) == ("image/jpeg", b"http://zendesk/photo")
        assert (await client.get(paths["mug"])).content == b"http://shop/mug"
        sheet = await client.get(paths["sheet"])
        assert sheet.headers["content-type"] == "application/octet-stream"
        assert sheet.headers["content-disposition"] == "attachment"
        for name in ("gone", "none"):
            assert (await client.get(paths[name])).status_code == 404
