"""One play: a customer, two agents and the workers meet in one conversation, in the order the seed says."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

import procrastinate
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job, Status
from psycopg_pool import AsyncConnectionPool

from app import jobs
from app.jobs import Pace
from conversations import handoff, inbox, outbox, turn
from conversations.bridge import bundles
from conversations.errors import ConnectorError
from conversations.messages import Address, CustomerMessage, Receipt, StaffComment, TicketStatusChanged
from conversations.outbox import Pool
from conversations.patience import Patience
from tests.race.schedule import Connection, Killed, Schedule, looking, step
from tests.race.world import PERSON, Bot, Channel, Helpdesk, Luck, Sent

PATIENT = 60
"""Moves that somebody waits for a call to the outside."""

WORKERS = 3
"""Jobs that run at once."""

AT_ONCE = Patience(settle=0, settle_helpdesk=0, hold=0)


@dataclass
class Stage:
    """What all plays of a process share: the database, the job queue, and a look at its locks."""

    pool: Pool
    queue: procrastinate.App
    worker: int
    look: Callable[[int], Coroutine[Any, Any, bool]]
    play: Play | None = None
    plays: int = 0

    async def take(self, inbox_id: int, attempt: int, is_last: bool) -> None:
        assert self.play
        await turn.take(self.play.corridor, inbox_id, last_attempt=is_last, attempts=attempt)

    async def deliver(self, outbox_id: int) -> None:
        assert self.play
        await outbox.deliver(self.pool, self.play, outbox_id, AT_ONCE)


@asynccontextmanager
async def stage(database_url: str) -> AsyncIterator[Stage]:
    """A stage on this database."""
    made: list[Stage] = []

    async def take(inbox_id: int, attempt: int, is_last: bool) -> None:
        await made[0].take(inbox_id, attempt, is_last)

    async def deliver(outbox_id: int) -> None:
        await made[0].deliver(outbox_id)

    async def tell(notice_id: int) -> None:
        raise AssertionError("no rules name anybody to tell")

    quick = {"options": "-c synchronous_commit=off"}
    pool: Pool = AsyncConnectionPool(
        database_url, connection_class=Connection, min_size=12, max_size=12, open=False, kwargs=quick
    )
    pace = Pace(turn=(0.0, 0.0), delivery=(0.0, 0.0), held=0.0)
    queue = jobs.build(database_url, take, deliver, tell, pace)
    unspaced = patch.object(bundles, "SPACING", ((bundles.MOST, 0.0),))  # that goes by a clock, not by a seed
    async with pool, queue.open_async(), looking(database_url) as look:
        await pool.wait()
        made.append(Stage(pool, queue, await queue.job_manager.register_worker(), look))  # type: ignore[arg-type]
        with unspaced:
            yield made[0]


@dataclass
class Play:
    """One seed's play, and what is to be checked when it is over.

    `silence`: from which move to which the bot had to be silent, as takeover had returned.
    """

    stage: Stage
    seed: int
    helpdesk: Helpdesk | None = None
    silence: list[tuple[int, int]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)
    kills: int = 0
    retries: int = 0
    last_retry: str = ""
    takeovers: int = 0
    releases: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.stage.plays += 1
        self.schedule = Schedule(self.random, self.stage.look, self.random.choice((0, 0, 1, 2, 3)))
        self.luck = luck = Luck(self.random)
        self.bot, self.channel = Bot(luck), Channel(luck, self.schedule, on_sent=self._receipt)
        if self.random.random() < 0.85:
            self.helpdesk = Helpdesk(luck, 100 * self.stage.plays, on_solved=self._echo)
        queue = jobs.Queue(self.stage.queue)
        self.channels = {"whatsapp": self.channel}
        self.jobs, self.template, self.papers = queue, None, None
        self.corridor = turn.Corridor(self.stage.pool, queue, self.bot, self.channels, self.helpdesk)
        self.address = Address("whatsapp", "race", None, f"{self.seed}-{time.time_ns()}")
        self.id: UUID | None = None
        self._silent_from: int | None = None
        self._fetch = True

    async def run(self) -> None:
        """Play to the end. Raises Stuck, and whatever went wrong on the way."""
        self.stage.play = self
        await self._write(0)
        begin, many = self.schedule.begin, self.random.randint
        begin("customer", self._customer(many(2, 5)))
        begin("agent", self._agent(many(2, 6)))
        begin("second agent", self._second_agent(many(0, 2)))
        try:
            await self.schedule.play(self._more)
        finally:
            await self.schedule.end()
            await self._forget_jobs()
        self._end_silence()

    # --- the people ---

    async def _customer(self, messages: int) -> None:
        for number in range(1, messages):
            await self._dawdle()
            await self._write(number)

    async def _agent(self, deeds: int) -> None:
        for _ in range(deeds):
            for _ in range(self.random.randint(1, 3)):
                await self._dawdle()
            await self.random.choice((self._take, self._take, self._return, self._solve, self._reply))()
        self._end_silence()

    async def _second_agent(self, comments: int) -> None:
        for _ in range(comments):
            await self._dawdle()
            await self._comment()

    async def _dawdle(self) -> None:
        """Wait for a while; now and then for the moment in which a call to the outside is being made."""
        for _ in range(self.random.randint(0, 25)):
            await step()
        if self.random.random() < 0.5:
            for _ in range(PATIENT):
                if self.luck.on_the_way:
                    return
                await step()

    async def _write(self, number: int) -> None:
        id = f"{self.address.wa_id}-{number}"
        text = f"«{number}» {PERSON if self.random.random() < 0.4 else 'where is it'}"
        self.said[id] = f"«{number}»"
        at = datetime.now(UTC)
        message = CustomerMessage(id, self.address, "text", text, at, name="Ana", words=text)
        async with self.stage.pool.connection() as conn:
            [self.id] = await inbox.receive(conn, self.corridor.jobs, [message])
        self._fetch = True

    async def _take(self) -> None:
        assert self.id
        self.takeovers += 1
        jobs = self.corridor.jobs
        if await handoff.take_and_hush(self.stage.pool, jobs, self.id, "agent stepped in"):
            self._silent_from = self._silent_from or self.schedule.now
        self._fetch = True

    async def _return(self) -> None:
        assert self.id
        self.releases += 1
        self._end_silence()
        async with self.stage.pool.connection() as conn:
            await handoff.release(conn, self.corridor.jobs, self.id, "agent returned it")
        self._fetch = True

    async def _solve(self) -> None:
        if not self.helpdesk or not self.helpdesk.cases:
            return
        self.releases += 1
        self._end_silence()
        number, case = self.helpdesk.newest
        if case.solved:
            return
        case.solved = True
        await self._tell_solved(number)

    def _echo(self, ticket_id: int) -> None:
        """The helpdesk tells of a ticket that we have solved ourselves, some time later."""
        self.schedule.begin("echo", self._tell_later(ticket_id))

    async def _tell_later(self, ticket_id: int) -> None:
        await self._dawdle()
        await self._tell_solved(ticket_id)

    async def _tell_solved(self, ticket_id: int) -> None:
        event = f"{self.address.wa_id}-{self.schedule.now}"
        change = TicketStatusChanged(event, str(ticket_id), str(self.id), "solved", True, datetime.now(UTC))
        async with self.stage.pool.connection() as conn:
            await inbox.receive_status(conn, self.corridor.jobs, change)
        self._fetch = True

    async def _reply(self) -> None:
        assert self.id
        name = f"reply {len(self.replies)}"
        self.replies.append(name)
        async with self.stage.pool.connection() as conn:
            key = f"{self.address.wa_id}-{name}"
            await inbox.receive_reply(conn, self.corridor.jobs, self.id, key, "Mia", name)
        self._fetch = True

    async def _comment(self) -> None:
        if not self.helpdesk or not self.helpdesk.cases:
            return
        number, case = self.helpdesk.newest
        name = f"reply {len(self.replies)}"
        self.replies.append(name)
        key = f"{self.address.wa_id}-{name}"
        comment = StaffComment(
            str(number), str(self.id), key, "5", "Ines", name, datetime.now(UTC), not case.solved
        )
        async with self.stage.pool.connection() as conn:
            await inbox.receive_comment(conn, self.corridor.jobs, comment)
        self._fetch = True

    def _end_silence(self) -> None:
        if self._silent_from is not None:
            self.silence.append((self._silent_from, self.schedule.now))
            self._silent_from = None

    # --- the workers ---

    async def _more(self, busy: int) -> bool:
        """Begin the next job, if there is one and a hand is free."""
        if not self._fetch or busy >= WORKERS:
            return False
        self._fetch = False
        job = await self.stage.queue.job_manager.fetch_job(queues=None, worker_id=self.stage.worker)
        if job is None:
            return False
        self._fetch = True
        self.schedule.begin(f"{job.task_name} {job.task_kwargs}", self._work(job), mortal=True)
        return True

    async def _work(self, job: Job) -> None:
        manager, task = self.stage.queue.job_manager, self.stage.queue.tasks[job.task_name]
        context = JobContext(
            app=self.stage.queue, job=job, start_timestamp=time.time(), abort_reason=lambda: None
        )
        try:
            await task(*([context] if task.pass_context else []), **job.task_kwargs)
            await step()
        except Killed:
            self.kills += 1
            self.schedule.begin("rescue", self._rescue(job))
            raise
        except ConnectorError as error:
            if task.get_retry_exception(exception=error, job=job) is None:
                raise
            self.retries += 1
            self.last_retry = f"{type(error).__name__}: {error}"
            await self._again(job)
        else:
            await manager.finish_job(job, Status.SUCCEEDED, delete_job=True)
        self._fetch = True

    async def _rescue(self, job: Job) -> None:
        """What a living worker does for a dead one, some time later."""
        await self._dawdle()
        await self._again(job)
        self._fetch = True

    async def _again(self, job: Job) -> None:
        at = datetime.now(UTC) - timedelta(seconds=1)
        await self.stage.queue.job_manager.retry_job(job, retry_at=at)

    async def _forget_jobs(self) -> None:
        async with self.stage.pool.connection() as conn:
            await conn.execute("DELETE FROM procrastinate_jobs")

    # --- the channel's receipts ---

    def _receipt(self, sent: Sent) -> None:
        if self.random.random() < 0.6:
            self.schedule.begin(f"receipt of {sent.row}", self._tick(sent))

    async def _tick(self, sent: Sent) -> None:
        receipt = Receipt(
            "whatsapp", f"wamid.{sent.row}", "delivered", datetime.now(UTC), reference=str(sent.row)
        )
        async with self.stage.pool.connection() as conn:
            await outbox.tick(conn, self.corridor.jobs, receipt)
        self._fetch = True
