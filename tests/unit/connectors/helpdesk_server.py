"""A small Zendesk over real HTTP, for the tests of the connector: tickets, users, audits, and faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes import web

Reply = tuple[int, Any, dict[str, str]]


@dataclass
class Call:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Helpdesk:
    """What the server keeps. `faults`: (method and path beginning) to replies given instead, in order.

    A fault's reply None drops the connection; with `taken` the call is carried out first.
    `with_audits`, `with_metadata`, `with_keys`, `with_me`: optional parts that can be left out.
    """

    calls: list[Call] = field(default_factory=list)
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    audits: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[tuple[str, bool, Reply | None]] = field(default_factory=list)
    by_key: dict[str, tuple[bytes, Reply]] = field(default_factory=dict)
    with_audits: bool = True
    with_metadata: bool = True
    with_keys: bool = True
    with_me: bool = True
    port: int = 0

    def fail(
        self, call: str, status: int, body: Any, headers: dict[str, str] | None = None, *, taken: bool = False
    ) -> None:
        """Give this answer to the next such call."""
        self.faults.append((call, taken, (status, body, headers or {})))

    def drop(self, call: str, *, taken: bool) -> None:
        """Close the connection instead of answering the next such call."""
        self.faults.append((call, taken, None))

    def made(self, call: str) -> list[Call]:
        """The calls so far that begin like "POST /api/v2/tickets"."""
        return [made for made in self.calls if f"{made.method} {made.path}".startswith(call)]

    def answer(self, call: Call) -> Reply | None:
        self.calls.append(call)
        for number, (name, taken, reply) in enumerate(self.faults):
            if f"{call.method} {call.path}".startswith(name):
                del self.faults[number]
                if taken:
                    self._carry_out(call)
                return reply
        return self._carry_out(call)

    def _carry_out(self, call: Call) -> Reply:
        parts = call.path.removeprefix("/api/v2/").removesuffix(".json").split("/")
        match call.method, parts:
            case "POST", ["users", "create_or_update"]:
                return self._user(call.body["user"])
            case "GET", ["users", "me"] if self.with_me:
                return 200, {"user": {"id": 900, "role": "agent", "name": "Parley"}}, {}
            case "POST", ["tickets"]:
                return self._create_once(call)
            case "GET", ["tickets"]:
                wanted = call.query["external_id"][0]
                return self._page("tickets", [t for t in self.tickets.values() if t["external_id"] == wanted])
            case "PUT", ["tickets", number] if int(number) in self.tickets:
                return self._update(int(number), call.body["ticket"])
            case "GET", ["tickets", number, "audits"] if self.with_audits and int(number) in self.tickets:
                return self._page("audits", self.audits[int(number)])
        return 404, {"error": "RecordNotFound", "description": "Not found"}, {}

    def _page(self, name: str, items: list[Any]) -> Reply:
        return 200, {name: items, "meta": {"has_more": False}, "links": {"prev": None, "next": None}}, {}

    def _user(self, wanted: dict[str, Any]) -> Reply:
        known = wanted["external_id"] in self.users
        user = self.users.setdefault(wanted["external_id"], {"id": 700 + len(self.users), "role": "end-user"})
        user.update(wanted)
        return (200 if known else 201), {"user": user}, {}

    def _create_once(self, call: Call) -> Reply:
        key = call.headers.get("idempotency-key") if self.with_keys else None
        if key is not None and key in self.by_key:
            raw, reply = self.by_key[key]
            if raw != call.raw:
                return 400, {"error": "IdempotentRequestError", "description": "Other parameters"}, {}
            return reply
        reply = self._create(call.body["ticket"])
        if key is not None:
            self.by_key[key] = (call.raw, reply)
        return reply

    def _create(self, wanted: dict[str, Any]) -> Reply:
        follows = wanted.get("via_followup_source_id")
        if follows is not None and self.tickets.get(follows, {}).get("status") != "closed":
            return 422, {"error": "RecordInvalid", "details": {"base": [{"description": "Not closed"}]}}, {}
        number = 41 + len(self.tickets)
        kept = ("external_id", "subject", "priority", "tags", "requester_id")
        self.tickets[number] = {
            "id": number,
            "status": "new",
            "description": wanted["comment"]["body"],
            **{name: wanted[name] for name in kept if name in wanted},
        }
        return 201, self._written(number, wanted), {"Location": f"/api/v2/tickets/{number}.json"}

    def _update(self, number: int, wanted: dict[str, Any]) -> Reply:
        if self.tickets[number]["status"] == "closed":
            details = {"status": [{"description": "Status: closed prevents ticket update"}]}
            return (
                422,
                {"error": "RecordInvalid", "description": "Record validation errors", "details": details},
                {},
            )
        return 200, self._written(number, wanted), {}

    def _written(self, number: int, wanted: dict[str, Any]) -> dict[str, Any]:
        metadata = {"system": {"client": "Zenpy"}, "custom": wanted.get("metadata", {})}
        audit = {
            "id": 5000 + len(self.calls),
            "ticket_id": number,
            "events": [{"type": "Comment", **wanted["comment"]}],
        }
        if self.with_metadata:
            audit["metadata"] = metadata
        self.audits.setdefault(number, []).append(audit)
        answer = {"ticket": self.tickets[number]}
        return {**answer, "audit": audit} if self.with_audits else answer


@contextmanager
def serving(helpdesk: Helpdesk) -> Iterator[Helpdesk]:
    """The helpdesk on a free port of this machine, until the end."""
    with web.serving(_handler(helpdesk.answer), poll=0.01) as port:
        helpdesk.port = port
        yield helpdesk


def _handler(answer: Callable[[Call], Reply | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            url = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = answer(Call(self.command, url.path, parse_qs(url.query), headers, raw))
            if reply is None:
                return
            status, body, more = reply
            text = body if isinstance(body, str) else json.dumps(body)
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = _handle

        def log_message(self, format: str, *args: object) -> None:
            """Tests have no use for an access log."""

    return Handler
