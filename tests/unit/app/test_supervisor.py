from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.run.child import Part
from app.run.ledger import MARK, AlreadyRunning, Ledger, end, is_gone
from app.run.ready import listens
from app.run.supervisor import Supervisor
from tests.unit.app.fake_terminal import FakeTerminal

FOREVER = "import signal; signal.pause()"
STUBBORN = (
    "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
)


@pytest.fixture
def terminal() -> FakeTerminal:
    return FakeTerminal()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    book = Ledger(tmp_path / "state")
    book.lock()
    yield book
    book.unlock()


@pytest.fixture
def supervisor(tmp_path: Path, book: Ledger, terminal: FakeTerminal) -> Supervisor:
    return Supervisor(book, terminal, cwd=tmp_path, logs=tmp_path, pauses=(0.01, 0.02))


def part(name: str, code: str, **options: object) -> Part:
    environment = {**os.environ, MARK: options.pop("state", "")}
    return Part(name, [sys.executable, "-c", textwrap.dedent(code)], environment, **options)  # type: ignore[arg-type]


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def output(folder: Path, name: str) -> str:
    log = folder / f"{name}.log"
    return log.read_text() if log.exists() else ""


async def test_ready_waits_for_each_part(
    supervisor: Supervisor, terminal: FakeTerminal, free_port: int
) -> None:
    """A part counts as ready when its check passes, not when its process exists."""
    code = f"import socket, signal; s = socket.create_server(('127.0.0.1', {free_port})); signal.pause()"
    supervisor.start([part("door", code, ready=listens(free_port))])
    assert await supervisor.ready(patience=10) == []
    assert terminal.said("door (")
    await supervisor.stop()


async def test_late_parts_are_named(supervisor: Supervisor, terminal: FakeTerminal, free_port: int) -> None:
    """A part that does not answer in time is named, with what is missing; the others still count."""
    supervisor.start([part("mute", FOREVER, ready=listens(free_port)), part("calm", FOREVER)])
    assert await supervisor.ready(patience=0.5) == ["mute"]
    assert terminal.said("nothing listens on port")
    await supervisor.stop()


async def test_dead_part_is_started_again(
    supervisor: Supervisor, terminal: FakeTerminal, tmp_path: Path
) -> None:
    """A part that dies comes back, and the terminal says so with its last words."""
    supervisor.start(
        [part("frail", "print('born', flush=True); print('no memory left'); raise SystemExit(3)")]
    )
    await until(lambda: output(tmp_path, "frail").count("born") >= 3)
    assert terminal.said("frail ended with code 3")
    assert terminal.said("no memory left")
    await supervisor.stop()


async def test_killed_part_is_started_again(
    supervisor: Supervisor, book: Ledger, terminal: FakeTerminal
) -> None:
    """kill -9 of a part gives another process under the same name."""
    supervisor.start([part("strong", FOREVER)])
    await until(lambda: book.read()[0])
    first = book.read()[0][0].pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: book.read()[0] and book.read()[0][0].pid != first)
    assert terminal.said("strong was ended by SIGKILL")
    await supervisor.stop()


async def test_missing_program(supervisor: Supervisor, terminal: FakeTerminal) -> None:
    """A program that is not there is one line on the terminal, not a traceback."""
    supervisor.start([Part("ghost", ["/no/such/program"], {})])
    await until(lambda: terminal.said("ghost could not be started: No such file"))
    await supervisor.stop()


async def test_stop_goes_from_the_doors_to_the_servers(supervisor: Supervisor, tmp_path: Path) -> None:
    """Parts of a lower stage end only after all parts of a higher one have."""
    code = """
        import signal, sys, time
        def leave(*_):
            open('order', 'a').write(sys.argv[0] + '{name} '); sys.exit()
        signal.signal(signal.SIGTERM, leave); print('up', flush=True)
        while True: signal.pause()
    """
    names = {"server": 0, "inner": 1, "door": 3}
    supervisor.start([part(name, code.replace("{name}", name), stage=stage) for name, stage in names.items()])
    await until(lambda: all("up" in output(tmp_path, name) for name in names))
    await supervisor.stop()
    assert (tmp_path / "order").read_text().replace("-c", "").split() == ["door", "inner", "server"]


