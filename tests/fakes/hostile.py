"""A Zendesk that keeps its contract and is unkind all the same.

It limits, fails after the work was done, cuts answers off, is slow, lists things twice and in small pages,
tells audits out of order, and forgets every field that may be missing.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.fakes.outside import Answer, FakeZendesk, Json
from tests.fakes.web import Door, serving

PAGE = 12
SLOW = 0.6
"""Seconds it takes now and then; whoever asks shall wait for less."""

BEHIND = 300
"""Seconds by which its clock is late, at first."""

REFUSALS = ("busy", "limited", "down")
BREAKS = ("html", "object", "cut", "reset", "slow")
"""What it does before the work, and after it was done."""

AGENT, GONE, LIGHT, FRIEND, US = 8447388090494, 8447388090495, 8447388090496, 8447388090497, 1
ROLES = {AGENT: "agent", LIGHT: "agent", FRIEND: "end-user", US: "admin"}
"""Its people; whoever is gone is not among them."""


def invalid(field: str, text: str) -> Answer:
    """The refusal of a value."""
    wrong = {field: [{"description": text, "error": "InvalidValue"}]}
    return 422, {"error": "RecordInvalid", "description": "Record validation errors", "details": wrong}


@dataclass
class HostileZendesk(FakeZendesk):
    """`unkind`: how many of a hundred calls go wrong. `done` counts what went wrong, by its name."""

    seed: int = 1
    unkind: int = 0
    url: str = ""
    done: dict[str, int] = field(default_factory=dict)
    updates: list[str] = field(default_factory=list)
    """The customer's comments, in the order they were taken."""

    bodies: dict[str, str] = field(default_factory=dict)
    clock: int = 0
    refuse: Callable[[str, str, Json], Answer | None] = lambda method, path, body: None
    """What it answers to a call instead of doing it, if anything."""

    refused: int = 0
    keeps_metadata: bool = True
    merged: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.lock = threading.Lock()

    def misfortune(self) -> str:
        """What goes wrong with this call, if anything does."""
        with self.lock:
            if self.chance.randrange(100) >= self.unkind:
                return ""
            found = self.chance.choice((*REFUSALS, *BREAKS))
            self.done[found] = self.done.get(found, 0) + 1
            return found

    def answer(self, method: str, path: str, query: Json, body: Json) -> Answer:
        with self.lock:
            name = path.removeprefix("/api/v2/").removesuffix(".json")
            if told := self.refuse(method, path, body):
                self.refused += 1
                return told
            if method == "PUT" and self.tickets[int(name.split("/")[1])]["status"] == "closed":
                return invalid("status", "Status: closed prevents ticket update")
            if name == "tickets/show_many":
                return 200, {
                    "tickets": [self._shown(int(id)) for id in query["ids"][0].split(",")],
                    "users": None,
                }
            if name == "incremental/tickets/cursor":
                return 200, self._export(query)
            if name.endswith("/comments"):
                return 200, self._page(int(name.split("/")[1]), int(query.get("after", ["0"])[0]))
            if (key := body.get("idempotency-key")) and (told := self._reused(key, body)):
                return told
            return super().answer(method, path, query, body)

    def agent_writes(self, ticket: int, author: int, body: str | None, **more: Any) -> int:
        """A comment; whoever it is by, it is told of by no webhook."""
        with self.lock:
            id = next(self.ids)
            written = {"id": id, "author_id": author, "body": body, "public": True, "metadata": None}
            written["created_at"] = self._now()
            self.comments[ticket].append({**written, **more})
            return id

    def merge(self, ticket: int, into: int) -> None:
        """An agent merges a ticket into another; no webhook tells of it."""
        ends = {"from": {"ticket_id": ticket}, "to": {"ticket_id": into}, "rel": "merge"}
        via = {"channel": "web", "source": ends}
        self.agent_writes(ticket, AGENT, f"This request was merged into #{into}", public=False, via=via)
        self.tickets[ticket]["status"] = "closed"
        self.merged.add(ticket)

    def _add(self, id: int, wanted: Json) -> None:
        super()._add(id, wanted if self.keeps_metadata else {**wanted, "metadata": {}})
        self.comments[id][-1]["created_at"] = self._now()
        self.tickets[id]["status"] = wanted.get("status", self.tickets[id]["status"])
        if wanted.get("comment", {}).get("public"):
            self.updates.append(wanted["comment"]["body"])

    def _now(self) -> str:
        """Each moment is a second after the one before, from five minutes ago on."""
        self.clock += 1
        return datetime.fromtimestamp(int(time.time()) - BEHIND + self.clock, UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )

    def _reused(self, key: str, body: Json) -> Answer | None:
        """The refusal of a key that comes with another body than before."""
        said = json.dumps(body, sort_keys=True)
        if self.bodies.setdefault(key, said) == said:
            return None
        text = "Request parameters don't match the given idempotency key"
        return 400, {"error": "IdempotentRequestError", "description": text}

    def _shown(self, id: int) -> Json:
        stamp = self.comments[id][-1]["created_at"]
        status = self.tickets[id]["status"]
        tags = ["closed_by_merge"] if id in self.merged else None
        return {"id": id, "status": status, "updated_at": stamp, "tags": tags, "assignee_id": None}

    def _export(self, query: Json) -> Json:
        """Everything, each ticket twice, and the same cursor as long as nothing is new."""
        tickets = [self._shown(id) for id in self.tickets] * 2
        return {"tickets": tickets, "after_cursor": "c1", "after_url": None, "end_of_stream": True}

    def _page(self, ticket: int, start: int) -> Json:
        """A dozen, the oldest first whatever is asked; each page repeats the last of the one before."""
        comments = self.comments[ticket]
        shown = comments[max(0, start - 1) : start + PAGE]
        authors = {each["author_id"] for each in shown}
        users: list[Json | None] = [
            {"id": id, "role": ROLES[id], "name": None} for id in authors if id in ROLES
        ]
        more = start + PAGE < len(comments)
        following = f"{self.url}/api/v2/tickets/{ticket}/comments.json?{urlencode({'after': start + PAGE})}"
        return {
            "comments": [{"attachments": None, "html_body": None, **each} for each in shown],
            "users": [*users, None],
            "meta": {"has_more": more, "after_cursor": None},
            "links": {"next": following, "prev": None},
        }

    def _audits(self, id: int) -> list[Json]:
        """The newest is the last; the others stand in no order, and some twice."""
        *before, last = [each for each in super()._audits(id) if each["metadata"]]
        mixed = before + before[:2]
        self.chance.shuffle(mixed)
        return [*mixed, last]


