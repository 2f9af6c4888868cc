"""Work that goes on after an answer was given: webhooks, statuses, retries."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class Background:
    """The tasks of one sandbox, all on the event loop it was started in (its home)."""

    def __init__(self, on_finish: Callable[[], None]) -> None:
        self._home: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._asides: set[asyncio.Task[Any]] = set()
        self._on_finish = on_finish

    def start(self) -> None:
        """Make the running loop the home."""
        self._home = asyncio.get_running_loop()

    async def stop(self) -> None:
        """Cancel what is still going on."""
        tasks = [*self._tasks, *self._asides]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._home = None

    def spawn(self, work: Coroutine[Any, Any, Any], *, aside: bool = False) -> None:
        """Begin `work` and do not wait for it; `aside`: it does not count as busy. Home loop only."""
        task = asyncio.get_running_loop().create_task(work)
        (self._asides if aside else self._tasks).add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._asides.discard(task)
        self._on_finish()
        if not task.cancelled() and (error := task.exception()):
            log.error("sandbox work failed", exc_info=error)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work` on the home loop, from whichever loop this is called in."""
        if self._home is None:
            work.close()
            raise RuntimeError("the sandbox is not running: use served(sandbox) or `async with sandbox`")
        if self._home is asyncio.get_running_loop():
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._home))

    @property
    def busy(self) -> bool:
        """Whether something that counts is going on."""
        return bool(self._tasks)
