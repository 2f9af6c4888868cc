"""Exits that refuse, limit or fail us, on a real Postgres with real jobs: nothing lost, nothing hammered."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from conversations import inbox, outbox, reports, store
from conversations.bridge import bundles
from conversations.errors import (
    ConnectorError,
    Limited,
    NeedsOperator,
    NotYet,
    OutcomeUnknown,
    Refused,
    TemplateRefused,
    TryLater,
)
from conversations.exits import gate
from conversations.messages import Address, Content, CustomerMessage, Receipt
from conversations.patience import Patience
from tests.fakes.ports import says
from tests.integration.conftest import Core
from tests.integration.test_bridge import ANA, agent_says, handed_off, notes


def message(id: str, text: str, who: Address = ANA) -> CustomerMessage:
    return CustomerMessage(id, who, "text", text, datetime.now(UTC), name="Ana", words=text)


async def arrive(core: Core, *messages: CustomerMessage) -> list[UUID]:
    async with core.pool.connection() as conn:
        return await inbox.receive(conn, core.jobs, messages)


async def crowd(core: Core, number: int) -> list[str]:
    """So many customers write one message each; returns the answers they will get."""
    people = [Address("whatsapp", "1", None, f"1555{n:04}") for n in range(number)]
    await arrive(core, *(message(f"p{n}", str(n), one) for n, one in enumerate(people)))
    return [f"echo {n}" for n in range(number)]


async def fails_later(core: Core, code: str, kind: type[ConnectorError], times: int = 1) -> None:
    """The channel says of its last message that it failed, so many times."""
    row = core.channel.attempts[-1]
    wamid = f"wamid.{row}.{len(core.channel.attempts)}"
    async with core.pool.connection() as conn:
        await conn.execute("UPDATE outbox SET external_id = %s WHERE id = %s", [wamid, int(row)])
    failed = Receipt("whatsapp", wamid, "failed", datetime.now(UTC), row, f"{code}: no", code, kind)
    for _ in range(times):
        async with core.pool.connection() as conn:
            await outbox.tick(conn, core.jobs, failed, core.patience)


async def state(core: Core, row: str) -> str:
    async with core.pool.connection() as conn:
        return (await store.row(conn, int(row))).state


async def held(core: Core) -> list[reports.Held]:
    async with core.pool.connection() as conn:
        return await reports.holds(conn)


async def test_limit_of_the_whole_exit_pauses_it_once(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """One 429 and nobody else runs into it: everything waits as long as was asked, then goes out."""
    begun: list[float] = []
    send = core.channel.send

    async def timed(to: Address, content: Content, *, reference: str) -> str:
        begun.append(time.monotonic())
        return await send(to, content, reference=reference)

    monkeypatch.setattr(core.channel, "send", timed)
    core.channel.faults.append(Limited("130429: too many", retry_after=3.0))
    answers = await crowd(core, 12)
    await core.drain(60)
    under_way = [at for at in begun[1:] if at - begun[0] < 2.9]
    assert len(under_way) <= 3, "no more than were on their way when the limit was told"
    assert len(begun) == 1 + 12
    assert sorted(core.channel.texts) == sorted(answers)
    assert await held(core) == []


async def test_pause_is_told(core: Core) -> None:
    """For as long as it lasts, what pauses an exit can be read, with how many lines wait."""
    await arrive(core, message("m0", "hi"))
    async with core.pool.connection() as conn:
        await gate.pause(conn, "whatsapp", Limited("130429: too many", retry_after=30))
    [pause] = await held(core)
    assert (pause.exit, pause.limited) == ("whatsapp", True)
    assert "130429" in str(pause)


async def test_send_under_way_does_not_end_a_pause(core: Core) -> None:
    """A success that began before the limit, or before the refusal, says nothing about it."""
    await arrive(core, message("m1", "hi"))
    await core.drain()
    row = int(core.channel.attempts[0])
    async with core.pool.connection() as conn:
        await gate.shut(conn, "zendesk", "401", 60)
        await gate.reopen(conn, "zendesk", row)
        assert [hold.exit for hold in await reports.holds(conn)] == ["zendesk"]
        await gate.pause(conn, "whatsapp", Limited("130429", retry_after=30))
        await gate.reopen(conn, "whatsapp", row)
        with pytest.raises(NotYet) as raised:
            await gate.admit(conn, "whatsapp", 60)
    assert 29 < (raised.value.retry_after or 0) <= 30


async def test_only_the_probe_ends_a_hold(core: Core) -> None:
    """Not what was claimed just before the refusal could be seen, and arrives after it."""
    for id in ("m1", "m2"):
        await arrive(core, message(id, "hi"))
    await core.drain()
    first, second = map(int, core.channel.attempts)
    async with core.pool.connection() as conn:
        await gate.shut(conn, "whatsapp", "190", 0)
        await conn.execute("UPDATE outbox SET claimed_at = clock_timestamp()")
        await gate.reopen(conn, "whatsapp", first)
        assert [hold.exit for hold in await reports.holds(conn)] == ["whatsapp"]
        await gate.admit(conn, "whatsapp", 60, row_id=second)
        await gate.reopen(conn, "whatsapp", first)
        assert [hold.exit for hold in await reports.holds(conn)] == ["whatsapp"]
        await gate.reopen(conn, "whatsapp", second)
        assert await reports.holds(conn) == []


async def test_pauses_grow_while_nothing_says_how_long(core: Core) -> None:
    """1, 2, 4 … seconds without a Retry-After, a minute at most; a success begins anew."""
    async with core.pool.connection() as conn:
        waits = []
        for _ in range(9):
            error = Limited("130429")
            await gate.pause(conn, "whatsapp", error)
            waits.append(round(error.retry_after or 0))
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_lost_token_outweighs_a_pause(core: Core, caplog: pytest.LogCaptureFixture) -> None:
    """A paused exit that then refuses us raises its alarm, and a later limit does not shorten the hold."""
    async with core.pool.connection() as conn:
        await gate.pause(conn, "zendesk", Limited("429", retry_after=1))
        await gate.shut(conn, "zendesk", "401: check ZENDESK_API_TOKEN", 60)
        await gate.pause(conn, "zendesk", Limited("429", retry_after=1))
    assert len([record for record in caplog.records if "ALARM" in record.message]) == 1
    [hold] = await held(core)
    assert not hold.limited
    assert "check ZENDESK_API_TOKEN" in str(hold)
    assert "opens by itself" in str(hold)


async def test_limit_of_the_helpdesk_pauses_it_and_drains_in_order(core: Core) -> None:
    """A 429 of the account: nothing is asked meanwhile, then everything arrives once and in order."""
    await handed_off(core)
    core.helpdesk.faults.append(Limited("429", retry_after=0.5))
    before = core.helpdesk.calls
    await arrive(core, *(message(f"m{n}", f"line {n}") for n in range(1, 5)))
    await core.drain()
    public = [body for _, body, public, _ in core.helpdesk.comments if public]
    assert "\n\n".join(public).split("\n\n") == [f"line {n}" for n in range(1, 5)]
    assert core.helpdesk.calls - before <= 5


async def test_receipt_lets_what_follows_go_at_once(core: Core) -> None:
    """The answer to a send is lost, its receipt comes: the next line does not wait for the long wait."""
    core.channel.faults.append(OutcomeUnknown("reset"))
    core.patience = replace(core.patience, settle=60, look=0.05)
    await arrive(core, message("m1", "one"), message("m2", "two"))
    working = asyncio.create_task(core.drain(30))
    async with asyncio.timeout(20):
        while not core.channel.attempts or core.channel.faults:
            await asyncio.sleep(0.01)
    receipt = Receipt("whatsapp", "wamid.Z", "sent", datetime.now(UTC), core.channel.attempts[0])
    async with core.pool.connection() as conn:
        await outbox.tick(conn, core.jobs, receipt)
    await working
    assert core.channel.texts == ["echo two"]
    assert len(core.channel.attempts) == 2


async def test_what_failed_later_for_a_passing_reason_is_sent_again(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """131000 after a 200: sent again, three times in all, then the agent is told, once."""
    monkeypatch.setattr("conversations.bridge.fate.FIRST_PAUSE", 0.01)
    id = await handed_off(core)
    await agent_says(core, id, "Your parcel is on its way")
    await core.drain()
    row = core.channel.attempts[-1]
    for attempt in (2, 3):
        await fails_later(core, "131000", TryLater, times=3)
        assert await state(core, row) == "pending"
        await core.drain()
        assert core.channel.attempts.count(row) == attempt
    await fails_later(core, "131000", TryLater, times=3)
    await core.drain()
    assert await state(core, row) == "failed"
    assert len([note for note in notes(core) if "131000" in note]) == 1


async def test_account_that_is_locked_holds_the_exit(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """131031 or a billing problem, told by a receipt: one alarm, the line waits, and goes out once mended."""
    monkeypatch.setattr("conversations.bridge.fate.FIRST_PAUSE", 0.01)
    await arrive(core, message("m1", "hi"))
    await core.drain()
    await fails_later(core, "131042", NeedsOperator)
    [hold] = await held(core)
    assert (hold.exit, hold.limited, hold.waiting) == ("whatsapp", False, 1)
    await core.drain()
    assert core.channel.texts == ["echo hi", "echo hi"]
    assert await held(core) == []


async def test_refused_template_raises_an_alarm(core: Core, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever runs Parley hears of a template that is paused, not the agent alone."""
    await arrive(core, message("m1", "hi"))
    core.channel.faults.append(TemplateRefused("132015: the template is paused", code="132015"))
    await core.drain()
    assert any("ALARM" in record.message and "132015" in record.message for record in caplog.records)


