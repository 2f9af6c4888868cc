"""Keeps a list of parts running: starts them, starts them again when they die, stops them in good order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.run import ledger
from app.run.child import Child, Part
from app.run.logs import last_words
from app.run.terminal import Terminal

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds before a dead part is started again, doubling
STEADY_AFTER = 30.0  # seconds of life after which the pauses begin anew
POLL = 0.1


@dataclass(slots=True)
class _Kept:
    """A part with its present process, if any, and the task that looks after it."""

    part: Part
    task: asyncio.Task[None] | None = None
    child: Child | None = None
    last_complaint: str = ""
    ready_after: float | None = None
    stopping: bool = field(default=False)


class Supervisor:
    """Starts, watches and stops parts. `logs` is an existing folder, one file a part."""

    def __init__(
        self,
        book: ledger.Ledger,
        terminal: Terminal,
        *,
        cwd: Path,
        logs: Path,
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
    ):
        self._book = book
        self._terminal = terminal
        self._cwd = cwd
        self._logs = logs
        self._pauses = pauses
        self._kept: list[_Kept] = []

    @property
    def parts(self) -> list[Part]:
        """What it looks after."""
        return [kept.part for kept in self._kept]

    def start(self, parts: Sequence[Part]) -> None:
        """Start these parts side by side and look after them from now on."""
        for part in parts:
            kept = _Kept(part)
            kept.task = asyncio.create_task(self._keep(kept), name=part.name)
            self._kept.append(kept)

    async def ready(self, patience: float = 180) -> list[str]:
        """Wait until every started part answers; the names of those that do not within `patience` seconds.

        Each part is announced when it does.
        """
        waiting = [kept for kept in self._kept if kept.ready_after is None]
        if not waiting:
            return []
        begun = time.monotonic()
        with self._terminal.waiting("starting " + ", ".join(kept.part.name for kept in waiting)) as tell:
            await asyncio.gather(*(self._await_ready(kept, begun, patience) for kept in waiting))
            tell("")
        return [kept.part.name for kept in waiting if kept.ready_after is None]

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Stop everything, the highest stage first. Setting `hurry` cuts all graces short."""
        for stage in sorted({kept.part.stage for kept in self._kept}, reverse=True):
            await asyncio.gather(
                *(
                    self._stop(kept, hurry or asyncio.Event())
                    for kept in self._kept
                    if kept.part.stage == stage
                )
            )
        self._kept.clear()
        ledger.end(self._book.leftovers(), patience=2)

    async def _keep(self, kept: _Kept) -> None:
        first, longest = self._pauses
        pause = first
        while True:
            begun = time.monotonic()
            reason = await self._live(kept)
            if kept.stopping:
                return
            lived = time.monotonic() - begun
            pause = first if lived > STEADY_AFTER else pause
            self._mourn(kept, reason, lived, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)

    async def _live(self, kept: _Kept) -> str:
        """One life of a part, from start to end; how it ended."""
        log = self._log(kept.part)
        try:
            kept.child = await Child.start(kept.part, self._cwd, log)
        except OSError as error:
            return f"could not be started: {error.strerror or error}"
        self._book.add(kept.part.name, kept.child.pid)
        code = await kept.child.wait()
        kept.child = None
        self._book.remove(kept.part.name)
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def _mourn(self, kept: _Kept, reason: str, lived: float, pause: float) -> None:
        """Say that a part died, why, and when it comes back; the same again and again is said no more."""
        words = last_words(self._log(kept.part))
        said = f" Its last words: {words}" if words else ""
        complaint = f"{kept.part.name} {reason}.{said}"
        longest = self._pauses[1]
        if complaint != kept.last_complaint or pause < longest / 2:
            again = (
                f"starting it again in {pause:g} s"
                if pause < longest
                else f"trying every {pause:g} s from now on"
            )
            log = _short(self._log(kept.part))
            self._terminal.warn(f"{kept.part.name} {reason} after {lived:.0f} s; {again} ({log}).{said}")
        kept.last_complaint = complaint if pause >= longest else ""

    async def _await_ready(self, kept: _Kept, begun: float, patience: float) -> None:
        missing: str | None = "not started"
        while time.monotonic() - begun < patience and not kept.stopping:
            missing = await kept.part.ready() if kept.child else "not running"
            if missing is None and kept.child:
                kept.ready_after = time.monotonic() - begun
                where = f": {kept.part.where}" if kept.part.where else ""
                self._terminal.done(f"{kept.part.name} ({kept.ready_after:.1f} s){where}")
                return
            await asyncio.sleep(POLL)
        if not kept.stopping:
            log = _short(self._log(kept.part))
            self._terminal.warn(f"{kept.part.name} is not ready after {patience:.0f} s: {missing} ({log}).")

    async def _stop(self, kept: _Kept, hurry: asyncio.Event) -> None:
        kept.stopping = True
        if child := kept.child:
            stopping = asyncio.create_task(child.stop(hurry.is_set()))
            hurried = asyncio.create_task(hurry.wait())
            await asyncio.wait({stopping, hurried}, return_when=asyncio.FIRST_COMPLETED)
            hurried.cancel()
            if not stopping.done():
                await child.stop(hurry=True)
            await stopping
        if kept.task:
            kept.task.cancel()
            await asyncio.gather(kept.task, return_exceptions=True)
        self._book.remove(kept.part.name)

    def _log(self, part: Part) -> Path:
        return self._logs / f"{part.name}.log"


def _short(path: Path) -> str:
    return "/".join(path.parts[-3:])
