"""The worker process: takes turns and delivers, and finishes what a dead worker had begun."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from app import notifications, settings, wiring
from app.logs import configure
from app.wiring import Parley
from conversations.bridge import window
from conversations.handback import changes, idle
from conversations.notices import ladder

log = structlog.get_logger(__name__)

HEARTBEAT = 1.0
"""Seconds between a worker's signs of life."""

GRACE = 3.0
"""Seconds the jobs under way get when the worker is told to stop; what is cut off is done again later."""

SWEEP = 60.0
"""Seconds between two looks for held replies that have expired."""

LOOK = 2.0
"""Seconds between two looks for conversations that agents have just got, and for those left alone."""

CLIMB = 1.0
"""Seconds between two looks for notices to colleagues that have fallen due."""

DEAD_AFTER = 5.0
"""Seconds of silence after which a worker's jobs are taken over."""


async def run(parley: Parley, stop: asyncio.Event) -> None:
    """Work until `stop` is set; then end the jobs under way and return."""
    worker = asyncio.create_task(
        parley.job_queue.run_worker_async(
            concurrency=parley.settings.worker_concurrency,
            fetch_job_polling_interval=0.5,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=DEAD_AFTER,
            shutdown_graceful_timeout=GRACE,
            delete_jobs="successful",
            install_signal_handlers=False,
        )
    )
    rescuer = asyncio.create_task(_rescue(parley))
    sweeper = asyncio.create_task(_sweep(parley))
    watcher = asyncio.create_task(_watch(parley))
    climber = asyncio.create_task(_climb(parley))
    stopped = asyncio.create_task(stop.wait())
    tasks = {worker, rescuer, sweeper, watcher, climber, stopped}
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for running in (rescuer, sweeper, watcher, climber, worker):
        running.cancel()
    with suppress(asyncio.CancelledError):
        await worker
    for task in done - {stopped}:
        task.result()


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
    """End the held replies that nobody came for."""
    while True:
        async with parley.pool.connection() as conn:
            await window.expire(conn, parley.jobs, parley.patience.held)
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