async def test_doubtful_request_is_tried_once_more_and_no_further(core: Core) -> None:
    """Code 1: one more try, then it has failed and what follows goes out."""
    core.channel.faults.extend(TryLater("1: unknown request", code="1", tries=2) for _ in range(2))
    await arrive(core, message("m1", "one"), message("m2", "two"))
    await core.drain()
    assert core.channel.texts == ["echo two"]
    assert len(core.channel.attempts) == 3


@pytest.mark.parametrize("code", ["131026", "131049", "131051"])
async def test_what_never_arrives_comes_back_to_the_agent(core: Core, code: str) -> None:
    """Refused for good, at once or later: failed, with a private note that says why and what to do."""
    id = await handed_off(core)
    core.channel.faults.append(Refused(f"{code}: not deliverable", code=code))
    await agent_says(core, id, "Hello?")
    await core.drain()
    [note] = notes(core)
    assert all(words in note for words in (code, "Hello?", "What to do"))


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "ALARM" in record.getMessage()]


async def test_probe_that_failed_lets_others_go_first(core: Core) -> None:
    """What was refused a moment ago comes after what was not: one row cannot hold an exit for ever."""
    now = datetime.now(UTC)
    async with core.pool.connection() as conn:
        await gate.shut(conn, "zendesk", "401", 0)
        with pytest.raises(NotYet):
            await gate.admit(conn, "zendesk", 60, now)
        await gate.admit(conn, "zendesk", 60, now - timedelta(minutes=3))
        with pytest.raises(NotYet):
            await gate.admit(conn, "zendesk", 60)


