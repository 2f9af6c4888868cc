"""A Graph API and a Zendesk written from their public contracts alone, and the client that plays Meta's part.

Nothing of Parley or of its sandbox is used here: what passes against this passes against any other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.fakes.web import Door, serving

Json = dict[str, Any]
Answer = tuple[int, Json]

NUMBER = "106540352242922"
SECRETS = {
    "WHATSAPP_PHONE_NUMBER_ID": NUMBER,
    "WHATSAPP_ACCESS_TOKEN": "black-box-token",
    "WHATSAPP_APP_SECRET": "black-box-app-secret",
    "WHATSAPP_VERIFY_TOKEN": "black-box-verify",
    "ZENDESK_EMAIL": "bot@example.com",
    "ZENDESK_API_TOKEN": "black-box-api-token",
    "ZENDESK_WEBHOOK_SECRET": "black-box-webhook-secret",
}


@dataclass
class FakeGraph:
    """The part of the Graph API a business needs to send. `sent` holds bodies with their arrival time."""

    sent: list[tuple[float, Json]] = field(default_factory=list)
    marks: list[Json] = field(default_factory=list)
    on_sent: Callable[[str, Json], None] = lambda wamid, body: None
    """Is told of each message taken, with its id."""

    def answer(self, method: str, path: str, query: Json, body: Json) -> Answer:
        arrived = time.perf_counter()
        if not re.fullmatch(rf"/v\d+\.0/{NUMBER}/messages", path) or method != "POST":
            return 404, {"error": {"message": "Unknown path", "type": "OAuthException", "code": 100}}
        if body.get("status") == "read":
            self.marks.append(body)
            return 200, {"success": True}
        self.sent.append((arrived, body))
        to = body.get("to") or body.get("recipient")
        wamid = f"wamid.{base64.b64encode(f'out{len(self.sent)}'.encode()).decode()}"
        contact = {"input": to, "wa_id": to}
        self.on_sent(wamid, body)
        return 200, {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": wamid}]}

    def to(self, who: str) -> list[Json]:
        """The bodies sent to one customer, in order."""
        return [body for _, body in self.sent if who in (body.get("to"), body.get("recipient"))]


@dataclass
class FakeZendesk:
    """Tickets, their comments, and users: enough of the Support API for a bridge."""

    tickets: dict[int, Json] = field(default_factory=dict)
    comments: dict[int, list[Json]] = field(default_factory=dict)
    users: dict[str, Json] = field(default_factory=dict)
    keys: dict[str, Answer] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(26155588908179, 32))

    def answer(self, method: str, path: str, query: Json, body: Json) -> Answer:
        name = path.removeprefix("/api/v2/").removesuffix(".json")
        found = re.fullmatch(r"tickets/(\d+)(?:/(comments|audits))?", name)
        if name == "users/me":
            return 200, {"user": {"id": 1, "name": "Bot", "role": "admin"}}
        if name == "users/create_or_update":
            return self._user(body["user"])
        if name == "tickets" and method == "GET":
            wanted = query.get("external_id", [None])[0]
            tickets = [ticket for ticket in self.tickets.values() if ticket["external_id"] == wanted]
            return 200, {"tickets": tickets, "meta": {"has_more": False}, "links": {}, "count": len(tickets)}
        if name == "tickets":
            return self._create(body["ticket"], body.get("idempotency-key"))
        if found and int(found[1]) in self.tickets:
            return self._ticket(method, int(found[1]), found[2], body)
        return 404, {"error": "RecordNotFound", "description": "Not found"}

    def _user(self, wanted: Json) -> Answer:
        known = wanted["external_id"] in self.users
        user = self.users.setdefault(wanted["external_id"], {"id": next(self.ids), "role": "end-user"})
        user.update(wanted)
        return (200 if known else 201), {"user": user}

    def _create(self, wanted: Json, key: str | None) -> Answer:
        if key in self.keys:
            return self.keys[key]
        id = len(self.tickets) + 1
        fields = {name: value for name, value in wanted.items() if name not in ("comment", "metadata")}
        now = _now()
        self.tickets[id] = {
            "external_id": None,
            "status": "new",
            **fields,
            "id": id,
            "created_at": now,
            "updated_at": now,
        }
        self.comments[id] = []
        self._add(id, wanted)
        answer = 201, {"ticket": self.tickets[id], "audit": self._audits(id)[-1]}
        if key:
            self.keys[key] = answer
        return answer

    def _ticket(self, method: str, id: int, part: str | None, body: Json) -> Answer:
        more: Json = {"meta": {"has_more": False}, "links": {}}
        if part == "comments":
            return 200, {"comments": self.comments[id], **more}
        if part == "audits":
            return 200, {"audits": self._audits(id), **more}
        if method == "PUT":
            self._add(id, body["ticket"])
            return 200, {"ticket": self.tickets[id], "audit": self._audits(id)[-1]}
        return 200, {"ticket": self.tickets[id]}

    def _add(self, id: int, wanted: Json) -> None:
        comment = {"id": next(self.ids), "public": True, "author_id": 1, **wanted.get("comment", {})}
        self.comments[id].append({**comment, "metadata": {"custom": wanted.get("metadata", {})}})

    def _audits(self, id: int) -> list[Json]:
        return [
            {
                "id": c["id"],
                "ticket_id": id,
                "author_id": c["author_id"],
                "metadata": c["metadata"],
                "events": [],
            }
            for c in self.comments[id]
        ]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def served(answer: Callable[[str, str, Json, Json], Answer]) -> Iterator[str]:
    """Serve a fake from threads; yields its address."""

    class Handler(Door):
        def _handle(self) -> None:
            status, data = answer(*self.asked())
            with suppress(OSError):  # whoever asked may be dead
                self.send(status, json.dumps(data).encode())

        do_GET = do_POST = do_PUT = _handle

    with serving(Handler) as port:
        yield f"http://127.0.0.1:{port}"


@dataclass
class BlackBox:
    """Plays the customers' phones and the agents' desk against a running Parley at `url`."""

    url: str
    graph: FakeGraph
    zendesk: FakeZendesk
    http: httpx.Client
    ids: Iterator[int] = field(default_factory=itertools.count)
    run: str = field(default_factory=lambda: f"{time.time_ns():x}")
    acks: list[float] = field(default_factory=list)
    """Seconds each webhook took to be acknowledged."""

    def write(self, who: str, text: str, name: str = "Ana Silva") -> float:
        """A customer's message, signed as Meta signs; returns when it was posted (perf_counter)."""
        return self.post_message(who, {"type": "text", "text": {"body": text}}, name)

    def tap(self, who: str, choice: Json) -> float:
        """The customer picks a row of a list."""
        reply = {"type": "list_reply", "list_reply": choice}
        return self.post_message(who, {"type": "interactive", "interactive": reply})

    def post_message(self, who: str, element: Json, name: str = "Ana Silva") -> float:
        """Any message element of CONTRACTS A6."""
        sender = {"from_user_id": who} if "." in who else {"from": who}
        contact = {"user_id": who} if "." in who else {"wa_id": who}
        id = f"wamid.{self.run}.{next(self.ids)}"
        message = {**sender, "id": id, "timestamp": str(int(time.time())), **element}
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
            "contacts": [{"profile": {"name": name}, **contact}],
            "messages": [message],
        }
        entry = {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}
        return self.post({"object": "whatsapp_business_account", "entry": [entry]})

    def post(self, body: Json) -> float:
        """A signed webhook; fails unless it is acknowledged with 200."""
        raw = json.dumps(body).encode()
        digest = hmac.new(SECRETS["WHATSAPP_APP_SECRET"].encode(), raw, hashlib.sha256).hexdigest()
        begun = time.perf_counter()
        self.bring("/webhooks/whatsapp", raw, {"X-Hub-Signature-256": f"sha256={digest}"})
        self.acks.append(time.perf_counter() - begun)
        return begun

    def post_receipt(self, wamid: str, sent: Json, status: str = "delivered") -> float:
        """What became of a message that was taken: a status of CONTRACTS A7."""
        receipt = {
            "id": wamid,
            "status": status,
            "timestamp": str(int(time.time())),
            "recipient_id": sent.get("to"),
            "biz_opaque_callback_data": sent.get("biz_opaque_callback_data"),
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
            "statuses": [receipt],
        }
        entry = {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}
        return self.post({"object": "whatsapp_business_account", "entry": [entry]})

    def bring(self, path: str, raw: bytes, headers: dict[str, str]) -> None:
        """Bring a webhook to its door."""
        answer = self.http.post(f"{self.url}{path}", content=raw, headers=headers)
        assert answer.status_code == 200, answer.text

    def notify(self, ticket_id: int, kind: str, event: Json, status: str) -> None:
        """An event of Zendesk's, signed as Zendesk signs."""
        ticket = self.zendesk.tickets[ticket_id]
        data = {
            "account_id": 1,
            "detail": {"id": str(ticket_id), "external_id": ticket["external_id"], "status": status},
            "event": {**event, "meta": {"sequence": {"id": "01", "position": 1}}},
            "id": f"{self.run}-{next(self.ids)}",
            "subject": f"zen:ticket:{ticket_id}",
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.123456789Z"),
            "type": f"zen:event-type:ticket.{kind}",
            "zendesk_event_version": "2022-11-06",
        }
        raw, stamp = json.dumps(data).encode(), _now()
        secret = SECRETS["ZENDESK_WEBHOOK_SECRET"].encode()
        digest = base64.b64encode(hmac.new(secret, stamp.encode() + raw, hashlib.sha256).digest()).decode()
        headers = {"X-Zendesk-Webhook-Signature": digest, "X-Zendesk-Webhook-Signature-Timestamp": stamp}
        self.bring("/webhooks/zendesk", raw, headers)

    def agent_replies(self, ticket_id: int, text: str) -> None:
        """A public comment by staff: it stands in the ticket, and a webhook tells of it."""
        id, smith = next(self.zendesk.ids), 8447388090494
        author = {"id": str(smith), "is_staff": True, "name": "Agent Smith"}
        written = {"id": id, "public": True, "author_id": smith, "body": text, "metadata": {}}
        self.zendesk.comments[ticket_id].append(written)
        comment = {"id": str(id), "body": text, "is_public": True, "author": author}
        self.notify(ticket_id, "comment_added", {"comment": comment}, "OPEN")

    def agent_solves(self, ticket_id: int) -> None:
        """The ticket is solved."""
        self.zendesk.tickets[ticket_id]["status"] = "solved"
        self.notify(ticket_id, "status_changed", {"current": "SOLVED", "previous": "OPEN"}, "SOLVED")

    def wait(self, condition: Callable[[], Any], deadline: float = 30.0) -> Any:
        """The first truthy value of `condition`; fails after `deadline` seconds."""
        end = time.monotonic() + deadline
        while not (found := condition()):
            assert time.monotonic() < end, "it never happened"
            time.sleep(0.002)
        return found

    def ask(self, who: str, text: str, name: str = "Ana Silva", replies: int = 1) -> list[Json]:
        """Write, and wait for so many replies; returns their bodies."""
        before = len(self.graph.to(who))
        self.write(who, text, name)
        return list(self.wait(lambda: self.graph.to(who)[before : before + replies] or None))


def text_of(body: Json) -> str:
    """What a person reads of a sent message."""
    if body["type"] == "text":
        return str(body["text"]["body"])
    return str(body["interactive"]["body"]["text"])


@contextmanager
def outside() -> Iterator[tuple[FakeGraph, FakeZendesk, dict[str, str]]]:
    """Both fakes, served, and the settings that make Parley use them."""
    graph, zendesk = FakeGraph(), FakeZendesk()
    with served(graph.answer) as graph_url, served(zendesk.answer) as zendesk_url:
        settings = {
            **SECRETS,
            "SANDBOX": "off",
            "WHATSAPP_BASE_URL": graph_url,
            "ZENDESK_BASE_URL": zendesk_url,
        }
        yield graph, zendesk, settings
