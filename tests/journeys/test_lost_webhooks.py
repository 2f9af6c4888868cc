"""Agents' replies while Zendesk loses, doubles and shuffles its webhooks: each arrives once, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app import worker
from tests.journeys.conftest import Journey, travel
from tests.services import free_port

PEOPLE = ["15550100001", "15550100002", "15550100009"]
REPLIES = 12
A_MINUTE = 60.0
LOOK = 1.0
"""Seconds between two looks at the tickets; fifteen where it is not a test."""


@pytest.fixture
async def journey(database_url: str, redis_url: str) -> AsyncIterator[Journey]:
    """Parley without an engine, so that everybody is handed over at once."""
    async with travel(database_url, redis_url, f"http://127.0.0.1:{free_port()}") as journey:
        yield journey


@asynccontextmanager
async def working(journey: Journey) -> AsyncIterator[None]:
    """A worker beside, looks at the tickets included."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(journey.parley, stop, look_every=LOOK))
    try:
        yield
    finally:
        stop.set()
        await task


async def until(condition: Callable[[], bool], seconds: float, what: Callable[[], object]) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what()
        await asyncio.sleep(0.02)


def replies_to(journey: Journey, who: str) -> list[str]:
    return [message.text for message in journey.received(who) if message.text.startswith("reply")]


async def test_every_reply_arrives_once_and_in_order(journey: Journey) -> None:
    """30 % of webhooks lost, 30 % doubled, half of them late: within a minute every phone has everything."""
    zendesk = journey.zendesk
    async with working(journey):
        for who in PEOPLE:
            await journey.whatsapp.customer_says(who, "I need a person")
        await until(lambda: len(zendesk.tickets) == len(PEOPLE), 60, lambda: zendesk.tickets)
        tickets = {zendesk.state.users[t.requester_id].phone: t.id for t in zendesk.tickets}
        zendesk.faults.change(drop_events=0.3, duplicate_events=0.3, reorder_events=0.5)
        for number in range(REPLIES):
            for who in PEOPLE:
                await zendesk.agent_replies(tickets[f"+{who}"], f"reply {number}")
                await zendesk.agent_replies(tickets[f"+{who}"], f"note {number}", public=False)
        for who in PEOPLE[:2]:
            await zendesk.agent_solves(tickets[f"+{who}"])
        assert zendesk.webhooks.dropped
        wanted = [f"reply {number}" for number in range(REPLIES)]
        await until(
            lambda: all(len(replies_to(journey, who)) >= REPLIES for who in PEOPLE),
            A_MINUTE,
            lambda: {who: replies_to(journey, who) for who in PEOPLE},
        )
        zendesk.faults.reset()
        await zendesk.idle(15)
        await journey.whatsapp.idle(15)
    await journey.settle()
    assert {who: replies_to(journey, who) for who in PEOPLE} == dict.fromkeys(PEOPLE, wanted)
    assert not [m for who in PEOPLE for m in journey.received(who) if "note" in m.text]


async def test_last_reply_lost_with_the_solving(journey: Journey) -> None:
    """No webhook comes at all: the replies and the solving are found by looking."""
    who, zendesk = PEOPLE[0], journey.zendesk
    async with working(journey):
        await journey.whatsapp.customer_says(who, "I need a person")
        [ticket] = await zendesk.wait_for_tickets(1, timeout=60)
        zendesk.faults.change(drop_events=1.0)
        await zendesk.agent_replies(ticket.id, "reply 1")
        await zendesk.agent_replies(ticket.id, "reply 2", status="solved")
        await until(
            lambda: replies_to(journey, who) == ["reply 1", "reply 2"],
            A_MINUTE,
            lambda: replies_to(journey, who),
        )
        end = time.monotonic() + A_MINUTE
        while await journey.control() != "bot":
            assert time.monotonic() < end, "control does not return"
            await asyncio.sleep(0.05)


async def test_merging_that_no_webhook_tells_of(journey: Journey) -> None:
    """It is found by looking: the agent's words in the other ticket arrive, and the bot keeps quiet."""
    who, zendesk = PEOPLE[0], journey.zendesk
    async with working(journey):
        await journey.whatsapp.customer_says(who, "I need a person")
        [ticket] = await zendesk.wait_for_tickets(1, timeout=60)
        other = await zendesk.agent_opens("Ana called about her parcel", "Notes of the call")
        zendesk.faults.change(drop_events=1.0)
        await zendesk.agent_merges(ticket.id, other.id)
        await zendesk.agent_replies(other.id, "reply 1")
        await until(
            lambda: replies_to(journey, who) == ["reply 1"], A_MINUTE, lambda: replies_to(journey, who)
        )
        await journey.whatsapp.customer_says(who, "thank you")
        await until(
            lambda: other.comments[-1].body == "thank you",
            A_MINUTE,
            lambda: [comment.body for comment in other.comments],
        )
    assert await journey.control() == "agent"
    assert not [m for m in journey.received(who) if "merged" in m.text]
