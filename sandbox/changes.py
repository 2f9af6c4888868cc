"""Telling pages and tests that something changed, across threads and event loops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Anyone may `notify` from any thread; anyone may wait in any event loop."""

    def __init__(self) -> None:
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._lock = threading.Lock()
        self.closed = False

    def notify(self) -> None:
        """Wake everyone who waits."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            self._wake(listener)

    def close(self) -> None:
        """End every stream, so that a server can stop."""
        self.closed = True
        self.notify()

    def _wake(self, listener: tuple[asyncio.AbstractEventLoop, asyncio.Event]) -> None:
        loop, event = listener
        try:
            loop.call_soon_threadsafe(event.set)
        except RuntimeError:  # its loop has ended, and with it whoever waited there
            with self._lock:
                self._listeners.discard(listener)

    def _listen(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Event]:
        listener = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listeners.add(listener)
        return listener

    def _leave(self, listener: tuple[asyncio.AbstractEventLoop, asyncio.Event]) -> None:
        with self._lock:
            self._listeners.discard(listener)

    async def until(self, condition: Callable[[], T], timeout: float = 5.0, what: str = "") -> T:
        """The first truthy value of `condition`. Raises TimeoutError after `timeout` real seconds."""
        listener = self._listen()
        try:
            async with asyncio.timeout(timeout):
                while not (value := condition()):
                    await listener[1].wait()
                    listener[1].clear()
                return value
        except TimeoutError:
            raise TimeoutError(f"{what or 'it'} did not happen within {timeout} s") from None
        finally:
            self._leave(listener)

    async def stream(self, heartbeat: float = 15.0) -> AsyncIterator[bool]:
        """True at every change and False after every `heartbeat` quiet seconds, until `close`."""
        listener = self._listen()
        try:
            yield True
            while not self.closed:
                try:
                    await asyncio.wait_for(listener[1].wait(), heartbeat)
                except TimeoutError:
                    yield False
                    continue
                listener[1].clear()
                if not self.closed:
                    yield True
        finally:
            self._leave(listener)
