"""The parts' log files: put aside at a start, kept from growing without end, their errors shown."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from app.run.terminal import COLOURS, Terminal

OLD_COPIES = 2
LARGEST = 20 * 1024 * 1024  # bytes; then the file is copied aside and emptied
IMPORTANT = re.compile(
    r"\b(ERROR|CRITICAL|FATAL|PANIC)\b|\blevel\W{1,4}(error|critical)\b|\[(error|critical)\s*\]"
)
NOISE = re.compile(r"^\s*(Traceback|File |\^|at )|\blevel\W{1,4}(debug|info|warning)\b")
LINES_AT_ONCE, WINDOW = 4, 10.0  # at most so many lines of one part in so many seconds


def put_aside(folder: Path) -> None:
    """Move every `x.log` to `x.log.1` and `x.log.1` to `x.log.2`, so that a start writes fresh ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        _shift(log)
        log.replace(log.with_name(log.name + ".1"))


def last_words(log: Path) -> str:
    """The last line that says anything, without colours, at most 200 characters; empty if there is none."""
    lines = [line.strip() for line in COLOURS.sub("", _tail(log)).splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


async def show_errors(logs: Callable[[], Iterable[Path]], terminal: Terminal, *, every: float = 0.5) -> None:
    """Until cancelled: repeat the error lines of these logs on the terminal, a few of each at a time."""
    watches: dict[Path, _Watch] = {}
    while True:
        for log in logs():
            for line in watches.setdefault(log, _Watch(log)).errors():
                terminal.warn(f"{log.stem}: {line}")
        await asyncio.sleep(every)


class _Watch:
    """Reads what is added to one log."""

    def __init__(self, log: Path):
        self._log = log
        self._position = 0
        self._shown: dict[str, float] = {}

    def errors(self) -> list[str]:
        """New error lines, no line twice in a while, and not more than an operator can read."""
        now = time.monotonic()
        self._shown = {line: moment for line, moment in self._shown.items() if now - moment < WINDOW}
        told: list[str] = []
        for line in self._added().splitlines():
            if not IMPORTANT.search(line) or NOISE.match(line):
                continue
            short = line.strip()[:300]
            if short not in self._shown and len(self._shown) < LINES_AT_ONCE:
                self._shown[short] = now
                told.append(short)
        return told

    def _added(self) -> str:
        try:
            size = self._log.stat().st_size
            if size < self._position:
                self._position = 0
            with self._log.open("rb") as file:
                file.seek(self._position)
                added = file.read()
        except OSError:
            return ""
        whole = added[: added.rfind(b"\n") + 1]
        self._position += len(whole)
        if size > LARGEST:
            _copy_aside(self._log)
            self._position = 0
        return COLOURS.sub("", whole.decode("utf-8", "replace"))


def _copy_aside(log: Path) -> None:
    """The part keeps its file open for appending, so the file is emptied, not moved."""
    _shift(log)
    shutil.copyfile(log, log.with_name(log.name + ".1"))
    os.truncate(log, 0)


def _shift(log: Path) -> None:
    for number in range(OLD_COPIES - 1, 0, -1):
        old = log.with_name(f"{log.name}.{number}")
        if old.exists():
            old.replace(log.with_name(f"{log.name}.{number + 1}"))


def _tail(log: Path, size: int = 8192) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - size))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
