"""Stand-ins for the core's ports: the bot, the channel and the helpdesk as plain Python objects."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from conversations.errors import ConnectorError, Refused
from conversations.messages import (
    Address,
    Answer,
    Content,
    File,
    HandoffRequest,
    Media,
    Notice,
    Question,
    Thread,
    Ticket,
    TicketDraft,
    TicketState,
)


def says(text: str, *, handoff: str | None = None) -> Answer:
    """An answer of one line, and perhaps a wish for a person."""
    return Answer(
        (Content(text),),
        HandoffRequest(handoff, "high") if handoff else None,
        intent="order_status",
        confidence=0.9,
        action="action_order_status",
        model_id="model",
    )


@dataclass
class FakeBot:
    """Answers from a queue of replies (or errors), else with an echo. `asked` keeps the questions."""

    replies: deque[Answer | Exception] = field(default_factory=deque)
    asked: list[Question] = field(default_factory=list)
    before_answer: Callable[[], object] | None = None
    gate: asyncio.Event | None = None

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        if self.gate:
            await self.gate.wait()
        reply = self.replies.popleft() if self.replies else says(f"echo {question.text}")
        if isinstance(reply, Exception):
            raise reply
        return reply


@dataclass
class FakeChannel:
    """Keeps what was sent; `faults` are raised first, one a send. `gate` holds a send on the wire."""

    sent: list[tuple[Address, Content, str]] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    faults: deque[ConnectorError] = field(default_factory=deque)
    gate: asyncio.Event | None = None
    on_the_wire: asyncio.Event = field(default_factory=asyncio.Event)
    files: dict[str, bytes] = field(default_factory=dict)
    uploaded: list[tuple[File, bytes]] = field(default_factory=list)

    def split(self, content: Content) -> list[Content]:
        return [content]

    async def send(self, to: Address, content: Content, *, reference: str) -> str:
        self.attempts.append(reference)
        self.on_the_wire.set()
        if self.gate:
            await self.gate.wait()
        if self.faults:
            raise self.faults.popleft()
        self.sent.append((to, content, reference))
        return f"wamid.{reference}"

    async def fetch(self, media: Media) -> bytes:
        if media.id not in self.files:
            raise Refused(f"there is no file {media.id}")
        return self.files[media.id]

    def check(self, file: File) -> None:
        if file.mime_type == "application/x-forbidden":
            raise Refused("files of this kind are not carried")

    async def upload(self, file: File, data: bytes) -> str:
        self.uploaded.append((file, data))
        return f"media-{len(self.uploaded)}"

    async def show_typing(self, message_id: str) -> None:
        return None

    @property
    def texts(self) -> list[str]:
        """The texts sent, in order."""
        return [content.text for _, content, _ in self.sent]


@dataclass
class FakeHelpdesk:
    """Keeps tickets and comments; refuses to do one key twice, as the real one would.

    `faults` are raised before anything is done, `lost_answers` after a comment was written.
    """

    tickets: dict[str, TicketDraft] = field(default_factory=dict)
    comments: list[tuple[int, str, bool, bool]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    faults: deque[ConnectorError] = field(default_factory=deque)
    lost_answers: deque[ConnectorError] = field(default_factory=deque)
    calls: int = 0
    uploaded: list[tuple[str, str, bytes]] = field(default_factory=list)
    requester_tags: tuple[str, ...] | None = None
    uploads_of: dict[int, list[str]] = field(default_factory=dict)
    attachments: dict[str, bytes] = field(default_factory=dict)
    solved: list[int] = field(default_factory=list)
    likened: list[tuple[int, TicketDraft]] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    assigned: list[tuple[int, str]] = field(default_factory=list)
    me: str | None = "1"
    unknown: ConnectorError | None = None
    threads: dict[int, Thread] = field(default_factory=dict)
    shown: dict[int, TicketState] = field(default_factory=dict)
    changes: list[TicketState] = field(default_factory=list)
    unread: ConnectorError | None = None
    lost_threads: deque[ConnectorError] = field(default_factory=deque)
    looks: list[str] = field(default_factory=list)

    async def open_ticket(
        self, draft: TicketDraft, *, key: str, again: bool = False, uploads: Sequence[str] = ()
    ) -> Ticket:
        if self.faults:
            raise self.faults.popleft()
        self.tickets.setdefault(key, draft)
        return Ticket(list(self.tickets).index(key) + 1, 77, self.requester_tags)

    async def add_comment(
        self, ticket: Ticket, body: str, *, keys: Sequence[str], public: bool, as_customer: bool,
        uploads: Sequence[str] = (), again: bool = False, since: datetime | None = None,
        solve: bool = False, reopen: bool = False, like: TicketDraft | None = None,
    ) -> str | None:  # fmt: skip
        self.calls += 1
        if self.faults:
            raise self.faults.popleft()
        if again and self.keys & set(keys):
            return None
        assert not self.keys & set(keys)
        self.keys.update(keys)
        self.comments.append((ticket.id, body, public, as_customer))
        self.solved += [ticket.id] if solve else []
        self.likened += [(ticket.id, like)] if like else []
        self.reopened += [ticket.id] if reopen else []
        self.uploads_of[len(self.comments)] = list(uploads)
        if self.lost_answers:
            raise self.lost_answers.popleft()
        return f"comment-{len(self.comments)}"

    async def assign(self, ticket: Ticket, to: str) -> bool:
        if self.faults:
            raise self.faults.popleft()
        self.assigned.append((ticket.id, to))
        return True

    async def upload(self, name: str, mime_type: str, data: bytes) -> str:
        self.uploaded.append((name, mime_type, data))
        return f"token-{len(self.uploaded)}"

    async def fetch(self, file: File) -> bytes:
        return self.attachments[file.url]

    async def thread(self, ticket: Ticket, *, since: datetime | None = None) -> Thread:
        self.looks.append(f"thread {ticket.id}")
        if self.lost_threads:
            raise self.lost_threads.popleft()
        if self.unread:
            raise self.unread
        return self.threads.get(ticket.id, Thread())

    async def states(self, ids: Sequence[int]) -> list[TicketState]:
        self.looks.append("states")
        if self.unread:
            raise self.unread
        return [self.shown[id] for id in ids if id in self.shown]

    async def changed(self, cursor: str, since: datetime) -> tuple[list[TicketState], str]:
        self.looks.append(f"changed {cursor}".strip())
        if self.unread:
            raise self.unread
        return self.changes[int(cursor or 0) :], str(len(self.changes))

    async def our_user_id(self) -> str | None:
        if self.unknown:
            raise self.unknown
        return self.me


@dataclass
class FakeTeller:
    """Keeps what colleagues were told, with the address; `faults` are raised first, one a call."""

    told: list[tuple[str, Notice]] = field(default_factory=list)
    faults: deque[ConnectorError] = field(default_factory=deque)
    attempts: int = 0

    async def tell(self, address: str, notice: Notice) -> None:
        self.attempts += 1
        if self.faults:
            raise self.faults.popleft()
        self.told.append((address, notice))
