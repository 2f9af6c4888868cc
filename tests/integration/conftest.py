"""The core with fakes at its ports, on real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import procrastinate
import pytest
from psycopg_pool import AsyncConnectionPool

from app import jobs
from app.jobs import Pace
from connectors.chat.client import WebChat
from conversations import outbox, turn
from conversations.messages import Template
from conversations.notices import ladder
from conversations.outbox import Pool
from conversations.patience import Patience
from conversations.ports import Channel, Jobs, Papers
from tests.fakes.ports import FakeBot, FakeChannel, FakeHelpdesk
from tests.services import database_url, drain, postgres, redis_url

__all__ = ["database_url", "postgres", "redis_url"]


PATIENCE = Patience(settle=0.3, settle_helpdesk=0.1, hold=0.1)


@dataclass
class Core:
    """The core on a real Postgres and real jobs, with fakes at its ports."""

    pool: Pool
    corridor: turn.Corridor
    job_queue: procrastinate.App
    bot: FakeBot
    channel: FakeChannel
    channels: Mapping[str, Channel]
    helpdesk: FakeHelpdesk
    patience: Patience
    template: Template | None = None
    papers: Papers | None = None

    @property
    def jobs(self) -> Jobs:
        return self.corridor.jobs

    async def take(self, inbox_id: int, attempt: int, is_last: bool) -> None:
        await turn.take(self.corridor, inbox_id, last_attempt=is_last, attempts=attempt)

    async def deliver(self, outbox_id: int) -> None:
        await outbox.deliver(self.pool, self, outbox_id, self.patience)

    async def tell(self, notice_id: int) -> None:
        await ladder.tell(self.pool, self.jobs, self.corridor.colleagues, notice_id)

    async def drain(self, deadline: float = 20.0, at_once: int = 4) -> None:
        """Run every job, retries included, until none is left. `at_once`: as in `services.drain`."""
        await drain(self.job_queue, deadline, at_once)


@pytest.fixture
async def core(database_url: str) -> AsyncIterator[Core]:
    """A core with fakes at its ports, retrying at once."""
    async with opened(database_url) as core:
        yield core


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Core]:
    """Open such a core."""
    async with AsyncConnectionPool(database_url, min_size=1, max_size=10, open=False) as pool:
        bot, channel, helpdesk = FakeBot(), FakeChannel(), FakeHelpdesk()
        channels: dict[str, Channel] = {"whatsapp": channel, "chat": WebChat()}
        made: list[Core] = []

        async def take(inbox_id: int, attempt: int, is_last: bool) -> None:
            await made[0].take(inbox_id, attempt, is_last)

        async def deliver(outbox_id: int) -> None:
            await made[0].deliver(outbox_id)

        async def tell(notice_id: int) -> None:
            await made[0].tell(notice_id)

        pace = Pace(turn=(0.01, 0.01, 0.01), delivery=(0.01, 0.05), held=0.05)
        job_queue = jobs.build(database_url, take, deliver, tell, pace)
        async with job_queue.open_async():
            corridor = turn.Corridor(pool, jobs.Queue(job_queue), bot, channels, helpdesk)
            patience = PATIENCE
            made.append(Core(pool, corridor, job_queue, bot, channel, channels, helpdesk, patience))
            yield made[0]
