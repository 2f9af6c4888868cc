"""What goes out: added in the turn's transaction, delivered in order, each once or known to be uncertain."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from conversations import log, store
from conversations.bridge import bundles, fate, files, papers, window, writing
from conversations.bridge import store as bridge
from conversations.errors import ConnectorError, NeedsOperator, NotYet, TryLater
from conversations.exits import gate
from conversations.messages import HELPDESK, Author, Content, Exit, Receipt, Template, TicketDraft
from conversations.patience import NORMAL, Patience
from conversations.ports import Channel, Helpdesk, Jobs, Papers
from conversations.promises import book
from conversations.rows import Claim, Conversation, Row
from conversations.store import Conn
from conversations.tickets import store as tickets

ORDER = ("pending", "sending", "sent", "delivered", "read", "failed")
TICKS = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}

LATE = "control had passed before it was sent"
LATE_AGAIN = "control had passed before it was sent again; an earlier attempt may have arrived"

Pool = AsyncConnectionPool[Conn]


class Exits(Protocol):
    """The ways out: `channels` by name, and `helpdesk`, None where none is configured.

    `template` is None where none is approved, `papers` where the bot gives out no files.
    """

    @property
    def channels(self) -> Mapping[str, Channel]: ...

    @property
    def helpdesk(self) -> Helpdesk | None: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def template(self) -> Template | None: ...

    @property
    def papers(self) -> Papers | None: ...


async def add(
    conn: Conn, jobs: Jobs, conversation: Conversation, exit: Exit, kind: str, author: Author,
    body: Mapping[str, Any], *, epoch: int,
) -> int:  # fmt: skip
    """Add a row and defer its delivery, both in the caller's transaction; return its id."""
    id = await store.add_row(conn, conversation.id, exit, kind, author, epoch, body)
    await jobs.defer_delivery(conn, conversation_id=str(conversation.id), exit=exit, outbox_id=id)
    return id


async def say(
    conn: Conn, jobs: Jobs, conversation: Conversation, author: Author, content: Content, *, epoch: int,
    by: str | None = None,
) -> int:  # fmt: skip
    """Add a line to the customer, and to the log. `by`: the name of the agent who wrote it.

    An agent's line is the answer that the customer was waiting for.
    """
    body = {"content": content.to_json(), **({"by": by} if by else {})}
    id = await add(conn, jobs, conversation, conversation.channel, "message", author, body, epoch=epoch)
    await log.message(conn, conversation.id, author, _readable(content), body=body, outbox_id=id)
    if author == "agent":
        await book.answered(conn, conversation.id, by or "an agent", datetime.now(UTC))
    return id


async def withhold(conn: Conn, conversation: Conversation, content: Content, *, epoch: int, why: str) -> None:
    """Record a line of the bot that may not go out any more."""
    body = {"content": content.to_json()}
    id = await store.add_row(
        conn, conversation.id, conversation.channel, "message", "bot", epoch, body, state="dropped", why=why
    )
    await log.delivery(conn, conversation.id, id, "dropped", why)


async def tick(conn: Conn, jobs: Jobs, receipt: Receipt, patience: Patience = NORMAL) -> None:
    """Merge a receipt, monotonically: late ones change nothing; what follows from `failed`, fate decides."""
    reference = int(receipt.reference) if receipt.reference and receipt.reference.isdecimal() else None
    state = TICKS[receipt.status]
    about = await bridge.row_of_receipt(conn, receipt.channel, receipt.external_id, reference)
    if about is None:
        return
    changed = await store.tick_row(
        conn, receipt.channel, receipt.external_id, reference, state, ORDER, receipt.error
    )
    if changed and state == "failed":
        row = await store.row(conn, changed[0])
        await fate.decide_later(conn, jobs, row, receipt, patience)


async def deliver(pool: Pool, exits: Exits, outbox_id: int, patience: Patience) -> None:
    """Deliver one row. Returns when it is settled for good; raises ConnectorError to be called again later.

    A bot line is put on the wire only by a transaction that holds the conversation's row and finds
    the epoch the line was written in (DESIGN §4.4). Comments that wait behind this one may go with it.
    """
    claim = await _claim(pool, exits, outbox_id, patience)
    if claim is None:
        return
    try:
        external_id = await _send(pool, exits, claim)
    except ConnectorError as error:
        await fate.decide(pool, exits.jobs, claim, error, patience)
        return
    async with pool.connection() as conn:
        for row in claim.rows:
            settled = await store.settle_row(conn, row.id, "sent", external_id=external_id, why=None)
            if not settled and external_id:
                await store.name_row(conn, row.id, external_id)
        if "nudge" in claim.row.body and exits.template:
            await window.told(conn, exits.jobs, claim.row, exits.template.name)
        await gate.reopen(conn, claim.row.exit, claim.row.id)


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


# --- before the wire -------------------------------------------------------------------------------


