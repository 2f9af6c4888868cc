"""`parley run`, from the lock to the last process stopped."""

from __future__ import annotations

import asyncio
import errno
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from app import embedded, setup
from app.checkout import Checkout
from app.embedded import EmbeddedError, Server
from app.run import ledger, logs, plan, ports, ready, screen
from app.run.child import follow_parent
from app.run.ledger import AlreadyRunning, Ledger
from app.run.plan import Plan
from app.run.supervisor import Supervisor
from app.run.terminal import Terminal
from app.settings import Settings, foreign_environment
from app.setup import SetupFailed, Workshop
from conversations.errors import ParleyError

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SETTLE = 30.0  # seconds the whole may take to call itself ready once every part answers


class NotFree(ParleyError):
    """Something Parley needs is taken by somebody else."""


def run(checkout: Checkout, settings: Settings, terminal: Terminal, *, tethered: bool = False) -> int:
    """Run Parley until it is told to stop; the exit code.

    `tethered`: stop too when the process that started us is gone, however it went (Linux).
    """
    if tethered:
        follow_parent()
    try:
        return asyncio.run(_run(checkout, settings, terminal))
    except (AlreadyRunning, NotFree, SetupFailed, EmbeddedError) as error:
        terminal.fail(str(error))
    except psycopg.Error as error:
        terminal.fail(f"The database does not take us: {str(error).strip().splitlines()[0]}")
    except OSError as error:
        if (said := _plainly(error, checkout)) is None:
            raise
        terminal.fail(said)
    return 1


def _plainly(error: OSError, checkout: Checkout) -> str | None:
    """What the operator can do about it; None for an error that nobody foresaw."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free some room and start again."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"{error.filename or checkout.state} cannot be written ({error.strerror}): "
            "make the folder writable, or set PARLEY_STATE to one that is."
        )
    return None


async def _run(checkout: Checkout, settings: Settings, terminal: Terminal) -> int:
    stop, hurry = asyncio.Event(), asyncio.Event()
    _listen_for_stop(stop, hurry)
    book = Ledger(checkout.state)
    book.lock()
    begun = time.monotonic()
    _clear_up(book, checkout, terminal)
    logs.put_aside(checkout.logs)
    credentials = plan.sandbox_credentials(checkout.state / "sandbox.json")
    chosen = Plan(checkout, settings, foreign_environment(), credentials)
    supervisor = Supervisor(book, terminal, cwd=checkout.root, logs=checkout.logs)
    watch = asyncio.create_task(logs.show_errors(lambda: _watched(supervisor, checkout), terminal))
    desk = asyncio.create_task(_open(chosen, supervisor, book, terminal, begun))
    stop_asked = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({desk, stop_asked}, return_when=asyncio.FIRST_COMPLETED)
        if desk.done():
            desk.result()
        await stop_asked
    finally:
        await _close(supervisor, book, terminal, hurry, [desk, watch])
    return 0


def _watched(supervisor: Supervisor, checkout: Checkout) -> list[Path]:
    """The logs of our own parts; the servers' ones are full of what clients did wrong on purpose."""
    return [checkout.logs / f"{part.name}.log" for part in supervisor.parts if part.stage != plan.SERVERS]


def _listen_for_stop(stop: asyncio.Event, hurry: asyncio.Event) -> None:
    """The first signal stops in good order, a second one cuts it short."""

    def on_signal() -> None:
        if stop.is_set():
            hurry.set()
        stop.set()

    for number in STOP_SIGNALS:
        ignored = signal.getsignal(number) is signal.SIG_IGN
        if not (ignored and number == signal.SIGHUP):  # nohup wants to outlive its terminal
            asyncio.get_running_loop().add_signal_handler(number, on_signal)


def _clear_up(book: Ledger, checkout: Checkout, terminal: Terminal) -> None:
    """End what an earlier run left behind when it was killed."""
    ended = ledger.end(book.leftovers()) + embedded.end_stray_postgres(checkout.state / "postgres")
    if ended:
        terminal.say(f"An earlier run was killed; what it left behind is stopped now ({ended} processes).")
    book.clear()


async def _open(chosen: Plan, supervisor: Supervisor, book: Ledger, terminal: Terminal, begun: float) -> None:
    """Set up, start everything, wait until it answers, and say so."""
    if taken := ports.busy(chosen.wanted_ports()):
        raise NotFree("\n  ".join(taken))
    await setup.prepare(Workshop(chosen.checkout, terminal, chosen.base_environment()))
    database_url, redis_url = await _open_stores(chosen, supervisor, terminal)
    await _fill_database(chosen, database_url, terminal)
    book.note(database_url=database_url if chosen.settings.database_url is None else None, web=chosen.web_url)
    supervisor.start(plan.parts(chosen, database_url, redis_url))
    late = await supervisor.ready()
    await _settle(chosen, terminal, late)
    screen.show(chosen, terminal, time.monotonic() - begun, database_url, redis_url)


async def _open_stores(chosen: Plan, supervisor: Supervisor, terminal: Terminal) -> tuple[str, str]:
    """The addresses of PostgreSQL and Redis; the embedded ones run when this returns."""
    state, settings = chosen.checkout.state, chosen.settings
    servers: list[Server] = []
    if settings.database_url is None:
        servers.append(await asyncio.to_thread(embedded.postgres, state / "postgres"))
    if settings.redis_url is None:
        servers.append(embedded.redis(state / "redis"))
    supervisor.start([plan.server_part(server, chosen.base_environment()) for server in servers])
    late = await supervisor.ready(patience=60)
    if late:
        raise EmbeddedError(f"The embedded {' and '.join(late)} did not start; see .parley/logs.")
    urls = {server.name: server.url for server in servers}
    return settings.database_url or urls["postgres"], settings.redis_url or urls["redis"]


async def _fill_database(chosen: Plan, database_url: str, terminal: Terminal) -> None:
    from migrations import runner

    await _accepts(database_url)
    if applied := await runner.migrate(database_url):
        terminal.done(f"Database brought up to date ({', '.join(applied)})")
    if chosen.settings.demo_shop_on:
        from orders import demo

        async with await psycopg.AsyncConnection.connect(database_url) as conn:
            await demo.load(conn, datetime.now(UTC).date())


async def _accepts(database_url: str, patience: float = 30) -> None:
    """PostgreSQL opens its socket a moment before it takes sessions. Raises psycopg.OperationalError."""
    deadline = time.monotonic() + patience
    while True:
        try:
            await (await psycopg.AsyncConnection.connect(database_url, connect_timeout=5)).close()
            return
        except psycopg.OperationalError as error:
            starting = "starting up" in str(error) or "recovery" in str(error)
            if not starting or time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.1)


async def _settle(chosen: Plan, terminal: Terminal, late: list[str]) -> None:
    """The web process asks all the others; it may take the worker's first sign of life to be content."""
    if late:
        return
    check = ready.answers(f"{chosen.web_url}/readyz")
    deadline = time.monotonic() + SETTLE
    while (missing := await check()) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    if missing:
        terminal.warn(f"Not everything works yet: {missing}.")


async def _close(
    supervisor: Supervisor,
    book: Ledger,
    terminal: Terminal,
    hurry: asyncio.Event,
    tasks: list[asyncio.Task[None]],
) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if supervisor.parts:
        with terminal.step("Stopping everything"):
            await supervisor.stop(hurry)
    book.clear()
    book.unlock()
