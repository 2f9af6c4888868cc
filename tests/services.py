"""Real servers for the tests: Postgres, Redis, a fresh migrated database a test, and the whole of Parley."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import procrastinate
import psycopg
import pytest

from app import embedded
from app.run.ledger import Ledger
from migrations import runner

ROOT = Path(__file__).parents[1]
TEMPLATE = "parley_template"
ALWAYS_OPEN = ROOT / "tests" / "always_open.yml"
"""Opening hours for tests of other things: what is said at a handoff does not depend on the hour."""

START = 300.0
"""Seconds a whole Parley may take to get ready, training included, on a busy machine."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A Postgres server of the session's own: the URI of its maintenance database."""
    with tempfile.TemporaryDirectory(prefix="parley-pg-") as folder:
        server = embedded.postgres(Path(folder) / "data")
        with embedded.running(server) as uri:
            with ThreadPoolExecutor(1) as thread:  # in this one the browser's event loop may be running
                thread.submit(asyncio.run, _make_template(uri)).result()
            yield uri


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """A fresh, migrated database."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield in_database(postgres, name)
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server of the session's own."""
    with (
        tempfile.TemporaryDirectory(prefix="parley-redis-") as folder,
        embedded.running(embedded.redis(Path(folder))) as url,
    ):
        yield url


def empty(database_url: str, *tables: str, deadline: float = 20.0) -> None:
    """Empty these tables, and all that refer to them, beside a web process that goes on reading.

    A read may hold one of the tables and wait for another. So this lets go and tries again well before
    Postgres would call it a deadlock (after a second) and end either of the two.
    """
    end = time.monotonic() + deadline
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("SET lock_timeout = '100ms'")
        while True:
            with contextlib.suppress(psycopg.errors.LockNotAvailable):
                conn.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
                return
            assert time.monotonic() < end, f"these tables were never free: {tables}"


async def drain(job_queue: procrastinate.App, deadline: float = 20.0, at_once: int = 4) -> None:
    """Run every job, retries included, until none is left; fails after `deadline` seconds.

    `at_once`: how many side by side; with one they run in the order in which they were deferred.
    """
    end = time.monotonic() + deadline
    while True:
        await job_queue.run_worker_async(
            wait=False, concurrency=at_once, install_signal_handlers=False, listen_notify=False
        )
        left = [
            job for job in await job_queue.job_manager.list_jobs_async() if job.status in ("todo", "doing")
        ]
        if not left:
            return
        assert time.monotonic() < end, f"jobs left: {left}"
        await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Running:
    """A `parley run` of its own: its addresses, its process, and where it keeps its state."""

    url: str
    engine_url: str
    process: subprocess.Popen[bytes]
    state: Path

    def pids(self) -> dict[str, int]:
        """The processes it started, by name."""
        return {entry.name: entry.pid for entry in Ledger(self.state).read()[0]}


@contextlib.contextmanager
def running(settings: dict[str, str]) -> Iterator[Running]:
    """`parley run` with these settings and a state of its own, once it is ready; ended as Ctrl-C would.

    Raises RuntimeError with the end of what it said when it does not get ready.
    """
    ports = {name: str(free_port()) for name in ("PORT", "ENGINE_PORT", "ACTIONS_PORT")}
    with tempfile.TemporaryDirectory(prefix="parley-run-", ignore_cleanup_errors=True) as folder:
        said = Path(folder) / "terminal.log"
        with said.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "run"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "HOURS_FILE": str(ALWAYS_OPEN),
                    **settings,
                    **ports,
                    "PARLEY_STATE": folder,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        url = f"http://127.0.0.1:{ports['PORT']}"
        try:
            _wait_until_ready(url, process, said)
            yield Running(url, f"http://127.0.0.1:{ports['ENGINE_PORT']}", process, Path(folder))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 120.0) -> None:
    """Wait until `url` answers 200. Raises RuntimeError when the process ends before, or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer; the process ended with {process.poll()}.")


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], said: Path) -> None:
    try:
        wait_for(f"{url}/readyz", process, START)
    except RuntimeError as error:
        raise RuntimeError(f"{error}\n{said.read_text(errors='replace')[-2000:]}") from None


def in_database(uri: str, name: str) -> str:
    """The same server, another database."""
    server, _, options = uri.partition("?")
    return f"{server.rsplit('/', 1)[0]}/{name}?{options}"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _make_template(uri: str) -> None:
    async with await psycopg.AsyncConnection.connect(uri, autocommit=True) as conn:
        await conn.execute(f"CREATE DATABASE {TEMPLATE}")
    await runner.migrate(in_database(uri, TEMPLATE))
