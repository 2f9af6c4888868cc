"""Colleagues are told of a handoff until somebody takes it, on a real Postgres with real jobs."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from conversations import handoff, inbox
from conversations.desk import holding
from conversations.errors import OutcomeUnknown, Refused, TryLater
from conversations.messages import TicketStatusChanged
from conversations.notices import ladder, rules
from conversations.notices.ladder import Colleagues
from tests.fakes.ports import FakeTeller, says
from tests.integration.conftest import Core
from tests.integration.test_corridor import arrive, comment, message

RULES = rules.read("""
people: {leads: [lead@shop.example]}
skills: {orders: [order_status]}
ladders:
  calm: {priority: [low], steps: [{after: 30, tell: [leads]}]}
  rest:
    steps:
      - tell: [slack]
      - {after: 5, tell: [leads, slack]}
      - {after: 15, tell: [boss@shop.example]}
""")


@dataclasses.dataclass
class Office:
    """The core with colleagues to be told."""

    core: Core
    slack: FakeTeller
    mail: FakeTeller

    async def hand_off(self) -> UUID:
        """A customer asks for a person; returns the conversation."""
        self.core.bot.replies.append(says("I'm connecting you…", handoff="asked_for_person"))
        [id] = await arrive(self.core, message("m1", "a person please"))
        await self.core.drain()
        return id

    async def after(self, minutes: float) -> int:
        """So long after now, what the worker does; returns how many notices fell due."""
        async with self.core.pool.connection() as conn:
            now = datetime.now(UTC) + timedelta(minutes=minutes)
            due = await ladder.climb(conn, self.core.jobs, now)
        await self.core.drain()
        return due

    async def states(self) -> Sequence[tuple[int, str, str]]:
        """Step, medium and state of all notices, in order."""
        async with self.core.pool.connection() as conn:
            cursor = await conn.execute("SELECT step, medium, state FROM notices ORDER BY step, medium")
            return await cursor.fetchall()


@pytest.fixture
def office(core: Core) -> Office:
    slack, mail = FakeTeller(), FakeTeller()
    colleagues = Colleagues(lambda: RULES, {"slack": slack, "mail": mail})
    core.corridor = dataclasses.replace(core.corridor, colleagues=colleagues)
    return Office(core, slack, mail)


async def test_step_by_step_until_somebody_takes_it(office: Office) -> None:
    """At once in Slack; then more people; once taken, nobody any more."""
    id = await office.hand_off()
    [(_, first)] = office.slack.told
    assert first.title == "High: Customer asks for a person"
    assert first.facts == ("Waiting: less than a minute", "Customer: WhatsApp …001", "Skill: orders")
    assert office.mail.told == []
    assert await office.after(4) == 0
    assert await office.after(5.1) == 2
    assert [address for address, _ in office.mail.told] == ["lead@shop.example"]
    assert office.slack.told[1][1].text == "Nobody has taken it yet."
    async with office.core.pool.connection() as conn:
        await holding.take(conn, office.core.jobs, id, "Mia")
    assert await office.after(16) == 1
    assert len(office.mail.told) == 1
    assert [state for _, _, state in await office.states()] == ["sent", "sent", "sent", "stopped"]


async def test_each_notice_once(office: Office) -> None:
    """However many workers look at once, and however often a job runs."""
    await office.hand_off()
    await asyncio.gather(*(office.after(6) for _ in range(5)))
    await asyncio.gather(*(office.core.tell(number) for number in (1, 2, 3) for _ in range(5)))
    assert (len(office.slack.told), len(office.mail.told)) == (2, 1)


@pytest.mark.parametrize("how", ["a takeover", "a reply on the ticket", "a solved ticket", "a release"])
async def test_whoever_takes_it_stops_it(office: Office, how: str) -> None:
    """From the desk, in Zendesk, or by giving it back to the bot."""
    id = await office.hand_off()
    jobs = office.core.corridor.jobs
    async with office.core.pool.connection() as conn:
        if how == "a takeover":
            await handoff.takeover(conn, jobs, id, "Mia took over", hush=True)
        elif how == "a reply on the ticket":
            await inbox.receive_comment(conn, jobs, comment(id))
        elif how == "a solved ticket":
            solved = TicketStatusChanged("e1", "1", str(id), "SOLVED", True, datetime.now(UTC))
            await inbox.receive_status(conn, jobs, solved)
        else:
            await handoff.release(conn, jobs, id, "returned")
    await office.core.drain()
    await office.after(60)
    assert (len(office.slack.told), office.mail.told) == (1, [])


async def test_a_second_handoff_is_told_anew(office: Office) -> None:
    """The ladder of the first one stays silent, that of the second begins."""
    id = await office.hand_off()
    async with office.core.pool.connection() as conn:
        await handoff.release(conn, office.core.jobs, id, "returned")
    office.core.bot.replies.append(says("I'm connecting you…", handoff="unresolved"))
    await arrive(office.core, message("m2", "hm"))
    await office.core.drain()
    assert [notice.title for _, notice in office.slack.told][1:] == ["High: The bot could not help"]
    await office.after(6)
    assert len(office.slack.told) == 3


async def test_busy_is_tried_again(office: Office) -> None:
    """As often as it takes; one message comes of it."""
    office.slack.faults.extend([TryLater("busy", retry_after=0.01), TryLater("busy")])
    await office.hand_off()
    assert (office.slack.attempts, len(office.slack.told)) == (3, 1)


async def test_a_refusal_is_final_and_the_next_step_comes_at_once(office: Office) -> None:
    """Where a step has reached nobody, waiting for the next one would only lose time."""
    office.slack.faults.append(Refused("Slack refuses (404 no_service)"))
    await office.hand_off()
    assert [address for address, _ in office.mail.told] == ["lead@shop.example"]
    assert [state for _, _, state in await office.states()] == ["failed", "sent", "sent", "waiting"]
    async with office.core.pool.connection() as conn:
        [why] = await (await conn.execute("SELECT why FROM notices WHERE state = 'failed'")).fetchone() or [
            ""
        ]
    assert "no_service" in why


async def test_a_notice_that_died_with_its_worker_is_sent(office: Office) -> None:
    """While it may still be on its way it waits; then it is sent, and no other is."""
    await office.hand_off()
    async with office.core.pool.connection() as conn:
        await conn.execute("UPDATE notices SET state = 'sending', claimed_at = now() WHERE step = 0")
    with pytest.raises(TryLater):
        await office.core.tell(1)
    async with office.core.pool.connection() as conn:
        await conn.execute("UPDATE notices SET claimed_at = now() - interval '61 s' WHERE step = 0")
    await office.core.tell(1)
    assert len(office.slack.told) == 2


async def test_an_unknown_outcome_waits_before_it_is_repeated(office: Office) -> None:
    """The answer was lost: the notice may be there, so it is not repeated at once."""
    await office.hand_off()
    async with office.core.pool.connection() as conn:
        await conn.execute("UPDATE notices SET state = 'pending' WHERE step = 0")
    office.slack.faults.append(OutcomeUnknown("the answer was lost"))
    with pytest.raises(OutcomeUnknown) as error:
        await office.core.tell(1)
    assert error.value.retry_after == ladder.UNCERTAIN.total_seconds()
    with pytest.raises(TryLater):
        await office.core.tell(1)
    assert office.slack.attempts == 2


async def test_what_is_not_set_up_is_left_out(office: Office) -> None:
    """Without Slack the mails still go, in their time."""
    without = Colleagues(lambda: RULES, {"mail": office.mail})
    office.core.corridor = dataclasses.replace(office.core.corridor, colleagues=without)
    await office.hand_off()
    assert await office.states() == [(1, "mail", "waiting"), (2, "mail", "waiting")]
