"""What goes out: added in the turn's transaction, delivered in order, each once or known to be uncertain."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from conversations import log, store
from conversations.errors import ConnectorError, NeedsOperator, TicketClosed, TicketGone, TryLater
from conversations.messages import HELPDESK, Address, Author, Content, Exit, Receipt, TicketDraft
from conversations.ports import Channel, Helpdesk, Jobs
from conversations.rows import Conversation, Row
from conversations.store import Conn

ORDER = ("pending", "sending", "sent", "delivered", "read", "failed")
TICKS = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}

Pool = AsyncConnectionPool[Conn]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a delivery waits, in seconds.

    `settle`: for the receipt of a send whose outcome is unknown, before it is repeated (a sent message
    makes its first receipt within seconds: CONTRACTS A7). `give_up`: after this age an undelivered
    message to a customer has failed (the channel's window is 24 hours: CONTRACTS A11).
    """

    settle: float = 60.0
    give_up: float = 24 * 3600.0


NORMAL = Patience()


class Exits(Protocol):
    """The ways out: `channels` by name, and `helpdesk`, None where none is configured."""

    @property
    def channels(self) -> Mapping[str, Channel]: ...

    @property
    def helpdesk(self) -> Helpdesk | None: ...


async def add(
    conn: Conn, jobs: Jobs, conversation: Conversation, exit: Exit, kind: str, author: Author,
    body: Mapping[str, Any], *, epoch: int,
) -> int:  # fmt: skip
    """Add a row and defer its delivery, both in the caller's transaction; return its id."""
    id = await store.add_row(conn, conversation.id, exit, kind, author, epoch, body)
    await jobs.defer_delivery(conn, conversation_id=str(conversation.id), exit=exit, outbox_id=id)
    return id


async def say(
    conn: Conn, jobs: Jobs, conversation: Conversation, author: Author, content: Content, *, epoch: int
) -> int:
    """Add a line to the customer, and to the log."""
    body = {"content": content.to_json()}
    id = await add(conn, jobs, conversation, conversation.channel, "message", author, body, epoch=epoch)
    await log.message(conn, conversation.id, author, _readable(content), body=body, outbox_id=id)
    return id


async def withhold(conn: Conn, conversation: Conversation, content: Content, *, epoch: int, why: str) -> None:
    """Record a line of the bot that may not go out any more."""
    body = {"content": content.to_json()}
    id = await store.add_row(
        conn, conversation.id, conversation.channel, "message", "bot", epoch, body, state="dropped", why=why
    )
    await log.delivery(conn, conversation.id, id, "dropped", why)


async def tick(conn: Conn, receipt: Receipt) -> None:
    """Merge a receipt, monotonically: late ones change nothing, `failed` is final and logged."""
    reference = int(receipt.reference) if receipt.reference and receipt.reference.isdecimal() else None
    state = TICKS[receipt.status]
    changed = await store.tick_row(
        conn, receipt.channel, receipt.external_id, reference, state, ORDER, receipt.error
    )
    if changed and state == "failed":
        row_id, conversation_id = changed
        why = receipt.error or "The channel gave no reason."
        await log.delivery(conn, conversation_id, row_id, state, why)


async def deliver(pool: Pool, exits: Exits, outbox_id: int, patience: Patience) -> None:
    """Deliver one row. Returns when it is settled for good; raises ConnectorError to be called again later.

    A bot line is put on the wire only by a transaction that holds the conversation's row and finds
    the epoch the line was written in (DESIGN §4.4).
    """
    claimed = await _claim(pool, outbox_id, patience)
    if claimed is None:
        return
    conversation, row = claimed
    try:
        external_id = await _send(pool, exits, conversation, row)
    except ConnectorError as error:
        await _unsent(pool, row, error, patience)
        return
    async with pool.connection() as conn:
        if (
            not await store.settle_row(conn, row.id, "sent", external_id=external_id, why=None)
            and external_id
        ):
            await store.name_row(conn, row.id, external_id)


async def wait_until_silent(pool: Pool, conversation_id: UUID, epoch: int, *, timeout: float = 15.0) -> bool:
    """Wait until no bot line from before `epoch` is on the wire; False when the time ran out."""
    deadline = asyncio.get_running_loop().time() + timeout
    while True:
        async with pool.connection() as conn:
            if not await store.bot_lines_on_the_wire(conn, conversation_id, epoch):
                return True
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.02)


