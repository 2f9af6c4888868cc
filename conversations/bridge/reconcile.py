"""The truth about tickets: webhooks are for speed, and what they lost is found by asking.

Every few seconds the tickets that are open are looked at, a hundred a call; once a minute the helpdesk's
own list of changes is read on from where it was left, for all the others. A ticket that has changed is
read, and every reply and status that is not in the inbox yet is stored there, in the order of the ticket.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from conversations import inbox
from conversations import store as core
from conversations.bridge import replies, store
from conversations.desk import holding
from conversations.errors import ConnectorError, Refused
from conversations.exits import gate
from conversations.messages import HELPDESK, Thread, TicketState, TicketStatusChanged
from conversations.outbox import Pool
from conversations.patience import NORMAL
from conversations.ports import Helpdesk, Jobs
from conversations.rows import Watched
from conversations.store import Conn
from conversations.tickets import store as tickets

logger = logging.getLogger(__name__)

EVERY = 15.0
"""Seconds between two looks."""

CHANGES_EVERY = 60.0
NO_LIST_FOR = 3600.0
"""Seconds between two reads of the list of changes, and until one that was refused is asked for again."""

LOOK, CHANGES, NO_LIST = "look", "changes", "no list of changes"
"""Names of cursors: whose turn it is to look, how far the list was read, and when it was refused."""

MOST_OPEN, MOST_A_CALL, MOST_READ = 500, 100, 20
"""Open tickets looked at; in one call; and tickets read in one look, so that calls a minute stay few."""

STILL_OURS = 60
"""Days after which nobody is expected to write in a ticket."""

FIRST_LIST = timedelta(hours=1)
"""How far back the list of changes is read the first time."""

STAMP = timedelta(seconds=1) - timedelta(microseconds=1)
"""A stamp has whole seconds: what it tells of may have happened as late as this after it."""


async def look(
    pool: Pool, jobs: Jobs, helpdesk: Helpdesk, *, every: float = EVERY, hold: float = NORMAL.hold
) -> int:
    """Store what webhooks did not bring; returns how much that was. Does nothing while it is not time yet.

    Raises ConnectorError when the helpdesk does not answer; the next look begins where this one did. When
    a person has to mend something its exit is shut, and looks try it, at most every `hold` seconds.
    """
    async with pool.connection() as conn:
        if not await store.take_turn(conn, LOOK, every) or not await gate.admit_look(conn, HELPDESK, hold):
            return 0
    try:
        new = await _look(pool, jobs, helpdesk, every)
    except ConnectorError as error:
        if error.hold:
            async with pool.connection() as conn:
                await gate.shut(conn, HELPDESK, str(error), hold)
        raise
    async with pool.connection() as conn:
        await gate.reopen_after_look(conn, HELPDESK)
    return new


async def _look(pool: Pool, jobs: Jobs, helpdesk: Helpdesk, every: float) -> int:
    async with pool.connection() as conn:
        unsolved = await tickets.still_open(conn, MOST_OPEN)
        changes = await _is_time_for_changes(conn, every)
    changed = await _look_at(helpdesk, unsolved)
    new = await _catch_up_all(pool, jobs, helpdesk, changed[:MOST_READ])
    return new + (await _read_on(pool, jobs, helpdesk, every) if changes else 0)


async def _look_at(
    helpdesk: Helpdesk, tickets: Sequence[Watched]
) -> list[tuple[Watched, TicketState | None]]:
    """Those of the tickets that have changed, longest unread first; all, where that cannot be asked."""
    states: dict[int, TicketState] = {}
    try:
        for start in range(0, len(tickets), MOST_A_CALL):
            found = await helpdesk.states([ticket.id for ticket in tickets[start : start + MOST_A_CALL]])
            states |= {state.id: state for state in found}
    except Refused:
        return [(ticket, None) for ticket in tickets]
    pairs = [(ticket, states[ticket.id]) for ticket in tickets if ticket.id in states]
    return [(ticket, state) for ticket, state in pairs if not _is_seen(ticket, state)]


async def _is_time_for_changes(conn: Conn, every: float) -> bool:
    """Whether the list of changes is to be read: not while no ticket of ours can change."""
    return await tickets.any_may_change(conn, STILL_OURS) and await store.take_turn(
        conn, CHANGES, CHANGES_EVERY / EVERY * every
    )


async def _read_on(pool: Pool, jobs: Jobs, helpdesk: Helpdesk, every: float) -> int:
    """Read the list of changes on from where it was left, and our tickets in it; returns what was new."""
    async with pool.connection() as conn:
        cursor = await store.cursor_of(conn, CHANGES)
        if not cursor and not await store.take_turn(conn, NO_LIST, NO_LIST_FOR / EVERY * every):
            return 0
    try:
        states, cursor = await helpdesk.changed(cursor, datetime.now(UTC) - FIRST_LIST)
    except Refused as error:
        logger.info("the list of changes cannot be read: %s", error)
        states, cursor = [], ""
    newest = {state.id: state for state in states}
    async with pool.connection() as conn:
        ours = await tickets.watched(conn, list(newest))
    changed = [(ticket, newest[ticket.id]) for ticket in ours if not _is_seen(ticket, newest[ticket.id])]
    new = await _catch_up_all(pool, jobs, helpdesk, changed)
    async with pool.connection() as conn:
        await store.move_cursor(conn, CHANGES, cursor)
    return new


def _is_seen(ticket: Watched, state: TicketState) -> bool:
    """Whether nothing can be new: a stamp has whole seconds, so it counts only once it was read twice."""
    return ticket.settled and ticket.seen == state.stamp and ticket.status == state.status


async def _catch_up_all(
    pool: Pool, jobs: Jobs, helpdesk: Helpdesk, changed: Sequence[tuple[Watched, TicketState | None]]
) -> int:
    """Catch up with each of the tickets; returns what was new. One that cannot be read stops no other.

    Raises ConnectorError when none could be read that could before, and when every call would fail alike.
    """
    new, failed = 0, list[tuple[Watched, ConnectorError]]()
    for ticket, state in changed:
        try:
            new += await _catch_up(pool, jobs, helpdesk, ticket, state)
        except ConnectorError as error:
            if error.hold or error.wide:
                raise
            await _leave_unread(pool, ticket, error)
            failed.append((ticket, error))
    lost = [error for ticket, error in failed if not ticket.unread]
    if lost and len(failed) == len(changed):
        raise lost[-1]
    return new


async def _leave_unread(pool: Pool, ticket: Watched, error: ConnectorError) -> None:
    logger.warning("ticket %s cannot be read and is looked at again later: %s", ticket.id, error)
    async with pool.connection() as conn:
        await tickets.note_unread(conn, ticket.id)


async def _catch_up(
    pool: Pool, jobs: Jobs, helpdesk: Helpdesk, ticket: Watched, state: TicketState | None
) -> int:
    """Store the ticket's replies and its status, as far as they are not known.

    Its assignee is not taken for news while the desk is about to set another.
    """
    forbidden = None
    try:
        thread = await helpdesk.thread(ticket.ticket, since=ticket.read_to)
    except Refused as error:
        thread, forbidden = Thread(), error if error.retryable else None
    is_open = not (state.solved if state else ticket.solved)
    new = 0
    async with pool.connection() as conn:
        await core.conversation(conn, ticket.conversation_id, lock=True)
        for reply in replies.news(thread, ticket):
            ours = dataclasses.replace(
                reply, conversation_id=str(ticket.conversation_id), ticket_open=is_open
            )
            new += await inbox.receive_comment(conn, jobs, ours)
        await replies.keep_notes(conn, ticket.conversation_id, thread)
        moot = False
        if state and state.assignee is not None and state.assignee != ticket.assignee:
            moot = await tickets.is_assigning(conn, ticket.conversation_id)
            if not moot:
                await _assign(conn, ticket, state.assignee)
        if thread.until:
            await tickets.note_read(conn, ticket.id, thread.until - replies.OVERLAP)
        new += await _merged(conn, jobs, ticket, state, thread)
        new += await _status(conn, jobs, ticket, state) if state else 0
        stamp = state.stamp if state else None
        settled = stamp is not None and ticket.seen == stamp and not moot
        await tickets.note_seen(conn, ticket.id, stamp, settled)
    if forbidden:
        await _leave_unread(pool, ticket, forbidden)
    if new:
        logger.info("ticket %s: %s found that no webhook had brought", ticket.id, new)
    return new


async def _assign(conn: Conn, ticket: Watched, to: str) -> None:
    """The ticket has another assignee than the known one."""
    await tickets.note_assignee(conn, ticket.id, to)
    await holding.assign_in_zendesk(conn, ticket.conversation_id, to, ticket.assignee)


async def _merged(conn: Conn, jobs: Jobs, ticket: Watched, state: TicketState | None, thread: Thread) -> bool:
    """Store that the ticket goes on in another, before its being closed lets the bot speak."""
    if state is None or not state.merged or thread.merged is None:
        return False
    merged = dataclasses.replace(thread.merged, conversation_id=str(ticket.conversation_id))
    return await inbox.receive_merging(conn, jobs, merged)


async def _status(conn: Conn, jobs: Jobs, ticket: Watched, state: TicketState) -> bool:
    """Store the ticket's status if it is another than the known one."""
    [now] = await tickets.watched(conn, [ticket.id])
    if now.status == state.status:
        return False
    at = state.at + STAMP
    if now.status is None and not state.solved:
        await tickets.note_status(conn, ticket.id, state.status, at)
        return False
    event_id = f"seen-{ticket.id}-{state.stamp}-{state.status}"
    change = TicketStatusChanged(
        event_id, str(ticket.id), str(ticket.conversation_id), state.status, state.solved, at
    )
    return await inbox.receive_status(conn, jobs, change)
