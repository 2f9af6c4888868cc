"""Colleagues are told of a handoff until somebody takes it, on a real Postgres with real jobs."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest

from app.console.acts import Acts
from app.console.desk import Desk, Room
from app.console.users import Person
from conversations import handoff, inbox
from conversations.desk import holding
from conversations.errors import OutcomeUnknown, Refused, TryLater
from conversations.messages import Address, Notice, TicketStatusChanged
from conversations.notices import ladder, rules, store
from conversations.notices.ladder import Colleagues
from conversations.store import Conn
from tests.fakes.ports import FakeTeller, says
from tests.integration.conftest import Core, opened
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


@pytest.mark.parametrize(
    "how", ["a takeover", "a reply on the ticket", "a nameless reply", "a solved ticket", "a release"]
)
async def test_whoever_takes_it_stops_it(office: Office, how: str) -> None:
    """From the desk, in Zendesk, or by giving it back to the bot."""
    id = await office.hand_off()
    jobs = office.core.corridor.jobs
    async with office.core.pool.connection() as conn:
        if how == "a takeover":
            await handoff.takeover(conn, jobs, id, "Mia took over", hush=True)
        elif how == "a reply on the ticket":
            await inbox.receive_comment(conn, jobs, comment(id))
        elif how == "a nameless reply":
            await inbox.receive_comment(conn, jobs, dataclasses.replace(comment(id), author_name=""))
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
    """Without Slack the mails go, and the first of them at once, as nobody else would be told before."""
    without = Colleagues(lambda: RULES, {"mail": office.mail})
    office.core.corridor = dataclasses.replace(office.core.corridor, colleagues=without)
    await office.hand_off()
    assert await office.states() == [(1, "mail", "sent"), (2, "mail", "waiting")]


async def test_what_is_not_set_up_any_more_has_failed(office: Office) -> None:
    """A medium that went after the handoff: its notices end, and the next step comes at once."""
    await office.hand_off()
    tellers = {"mail": FakeTeller([], deque([Refused("nobody there")]))}
    office.core.corridor = dataclasses.replace(
        office.core.corridor, colleagues=Colleagues(lambda: RULES, tellers)
    )
    await office.after(6)
    assert [state for _, _, state in await office.states()] == ["sent", "failed", "failed", "sent"]


async def test_an_unknown_outcome_is_repeated_twice_at_most(office: Office) -> None:
    """Somebody told three times is enough; then the next step is called."""
    await office.hand_off()
    async with office.core.pool.connection() as conn:
        await conn.execute("UPDATE notices SET state = 'pending', attempts = 0 WHERE step = 0")
    office.slack.faults.extend([OutcomeUnknown("the answer was lost")] * 3)
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            await office.core.tell(1)
        async with office.core.pool.connection() as conn:
            await conn.execute("UPDATE notices SET claimed_at = now() - interval '61 s' WHERE step = 0")
    await office.core.tell(1)
    await office.core.drain()
    assert not office.slack.faults
    assert [state for _, _, state in await office.states()] == ["failed", "sent", "sent", "waiting"]


async def test_a_step_refused_by_two_workers_at_once_calls_the_next(office: Office) -> None:
    """The second to end it sees that the first has, however their transactions lie."""
    await office.hand_off()
    await office.after(5.1)
    async with office.core.pool.connection() as conn:
        await conn.execute("UPDATE notices SET state = 'pending' WHERE step = 1")
    office.slack.faults.append(Refused("no_service"))
    office.mail.faults.append(Refused("nobody there"))
    together = asyncio.Barrier(2)
    settle = store.settle

    async def at_once(conn: Conn, id: int, state: str, why: str | None = None) -> None:
        await settle(conn, id, state, why)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(together.wait(), 0.2)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "settle", at_once)
        await asyncio.gather(office.core.tell(2), office.core.tell(3))
    await office.core.drain()
    assert [address for address, _ in office.mail.told][1:] == ["boss@shop.example"]


async def test_put_back_into_the_queue_it_is_told_anew(office: Office) -> None:
    """Whoever had it has it no more: the ladder begins again, once."""
    id = await office.hand_off()
    jobs = office.core.corridor.jobs
    async with office.core.pool.connection() as conn:
        await holding.take(conn, jobs, id, "Mia")
        await handoff.takeover(conn, jobs, id, "Mia took over", hush=True)
    await office.after(60)
    assert len(office.slack.told) == 1
    room = cast(Room, SimpleNamespace(parley=office.core))
    await Acts(Desk(room, Person("Mia", "agent", b""), datetime.now(UTC)), id).give(None)
    await office.core.drain()
    assert [notice.title for _, notice in office.slack.told][1:] == ["High: Back in the queue"]
    await office.after(6)
    assert (len(office.slack.told), len(office.mail.told)) == (3, 1)


async def test_put_back_without_a_ticket_it_gets_one(office: Office) -> None:
    """Who answers in the helpdesk alone sees it, too; with a ticket that is open there is no second."""
    core = office.core
    [id] = await arrive(core, message("m1", "where is my lamp?"))
    await core.drain()
    room = cast(Room, SimpleNamespace(parley=core))
    mia = Acts(Desk(room, Person("Mia", "agent", b""), datetime.now(UTC)), id)
    for _ in range(2):
        await mia.take(wrest=False)
        await mia.give(None)
        await core.drain()
    [draft] = core.helpdesk.tickets.values()
    assert "Back in the queue (Mia put it back into the queue)" in draft.comment
    assert "where is my lamp?" in draft.comment


# --- two workers -----------------------------------------------------------------------------------


CUSTOMERS = 12


@pytest.fixture
async def workers(database_url: str) -> AsyncIterator[tuple[Office, Office]]:
    """Two workers on one database, each with a queue of its own, who tell the same colleagues."""
    slack, mail = FakeTeller(), FakeTeller()
    async with opened(database_url) as one, opened(database_url) as other:
        for core in (one, other):
            colleagues = Colleagues(lambda: RULES, {"slack": slack, "mail": mail})
            core.corridor = dataclasses.replace(core.corridor, colleagues=colleagues)
        yield Office(one, slack, mail), Office(other, slack, mail)


async def test_two_workers_tell_each_notice_once(workers: tuple[Office, Office]) -> None:
    """A dozen handoffs climb at once, in both, and nobody is told anything twice."""
    one, other = workers
    for number in range(CUSTOMERS):
        for office in workers:
            office.core.bot.replies.append(says("I'm connecting you…", handoff="asked_for_person"))
        phone = f"155502000{number:02}"
        await arrive(
            one.core, message(f"m{number}", "a person please", Address("whatsapp", "1", None, phone))
        )
    await asyncio.gather(one.core.drain(), other.core.drain())
    assert len(one.slack.told) == CUSTOMERS
    for minutes, slack, mail in ((6, 2, 1), (16, 2, 2), (60, 2, 2)):
        await asyncio.gather(*(office.after(minutes) for office in (*workers, *workers)))
        told = (len(one.slack.told), len(one.mail.told))
        assert told == (slack * CUSTOMERS, mail * CUSTOMERS)
    assert {state for _, _, state in await one.states()} == {"sent"}


async def test_what_a_worker_died_with_the_other_tells_once(workers: tuple[Office, Office]) -> None:
    """It died while it sent: once its job is put back and the doubt is over, one notice goes out."""
    one, other = workers
    sending = asyncio.Event()

    class Hangs:
        async def tell(self, address: str, notice: Notice) -> None:
            sending.set()
            await asyncio.Event().wait()

    colleagues = dataclasses.replace(one.core.corridor.colleagues, tellers={"slack": Hangs()})
    one.core.corridor = dataclasses.replace(one.core.corridor, colleagues=colleagues)
    one.core.bot.replies.append(says("I'm connecting you…", handoff="asked_for_person"))
    await arrive(one.core, message("m1", "a person please"))
    await one.core.take(1, 1, False)
    dying = asyncio.create_task(one.core.tell(1))
    await sending.wait()
    dying.cancel()
    await asyncio.wait([dying])
    with pytest.raises(TryLater):
        await other.core.tell(1)
    async with other.core.pool.connection() as conn:
        await conn.execute("UPDATE notices SET claimed_at = now() - interval '61 s' WHERE step = 0")
        await other.core.corridor.jobs.defer_notice(conn, notice_id=1)
    await other.core.drain(at_once=1)
    assert len(other.slack.told) == 1
    assert (await other.states())[0] == (0, "slack", "sent")
