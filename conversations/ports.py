"""What the core asks of the outside: implemented in `connectors/`, by fakes in the tests, wired in `app/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from conversations.messages import (
    Address,
    Answer,
    Content,
    File,
    Media,
    Notice,
    Question,
    Thread,
    Ticket,
    TicketDraft,
    TicketState,
)


class Bot(Protocol):
    """The engine."""

    async def ask(self, question: Question) -> Answer:
        """The bot's answer. Raises BotFailed when there is none, or an empty one."""
        ...


class Channel(Protocol):
    """A medium that reaches customers."""

    def split(self, content: Content) -> list[Content]:
        """The content as messages the channel can carry, each no longer than its limit, in order."""
        ...

    async def send(self, to: Address, content: Content, *, reference: str) -> str:
        """Send and return the channel's id of the message.

        `reference` (the outbox id) comes back in receipts. Raises TryLater, OutcomeUnknown, Refused
        or NeedsOperator.
        """
        ...

    async def fetch(self, media: Media) -> bytes:
        """A customer's file. Raises Refused when it is gone or too large, else as `send`."""
        ...

    def check(self, file: File) -> None:
        """Raises Refused for a file the channel does not carry: its kind, or its size where that is known."""
        ...

    async def upload(self, file: File, data: bytes) -> str:
        """Bring a file to the channel, for `Content.file`; returns its id there. Raises as `send`."""
        ...

    async def show_typing(self, message_id: str) -> None:
        """Mark the customer's message as read and show that an answer is coming. Best effort."""
        ...


class Helpdesk(Protocol):
    """Where agents work on tickets."""

    async def open_ticket(
        self, draft: TicketDraft, *, key: str, again: bool = False, uploads: Sequence[str] = ()
    ) -> Ticket:
        """Open a ticket once per `key`, however often it is called. `uploads`: files, by `upload`.

        `again`: an earlier call with this key may have taken effect unnoticed, so look before
        creating. Raises TryLater, OutcomeUnknown, Refused or NeedsOperator.
        """
        ...

    async def add_comment(
        self, ticket: Ticket, body: str, *, keys: Sequence[str], public: bool, as_customer: bool,
        uploads: Sequence[str] = (), again: bool = False, since: datetime | None = None,
        solve: bool = False, reopen: bool = False, like: TicketDraft | None = None,
    ) -> str | None:  # fmt: skip
        """Add one comment for these keys, once; returns its id if the helpdesk tells it.

        `as_customer`: written in the requester's name. `solve` or `reopen`: the ticket's status is solved or
        open with it. `like`: the ticket gets this one's tags, too, its fields, and its priority where that is
        higher. `again`: as in
        `open_ticket`; where no key can be read back, a comment of the same words since `since` counts as
        this one. Raises TicketClosed, TicketGone, and as `open_ticket`.
        """
        ...

    async def assign(self, ticket: Ticket, to: str) -> bool:
        """Assign the ticket to the person of this name, with an empty name to nobody.

        False when the helpdesk knows nobody of that name. Raises as `add_comment`.
        """
        ...

    async def upload(self, name: str, mime_type: str, data: bytes) -> str:
        """Bring a file to the helpdesk; returns the token a comment takes it by. Raises as `open_ticket`."""
        ...

    async def fetch(self, file: File) -> bytes:
        """An agent's attachment. Raises as `open_ticket`."""
        ...

    async def thread(self, ticket: Ticket, *, since: datetime | None = None) -> Thread:
        """What the staff wrote to the customer; what is older than `since` may be left out.

        Raises Refused where comments cannot be read, else as `open_ticket`.
        """
        ...

    async def states(self, ids: Sequence[int]) -> list[TicketState]:
        """How these tickets are now, at most 100. Raises Refused where several cannot be asked for."""
        ...

    async def changed(self, cursor: str, since: datetime) -> tuple[list[TicketState], str]:
        """Tickets changed after the cursor (empty: since then), oldest change first, and the next cursor.

        Raises Refused where the helpdesk has no such list for us.
        """
        ...

    async def our_user_id(self) -> str | None:
        """The id of the user we write as, to tell our own comments from an agent's; None if unknown."""
        ...


class Shop(Protocol):
    """Where the customer's orders are."""

    async def facts(
        self, phone: str | None, slots: Mapping[str, Any]
    ) -> Mapping[str, Mapping[str, str]] | None:
        """What is to be said of each order, by its number: "status": "processing"; None: it cannot tell."""
        ...


class Teller(Protocol):
    """A medium that reaches colleagues."""

    async def tell(self, address: str, notice: Notice) -> None:
        """Return once it is accepted for `address` (empty where the medium has one place only).

        Raises TryLater, OutcomeUnknown or Refused.
        """
        ...


class Papers(Protocol):
    """Where the files are that the bot gives out: papers of an order, pictures."""

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file the bot named. Raises Refused when it is gone, TryLater when it may be had."""
        ...


class Jobs(Protocol):
    """Work to be done soon, deferred on the caller's connection, so that both commit or neither."""

    async def defer_turn(self, conn: object, *, conversation_id: str, inbox_id: int) -> None: ...

    async def defer_delivery(
        self, conn: object, *, conversation_id: str, exit: str, outbox_id: int
    ) -> None: ...

    async def defer_notice(self, conn: object, *, notice_id: int) -> None: ...


class Presence(Protocol):
    """Who is at the desk."""

    async def anybody(self) -> bool | None:
        """Whether somebody who answers customers has the desk open; None when that is not known just now."""
        ...