async def test_refused_ticket_is_told_and_the_next_words_open_one(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator and the desk hear of it; what the customer writes then opens the ticket in their name."""
    core.helpdesk.faults.append(Refused("422 Requester: Ana is suspended"))
    id = await handed_off(core)
    assert core.helpdesk.tickets == {}
    assert len([alarm for alarm in alarms(caplog) if "Ana is suspended" in alarm]) == 1
    async with core.pool.connection() as conn:
        log = (await reports.show(conn, id))[1]
    assert [line.text for line in log if line.kind == "delivery" and "could not be written" in line.text]
    await arrive(core, message("m1", "are you there?"), message("m2", "hello?"))
    await core.drain()
    [draft] = core.helpdesk.tickets.values()
    assert (draft.comment, draft.as_customer) == ("are you there?", True)
    assert [(body, as_customer) for _, body, _, as_customer in core.helpdesk.comments] == [("hello?", True)]


async def test_words_that_waited_for_a_refused_ticket_open_one(core: Core) -> None:
    """Nothing that the customer wrote while the ticket was about to be opened is lost."""
    core.helpdesk.faults.extend([TryLater("down", retry_after=0.5), Refused("422")])
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    await arrive(core, message("m0", "person"))
    await arrive(core, message("m1", "are you there?"))
    await core.drain()
    assert [draft.comment for draft in core.helpdesk.tickets.values()] == ["are you there?"]


async def test_what_fails_often_raises_one_alarm(
    core: Core, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update that gets a 500 again and again is tried on, and an operator hears of it once."""
    monkeypatch.setattr(bundles, "SPACING", ((bundles.MOST, 0.0),))
    await handed_off(core)
    core.helpdesk.faults.extend(OutcomeUnknown("HTTP 500", retry_after=0.0) for _ in range(12))
    await arrive(core, message("m1", "one"))
    await core.drain()
    assert [body for _, body, public, _ in core.helpdesk.comments if public] == ["one"]
    assert len([alarm for alarm in alarms(caplog) if "HTTP 500" in alarm]) == 1


@pytest.mark.parametrize(("age", "written"), [(20, False), (46, True)])
async def test_write_of_a_dead_worker_is_looked_for_once_it_has_landed(
    core: Core, age: float, written: bool
) -> None:
    """Zendesk may take a slow write as late as 45 seconds after it began: till then nothing is repeated."""
    id = await handed_off(core)
    async with core.pool.connection() as conn:
        body = {"text": "note", "public": False}
        row = await store.add_row(conn, id, "zendesk", "comment", "system", 1, body)
        await store.claim_row(conn, row)
        begun = datetime.now(UTC) - timedelta(seconds=age)
        await conn.execute("UPDATE outbox SET claimed_at = %s WHERE id = %s", [begun, row])
    deliver = outbox.deliver(core.pool, core, row, Patience())
    if written:
        await deliver
    else:
        with pytest.raises(NotYet):
            await deliver
    assert [body for _, body, _, _ in core.helpdesk.comments] == ["note"] * written
