"""The rows of the core's tables, as `store` reads them. Times are aware, in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from conversations.messages import Address, Control, Ticket


@dataclass(frozen=True, slots=True)
class Conversation:
    """One customer on one channel. `epoch` grows whenever control changes."""

    id: UUID
    channel: str
    account: str
    user_id: str | None
    wa_id: str | None
    name: str | None
    control: Control
    epoch: int
    control_since: datetime
    fresh_session: bool
    slots: Mapping[str, Any]
    heard_at: datetime

    @property
    def address(self) -> Address:
        return Address(self.channel, self.account, self.user_id, self.wa_id)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A row of the inbox. `kind`: message, staff_comment, ticket_status, ticket_merged or agent_reply."""

    id: int
    channel: str
    external_id: str
    conversation_id: UUID
    kind: str
    body: Mapping[str, Any]
    received_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox."""

    id: int
    conversation_id: UUID
    exit: str
    kind: str
    author: str
    epoch: int
    body: Mapping[str, Any]
    state: str
    attempts: int
    in_doubt: bool
    created_at: datetime
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket we opened for a conversation."""

    id: int
    conversation_id: UUID
    requester_id: int
    solved: bool

    @property
    def ticket(self) -> Ticket:
        return Ticket(self.id, self.requester_id)


@dataclass(frozen=True, slots=True)
class Watched:
    """A ticket of ours, and what was last seen of it.

    `seen`: its last change in the helpdesk's words, empty while it cannot be read; `settled` once that was
    read twice; `read_to`: no reply older than this is news. `assignee`: who it was assigned to, empty for
    nobody; None while that is unknown.
    """

    id: int
    conversation_id: UUID
    requester_id: int
    solved: bool
    status: str | None
    status_at: datetime | None
    seen: str | None
    settled: bool
    read_to: datetime | None
    assignee: str | None

    @property
    def unread(self) -> bool:
        """Whether it could not be read when it was looked at last."""
        return self.seen == ""

    @property
    def ticket(self) -> Ticket:
        return Ticket(self.id, self.requester_id)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log, in the order it was written.

    `unsent`: the customer has not got it; `held`: they will, once they write. `taken_at`: of a
    customer's message, when its turn was taken.
    `inbox_id`: what arrived with it, the same for a message and the turn that answers it.
    """

    id: int
    at: datetime
    kind: str
    author: str
    text: str
    body: Mapping[str, Any]
    unsent: bool = False
    taken_at: datetime | None = None
    inbox_id: int | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What goes on the wire in one call: one row, or several comments that one ticket update carries.

    `ticket`: where comments go.
    """

    conversation: Conversation
    rows: tuple[Row, ...]
    ticket: TicketRow | None = None

    @property
    def row(self) -> Row:
        """The first row, whose job this is."""
        return self.rows[0]
