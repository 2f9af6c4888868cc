"""Parley's web process for the desk's pages, and behind it a core with fakes at its ports."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from app.checkout import here
from conversations import handoff, inbox, outbox, reports
from conversations.handback import idle
from conversations.handback.idle import Timer
from conversations.messages import Address, Answer, CustomerMessage, Receipt
from tests.integration.conftest import Core, opened
from tests.services import free_port, wait_for

NUMBER = "106540352242922"
AGENT, PASSWORD = "Mia", "a:good-password"
PEOPLE = {AGENT: "agent", "Leo": "agent", "Lena": "lead", "Tom": "trainer"}
"""Seconds the web process may take to start on a busy machine."""

T = TypeVar("T")


@contextmanager
def web_process(database_url: str, redis_url: str, port: int = 0, **more: str) -> Iterator[str]:
    """The web process with nobody on the other side of its connectors, and `more` settings; its address."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "RASA_URL": "http://127.0.0.1:9",
        "WHATSAPP_BASE_URL": "http://127.0.0.1:9",
        "WHATSAPP_PHONE_NUMBER_ID": NUMBER,
        "WHATSAPP_ACCESS_TOKEN": "token",
        "WHATSAPP_APP_SECRET": "secret",
        "WHATSAPP_VERIFY_TOKEN": "verify",
        "ZENDESK_BASE_URL": "http://127.0.0.1:9",
        "ZENDESK_EMAIL": "bot@example.com",
        "ZENDESK_API_TOKEN": "token",
        "ZENDESK_WEBHOOK_SECRET": "secret",
        "SECRET_KEY": "a long random text",
        "CONSOLE_USERS": ",".join(f"{name}:{PASSWORD}:{role}" for name, role in PEOPLE.items()),
        **more,
    }
    command = [sys.executable, "-m", "uvicorn", "app.web:create", "--factory", "--port", str(port)]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=here().root, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_for(f"{url}/healthz", process)
            yield url
        finally:
            process.terminate()
            process.wait(20)
            output.seek(0)
            printed = output.read().decode(errors="replace")
            assert "Traceback" not in printed, printed


@dataclass
class Office:
    """Customers and the worker, driven from a test that must not wait in an event loop of its own."""

    url: str
    database_url: str
    core: Core = field(init=False)
    complaints: list[str] = field(default_factory=list)
    """What went wrong inside a page: Vue writes it to the console."""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _number: int = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it in the core's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def writes(self, name: str, text: str, *answers: Answer | Exception, hours_ago: float = 0) -> UUID:
        """A customer of this name writes; the bot answers as told, else with an echo."""
        self.core.bot.replies.extend(answers)
        id = self.arrives(name, text, hours_ago=hours_ago)
        self.work()
        return id

    def arrives(self, name: str, text: str, *, kind: str = "text", hours_ago: float = 0) -> UUID:
        """A customer's message is stored; no worker has seen it yet."""
        self._number += 1
        digits = str(15550000000 + abs(hash(name)) % 9_999_999)
        at = datetime.now(UTC) - timedelta(hours=hours_ago)
        address = Address("whatsapp", NUMBER, None, digits)
        message = CustomerMessage(f"m{self._number}", address, kind, text, at, name=name, words=text)
        [id] = self.do(self._receive(message))
        return id

    def work(self) -> None:
        """Let the worker do whatever is to be done."""
        self.do(self.core.drain())

    def until(self, condition: Callable[[], bool], deadline: float = 10.0) -> None:
        """Wait for something the page does by itself."""
        end = time.monotonic() + deadline
        while not condition():
            assert time.monotonic() < end, "it never happened"
            time.sleep(0.02)

    def passes(self, *, hours: float) -> None:
        """The worker's look at conversations that nobody writes in, so many hours from now."""
        now, timer = (
            datetime.now(UTC) + timedelta(hours=hours),
            Timer(timedelta(hours=4), timedelta(minutes=15)),
        )
        self.do(idle.look(self.core.pool, self.core.jobs, None, timer, now))
        self.work()

    def read(self, id: UUID) -> None:
        """The customer's phone has shown everything that was sent to it."""
        self.do(self._tick(id))

    def lines(self, id: UUID) -> list[reports.Line]:
        """The conversation's log."""
        return self.do(self._lines(id))

    async def crowd(self, number: int) -> None:
        """So many customers wait for an agent, and have for a while."""
        now = datetime.now(UTC)
        async with self.core.pool.connection() as conn:
            for count in range(number):
                address = Address("whatsapp", NUMBER, None, str(4900000000 + count))
                at = now - timedelta(minutes=count)
                text = f"message of {count}"
                message = CustomerMessage(f"c{count}", address, "text", text, at, f"Customer {count}", text)
                [id] = await inbox.receive(conn, self.core.corridor.jobs, [message])
                await handoff.takeover(conn, self.core.corridor.jobs, id, "asked_for_person")

    async def _receive(self, message: CustomerMessage) -> list[UUID]:
        async with self.core.pool.connection() as conn:
            return await inbox.receive(conn, self.core.corridor.jobs, [message])

    async def _lines(self, id: UUID) -> list[reports.Line]:
        async with self.core.pool.connection() as conn:
            return (await reports.show(conn, id))[1]

    async def _tick(self, id: UUID) -> None:
        async with self.core.pool.connection() as conn:
            for line in (await reports.show(conn, id))[1]:
                if line.state == "sent":
                    receipt = Receipt("whatsapp", f"wamid.{line.outbox_id}", "read", datetime.now(UTC))
                    await outbox.tick(conn, self.core.jobs, receipt)

    @contextmanager
    def open(self) -> Iterator[Office]:
        """Open for the length of the block."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        core = opened(self.database_url)
        try:
            self.core = self.do(core.__aenter__())
            try:
                yield self
            finally:
                self.do(core.__aexit__(None, None, None))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)
            self._loop.close()
