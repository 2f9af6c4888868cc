"""What is known on disk about a running Parley: one lock, and the processes it started.

The lock is the kernel's (flock), so it is gone with the process that held it, however that ended. The list
of processes tells the next start what a killed one left behind; each entry carries the time its process was
created, because process ids are used again.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from conversations.errors import ParleyError

MARK = "PARLEY_STATE"  # in the environment of everything we start: which checkout it belongs to


class AlreadyRunning(ParleyError):
    """Another Parley holds this checkout."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One started process: the part's name, its id, its creation time (seconds since 1970)."""

    name: str
    pid: int
    created: float

    def process(self) -> psutil.Process | None:
        """The process itself if it still runs, and is still the one that was written down."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1
        except psutil.NoSuchProcess:
            return None
        return process if same and not is_gone(process) else None


class Ledger:
    """The lock and the list, in a folder of their own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._file = folder / "run.json"
        self._lock: IO[str] | None = None
        self._entries: dict[str, Entry] = {}
        self._facts: dict[str, Any] = {}

    def lock(self) -> None:
        """Take this checkout for us, or raise AlreadyRunning with the holder's pid."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = (self.folder / "run.lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid = lock.read().strip() or "unknown"
            lock.close()
            raise AlreadyRunning(
                f"Parley already runs here (pid {pid}): use it, or stop it with Ctrl-C or `kill {pid}`."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def unlock(self) -> None:
        """Let others take this checkout."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def note(self, **facts: Any) -> None:
        """Write down something others need while Parley runs, such as addresses. Never secrets."""
        self._facts.update(facts)
        self._write()

    def add(self, name: str, pid: int) -> None:
        """A part was started."""
        try:
            created = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        self._entries[name] = Entry(name, pid, created)
        self._write()

    def remove(self, name: str) -> None:
        """A part has ended and nothing of it is left."""
        self._entries.pop(name, None)
        self._write()

    def clear(self) -> None:
        """Nothing runs any more."""
        self._entries.clear()
        self._facts.clear()
        self._file.unlink(missing_ok=True)

    def read(self) -> tuple[list[Entry], dict[str, Any]]:
        """The processes and facts written down by whoever ran last; empty when there is nothing readable."""
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
            return [Entry(**entry) for entry in content["parts"]], content["facts"]
        except (OSError, ValueError, KeyError, TypeError):
            return [], {}

    def leftovers(self) -> list[psutil.Process]:
        """Processes of this checkout that nobody looks after: written down, or carrying our mark."""
        named = [process for entry in self.read()[0] if (process := entry.process())]
        known = {process.pid for process in named}
        return named + [process for process in self._marked() if process.pid not in known]

    def _marked(self) -> Iterator[psutil.Process]:
        mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
        for process in psutil.process_iter():
            try:
                ours = process.pid not in mine and process.environ().get(MARK) == str(self.folder)
                if ours and not _is_postgres(process):  # its backends end with it, and only with it
                    yield process
            except (psutil.Error, OSError):  # another user's, or gone meanwhile
                continue

    def _write(self) -> None:
        content = {"parts": [asdict(entry) for entry in self._entries.values()], "facts": self._facts}
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
        draft.replace(self._file)


def end(processes: Iterable[psutil.Process], patience: float = 5) -> int:
    """Stop processes: SIGINT (Postgres then hurries its clients away) or SIGTERM, at last SIGKILL.

    Returns how many there were. `patience`: seconds before SIGKILL.
    """
    asked = list(processes)
    for process in asked:
        _signal(process, signal.SIGINT if _is_postgres(process) else signal.SIGTERM)
    stubborn = _wait(asked, patience)
    for process in stubborn:
        _signal(process, signal.SIGQUIT if _is_postgres(process) else signal.SIGKILL)
    _wait(stubborn, patience)
    return len(asked)


def is_gone(process: psutil.Process) -> bool:
    """True when it has ended, even if nobody asks for its exit code (as under some containers' init)."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _wait(processes: list[psutil.Process], patience: float) -> list[psutil.Process]:
    """Those that still run after `patience` seconds, or sooner when none does."""
    deadline = time.monotonic() + patience
    while (
        left := [process for process in processes if not is_gone(process)]
    ) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def _is_postgres(process: psutil.Process) -> bool:
    try:
        return process.name() == "postgres"
    except psutil.Error:
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