@contextmanager
def served(zendesk: HostileZendesk) -> Iterator[str]:
    """Serve it from threads; yields its address."""

    class Handler(Door):
        def _handle(self) -> None:
            asked, fate = self.asked(), zendesk.misfortune()
            if fate in REFUSALS:
                return self._refuse(fate)
            status, data = zendesk.answer(*asked)
            with suppress(OSError):  # whoever asked may not wait
                self._tell(fate, status, json.dumps(data).encode())

        def _refuse(self, fate: str) -> None:
            if fate == "down":
                return self.send(503, b"<html>Service Unavailable</html>", "text/html")
            left = "0" if fate == "limited" else "37"
            more = {"Retry-After": "1", "X-Rate-Limit-Remaining": left}
            self.send(429, b'{"error": "APIRateLimitExceeded"}', **more)

        def _tell(self, fate: str, status: int, out: bytes) -> None:
            if fate == "reset":
                self.close_connection = True
                return
            if fate == "slow":
                time.sleep(SLOW)
            if fate == "html":
                self.send(502, b"<html>Bad Gateway</html>", "text/html")
            elif fate == "object":
                self.send(500, json.dumps({"error": {"title": None, "message": "Oops"}}).encode())
            else:
                self.send(status, out[: len(out) // 2] if fate == "cut" else out)

        do_GET = do_POST = do_PUT = _handle

    with serving(Handler) as port:
        zendesk.url = f"http://127.0.0.1:{port}"
        yield zendesk.url
