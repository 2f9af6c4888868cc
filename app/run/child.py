"""One started process: in a session of its own, its output in a file, on Linux tied to our life."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.run.ready import Check, alive

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Part:
    """How to start and stop one part of Parley.

    `stage`: parts stop from the highest stage to the lowest, those of one stage together. `stop_signal`
    asks it to end; after `grace` seconds `last_signal` makes it. `user`: run as this system user.
    `where`: what to tell an operator about it, an address perhaps.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: Check = alive
    stage: int = 1
    stop_signal: signal.Signals = signal.SIGTERM
    last_signal: signal.Signals = signal.SIGKILL
    grace: float = 3.0
    user: str | None = None
    where: str = ""


class Child:
    """A running part."""

    def __init__(self, part: Part, process: asyncio.subprocess.Process):
        self.part = part
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @classmethod
    async def start(cls, part: Part, cwd: Path, log: Path) -> Child:
        """Start it; its output is appended to `log`. Raises OSError when the program is not there."""
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                cwd=cwd,
                env=dict(part.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone
                preexec_fn=tether(part.stop_signal),
                **as_user(part.user),
            )
        return cls(part, process)

    async def wait(self) -> int:
        """The exit code; negative for the signal that ended it. Whatever it left behind is ended too."""
        code = await self._process.wait()
        self._signal_group(signal.SIGKILL)
        return code

    async def stop(self, hurry: bool = False) -> None:
        """Ask it to end, insist after its grace, and return when it is gone."""
        self._signal(self.part.stop_signal)
        try:
            await asyncio.wait_for(self.wait(), 0.2 if hurry else self.part.grace)
        except TimeoutError:
            self._signal(self.part.last_signal)
            await self.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _signal_group(self, number: signal.Signals) -> None:
        """Reach what the process started itself; its session has the number of its pid."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def tether(number: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: on Linux the kernel sends `number` when the parent is gone, even by kill -9."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # gone before the kernel knew our wish
            os._exit(1)

    return tie


def follow_parent() -> None:
    """On Linux: SIGTERM for ourselves when the process that started us is gone, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def as_user(user: str | None) -> dict[str, Any]:
    """Arguments of `subprocess` to run as this user alone, or none for ours."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
