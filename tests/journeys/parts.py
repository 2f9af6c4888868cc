"""The web process and a worker as an operator runs them, to be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.services import ALWAYS_OPEN, ROOT, free_port, wait_for


class Parts:
    """Both processes on one database, between the given outsides; what they say is kept in `folder`."""

    def __init__(self, settings: dict[str, str], folder: Path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self._environment = {
            **os.environ,
            "HOURS_FILE": str(ALWAYS_OPEN),
            "WORKER_CONCURRENCY": "40",
            "SECRET_KEY": "a-key-for-the-processes-of-a-test",
            **settings,
            "PORT": str(self.port),
            "PARLEY_STATE": str(folder),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start these parts; the web process is ready on return."""
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as said:
                self._running[name] = subprocess.Popen(
                    self._command(name), cwd=ROOT, env=self._environment, stdout=said, stderr=said
                )
        if "web" in names:
            wait_for(f"{self.url}/healthz", self._running["web"])

    def kill(self, name: str) -> None:
        """End a part without a warning, and see it gone."""
        self._end(name, signal.SIGKILL)

    def stop(self) -> None:
        """End all parts as an operator does."""
        for name in list(self._running):
            self._end(name, signal.SIGTERM)

    def said(self) -> str:
        """Everything the parts have logged, the dead ones too."""
        return "\n".join(file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log")))

    def _end(self, name: str, number: int) -> None:
        process = self._running.pop(name)
        assert process.poll() is None, f"{name} has ended by itself"
        process.send_signal(number)
        process.wait(30)

    def _command(self, name: str) -> list[str]:
        if name == "worker":
            return [sys.executable, "-m", "app.worker"]
        uvicorn = [sys.executable, "-m", "uvicorn", "app.web:create", "--factory", "--no-access-log"]
        return [*uvicorn, "--host", "127.0.0.1", "--port", str(self.port)]
