"""`python -m sandbox` as a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def started(**environment: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "sandbox"]
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_both_servers_start_and_end() -> None:
    """One process serves both on their ports and ends quickly on SIGTERM, even with a page open."""
    ports = {"SANDBOX_WHATSAPP_PORT": str(free_port()), "SANDBOX_ZENDESK_PORT": str(free_port())}
    with started(**ports) as process:
        assert process.stdout is not None
        assert "sandbox at" in process.stdout.readline()
        addresses = [f"http://127.0.0.1:{port}" for port in ports.values()]
        for address in addresses:
            assert httpx.get(address, trust_env=False).status_code == 200
        with (
            httpx.Client(trust_env=False) as client,
            client.stream("GET", f"{addresses[0]}/sandbox/events") as page,
        ):
            assert next(page.iter_lines()) == "data: changed"
            before = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert time.monotonic() - before < 5


def test_one_server_with_its_settings() -> None:
    """SANDBOX_ONLY runs one of them, with the credentials of the environment."""
    port = str(free_port())
    settings = {"SANDBOX_ZENDESK_PORT": port, "ZENDESK_EMAIL": "b@acme.test", "ZENDESK_API_TOKEN": "tok"}
    with started(SANDBOX_ONLY="zendesk", **settings) as process:
        assert process.stdout is not None
        process.stdout.readline()
        url = f"http://127.0.0.1:{port}/api/v2/users/me.json"
        answer = httpx.get(url, auth=("b@acme.test/token", "tok"), trust_env=False)
        assert answer.json()["user"]["email"] == "b@acme.test"


@pytest.mark.parametrize("busy", [True, False])
def test_what_cannot_start_says_why(busy: bool) -> None:
    """A busy port or a wrong name is one sentence on stderr and exit status 1."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        only = "whatsapp" if busy else "telegram"
        with started(SANDBOX_ONLY=only, SANDBOX_WHATSAPP_PORT=port) as process:
            _, problem = process.communicate(timeout=20)
    assert process.returncode == 1
    assert problem.startswith("The sandbox cannot start:")
    assert len(problem.splitlines()) == 1