async def test_stubborn_part_is_killed_after_its_grace(
    supervisor: Supervisor, book: Ledger, tmp_path: Path
) -> None:
    """A part that ignores SIGTERM is gone all the same when stop returns."""
    supervisor.start([part("mule", STUBBORN, grace=0.2)])
    await until(lambda: "up" in output(tmp_path, "mule"))
    entry = book.read()[0][0]
    await supervisor.stop()
    assert entry.process() is None
    assert book.read()[0] == []


async def test_second_signal_cuts_graces_short(supervisor: Supervisor, tmp_path: Path) -> None:
    """Somebody who presses Ctrl-C twice does not wait for graces."""
    supervisor.start([part("mule", STUBBORN, grace=60)])
    await until(lambda: "up" in output(tmp_path, "mule"))
    hurry = asyncio.Event()
    stopping = asyncio.create_task(supervisor.stop(hurry))
    hurry.set()
    await asyncio.wait_for(stopping, 5)


async def test_grandchildren_go_with_their_parent(supervisor: Supervisor, tmp_path: Path) -> None:
    """What a part started itself does not outlive it."""
    code = f"""
        import subprocess, sys, signal
        child = subprocess.Popen([sys.executable, '-c', {FOREVER!r}]); print(child.pid, flush=True)
        signal.pause()
    """
    supervisor.start([part("family", code)])
    await until(lambda: output(tmp_path, "family").strip())
    grandchild = int(output(tmp_path, "family"))
    await supervisor.stop()
    await until(lambda: gone(grandchild))


async def test_nothing_is_restarted_during_stop(supervisor: Supervisor, terminal: FakeTerminal) -> None:
    """Ending on request is no death."""
    supervisor.start([part("calm", FOREVER)])
    await supervisor.ready()
    await supervisor.stop()
    assert not terminal.said("starting it again")


def gone(pid: int) -> bool:
    try:
        return is_gone(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return True


SUPERVISE = """
import asyncio, os, sys
from pathlib import Path
from app.run.ledger import Ledger, MARK
from app.run.supervisor import Supervisor
from app.run.terminal import Terminal
from app.run.child import Part

async def main(folder):
    book = Ledger(folder); book.lock()
    supervisor = Supervisor(book, Terminal(), cwd=folder, logs=folder)
    environment = {**os.environ, MARK: str(folder)}
    code = "import signal; %s; signal.pause()"
    supervisor.start([Part("stray", [sys.executable, "-c", code], environment)])
    await supervisor.ready(); print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


def supervise(folder: Path, before: str = "0") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE.replace("%s", before), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    for line in process.stdout:
        if line.strip() == "ready":
            break
    return process


def close(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(10)
    assert process.stdout
    process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent's life")
async def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    """After kill -9 of the supervisor the kernel ends its children."""
    process = supervise(tmp_path)
    child = Ledger(tmp_path).read()[0][0].pid
    close(process)
    await until(lambda: gone(child))


async def test_next_start_ends_what_a_killed_supervisor_left(tmp_path: Path) -> None:
    """A child that survived a killed supervisor is found by name and time, or by its mark, and ended."""
    process = supervise(tmp_path, before="signal.signal(15, signal.SIG_IGN)")
    entry = Ledger(tmp_path).read()[0][0]
    await until(lambda: psutil.Process(entry.pid).status() == psutil.STATUS_SLEEPING)
    close(process)
    assert not gone(entry.pid)
    book = Ledger(tmp_path)
    assert [process.pid for process in book.leftovers()] == [entry.pid]
    (tmp_path / "run.json").unlink()
    assert [process.pid for process in book.leftovers()] == [entry.pid]
    assert end(book.leftovers(), patience=0.2) == 1
    assert gone(entry.pid)
    assert book.leftovers() == []


def test_one_parley_a_checkout(tmp_path: Path) -> None:
    """A second start is told who runs already; when that one is killed, the next start is free to go."""
    process = supervise(tmp_path)
    with pytest.raises(AlreadyRunning, match=f"already runs here .pid {process.pid}."):
        Ledger(tmp_path).lock()
    close(process)
    book = Ledger(tmp_path)
    book.lock()
    end(book.leftovers())
    book.unlock()


def test_reused_pid_is_left_alone(tmp_path: Path) -> None:
    """A process that merely has the pid of one of ours is not ours."""
    book = Ledger(tmp_path)
    book.add("self", os.getpid())
    text = (tmp_path / "run.json").read_text()
    created = str(book.read()[0][0].created)
    (tmp_path / "run.json").write_text(text.replace(created, "1000000.0"))
    assert book.leftovers() == []
