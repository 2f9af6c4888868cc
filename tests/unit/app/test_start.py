from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app import embedded, settings
from app.checkout import Checkout
from app.run import ledger, ports, start
from app.run.ledger import Ledger
from tests.unit.app.fake_terminal import FakeTerminal

DESK = """
import asyncio, signal, sys
from pathlib import Path
from app import settings, setup
from app.checkout import Checkout
from app.run import plan, start
from app.run.child import Part
from app.run.terminal import Terminal

async def nothing(*_): return None

def stand_ins(chosen, database_url, redis_url):
    code = "import signal; signal.pause()"
    environment = chosen.full_environment(database_url, redis_url)
    return [Part("web", [sys.executable, "-c", code], environment, stage=plan.DOORS)]

setup.prepare, start._settle, plan.parts = nothing, nothing, stand_ins
root = Path(sys.argv[1])
sys.exit(start.run(Checkout(root, root / ".parley"), settings.load(root / ".env"), Terminal()))
"""


@pytest.fixture
def root(folder_for_postgres: Path) -> Path:
    return folder_for_postgres


@contextlib.contextmanager
def desk(root: Path) -> Iterator[subprocess.Popen[str]]:
    """`parley run` with real stores and a stand-in for the rest, once it says that it runs."""
    environment = {**os.environ, **{name.upper(): str(port) for name, port in free_ports().items()}}
    with subprocess.Popen(
        [sys.executable, "-c", DESK, str(root)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout
            assert any("Ctrl-C stops everything" in line for line in process.stdout)
            yield process
        finally:
            process.kill()


def free_ports() -> dict[str, int]:
    names = ("port", "engine_port", "actions_port", "sandbox_whatsapp_port", "sandbox_zendesk_port")
    return {name: ports.free_port() for name in names}


def running(root: Path) -> dict[str, psutil.Process]:
    entries = Ledger(root / ".parley").read()[0]
    return {entry.name: process for entry in entries if (process := entry.process())}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(root: Path, number: signal.Signals) -> None:
    """After Ctrl-C or SIGTERM nothing that was started is left, and the exit code is 0."""
    with desk(root) as process:
        parts = running(root)
        assert set(parts) == {"postgres", "redis", "web"}
        process.send_signal(number)
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Stopping everything" in output
    assert all(ledger.is_gone(part) for part in parts.values())
    assert embedded.running_postgres(root / ".parley" / "postgres") is None
    assert not (root / ".parley" / "run.json").exists()


def test_nothing_is_doubled_after_a_crash(root: Path) -> None:
    """After kill -9 of the supervisor the next start leaves exactly one of each part."""
    with desk(root):
        old = running(root)
    with desk(root) as second:
        new = running(root)
        assert set(new) == {"postgres", "redis", "web"}
        assert {part.pid for part in old.values()}.isdisjoint(part.pid for part in new.values())
        assert all(ledger.is_gone(part) for part in old.values())
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=20)


def test_second_start_is_refused(root: Path) -> None:
    """A checkout that runs already is told in one sentence with the pid."""
    book = Ledger(root / ".parley")
    book.lock()
    terminal = FakeTerminal()
    assert start.run(Checkout(root, root / ".parley"), settings.load(root / ".env"), terminal) == 1
    assert terminal.text == (
        f"✗ Parley already runs here (pid {os.getpid()}): "
        f"use it, or stop it with Ctrl-C or `kill {os.getpid()}`.\n"
    )
    book.unlock()


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "The disk is full"), (errno.EROFS, "cannot be written")]
)
def test_folder_that_takes_nothing_is_one_sentence(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    """A full disk or a read-only folder ends the start with what to do, and no traceback."""

    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number), str(root))

    monkeypatch.setattr(Ledger, "lock", refused)
    terminal = FakeTerminal()
    assert start.run(Checkout(root, root / ".parley"), settings.load(root / ".env"), terminal) == 1
    assert terminal.text.startswith("✗ ")
    assert said in terminal.text


def test_busy_port_is_told_before_anything_starts(root: Path, free_port: int) -> None:
    """A taken port ends the start with one sentence, and nothing was begun."""
    terminal = FakeTerminal()
    with socket.create_server(("127.0.0.1", free_port)):
        chosen = settings.load(root / ".env", **{**free_ports(), "port": free_port})
        assert start.run(Checkout(root, root / ".parley"), chosen, terminal) == 1
    assert terminal.text.startswith(f"✗ Port {free_port} is used by python")
    assert not (root / ".parley" / "postgres").exists()
    book = Ledger(root / ".parley")
    book.lock()
    book.unlock()
