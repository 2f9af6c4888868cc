"""The worker process: takes turns and delivers, and finishes what a dead worker had begun."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from app import notifications, settings, wiring
from app.logs import AWAY, configure, sentence
from app.wiring import Parley
from conversations.bridge import reconcile, window
from conversations.errors import ConnectorError
from conversations.handback import changes, idle
from conversations.notices import ladder
from conversations.waiting import reception

log = structlog.get_logger(__name__)

HEARTBEAT = 1.0
"""Seconds between a worker's signs of life."""

GRACE = 3.0
"""Seconds the jobs under way get when the worker is told to stop; what is cut off is done again later."""

SWEEP = 10.0
"""Seconds between two looks for held replies that have expired, and promises made or come due."""

LOOK = 2.0
"""Seconds between two looks for conversations that agents have just got, and for those left alone."""

CLIMB = 1.0
"""Seconds between two looks for notices to colleagues that have fallen due."""

LONGEST_REST = 300.0
"""Seconds between two looks at the tickets, at most, while the helpdesk does not answer."""

DEAD_AFTER = 5.0
"""Seconds of silence after which a worker's jobs are taken over."""


AGAIN = 1.0
"""Seconds until a database that was away is tried again."""

Work = Callable[[], Coroutine[Any, Any, None]]


async def run(parley: Parley, stop: asyncio.Event, *, look_every: float = reconcile.EVERY) -> None:
    """Work until `stop` is set; then end the jobs under way and return.

    `look_every`: seconds between two looks at the tickets, for what webhooks lost.
    """
    works: tuple[Work, ...] = (
        partial(_do_jobs, parley),
        partial(_rescue, parley),
        partial(_sweep, parley),
        partial(_watch, parley),
        partial(_climb, parley),
        partial(_look, parley, look_every),
    )
    outage = Outage()
    working: set[asyncio.Task[Any]] = {asyncio.create_task(_keep(parley, work, outage)) for work in works}
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({stopped, *working}, return_when=asyncio.FIRST_COMPLETED)
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    for task in done - {stopped}:
        task.result()


@dataclass(slots=True)
class Outage:
    """Whether the database is away at present; said once when it goes and once when it comes."""

    lasts: bool = False

    def begins(self, error: BaseException) -> None:
        if not self.lasts:
            log.error("the database cannot be reached; trying until it is back", why=sentence(error))
        self.lasts = True

    def ends(self) -> None:
        if self.lasts:
            log.warning("the database is back; going on")
        self.lasts = False


async def _keep(parley: Parley, work: Work, outage: Outage) -> None:
    """Work for ever: what the database's absence ends is begun anew when it is back."""
    while True:
        try:
            await work()
        except AWAY as error:
            outage.begins(error)
            await _wait_for_database(parley)
            outage.ends()


async def _wait_for_database(parley: Parley) -> None:
    while True:
        await asyncio.sleep(AGAIN)
        with suppress(*AWAY):
            async with parley.pool.connection():
                return


async def _do_jobs(parley: Parley) -> None:
    await parley.job_queue.run_worker_async(
        concurrency=parley.settings.worker_concurrency,
        fetch_job_polling_interval=0.5,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=DEAD_AFTER,
        shutdown_graceful_timeout=GRACE,
        delete_jobs="successful",
        install_signal_handlers=False,
    )


async def rescue_once(parley: Parley) -> int:
    """Put the jobs of dead workers back in the queue; returns how many there were."""
    manager = parley.job_queue.job_manager
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER))
    for job in stalled:
        await manager.retry_job(job)
    return len(stalled)


async def _rescue(parley: Parley) -> None:
    while True:
        await rescue_once(parley)
        await asyncio.sleep(HEARTBEAT)


async def _sweep(parley: Parley) -> None:
    """End the held replies that nobody came for, and see to the promises that have come due."""
    corridor = parley.corridor
    while True:
        async with parley.pool.connection() as conn:
            await window.expire(conn, parley.jobs, parley.patience.held)
        told = (corridor.colleagues, corridor.setup)
        await reception.look_after(corridor.reception, parley.pool, parley.jobs, *told)
        await asyncio.sleep(SWEEP)


async def _watch(parley: Parley) -> None:
    """Remember how orders stand when an agent gets a conversation; return what was left alone to the bot."""
    corridor, timer = parley.corridor, parley.settings.idle_timer
    while True:
        if corridor.shop:
            await changes.mark(parley.pool, corridor.shop)
        if timer:
            await idle.look(parley.pool, parley.jobs, corridor.shop, timer, datetime.now(UTC))
        await asyncio.sleep(LOOK)


async def _climb(parley: Parley) -> None:
    """Tell more colleagues of customers whom nobody has taken."""
    while True:
        async with parley.pool.connection() as conn:
            await ladder.climb(conn, parley.jobs, datetime.now(UTC))
        await asyncio.sleep(CLIMB)


async def _look(parley: Parley, every: float) -> None:
    """Look at the tickets for what webhooks lost; rest longer and longer while the helpdesk is away."""
    rest = every
    while True:
        await asyncio.sleep(rest)
        try:
            if parley.helpdesk is not None:
                hold = parley.patience.hold
                await reconcile.look(parley.pool, parley.jobs, parley.helpdesk, every=every, hold=hold)
            rest = every
        except ConnectorError as error:
            rest = min(max(2 * rest, error.retry_after or 0.0), LONGEST_REST)
            log.warning("tickets cannot be looked at", why=str(error), rest=rest)


async def main() -> None:
    """Run until SIGTERM or SIGINT."""
    chosen = settings.load()
    configure(chosen.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with wiring.build(chosen) as parley:
        if missing := notifications.unset(parley.corridor.colleagues):
            log.warning("colleagues are not told of all that the rules say", set=missing)
        await run(parley, stop)


if __name__ == "__main__":
    asyncio.run(main())
