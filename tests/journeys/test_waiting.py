"""At night nobody is there: the customer is told so, is promised a call, and it is kept in the morning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conversations.hours import DAYS
from conversations.promises import book, store
from conversations.promises.store import Promise
from conversations.waiting import reception
from tests.journeys.conftest import Journey, travel


@dataclass
class Night:
    """A journey that begins while it is closed; `ahead` moves its clock."""

    journey: Journey
    opens: datetime
    ahead: timedelta

    async def look_after(self) -> None:
        """What a worker does once a minute."""
        parley = self.journey.parley
        await reception.look_after(parley.corridor.reception, parley.pool, parley.jobs)
        await self.journey.settle()

    async def promises(self) -> list[Promise]:
        id = (await self.journey.conversation()).id
        async with self.journey.parley.pool.connection() as conn:
            return await store.of_conversation(conn, id)

    @property
    def notes(self) -> list[str]:
        [ticket] = self.journey.zendesk.tickets
        return [comment.body for comment in ticket.comments if not comment.public]


@pytest.fixture
async def night(database_url: str, redis_url: str, engine: str, tmp_path: Path) -> AsyncIterator[Night]:
    """It is closed, and opens in six to seven hours."""
    opens = (datetime.now(UTC) + timedelta(hours=7)).replace(minute=0, second=0, microsecond=0)
    hours = tmp_path / "hours.yml"
    span = f"{opens.hour}:00-{(opens.hour + 8) % 24}:00"
    hours.write_text(f"time_zone: UTC\nweek:\n  {DAYS[opens.weekday()]}: {span}\n")
    made: list[Night] = []

    def clock() -> datetime:
        return datetime.now(UTC) + (made[0].ahead if made else timedelta(0))

    async with travel(database_url, redis_url, engine, hours=hours, clock=clock) as journey:
        made.append(Night(journey, opens, timedelta(0)))
        yield made[0]


async def test_a_night_and_the_morning_after(night: Night) -> None:
    """Told when they are back, called back by promise, answered in the morning: both promises are kept."""
    journey = night.journey
    [told] = await journey.say("human please")
    at = f"at {night.opens.hour}:00 (UTC)"
    assert "passing you on" in told.text
    assert "Nobody is here right now" in told.text
    assert at in told.text
    assert "in a sentence what it is about" in told.text
    assert [choice["title"] for choice in told.choices] == ["Yes, call me back", "No, thanks"]
    [ticket] = journey.zendesk.tickets
    assert "Owed: an answer by" in ticket.comments[0].body

    night.ahead = timedelta(minutes=5)
    [thanks] = await journey.say("my lamp arrived broken")
    assert thanks.text.startswith("Thank you")
    assert at in thanks.text
    assert "my lamp arrived broken" in ticket.comments[-1].body

    [confirmed] = await journey.tap(told.choices[0]["id"])
    assert "we'll call you" in confirmed.text
    assert any("a call to +15550100001" in note for note in night.notes)
    await night.look_after()
    assert [promise.state for promise in await night.promises()] == ["open", "open"]

    night.ahead = timedelta(hours=7, minutes=30)
    await journey.zendesk.agent_replies(ticket.id, "Good morning Ana, this is Ines.")
    await journey.settle()
    answer, call = await night.promises()
    assert (answer.state, call.state) == ("kept", "open")
    async with journey.parley.pool.connection() as conn:
        assert await book.done(
            conn, journey.parley.jobs, call.id, "Ines", journey.parley.corridor.reception.now()
        )
    await journey.settle()
    assert [promise.state for promise in await night.promises()] == ["kept", "kept"]
    assert any("Ines called the customer" in note for note in night.notes)
    assert journey.received()[-1].text == "Good morning Ana, this is Ines."


async def test_a_promise_that_nobody_keeps(night: Night) -> None:
    """It is overdue on the ticket, and the customer is told once; solving says that the call was made."""
    journey = night.journey
    [told] = await journey.say("human please")
    await journey.tap(told.choices[0]["id"])
    before = len(journey.received())
    night.ahead = timedelta(hours=10)
    await night.look_after()
    await night.look_after()
    assert [promise.state for promise in await night.promises()] == ["broken", "broken"]
    assert sum("OVERDUE" in note for note in night.notes) == 2
    [update] = journey.received()[before:]
    assert "sorry" in update.text
    await journey.zendesk.agent_solves(journey.zendesk.tickets[0].id)
    await journey.settle()
    answer, call = await night.promises()
    assert (answer.state, call.state, call.settled_by) == ("withdrawn", "kept", "ticket solved")
