"""The whole of Parley: engine and action server as processes, doors and sandboxes in the test's loop."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
import uvicorn
from pydantic import SecretStr

from app import web, wiring
from app.jobs import Pace
from app.settings import Settings
from app.wiring import Parley
from conversations import reports
from conversations.patience import Patience
from conversations.rows import Conversation
from conversations.waiting.reception import now
from orders import demo
from orders.identity import code
from sandbox.serve import Server, listen, served
from sandbox.service import Service
from sandbox.whatsapp import slack
from sandbox.whatsapp.sandbox import WhatsAppSandbox
from sandbox.whatsapp.settings import WhatsAppSettings
from sandbox.whatsapp.state import Message
from sandbox.zendesk.sandbox import ZendeskSandbox
from sandbox.zendesk.settings import ZendeskSettings
from tests.services import (
    ALWAYS_OPEN,
    TEMPLATE,
    database_url,
    drain,
    free_port,
    in_database,
    postgres,
    redis_url,
    wait_for,
)

__all__ = ["database_url", "postgres", "redis_url"]

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "parley.tar.gz"
PATIENCE = Patience(settle=1.0)
ENGINE_DATABASE = "engine_and_actions"
STRANGERS = 400
"""Orders of other customers in the demo shop."""
ANA, BEN, NOBODY = "15550100001", "15550100002", "US.13491208655302741918"


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """The sandbox's mailbox, which outlives the phones of single tests as the action server does."""
    with served(WhatsAppSandbox()) as sandbox:
        yield Mailbox(sandbox.base_url)


@pytest.fixture(scope="session")
def engine(postgres: str, redis_url: str, mailbox: Mailbox) -> Iterator[str]:
    """A running engine with its action server, on a database of their own: the engine's address."""
    assert MODEL.exists(), "There is no trained model; run `make train` first."
    name = ENGINE_DATABASE
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    database = in_database(postgres, name)
    asyncio.run(load_demo(database))
    engine_port, actions_port = free_port(), free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "ACTIONS_URL": f"http://127.0.0.1:{actions_port}",
        "SANDBOX_MAIL_URL": mailbox.url,
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }
    actions = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", str(actions_port)]
    rasa = [
        str(ROOT / "engine/.venv/bin/rasa"),
        "run",
        "--enable-api",
        "-i",
        "127.0.0.1",
        "-p",
        str(engine_port),
    ]
    files = ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "-m", str(MODEL)]
    url = f"http://127.0.0.1:{engine_port}"
    with _process(actions, environment), _process([*rasa, *files], environment) as process:
        wait_for(f"{url}/webhooks/turn/", process)
        wait_for(f"http://127.0.0.1:{actions_port}/health", process)
        yield url


@dataclass(frozen=True)
class Mailbox:
    """What was mailed to customers."""

    url: str

    def mails(self, to: str) -> list[str]:
        """The texts of all mails to this address, newest first."""
        found = httpx.get(f"{self.url}/sandbox/mail", params={"to": to}, timeout=5).json()
        return [mail["text"] for mail in found]

    async def next_code(self, to: str, before: int) -> str:
        """The code in the mail that comes after the first `before` ones."""
        end = time.monotonic() + 20
        while len(mails := self.mails(to)) <= before:
            assert time.monotonic() < end, f"no code was mailed to {to}"
            await asyncio.sleep(0.02)
        found = code.read(mails[0])
        assert found, mails[0]
        return found


@dataclass
class Journey:
    """One test's Parley: a phone, a helpdesk, and the corridor between them."""

    parley: Parley
    whatsapp: WhatsAppSandbox
    zendesk: ZendeskSandbox

    async def say(self, text: str, who: str = ANA) -> list[Message]:
        """The customer writes; returns what came back, when everything that follows is done."""
        before = len(self.received(who))
        await self.whatsapp.customer_says(who, text)
        await self.settle()
        return self.received(who)[before:]

    async def tap(self, choice: str, who: str = ANA) -> list[Message]:
        """The customer taps a choice; returns what came back."""
        before = len(self.received(who))
        await self.whatsapp.customer_taps(who, choice)
        await self.settle()
        return self.received(who)[before:]

    def received(self, who: str = ANA) -> list[Message]:
        """Everything the customer has been sent."""
        return [message for message in self.whatsapp.sent if message.customer == who]

    async def settle(self) -> None:
        """Until every webhook is delivered and every job done."""
        for _ in range(3):
            await self.zendesk.idle(15)
            await self.whatsapp.idle(15)
            await drain(self.parley.job_queue, 40)

    async def control(self) -> str:
        """Who may speak in the newest conversation."""
        return (await self.conversation()).control

    async def conversation(self) -> Conversation:
        """The newest conversation."""
        return (await self.shown())[0]

    async def shown(self) -> tuple[Conversation, list[reports.Line]]:
        """The newest conversation and its log."""
        async with self.parley.pool.connection() as conn:
            newest = (await reports.list_conversations(conn, 1))[0]
            return await reports.show(conn, UUID(str(newest.id)))


