"""What goes to the helpdesk: a ticket opened, or one update of it that carries what waited, in order."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from psycopg_pool import AsyncConnectionPool

from conversations.bridge import files, store
from conversations.errors import Refused, TicketClosed, TicketGone, TryLater
from conversations.messages import TicketDraft
from conversations.ports import Channel, Helpdesk
from conversations.rows import Claim, Conversation, Row, TicketRow
from conversations.store import Conn
from conversations.tags import store as tags
from conversations.tickets import store as tickets

logger = logging.getLogger(__name__)

Pool = AsyncConnectionPool[Conn]


async def open_ticket(
    pool: Pool, helpdesk: Helpdesk, draft: TicketDraft, row: Row, uploads: Sequence[str] = ()
) -> str:
    """Open a ticket for this row, once, and remember it; returns its id."""
    ticket = await helpdesk.open_ticket(draft, key=key(row), again=row.attempts > 0, uploads=uploads)
    async with pool.connection() as conn:
        await tickets.save(conn, ticket.id, row.conversation_id, ticket.requester_id)
        if ticket.requester_tags is not None:
            await tags.replace(conn, row.conversation_id, "helpdesk", ticket.requester_tags)
    return str(ticket.id)


async def comment(pool: Pool, helpdesk: Helpdesk, channel: Channel, claim: Claim) -> str | None:
    """Write what the claim carries as one comment; a ticket that takes none any more gets a follow-up.

    Returns the helpdesk's id of the comment, or of the new ticket. Raises TryLater when the rows are to be
    written in another way.
    """
    row, known = claim.row, claim.ticket
    if known is None and "follow_up" not in row.body:
        raise Refused("The ticket could not be opened.")
    text, uploads = await files.to_ticket(helpdesk, channel, claim.rows)
    if known is None:
        return await _follow_up(pool, helpdesk, row, text, uploads, None)
    try:
        id = await helpdesk.add_comment(
            known.ticket, text, keys=[key(each) for each in claim.rows], public=row.body["public"],
            as_customer=row.author == "customer", uploads=uploads, again=row.attempts > 0,
            since=row.created_at, solve=solves(claim.conversation, row), reopen="reopen" in row.body,
            like=TicketDraft.from_json(row.body["follow_up"]) if "anew" in row.body else None,
        )  # fmt: skip
    except (TicketClosed, TicketGone) as error:
        if isinstance(error, TicketClosed) and await _goes_on(pool, helpdesk, known):
            raise TryLater(str(error), retry_after=0.0) from error
        if "follow_up" not in row.body:
            raise
        follows = known.id if isinstance(error, TicketClosed) else None
        return await _follow_up(pool, helpdesk, row, text, uploads, follows)
    except Refused as error:
        if error.retryable or not row.body.keys() & store.STATUS:
            raise
        await _leave_status(pool, known, row, str(error))
        raise TryLater(str(error), retry_after=0.0) from error
    if "reopen" in row.body:
        async with pool.connection() as conn:
            await tickets.set_solved(conn, known.id, False)
    return id


async def _follow_up(
    pool: Pool, helpdesk: Helpdesk, row: Row, text: str, uploads: Sequence[str], follows: int | None
) -> str:
    """The comment opens a ticket of its own, in the name of whoever wrote it."""
    more = {"comment": text, "follows": follows, "as_customer": row.author == "customer"}
    draft = TicketDraft.from_json({**row.body["follow_up"], **more})
    return await open_ticket(pool, helpdesk, draft, row, uploads)


async def _goes_on(pool: Pool, helpdesk: Helpdesk, known: TicketRow) -> bool:
    """Whether agents merged the ticket into another, which is the conversation's from now on."""
    try:
        states = await helpdesk.states([known.id])
        merged = (await helpdesk.thread(known.ticket)).merged if any(s.merged for s in states) else None
    except Refused:
        return False
    if merged is None:
        return False
    async with pool.connection() as conn:
        await tickets.set_solved(conn, known.id, True)
        id, into = known.conversation_id, int(merged.into)
        return await tickets.adopt(conn, into, id, instead_of=known.id, since=merged.at)


async def _leave_status(pool: Pool, known: TicketRow, row: Row, why: str) -> None:
    """The ticket does not take the status: the note goes there without, says so, and it is not solved."""
    async with pool.connection() as conn:
        text = f"{row.body['text']}\n\nThe ticket's status could not be changed: {why}"
        await store.leave_status(conn, row.id, text)
        if "solve" in row.body:
            await tickets.set_solved(conn, known.id, False)


async def assign(helpdesk: Helpdesk, claim: Claim) -> None:
    """Assign the ticket to whom the desk gave the conversation to, as far as the helpdesk knows them."""
    if claim.ticket is None:
        raise Refused("The ticket could not be opened.")
    if not await helpdesk.assign(claim.ticket.ticket, claim.row.body["to"]):
        logger.info("ticket %s: the helpdesk knows nobody of the name at the desk", claim.ticket.id)


def solves(conversation: Conversation, row: Row) -> bool:
    """Whether the comment solves the ticket: it shall, and no agent has control again."""
    return "solve" in row.body and conversation.control == "bot"


def key(row: Row) -> str:
    """Names this write to the helpdesk, however often it is repeated."""
    return f"parley-{row.conversation_id}-{row.id}"
