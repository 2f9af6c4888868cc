"""Web servers of a test's own, on a free port of this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

JSON = "application/json; charset=utf-8"


class Door(BaseHTTPRequestHandler):
    """A request taken apart, and the answer to it. Says nothing on the terminal."""

    protocol_version = "HTTP/1.1"

    def asked(self) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
        """Method, path, query and JSON body, with the idempotency key in it if one was given."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else {}
        if key := self.headers.get("Idempotency-Key"):
            body["idempotency-key"] = key
        url = urlsplit(self.path)
        return self.command, url.path, parse_qs(url.query), body

    def send(self, status: int, out: bytes, kind: str = JSON, **headers: str) -> None:
        """Answer with these bytes."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(out)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(out)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], poll: float = 0.05) -> Iterator[int]:
    """Serve from threads until the end; yields the port. `poll`: seconds that stopping may take."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": poll})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
