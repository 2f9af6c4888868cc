"""Who moves next: one seed, one order of everything that happens at the same time.

Every actor stops before each SQL statement, before and after each commit, and around each call to the
outside. Only then does the next one move, so that a seed plays the same way every time. Whose turn it is at
the conversation's row is the seed's choice too; an actor that waits for any other lock is told apart by
asking Postgres. At any stop a worker may be killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest.mock import patch

from psycopg import AsyncConnection, AsyncCursor

MOST_STEPS = 6000
"""A play that takes more has lost its way."""

GLANCE = 0.004
"""Seconds after which a silent actor is looked at: does it wait for a lock?"""

ZEAL = (0.0, 0.6, 0.9, 0.97)
"""How likely whoever has moved moves again, one of these for a whole play."""

LOOKS = 3
"""How often in a row it must be seen waiting."""


class Killed(BaseException):
    """The worker was killed here."""


class Stuck(Exception):
    """Nobody can move any more, or nobody comes to an end."""


@dataclass(eq=False)
class Actor:
    """Something that happens beside other things. Only a `mortal` one may be killed."""

    name: str
    mortal: bool
    schedule: Schedule
    wants_row: bool = False
    task: asyncio.Task[None] | None = None
    stop: asyncio.Future[None] | None = None
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    backend: int = 0
    blocked: bool = False
    begun: bool = False
    killed: bool = False

    @property
    def done(self) -> bool:
        return self.task is not None and self.task.done()


_current: ContextVar[Actor | None] = ContextVar("actor", default=None)
_sleep = asyncio.sleep


async def step() -> None:
    """Stop here until it is this actor's turn. Raises Killed. Outside of a play it does nothing."""
    actor = _current.get()
    if actor is None or actor.killed or asyncio.current_task() is not actor.task:
        return
    actor.stop = asyncio.get_running_loop().create_future()
    actor.stirred.set()
    await actor.stop


class Cursor(AsyncCursor[Any]):
    """A cursor that stops before each statement."""

    async def execute(self, *args: Any, **options: Any) -> Any:
        actor = _current.get()
        if actor is None:
            return await super().execute(*args, **options)
        actor.wants_row = _locks_conversation(str(args[0]))
        await step()
        actor.backend = self.connection.info.backend_pid
        try:
            return await super().execute(*args, **options)
        finally:
            actor.backend = 0


class Connection(AsyncConnection[Any]):
    """A connection that stops before and after each commit; killed before it, nothing is committed."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.cursor_factory = Cursor

    async def commit(self) -> None:
        try:
            await step()
        except Killed:
            await self.rollback()
            raise
        await super().commit()
        _leave_row()
        await step()

    async def rollback(self) -> None:
        await super().rollback()
        _leave_row()


def _locks_conversation(query: str) -> bool:
    return query.startswith("UPDATE conversations") or (
        query.endswith("FOR UPDATE") and "FROM conversations" in query
    )


def _leave_row() -> None:
    actor = _current.get()
    if actor and actor.schedule.at_row is actor:
        actor.schedule.at_row = None


class Schedule:
    """Moves the actors of one play, one at a time."""

    def __init__(self, random: Random, look: Callable[[int], Awaitable[bool]], kills: int):
        self.random = random
        self.now = 0
        self.kills = kills
        self.at_row: Actor | None = None
        self._zeal = random.choice(ZEAL)
        self._last: Actor | None = None
        self._look = look
        self._actors: list[Actor] = []

    def begin(self, name: str, work: Coroutine[Any, Any, None], *, mortal: bool = False) -> None:
        """Let something happen beside the rest."""
        actor = Actor(name, mortal, self)

        async def act() -> None:
            _current.set(actor)
            try:
                await step()
                actor.begun = True
                await work
            except Killed:
                pass
            finally:
                work.close()
                actor.stirred.set()

        actor.task = asyncio.create_task(act())
        self._actors.append(actor)

    async def play(self, more: Callable[[int], Awaitable[bool]]) -> None:
        """Move until all is done. `more(busy)` may begin something new; True when it did.

        Raises Stuck, and what an actor raised.
        """
        with patch.object(asyncio, "sleep", _pause):
            while True:
                await self._quiet()
                while await more(len([actor for actor in self._actors if actor.mortal])):
                    await self._quiet()
                ready = [actor for actor in self._actors if self._can_move(actor)]
                if not ready:
                    if self._actors:
                        raise Stuck(f"{[actor.name for actor in self._actors]} wait for each other")
                    return
                self._move(self._choose(ready))

    async def end(self) -> None:
        """Cancel whoever is left, after a play that failed."""
        for actor in self._actors:
            if actor.task:
                actor.task.cancel()
        await asyncio.gather(*(actor.task for actor in self._actors if actor.task), return_exceptions=True)

    def _choose(self, ready: list[Actor]) -> Actor:
        """Who moves: with zeal the last one again, so that the others fall far behind."""
        if self._last not in ready or self.random.random() >= self._zeal:
            self._last = self.random.choice(ready)
        return self._last

    def _can_move(self, actor: Actor) -> bool:
        return actor.stop is not None and not (actor.wants_row and self.at_row not in (None, actor))

    def _move(self, actor: Actor) -> None:
        self.now += 1
        if self.now > MOST_STEPS:
            raise Stuck(f"no end after {MOST_STEPS} steps; {actor.name} would move next")
        stop, actor.stop = actor.stop, None
        assert stop is not None
        actor.stirred.clear()
        if actor.mortal and actor.begun and self.kills and self.random.random() < 0.02:
            self.kills -= 1
            actor.killed = True
            stop.set_exception(Killed())
        else:
            self.at_row = actor if actor.wants_row else self.at_row
            stop.set_result(None)
        actor.wants_row = False

    async def _quiet(self) -> None:
        """Wait until every actor has stopped, waits for a lock, or is done."""
        for actor in self._actors:
            if actor.blocked:
                actor.blocked = await self._waits(actor)
            while not actor.blocked and actor.stop is None and not actor.done:
                try:
                    await asyncio.wait_for(actor.stirred.wait(), GLANCE)
                except TimeoutError:
                    actor.blocked = await self._waits(actor)
                if actor.task and actor.stirred.is_set() and actor.stop is None:
                    await asyncio.wait({actor.task})
        for actor in [actor for actor in self._actors if actor.done]:
            self._actors.remove(actor)
            if actor.task:
                actor.task.result()

    async def _waits(self, actor: Actor) -> bool:
        """Is it in a statement that waits for another actor's lock? A lock held for a moment is none."""
        for _ in range(LOOKS):
            if not actor.backend or not await self._look(actor.backend):
                return False
            await _sleep(GLANCE / LOOKS)
        return actor.backend != 0


async def _pause(seconds: float, *args: Any) -> None:
    """Sleeping is a stop for an actor, and sleep for everybody else."""
    actor = _current.get()
    if actor is None or asyncio.current_task() is not actor.task:
        await _sleep(seconds, *args)
    else:
        await step()


@asynccontextmanager
async def looking(database_url: str) -> AsyncIterator[Callable[[int], Awaitable[bool]]]:
    """A look from outside: does this backend wait for another's lock?"""
    async with await AsyncConnection.connect(database_url, autocommit=True) as conn:

        async def look(backend: int) -> bool:
            query = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
            found = await (await conn.execute(query, [backend])).fetchone()
            return bool(found and found[0])

        yield look
