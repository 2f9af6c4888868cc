"""What becomes of a row that did not go through: tried again, held, or ended and told to the agent."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from psycopg_pool import AsyncConnectionPool

from conversations import log, store
from conversations.bridge import notes, papers, window
from conversations.bridge import store as bridge
from conversations.errors import ConnectorError, TryLater
from conversations.exits import gate
from conversations.messages import HELPDESK, Content, Receipt
from conversations.patience import Patience
from conversations.ports import Jobs
from conversations.promises import book
from conversations.rows import Claim, Row
from conversations.store import Conn

logger = logging.getLogger(__name__)

MOST = 3
"""Sends of a line that the channel takes and then reports as failed for a passing reason."""

FIRST_PAUSE = 4.0
"""Seconds before such a line is sent again; four times as long before the next (CONTRACTS A11)."""

OFTEN = 10
"""Attempts after which an operator hears that one still fails: three minutes, at the pace of the jobs."""

UNSEEN = "it stands here only, as it could not be written to the ticket: "
"""Why a row that was meant for the staff has failed, for the desk."""

Pool = AsyncConnectionPool[Conn]


async def decide(pool: Pool, jobs: Jobs, claim: Claim, error: ConnectorError, patience: Patience) -> None:
    """Put the rows back, leave them in doubt, or end them; raises when it is to be tried again."""
    async with pool.connection() as conn:
        if not error.retryable or (error.tries is not None and claim.row.attempts + 1 >= error.tries):
            again = await _refused(conn, jobs, claim, error, patience)
        elif claim.row.exit != HELPDESK and not error.hold and _age(claim.row) > patience.give_up:
            again = None
            await end(conn, jobs, claim.row, "failed", f"it could not be sent in time: {error}")
        else:
            again = error
            await _put_back(conn, claim, error)
        await _mind_exit(conn, claim.row, error, patience)
    if again is None:
        return
    if again.uncertain and again.retry_after is None:
        again.retry_after = (
            patience.settle_helpdesk if claim.row.exit == HELPDESK else min(patience.settle, patience.look)
        )
    raise again


async def decide_later(conn: Conn, jobs: Jobs, row: Row, receipt: Receipt, patience: Patience) -> None:
    """The channel had taken the row and now says that it failed.

    An agent's line for which the channel's window is closed is held. What failed for a passing reason is
    sent again, a few times.
    """
    if receipt.code == window.CLOSED_CODE and row.author == "agent":
        conversation = await store.conversation(conn, row.conversation_id, lock=True)
        await window.hold(conn, jobs, conversation, row.id, patience.held)
        return
    why = receipt.error or "The channel gave no reason."
    error = receipt.failure(why, code=receipt.code) if receipt.failure else None
    if error and error.retryable and row.attempts < MOST:
        await _send_again(conn, jobs, row, why)
    else:
        await log.delivery(conn, row.conversation_id, row.id, "failed", why)
        await _tell_agent(conn, jobs, row, why)
        await papers.say_link(conn, jobs, row)
    if error:
        await _mind_exit(conn, row, error, patience)


async def _send_again(conn: Conn, jobs: Jobs, row: Row, why: str) -> None:
    await bridge.send_again(conn, row.id, why)
    await log.delivery(conn, row.conversation_id, row.id, "pending", why)
    conversation_id = str(row.conversation_id)
    await jobs.defer_delivery(conn, conversation_id=conversation_id, exit=row.exit, outbox_id=row.id)


def pause(row: Row) -> float:
    """Seconds until a line that failed after it was taken may be sent again; 0 for any other."""
    if "again" not in row.body or row.claimed_at is None:
        return 0.0
    due = row.claimed_at + timedelta(seconds=FIRST_PAUSE**row.attempts)
    return max(0.0, (due - datetime.now(UTC)).total_seconds())


async def end(conn: Conn, jobs: Jobs, row: Row, state: str, why: str) -> None:
    """The row ends here, unless a receipt or somebody else ended it before."""
    if not await store.settle_row(conn, row.id, state, external_id=None, why=why):
        return
    if state == "failed" and row.exit == HELPDESK and (row.kind == "ticket" or "follow_up" in row.body):
        logger.error("ALARM: the staff do not see row %s of %s: %s", row.id, row.conversation_id, why)
        why = UNSEEN + why
    await log.delivery(conn, row.conversation_id, row.id, state, why)
    if state == "failed":
        await _tell_agent(conn, jobs, row, why)


async def _mind_exit(conn: Conn, row: Row, error: ConnectorError, patience: Patience) -> None:
    """What the error means for everything else that leaves there; an operator hears of it once a row."""
    if error.hold:
        await gate.shut(conn, row.exit, str(error), patience.hold)
    elif error.wide:
        await gate.pause(conn, row.exit, error)
    elif error.alarm and (row.attempts == 0 or not error.retryable):
        logger.error("ALARM: %s refuses what it should not: %s", row.exit, error)
    elif error.retryable and row.attempts + 1 == OFTEN:
        logger.error("ALARM: row %s of %s has failed %s times: %s", row.id, row.exit, OFTEN, error)


async def _put_back(conn: Conn, claim: Claim, error: ConnectorError) -> None:
    """The rows wait for another attempt, together if nobody knows whether they were taken together."""
    for row in claim.rows:
        if error.uncertain:
            await store.doubt_row(conn, row.id, str(error))
        else:
            await store.settle_row(conn, row.id, "pending", external_id=None, why=str(error))
    if not error.uncertain:
        await bridge.set_bundle(conn, [row.id for row in claim.rows], None)


async def _refused(
    conn: Conn, jobs: Jobs, claim: Claim, error: ConnectorError, patience: Patience
) -> ConnectorError | None:
    """End what will never be taken; several comments refused together are tried one by one."""
    row = claim.row
    if len(claim.rows) > 1:
        await _put_back(conn, claim, TryLater(str(error)))
        await bridge.set_alone(conn, [each.id for each in claim.rows])
        return TryLater(str(error), retry_after=0.0)
    if error.code == window.CLOSED_CODE and row.author == "agent":
        await window.hold(conn, jobs, claim.conversation, row.id, patience.held)
        return None
    await end(conn, jobs, row, "failed", str(error))
    return None


async def _tell_agent(conn: Conn, jobs: Jobs, row: Row, why: str) -> None:
    """A line of an agent's, or the word that one waits, did not arrive: say so in the ticket."""
    if row.exit == HELPDESK:
        return
    if "nudge" in row.body:
        await window.untold(conn, jobs, row, why)
    elif row.author == "agent":
        content = Content.from_json(row.body["content"])
        text = content.text or (content.file.name if content.file else "")
        await book.unanswered(conn, row.conversation_id, row.created_at)
        await notes.add(conn, jobs, row.conversation_id, notes.undelivered(text, why), act=True)


def _age(row: Row) -> float:
    return (datetime.now(UTC) - row.created_at).total_seconds()