async def _claim(pool: Pool, exits: Exits, outbox_id: int, patience: Patience) -> Claim | None:
    """What goes on the wire now; None when nothing does. Raises TryLater when it is not time yet."""
    async with pool.connection() as conn:
        conversation_id = (await store.row(conn, outbox_id)).conversation_id
        conversation = await store.conversation(conn, conversation_id, lock=True)
        row = await store.row(conn, outbox_id, lock=True)
        if row.state not in ("pending", "sending"):
            return None
        if row.state == "sending" and (left := _settling(row, patience)) > 0:
            look = left if row.exit == HELPDESK else min(left, patience.look)
            raise NotYet(f"The outcome of sending {row.id} is not known yet.", retry_after=look)
        if row.state == "pending" and (left := fate.pause(row)) > 0:
            raise NotYet(f"Row {row.id} failed after it was taken, and is sent again soon.", retry_after=left)
        if row.author == "bot" and row.epoch != conversation.epoch:
            await fate.end(conn, exits.jobs, row, "dropped", LATE_AGAIN if row.attempts else LATE)
            return None
        if row.state == "pending" and await _kept_back(conn, exits, conversation, row, patience):
            return None
        await gate.admit(conn, row.exit, patience.hold, row.claimed_at, row.id)
        claim = await _gather(conn, conversation, row)
        for each in claim.rows:
            await store.claim_row(conn, each.id)
        return claim


async def _kept_back(
    conn: Conn, exits: Exits, conversation: Conversation, row: Row, patience: Patience
) -> bool:
    """Whether this row may not go on the wire, which is then seen to."""
    if row.exit == HELPDESK:
        return False
    elif "nudge" in row.body:
        return await _needless(conn, exits, conversation, row)
    elif window.is_open(conversation):
        return False
    elif row.author == "agent":
        await window.hold(conn, exits.jobs, conversation, row.id, patience.held)
    else:
        await fate.end(conn, exits.jobs, row, "dropped", window.LATE)
    return True


async def _needless(conn: Conn, exits: Exits, conversation: Conversation, row: Row) -> bool:
    """Whether a nudge has nothing to say any more, or no template to say it with."""
    if not await bridge.any_held(conn, conversation.id):
        await fate.end(conn, exits.jobs, row, "dropped", window.IN_THE_WINDOW)
    elif exits.template is None:
        await fate.end(conn, exits.jobs, row, "dropped", window.NO_TEMPLATE)
        await window.untold(conn, exits.jobs, row, window.NO_TEMPLATE)
    else:
        return False
    return True


async def _gather(conn: Conn, conversation: Conversation, row: Row) -> Claim:
    """The row, and with a comment what goes to the ticket together with it."""
    if row.exit != HELPDESK or row.kind == "ticket":
        return Claim(conversation, (row,))
    ticket = await tickets.latest(conn, conversation.id)
    if ticket is None:
        if await tickets.awaited(conn, conversation.id):
            raise NotYet("The ticket is not open yet.", retry_after=2)
        return Claim(conversation, (row,))
    ages = await tickets.update_ages(conn, ticket.id, bundles.WINDOW)
    if (left := bundles.wait(ages)) > 0:
        raise NotYet(f"Ticket {ticket.id} has had its share of updates for now.", retry_after=left)
    rows = await bridge.bundle(conn, row.id) if row.state == "sending" else []
    rows = rows or await bundles.choose(conn, row, len(ages))
    await bridge.set_bundle(conn, [each.id for each in rows], row.id)
    await tickets.count_update(conn, ticket.id, bundles.WINDOW)
    if "solve" in row.body:
        await tickets.set_solved(conn, ticket.id, writing.solves(conversation, row))
    return Claim(conversation, tuple(rows), ticket)


def _settling(row: Row, patience: Patience) -> float:
    """Seconds left in which a receipt, or a call still under way, may settle this send."""
    if row.exit == HELPDESK and row.in_doubt:
        return 0.0
    wait = patience.abandoned if row.exit == HELPDESK else patience.settle
    claimed_at = row.claimed_at or row.created_at
    return (claimed_at + timedelta(seconds=min(wait, patience.settle)) - datetime.now(UTC)).total_seconds()


# --- on the wire -----------------------------------------------------------------------------------


async def _send(pool: Pool, exits: Exits, claim: Claim) -> str | None:
    row = claim.row
    channel = exits.channels.get(claim.conversation.channel)
    if channel is None:
        raise NeedsOperator(f"The channel {claim.conversation.channel} is not set up here.")
    if row.exit != HELPDESK:
        content = Content.from_json(row.body["content"])
        if "nudge" in row.body:
            content = dataclasses.replace(content, template=exits.template)
        if row.author == "bot":
            return await papers.send(exits.papers, channel, claim, content)
        content = await files.to_channel(exits.helpdesk, channel, content, row)
        return await channel.send(claim.conversation.address, content, reference=str(row.id))
    if exits.helpdesk is None:
        raise TryLater("No helpdesk is configured.", retry_after=60)
    if row.kind == "ticket":
        draft = TicketDraft.from_json(row.body["draft"])
        return await writing.open_ticket(pool, exits.helpdesk, draft, row)
    if row.kind == "assignment":
        await writing.assign(exits.helpdesk, claim)
        return None
    return await writing.comment(pool, exits.helpdesk, channel, claim)


def _readable(content: Content) -> str:
    """The line as a person reads it: its text or file, and its choices."""
    file = f"[file: {content.file.name}]" if content.file else ""
    return "\n".join(filter(None, [content.text, file, *(f"• {choice.title}" for choice in content.choices)]))
