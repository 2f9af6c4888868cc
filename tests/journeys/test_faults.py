"""WhatsApp and Zendesk at fault, by the sandbox's switches: every word arrives once, or the agent is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from conversations import reports
from conversations.patience import Patience
from tests.journeys.conftest import Journey, travel

SOON = Patience(settle=1.0, settle_helpdesk=0.5, hold=0.2, look=0.1)
NOBODY = "http://127.0.0.1:9"
"""Where no engine is: every message then calls a person, which is all that is needed here."""


@pytest.fixture
async def office(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Journey]:
    """A customer whom an agent talks to, with the real connectors between the two sandboxes."""
    monkeypatch.setattr("conversations.bridge.fate.FIRST_PAUSE", 0.2)
    async with travel(
        database_url, redis_url, NOBODY, patience=SOON, whatsapp_template_name="reply_waiting"
    ) as journey:
        await journey.say("a person please")
        assert await journey.control() == "agent"
        yield journey


def agents_lines(journey: Journey) -> list[str]:
    """What the customer really got of the agent, in order."""
    sent = [message for message in journey.received() if message.status != "failed"]
    return [message.text for message in sent[1:] if message.type == "text"]


def notes(journey: Journey) -> list[str]:
    """The private notes in the ticket, without the handoff."""
    return [one.body for one in journey.zendesk.tickets[0].comments[1:] if not one.public]


def in_ticket(journey: Journey) -> list[str]:
    """The customer's lines in the ticket, in order."""
    [ticket] = journey.zendesk.tickets
    public = [one.body for one in ticket.comments if one.public and one.author_id == ticket.requester_id]
    return "\n\n".join(public).split("\n\n") if public else []


async def reply(journey: Journey, *texts: str) -> None:
    for text in texts:
        await journey.zendesk.agent_replies(journey.zendesk.tickets[0].id, text)
        await journey.zendesk.idle(15)  # its webhooks keep no order of their own
    await journey.settle()


@pytest.mark.parametrize("code", [2, 131000, 131016, 131056, 130429, 133004, 190, 0, 10, 131031, 131042, 368])
async def test_whatsapp_refuses_for_a_while(office: Journey, code: int) -> None:
    """Busy, limited, signed out or locked: both replies wait, then arrive once and in order; no note."""
    office.whatsapp.faults.fail_next(code, times=2)
    await reply(office, "First", "Second")
    assert agents_lines(office) == ["First", "Second"]
    assert notes(office) == []


@pytest.mark.parametrize("code", [33, 100, 130472, 130497, 131021, 131026, 131030, 131051, 131053, 137000])
async def test_whatsapp_refuses_for_good(office: Journey, code: int) -> None:
    """The agent reads which reply did not arrive, why, and what to do; what follows still arrives."""
    office.whatsapp.faults.fail_next(code)
    await reply(office, "First", "Second")
    assert agents_lines(office) == ["Second"]
    [note] = notes(office)
    assert all(words in note for words in ("First", str(code), "What to do"))


@pytest.mark.parametrize("code", [131026, 131049, 131050])
async def test_whatsapp_takes_it_and_fails_later(office: Journey, code: int) -> None:
    """The same by a status webhook, though it comes twice and in disorder."""
    office.whatsapp.faults.change(fail_with=code, duplicate_statuses=True, reorder_statuses=True)
    await reply(office, "First")
    office.whatsapp.faults.reset()
    await reply(office, "Second")
    assert agents_lines(office) == ["Second"]
    [note] = notes(office)
    assert all(words in note for words in ("First", str(code), "What to do"))


@pytest.mark.parametrize("code", [131000, 131056, 131031])
async def test_whatsapp_takes_it_and_fails_for_a_while(office: Journey, code: int) -> None:
    """Failed by a status webhook for a passing reason: sent again, and it arrives once; no note."""
    office.whatsapp.faults.change(fail_with=code)
    working = asyncio.create_task(reply(office, "First"))
    async with asyncio.timeout(30):
        while all(message.status != "failed" for message in office.received()):
            await asyncio.sleep(0.01)
    office.whatsapp.faults.reset()
    await working
    assert agents_lines(office) == ["First"]
    assert notes(office) == []


@pytest.mark.parametrize("at_once", [True, False])
async def test_window_is_closed(office: Journey, at_once: bool) -> None:
    """131047, at once or later: held, the template once, and released in order by the customer's words."""
    office.whatsapp.faults.change(window_closed=True, window_sync=at_once)
    await reply(office, "First", "Second")
    assert agents_lines(office) == []
    assert [one.type for one in office.received()].count("template") == 1
    assert any("reply_waiting" in note for note in notes(office))
    assert await states(office) == ["nudged", "nudged"]
    office.whatsapp.faults.reset()
    await office.say("hello again")
    assert agents_lines(office) == ["First", "Second"]
    assert "2 held replies" in notes(office)[-1]
    assert await states(office) == ["delivered", "delivered"]


async def test_answer_of_a_send_is_lost(office: Journey) -> None:
    """The connection breaks once WhatsApp has the message: its receipt settles it, nothing comes twice."""
    office.whatsapp.faults.change(reset_times=1)
    await reply(office, "First", "Second")
    assert agents_lines(office) == ["First", "Second"]
    assert await states(office) == ["delivered", "delivered"]


FAULTS: dict[str, Callable[[Journey], object]] = {
    "401": lambda journey: journey.zendesk.faults.fail_next(401, times=2),
    "403": lambda journey: journey.zendesk.faults.fail_next(403, times=2),
    "429": lambda journey: journey.zendesk.faults.fail_next(429, times=2, retry_after=1),
    "500": lambda journey: journey.zendesk.faults.fail_next(500, times=2, writes_only=True),
    "502": lambda journey: journey.zendesk.faults.fail_next(502, times=2),
    "503": lambda journey: journey.zendesk.faults.fail_next(503, times=2, retry_after=1),
    "reset": lambda journey: journey.zendesk.faults.change(reset_times=2),
    "slow": lambda journey: journey.zendesk.faults.change(latency=0.5),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_zendesk_fails(office: Journey, fault: str) -> None:
    """The customer hears nothing false, and every line is in the ticket once, in order."""
    before = len(office.received())
    FAULTS[fault](office)
    said = [f"line {n}" for n in range(5)]
    for text in said:
        await office.whatsapp.customer_says("15550100001", text)
    await office.settle()
    assert in_ticket(office) == said
    assert len(office.received()) == before
    async with office.parley.pool.connection() as conn:
        assert await reports.holds(conn) == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_zendesk_fails_when_a_ticket_is_to_be_opened(
    database_url: str, redis_url: str, fault: str
) -> None:
    """One ticket, however often its opening was refused, slow, or taken without an answer."""
    async with travel(database_url, redis_url, NOBODY, patience=SOON) as journey:
        FAULTS[fault](journey)
        await journey.say("a person please")
        await journey.say("are you there?")
        [_] = journey.zendesk.tickets
        assert in_ticket(journey) == ["are you there?"]


async def states(journey: Journey) -> list[str]:
    """How the agent's lines stand, in order."""
    lines = (await journey.shown())[1]
    return [str(line.state) for line in lines if line.kind == "message" and line.author == "agent"]
