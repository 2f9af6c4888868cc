"""Serving sandboxes over HTTP: in a thread for tests, or as a process with two ports."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.service import Service

T = TypeVar("T")
HOST = "127.0.0.1"
START_SECONDS = 10.0
STOP_SECONDS = 1
BACKLOG = 2048


class Abortable:
    """Puts a function into the scope that drops the connection without an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(send, "__self__", None)  # uvicorn's request, which knows its transport
        transport = getattr(cycle, "transport", None)
        if scope["type"] == "http" and transport is not None:
            scope["sandbox.abort"] = lambda: _reset(transport)
        await self._app(scope, receive, send)


def _reset(transport: asyncio.Transport) -> None:
    """Close with a TCP reset: lingering zero seconds throws away what was not sent."""
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def drop_connection(scope: Scope) -> None:
    """End this request without an answer. Raises ConnectionResetError where no socket is under it."""
    abort: Callable[[], None] | None = scope.get("sandbox.abort")
    if abort is None:
        raise ConnectionResetError("the sandbox dropped the connection")
    abort()
    await asyncio.sleep(0)


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals alone and lets no open page hold it up."""

    def __init__(self, sandbox: Service) -> None:
        self.sandbox = sandbox
        self.ready = threading.Event()
        super().__init__(
            uvicorn.Config(
                Abortable(sandbox.app),
                loop="asyncio",
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    def stop(self) -> None:
        """End soon: streams are closed, open requests get a second."""
        self.should_exit = True
        self.sandbox.changes.close()


def listen(port: int, host: str = HOST) -> socket.socket:
    """A listening socket (port 0: any free one). Raises OSError when the port is taken."""
    # Only for a socket that says TCP does asyncio switch Nagle off, which would cost 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


class Served:
    """A sandbox served by a thread of its own at `base_url`."""

    def __init__(self, server: Server, listener: socket.socket) -> None:
        self._server, self._listener = server, listener
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.base_url = f"http://{HOST}:{listener.getsockname()[1]}"

    def _work(self) -> None:
        try:
            self._loop.run_until_complete(self._server.serve(sockets=[self._listener]))
        finally:
            self._loop.close()
            self._server.ready.set()

    def start(self) -> None:
        """Begin, and return once requests are answered. Raises RuntimeError when it does not come up."""
        self._thread.start()
        self._server.ready.wait(START_SECONDS)
        if not self._server.started:
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        """End the thread and close the socket."""
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(START_SECONDS)
        self._listener.close()

    def run(self, work: Coroutine[Any, Any, T], timeout: float = 15.0) -> T:
        """Do `work` in the sandbox's loop and wait for it; for tests that are not async."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(timeout)


@contextlib.contextmanager
def served(sandbox: Service, port: int = 0) -> Iterator[Served]:
    """Serve a sandbox from a thread while the block runs."""
    thread = Served(Server(sandbox), listen(port))
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()


async def serve_all(
    sandboxes: list[tuple[Service, int]], on_listening: Callable[[], None], host: str = HOST
) -> None:
    """Serve every sandbox on its port of `host` until SIGTERM or SIGINT. Raises OSError for a taken port."""
    listeners = [listen(port, host) for _, port in sandboxes]
    on_listening()
    servers = [Server(sandbox) for sandbox, _ in sandboxes]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop_all, servers)
    await asyncio.gather(
        *(server.serve(sockets=[listener]) for server, listener in zip(servers, listeners, strict=True))
    )


def _stop_all(servers: list[Server]) -> None:
    for server in servers:
        server.stop()
