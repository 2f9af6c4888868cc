"""What agents write on a ticket, on its way to the customer: each reply once, in the ticket's order.

A webhook says that there is a reply, the ticket says which ones there are. So the first webhook that
comes brings all that was written before it, whichever webhooks were lost or are late.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from conversations import handoff, outbox, store
from conversations.bridge import store as bridge
from conversations.desk import holding
from conversations.errors import ConnectorError
from conversations.messages import SOLVED, Content, StaffComment, Thread
from conversations.outbox import Pool
from conversations.ports import Channel, Helpdesk, Jobs
from conversations.rows import Arrival, Conversation, Watched
from conversations.store import Conn
from conversations.tickets import store as tickets

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds an agent's words wait for the ticket to be read; then they go out without."""

OVERLAP = timedelta(minutes=2)
"""How far back a ticket is read again: a comment may show up later than its stamp says."""

NOTHING_SENT = (
    "This reply had neither words nor files, so nothing was sent to the customer. Please write a line."
)


async def take(
    pool: Pool, jobs: Jobs, channels: Mapping[str, Channel], helpdesk: Helpdesk | None, arrival: Arrival
) -> None:
    """Say what the arrived reply says, after every reply in its ticket that was not said yet."""
    arrived = StaffComment.from_json(arrival.body)
    thread = Thread() if arrived.whole else await _read(pool, helpdesk, arrived)
    ours = await _is_ours(helpdesk, arrived)
    async with pool.connection() as conn:
        conversation = await store.conversation(conn, arrival.conversation_id, lock=True)
        for reply in thread.replies:
            reply = dataclasses.replace(reply, ticket_open=arrived.ticket_open)
            if await _claim(conn, conversation, f"comment:{reply.comment_id}", reply):
                await _say(conn, jobs, channels, conversation, reply)
        await keep_notes(conn, conversation.id, thread)
        if thread.until:
            await tickets.note_read(conn, int(arrived.ticket_id), thread.until - OVERLAP)
        if arrived.comment_id in thread.private or ours:
            await store.finish_arrival(conn, arrival.id)
        elif await _claim(conn, conversation, arrival.external_id, arrived):
            await _say(conn, jobs, channels, conversation, arrived)


async def keep_notes(conn: Conn, conversation_id: UUID, thread: Thread) -> None:
    """What the staff wrote for each other on the ticket stands at the desk; never what came from there."""
    for note in thread.notes:
        if not await bridge.wrote_comment(conn, note.comment_id):
            await holding.note_in_zendesk(conn, conversation_id, note)


def news(thread: Thread, ticket: Watched) -> Sequence[StaffComment]:
    """The replies that are not older than what has been taken of this ticket."""
    return [reply for reply in thread.replies if ticket.read_to is None or reply.at >= ticket.read_to]


async def _read(pool: Pool, helpdesk: Helpdesk | None, arrived: StaffComment) -> Thread:
    """The ticket's replies; empty when it cannot be read now, as an agent's words must not wait for that."""
    async with pool.connection() as conn:
        known = await tickets.watched(conn, [int(arrived.ticket_id)] if arrived.ticket_id.isdecimal() else [])
    if helpdesk is None or not known:
        return Thread()
    [ticket] = known
    try:
        thread = await asyncio.wait_for(helpdesk.thread(ticket.ticket, since=ticket.read_to), PATIENCE)
    except (ConnectorError, TimeoutError) as error:
        logger.warning("ticket %s could not be read: %s", ticket.id, str(error) or "no answer in time")
        return Thread()
    return dataclasses.replace(thread, replies=tuple(news(thread, ticket)))


async def _is_ours(helpdesk: Helpdesk | None, comment: StaffComment) -> bool:
    """Whether we wrote this comment ourselves: it must not come back as an agent's (CONTRACTS B12).

    Where the helpdesk cannot tell who we are it passes as an agent's: an agent's words must not wait for
    that, and what we write ourselves in public is in the customer's name.
    """
    try:
        return helpdesk is not None and await helpdesk.our_user_id() == comment.author_id
    except ConnectorError:
        return False


async def _claim(conn: Conn, conversation: Conversation, key: str, reply: StaffComment) -> bool:
    """Whether this reply is to be said now: neither said before nor written by ourselves."""
    if await bridge.wrote_comment(conn, reply.comment_id):
        return False
    return await bridge.claim_reply(conn, conversation.id, key, reply.to_json())


async def _say(
    conn: Conn, jobs: Jobs, channels: Mapping[str, Channel], conversation: Conversation, reply: StaffComment
) -> None:
    """A reply is also a takeover, unless the agent has solved the ticket with it or since.

    Who is named holds the conversation; whoever is not has stepped in all the same.
    """
    epoch = (await store.conversation(conn, conversation.id)).epoch
    author, is_open = reply.author_name, reply.ticket_open and not await _solved_since(conn, reply)
    if is_open:
        why = "agent replied on the ticket"
        epoch = await handoff.takeover(conn, jobs, conversation.id, why, hush=not author)
    lines = _lines(channels[conversation.channel], reply)
    if not lines:
        await handoff.pass_on(conn, jobs, conversation, "system", NOTHING_SENT, public=False)
        return
    if is_open and author:
        await holding.take_in_zendesk(conn, conversation.id, author)
    for line in lines:
        await outbox.say(conn, jobs, conversation, "agent", line, epoch=epoch, by=author)


def _lines(channel: Channel, reply: StaffComment) -> list[Content]:
    """The reply as the customer gets it: its words, then each file for itself, so that one may fail alone."""
    words = channel.split(Content(reply.body)) if reply.body.strip() else []
    return [*words, *(Content("", file=file) for file in reply.files)]


async def _solved_since(conn: Conn, reply: StaffComment) -> bool:
    """Whether the ticket was solved after this reply, which comes late. An open one is noted as open."""
    number = int(reply.ticket_id) if reply.ticket_id.isdecimal() else 0
    for ticket in await tickets.watched(conn, [number]):
        if ticket.status not in SOLVED:
            return False
        if ticket.status_at and ticket.status_at >= reply.at:
            return True
        if await tickets.note_status(conn, number, "open", reply.at):
            await tickets.set_solved(conn, number, False)
    return False