@pytest.fixture
async def journey(database_url: str, redis_url: str, engine: str) -> AsyncIterator[Journey]:
    """Parley with the real engine, between the two sandboxes."""
    async with travel(database_url, redis_url, engine) as journey:
        yield journey


@asynccontextmanager
async def travel(
    database_url: str, redis_url: str, rasa_url: str, *, patience: Patience = PATIENCE,
    hours: Path = ALWAYS_OPEN, clock: Callable[[], datetime] = now, **settings: Any,
) -> AsyncIterator[Journey]:  # fmt: skip
    """Build a journey; `rasa_url` may point at nobody. `hours`, `clock`: when people answer.

    `settings`: more of them.
    """
    async with AsyncExitStack() as stack:
        door = listen(0)
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        whatsapp = WhatsAppSandbox(
            WhatsAppSettings(callback=f"{address}/webhooks/whatsapp", status_delay=0, speed=50)
        )
        zendesk = ZendeskSandbox(ZendeskSettings(callback=f"{address}/webhooks/zendesk", speed=50))
        whatsapp_url = await stack.enter_async_context(_served(whatsapp))
        zendesk_url = await stack.enter_async_context(_served(zendesk))
        chosen = Settings(
            _env_file=None,
            hours_file=hours,
            database_url=database_url,
            redis_url=redis_url,
            rasa_url=rasa_url,
            whatsapp_base_url=whatsapp_url,
            whatsapp_phone_number_id=whatsapp.settings.phone_number_id,
            whatsapp_access_token=SecretStr(whatsapp.settings.access_token),
            whatsapp_app_secret=SecretStr(whatsapp.settings.app_secret),
            whatsapp_verify_token=SecretStr(whatsapp.settings.verify_token),
            zendesk_base_url=zendesk_url,
            zendesk_email=zendesk.settings.email,
            zendesk_api_token=SecretStr(zendesk.settings.api_token),
            zendesk_webhook_secret=SecretStr(zendesk.settings.webhook_secret),
            slack_webhook_url=SecretStr(f"{whatsapp_url}{slack.WEBHOOK}"),
            sandbox_mail_url=whatsapp_url,
            **settings,
        )
        pace = Pace(turn=(0.02, 0.02, 0.02), delivery=(0.02, 0.2), held=0.1)
        parley = await stack.enter_async_context(
            wiring.build(chosen, pace=pace, patience=patience, clock=clock)
        )
        config = uvicorn.Config(web.serve(parley), log_level="warning", access_log=False, lifespan="off")
        doors = Doors(config)
        await stack.enter_async_context(_serving(doors, door, doors.stop))
        yield Journey(parley, whatsapp, zendesk)


@asynccontextmanager
async def _served(sandbox: Service) -> AsyncIterator[str]:
    listener = listen(0)
    server = Server(sandbox)
    async with _serving(server, listener, server.stop):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def _serving(server: uvicorn.Server, listener: socket, stop: Callable[[], None]) -> AsyncIterator[None]:
    """Serve in this event loop while the block runs."""
    task = asyncio.create_task(server.serve(sockets=[listener]))
    end = time.monotonic() + 10
    while not server.started:
        assert not task.done(), "the server did not start"
        assert time.monotonic() < end, "the server does not start"
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        stop()
        await task
        listener.close()


class Doors(uvicorn.Server):
    """The web process's server, without a hand on the test's signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)
            if process.returncode not in (0, -15):
                output.seek(0)
                sys.stderr.write(output.read().decode(errors="replace")[-4000:])


async def load_demo(database: str) -> None:
    """Put the demo shop into this database."""
    async with await psycopg.AsyncConnection.connect(database) as conn:
        await demo.load(conn, datetime.now(UTC).date(), STRANGERS)
