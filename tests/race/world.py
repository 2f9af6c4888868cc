"""The outside of a play: a bot, a channel and a helpdesk that fail by chance and remember."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from conversations.errors import BotFailed, OutcomeUnknown, Refused, TryLater
from conversations.messages import (
    Address,
    Answer,
    Content,
    File,
    HandoffRequest,
    Media,
    Question,
    Thread,
    Ticket,
    TicketDraft,
    TicketState,
)
from tests.race.schedule import Schedule, step

PERSON = "a person please"

WAYS = (1, 1, 3, 10, 30)
"""Moves that a call to the outside may take one way."""


@dataclass(frozen=True)
class Sent:
    """A message that reached the customer: at which move, which row, what it says."""

    at: int
    row: int
    text: str


@dataclass
class Luck:
    """How often a call to the outside fails: before it took effect, or after, with the answer lost."""

    random: Random
    before: float = 0.08
    after: float = 0.06
    on_the_way: int = 0
    """Calls that are being made now."""

    def fails(self, share: float) -> bool:
        return self.random.random() < share

    async def wire(self) -> None:
        """The way there or back, which takes longer than a statement: now a move, now many."""
        self.on_the_way += 1
        try:
            for _ in range(self.random.choice(WAYS)):
                await step()
        finally:
            self.on_the_way -= 1


@dataclass
class Bot:
    """Answers each message once, naming it; asks for a person when the customer does. Sometimes fails."""

    luck: Luck
    answers: dict[str, Answer] = field(default_factory=dict)
    sessions: dict[str, bool] = field(default_factory=dict)

    async def ask(self, question: Question) -> Answer:
        await self.luck.wire()
        if self.luck.fails(0.12):
            raise BotFailed("by chance, before it thought")
        if question.message_id not in self.answers:
            wish = HandoffRequest("asked_for_person", "high") if PERSON in question.text else None
            said = "I'm connecting you" if wish else "here you are"
            self.answers[question.message_id] = Answer((Content(f"{said}: {question.text}"),), wish)
            self.sessions[question.message_id] = question.new_session is not None
        await self.luck.wire()
        if self.luck.fails(0.05):
            raise BotFailed("by chance, after it thought")
        return self.answers[question.message_id]


@dataclass
class Channel:
    """Carries messages to the customer; `on_sent` is told of each, to send its receipt."""

    luck: Luck
    schedule: Schedule
    sent: list[Sent] = field(default_factory=list)
    on_sent: Callable[[Sent], None] = lambda sent: None

    def split(self, content: Content) -> list[Content]:
        return [content]

    async def send(self, to: Address, content: Content, *, reference: str) -> str:
        await self.luck.wire()
        if self.luck.fails(self.luck.before):
            raise TryLater("busy by chance")
        sent = Sent(self.schedule.now, int(reference), content.text)
        self.sent.append(sent)
        self.on_sent(sent)
        await self.luck.wire()
        if self.luck.fails(self.luck.after):
            raise OutcomeUnknown("the answer was lost by chance")
        return f"wamid.{reference}"

    async def fetch(self, media: Media) -> bytes:
        raise Refused("nobody sends files here")

    def check(self, file: File) -> None:
        return None

    async def upload(self, file: File, data: bytes) -> str:
        raise Refused("nobody sends files here")

    async def show_typing(self, message_id: str) -> None:
        return None


@dataclass
class Case:
    """A ticket at the helpdesk. `reopened`: it was solved, and then the customer wrote again."""

    draft: TicketDraft
    comments: list[tuple[str, bool, bool]] = field(default_factory=list)
    solved: bool = False
    reopened: bool = False


@dataclass
class Helpdesk:
    """Keeps tickets; the same key never writes twice. A customer's comment opens a solved ticket again."""

    luck: Luck
    first: int = 1
    cases: dict[str, Case] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    on_solved: Callable[[int], None] = lambda ticket_id: None
    """Is told when we solve a ticket ourselves, to send the event that follows from it."""

    async def open_ticket(
        self, draft: TicketDraft, *, key: str, again: bool = False, uploads: Sequence[str] = ()
    ) -> Ticket:
        await self._before()
        if key not in self.cases:
            self.cases[key] = Case(draft)
        await self._after()
        return Ticket(list(self.cases).index(key) + self.first, 77)

    async def add_comment(
        self, ticket: Ticket, body: str, *, keys: Sequence[str], public: bool, as_customer: bool,
        uploads: Sequence[str] = (), again: bool = False, since: datetime | None = None,
        solve: bool = False, reopen: bool = False, like: TicketDraft | None = None,
    ) -> str | None:  # fmt: skip
        await self._before()
        if not (again and self.keys & set(keys)):
            self.keys.update(keys)
            case = self.case(ticket.id)
            if solve and not case.solved:
                case.solved = True
                self.on_solved(ticket.id)
            case.solved = case.solved and not reopen
            case.comments.append((body, public, as_customer))
            if case.solved and as_customer:
                case.solved, case.reopened = False, True
        await self._after()
        return None

    async def assign(self, ticket: Ticket, to: str) -> bool:
        return False

    async def upload(self, name: str, mime_type: str, data: bytes) -> str:
        raise Refused("nobody sends files here")

    async def fetch(self, file: File) -> bytes:
        raise Refused("nobody sends files here")

    async def thread(self, ticket: Ticket, *, since: datetime | None = None) -> Thread:
        await self._before()
        return Thread()

    async def states(self, ids: Sequence[int]) -> list[TicketState]:
        raise Refused("nobody asks")

    async def changed(self, cursor: str, since: datetime) -> tuple[list[TicketState], str]:
        raise Refused("nobody asks")

    async def our_user_id(self) -> str | None:
        return "1"

    def case(self, id: int) -> Case:
        return list(self.cases.values())[id - self.first]

    @property
    def newest(self) -> tuple[int, Case]:
        """The newest ticket and its id."""
        return self.first + len(self.cases) - 1, list(self.cases.values())[-1]

    async def _before(self) -> None:
        await self.luck.wire()
        if self.luck.fails(self.luck.before):
            raise TryLater("busy by chance")

    async def _after(self) -> None:
        await self.luck.wire()
        if self.luck.fails(self.luck.after):
            raise OutcomeUnknown("the answer was lost by chance")
