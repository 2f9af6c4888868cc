"""Work done soon: procrastinate tasks on the same Postgres, deferred in the caller's transaction.

Turns of a conversation share one lock, deliveries of a conversation and exit another, so that each
runs one after another and in order, and a delivery that waits for its retry never holds up a turn. Notices
to colleagues wait for nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.blueprints import Blueprint
from procrastinate.jobs import Job

from conversations.errors import ConnectorError, NotYet, ParleyError

log = structlog.get_logger(__name__)

TURN, DELIVER, NOTICE = "turn", "deliver", "notice"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to wait before an attempt is repeated.

    `turn`: before the second, third … attempt of a turn; after the last of them a person is asked for.
    `delivery`: doubles from the first number to the second. `held`: while an operator has to act.
    """

    turn: tuple[float, ...] = (0.5, 1.5, 4.0)
    delivery: tuple[float, float] = (0.5, 60.0)
    held: float = 60.0


NORMAL = Pace()

POOL: dict[str, Any] = {"timeout": 4.0, "reconnect_timeout": 8.0}
"""Of every pool of connections, in seconds. Zendesk wants its answer within five (CONTRACTS B12), and a
database that comes back is found at once, not after the pool's pauses, which double up to minutes.
"""


FORESEEN = (ParleyError, asyncio.CancelledError)
"""What needs no traceback; the second: a worker that stops has cut off what took longer than its grace."""


class Turns(BaseRetryStrategy):
    """Repeats a failed turn; never gives it up, as even asking for a person needs the database."""

    def __init__(self, pace: Pace):
        self.pace = pace

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        waits = self.pace.turn
        return _again(exception, job, waits[min(job.attempts, len(waits) - 1)])


class Deliveries(BaseRetryStrategy):
    """Repeats a delivery for as long as its error says that it may succeed; rows end, jobs do not."""

    def __init__(self, pace: Pace):
        self.pace = pace

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        first, longest = self.pace.delivery
        asked = exception.retry_after if isinstance(exception, ConnectorError) else None
        if isinstance(exception, ConnectorError) and exception.hold:
            return _again(exception, job, self.pace.held)
        wait = asked if asked is not None else min(first * 2 ** min(job.attempts, 16), longest)
        return _again(exception, job, wait)


def _again(exception: BaseException, job: Job, seconds: float) -> RetryDecision:
    """Try again after so many seconds, and say so: with a traceback where nobody foresaw the error."""
    unforeseen = None if isinstance(exception, FORESEEN) else exception
    needs_operator = isinstance(exception, ConnectorError) and exception.hold
    waits = log.debug if isinstance(exception, NotYet) else log.warning
    say = log.error if unforeseen or needs_operator else waits
    why = f"{type(exception).__name__}: {exception}"
    say(
        "job to be repeated",
        task=job.task_name,
        attempt=job.attempts + 1,
        wait=seconds,
        why=why,
        exc_info=unforeseen,
    )
    return RetryDecision(retry_in={"milliseconds": round(seconds * 1000)})


def build(
    database_url: str,
    take: Callable[[int, int, bool], Awaitable[None]],
    deliver: Callable[[int], Awaitable[None]],
    tell: Callable[[int], Awaitable[None]],
    pace: Pace = NORMAL,
) -> App:
    """The job queue. `take(inbox_id, attempt, is_last)`, `deliver(outbox_id)` and `tell(notice_id)` do the
    work.
    """
    app = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=4, **POOL))
    tasks = Blueprint()

    @tasks.task(name=TURN, retry=Turns(pace), pass_context=True)
    async def turn(context: JobContext, inbox_id: int) -> None:
        attempt = context.job.attempts + 1
        await take(inbox_id, attempt, attempt > len(pace.turn))

    @tasks.task(name=DELIVER, retry=Deliveries(pace))
    async def delivery(outbox_id: int) -> None:
        await deliver(outbox_id)

    @tasks.task(name=NOTICE, retry=Deliveries(pace))
    async def notice(notice_id: int) -> None:
        await tell(notice_id)

    app.add_tasks_from(tasks, namespace="parley")
    return app


class Queue:
    """The core's `Jobs` port on procrastinate."""

    def __init__(self, app: App):
        self._app = app

    async def defer_turn(self, conn: object, *, conversation_id: str, inbox_id: int) -> None:
        task = self._app.configure_task(f"parley:{TURN}", lock=conversation_id, connection=conn)
        await task.defer_async(inbox_id=inbox_id)

    async def defer_delivery(self, conn: object, *, conversation_id: str, exit: str, outbox_id: int) -> None:
        lock = f"{conversation_id}:{exit}"
        task = self._app.configure_task(f"parley:{DELIVER}", lock=lock, connection=conn)
        await task.defer_async(outbox_id=outbox_id)

    async def defer_notice(self, conn: object, *, notice_id: int) -> None:
        task = self._app.configure_task(f"parley:{NOTICE}", connection=conn)
        await task.defer_async(notice_id=notice_id)
