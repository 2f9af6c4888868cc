"""The worker as a process of its own, killed without a warning."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest

from conversations import inbox, store
from conversations.messages import Address, Content, CustomerMessage
from conversations.outbox import deliver
from conversations.patience import Patience
from tests.integration.conftest import Core

ANA = Address("whatsapp", "1065", None, "15550100001")


class Outside:
    """An engine and a Graph API in one: the engine's first question hangs until it is let go."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.first_may_end = threading.Event()
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = outside.ask(body) if "/turn/" in self.path else outside.send(body)
                try:
                    self._answer(json.dumps(answer).encode())
                except OSError:
                    self.close_connection = True  # the worker that asked is dead

            def _answer(self, data: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(body)
        if len(self.asked) == 1:
            self.first_may_end.wait(60)
        return {
            "messages": [{"text": "Here it is."}],
            "intent": "order_status",
            "confidence": 1.0,
            "slots": {},
        }

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("status") == "read":
            return {"success": True}
        self.sent.append(body)
        return {"messages": [{"id": f"wamid.{len(self.sent)}"}]}


@pytest.fixture
def outside() -> Iterator[Outside]:
    """The outside, served from a thread."""
    outside = Outside()
    thread = threading.Thread(target=outside.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield outside
    outside.first_may_end.set()
    outside.server.shutdown()
    thread.join()
    outside.server.server_close()


def start_worker(database_url: str, redis_url: str, outside: Outside) -> subprocess.Popen[bytes]:
    settings = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "RASA_URL": outside.url,
        "WHATSAPP_BASE_URL": outside.url,
        "WHATSAPP_PHONE_NUMBER_ID": "1065",
        "WHATSAPP_ACCESS_TOKEN": "token",
        "WHATSAPP_APP_SECRET": "secret",
        "WHATSAPP_VERIFY_TOKEN": "verify",
        "SANDBOX": "on",
    }
    return subprocess.Popen([sys.executable, "-m", "app.worker"], env={**os.environ, **settings})


async def test_turn_of_a_killed_worker_completes_once(
    core: Core, database_url: str, redis_url: str, outside: Outside
) -> None:
    """A worker killed in the middle of a turn: another finishes the turn, and the customer reads one line."""
    async with core.pool.connection() as conn:
        said = CustomerMessage("m1", ANA, "text", "where is it", datetime.now(UTC), words="where is it")
        await inbox.receive(conn, core.corridor.jobs, [said])
    first = start_worker(database_url, redis_url, outside)
    until(lambda: bool(outside.asked))
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    second = start_worker(database_url, redis_url, outside)
    try:
        until(lambda: bool(outside.sent) and not open_jobs(database_url))
    finally:
        second.terminate()
        assert second.wait(20) == 0
    assert [body["text"]["body"] for body in outside.sent] == ["Here it is."]
    assert {body["message_id"] for body in outside.asked} == {"m1"}
    with psycopg.connect(database_url) as conn:
        turns = conn.execute("SELECT count(*) FROM log WHERE kind = 'turn'").fetchone()
    assert turns == (1,)


async def test_send_of_a_killed_worker_is_in_doubt_before_it_is_repeated(core: Core) -> None:
    """A row found half sent waits for its receipt; only then is it sent again."""
    async with core.pool.connection() as conn:
        said = CustomerMessage("m1", ANA, "text", "hi", datetime.now(UTC), words="hi")
        [id] = await inbox.receive(conn, core.corridor.jobs, [said])
        body = {"content": Content("Hello").to_json()}
        row = await store.add_row(conn, id, "whatsapp", "message", "bot", 0, body)
        await store.claim_row(conn, row)
    with pytest.raises(Exception, match="not known yet"):
        await deliver(core.pool, core, row, Patience(settle=30))
    assert core.channel.sent == []
    await deliver(core.pool, core, row, Patience(settle=0))
    assert core.channel.texts == ["Hello"]


def open_jobs(database_url: str) -> int:
    with psycopg.connect(database_url) as conn:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        found = conn.execute(query).fetchone()
    return int(found[0]) if found else 0


def until(condition: Callable[[], bool], deadline: float = 40.0) -> None:
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
