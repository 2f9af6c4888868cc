"""Stand-ins for the core's ports: the bot, the channel and the helpdesk as plain Python objects."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from conversations.errors import ConnectorError
from conversations.messages import Address, Answer, Content, HandoffRequest, Question, Ticket, TicketDraft


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

    async def show_typing(self, message_id: str) -> None:
        return None

    @property
    def texts(self) -> list[str]:
        """The texts sent, in order."""
        return [content.text for _, content, _ in self.sent]


@dataclass
class FakeHelpdesk:
    """Keeps tickets and comments; refuses to do one key twice, as the real one would."""

    tickets: dict[str, TicketDraft] = field(default_factory=dict)
    comments: list[tuple[int, str, bool, bool]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    faults: deque[ConnectorError] = field(default_factory=deque)
    me: str | None = "1"
    unknown: ConnectorError | None = None

    async def open_ticket(self, draft: TicketDraft, *, key: str, again: bool = False) -> Ticket:
        if self.faults:
            raise self.faults.popleft()
        self.tickets.setdefault(key, draft)
        return Ticket(list(self.tickets).index(key) + 1, 77)

    async def add_comment(
        self, ticket: Ticket, body: str, *, key: str, public: bool, as_customer: bool, again: bool = False
    ) -> None:
        if self.faults:
            raise self.faults.popleft()
        if key not in self.keys:
            self.keys.add(key)
            self.comments.append((ticket.id, body, public, as_customer))

    async def our_user_id(self) -> str | None:
        if self.unknown:
            raise self.unknown
        return self.me