async def _claim(pool: Pool, outbox_id: int, patience: Patience) -> tuple[Conversation, Row] | None:
    async with pool.connection() as conn:
        conversation_id = (await store.row(conn, outbox_id)).conversation_id
        conversation = await store.conversation(conn, conversation_id, lock=True)
        row = await store.row(conn, outbox_id, lock=True)
        if row.state not in ("pending", "sending"):
            return None
        if row.state == "sending" and (left := _settling(row, patience)) > 0:
            raise TryLater(f"The outcome of sending {row.id} is not known yet.", retry_after=left)
        if row.author == "bot" and row.epoch != conversation.epoch:
            await _end(conn, row, "dropped", "control had passed before it was sent")
            return None
        await store.claim_row(conn, row.id)
        return conversation, row


def _settling(row: Row, patience: Patience) -> float:
    """Seconds left in which a receipt may still settle this send."""
    claimed_at = row.claimed_at or row.created_at
    return (claimed_at + timedelta(seconds=patience.settle) - datetime.now(UTC)).total_seconds()


async def _unsent(pool: Pool, row: Row, error: ConnectorError, patience: Patience) -> None:
    """Put the row back, leave it in doubt, or end it; raise when it is to be tried again."""
    tired = row.exit != HELPDESK and _age(row) > patience.give_up
    async with pool.connection() as conn:
        if not error.retryable or tired:
            await _end(conn, row, "failed", str(error))
            return
        if error.uncertain:
            await store.doubt_row(conn, row.id, str(error))
        else:
            await store.settle_row(conn, row.id, "pending", external_id=None, why=str(error))
    if error.uncertain and error.retry_after is None:
        error.retry_after = patience.settle
    raise error


def _age(row: Row) -> float:
    return (datetime.now(UTC) - row.created_at).total_seconds()


async def _end(conn: Conn, row: Row, state: str, why: str) -> None:
    await store.settle_row(conn, row.id, state, external_id=None, why=why)
    await log.delivery(conn, row.conversation_id, row.id, state, why)


async def _send(pool: Pool, exits: Exits, conversation: Conversation, row: Row) -> str | None:
    if row.exit != HELPDESK:
        return await _send_message(exits.channels, conversation.address, row)
    if exits.helpdesk is None:
        raise TryLater("No helpdesk is configured.", retry_after=60)
    if row.kind == "ticket":
        return await _open_ticket(pool, exits.helpdesk, TicketDraft.from_json(row.body["draft"]), row)
    return await _add_comment(pool, exits.helpdesk, row)


async def _send_message(channels: Mapping[str, Channel], to: Address, row: Row) -> str:
    channel = channels.get(row.exit)
    if channel is None:
        raise NeedsOperator(f"The channel {row.exit} is not set up here.")
    return await channel.send(to, Content.from_json(row.body["content"]), reference=str(row.id))


async def _open_ticket(pool: Pool, helpdesk: Helpdesk, draft: TicketDraft, row: Row) -> str:
    ticket = await helpdesk.open_ticket(draft, key=_key(row), again=row.attempts > 0)
    async with pool.connection() as conn:
        await store.save_ticket(conn, ticket.id, row.conversation_id, ticket.requester_id)
    return str(ticket.id)


async def _add_comment(pool: Pool, helpdesk: Helpdesk, row: Row) -> str | None:
    async with pool.connection() as conn:
        known = await store.latest_ticket(conn, row.conversation_id)
    if known is None:
        raise TryLater("The ticket is not open yet.", retry_after=2)
    try:
        await helpdesk.add_comment(
            known.ticket, row.body["text"], key=_key(row), public=row.body["public"],
            as_customer=row.author == "customer", again=row.attempts > 0,
        )  # fmt: skip
    except (TicketClosed, TicketGone) as error:
        follows = known.id if isinstance(error, TicketClosed) else None
        draft = TicketDraft.from_json(
            {**row.body["follow_up"], "comment": row.body["text"], "follows": follows}
        )
        return await _open_ticket(pool, helpdesk, draft, row)
    return None


def _key(row: Row) -> str:
    """Names this write to the helpdesk, however often it is repeated."""
    return f"parley-{row.conversation_id}-{row.id}"


def _readable(content: Content) -> str:
    """The line as a person reads it: its text, and its choices."""
    return "\n".join([content.text, *(f"• {choice.title}" for choice in content.choices)])
