"""From a handoff to somebody who takes it: each step of the rule's ladder in its time, each notice once.

All notices are rows made in the handoff's transaction. Those of later steps wait in the table until the
worker's sweep finds them due, so that nothing has to be called off when somebody takes the conversation:
what falls due then stops itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from conversations import handoff
from conversations import store as core
from conversations.errors import ConnectorError, NotYet
from conversations.hours import Hours
from conversations.messages import HandoffRequest
from conversations.notices import store, words
from conversations.notices.rules import Rules
from conversations.outbox import Pool
from conversations.package import Setup
from conversations.ports import Jobs, Teller
from conversations.promises.store import Promise
from conversations.recap import Turn
from conversations.rows import Conversation
from conversations.store import Conn

logger = logging.getLogger(__name__)

TAKEN = "somebody has taken the conversation, or it is the bot's again, or the promise is kept"
UNCERTAIN = timedelta(seconds=60)
"""After so long a notice whose sending never returned is sent again: it may have died with its worker."""

GIVE_UP = timedelta(hours=24)
"""After so long a notice that cannot be sent has failed."""

MOST_DOUBTS = 3
"""So often a notice is sent without an answer; each time it may have arrived."""

IN_DOUBT = "it was sent without an answer too often; it may have arrived"


@dataclass(frozen=True, slots=True)
class Colleagues:
    """How people are told: the rules as they are now, the media that are set up, by name, and when we
    are open: without `hours` always.
    """

    rules: Callable[[], Rules] = lambda: Rules({}, ())
    tellers: Mapping[str, Teller] = field(default_factory=dict)
    hours: Callable[[], Hours | None] = lambda: None


async def begin(
    conn: Conn, jobs: Jobs, colleagues: Colleagues, conversation: Conversation, wanted: HandoffRequest,
    epoch: int, setup: Setup, last: Turn | None,
) -> None:  # fmt: skip
    """A person is asked for, in this `epoch`: tell whom the rules name, now or later.

    A step that can tell nobody, as what it needs is not set up, leaves its time to the next. `last`: the
    present turn, if it is not in the log yet.
    """
    rules = colleagues.rules()
    topics = [wanted.reason, (last or {}).get("intent"), *await store.topics(conn, conversation.id)]
    skill, hours, now = rules.skill(topics), colleagues.hours(), datetime.now(UTC)
    rule = rules.rule(wanted.priority, skill, hours is None or hours.is_open(now))
    if rule is None:
        return
    body, due_at = words.body(conversation, wanted, skill, setup.link(conversation.id)), None
    for number, step in enumerate(rule.steps):
        due_at = due_at or step.due(now, hours)
        reached = [target for target in step.tell if target.medium in colleagues.tellers]
        if due_at and reached:
            for target in reached:
                await store.add(
                    conn, conversation.id, rule.name, number, target, body, now, due_at, epoch=epoch
                )
            due_at = None
    await climb(conn, jobs, now)


async def put_back(
    conn: Conn, jobs: Jobs, colleagues: Colleagues, conversation_id: UUID, setup: Setup
) -> None:
    """Nobody has the conversation any more: colleagues are told from the first step on."""
    conversation = await core.conversation(conn, conversation_id)
    wanted = HandoffRequest(handoff.PUT_BACK, await core.priority(conn, conversation_id))
    await begin(conn, jobs, colleagues, conversation, wanted, conversation.epoch, setup, None)


async def overdue(
    conn: Conn, jobs: Jobs, colleagues: Colleagues, promise: Promise, setup: Setup, now: datetime
) -> None:
    """A promise has just been broken: tell whom the rules name for that."""
    conversation = await core.conversation(conn, promise.conversation_id)
    body = words.overdue(conversation, promise, setup)
    for target in colleagues.rules().overdue:
        if target.medium in colleagues.tellers:
            await store.add(
                conn, conversation.id, store.OVERDUE, 0, target, body, promise.made_at, now,
                promise_id=promise.id,
            )  # fmt: skip
    await climb(conn, jobs, now)


async def climb(conn: Conn, jobs: Jobs, now: datetime) -> int:
    """Send what has fallen due by `now`; how many notices that is."""
    due = await store.fall_due(conn, now)
    for id in due:
        await jobs.defer_notice(conn, notice_id=id)
    return len(due)


async def tell(pool: Pool, jobs: Jobs, colleagues: Colleagues, notice_id: int) -> None:
    """Send one notice, unless somebody has taken the conversation.

    Raises ConnectorError to be called again.
    """
    due = await _claim(pool, notice_id)
    if due is None:
        return
    teller = colleagues.tellers.get(due.medium)
    if teller is None or due.doubts >= MOST_DOUBTS:
        await _fail(pool, jobs, due, IN_DOUBT if teller else f"{due.medium} is not set up any more")
        return
    notice = words.notice(due.body, due.step, datetime.now(UTC) - due.asked_at)
    try:
        await teller.tell(due.address, replace(notice, key=f"notice-{due.id}-{due.asked_at:%Y%m%d%H%M%S%f}"))
    except ConnectorError as error:
        await _unsent(pool, jobs, due, error)
        return
    async with pool.connection() as conn:
        await store.settle(conn, notice_id, "sent")


async def _claim(pool: Pool, notice_id: int) -> store.Due | None:
    """What is to be sent; None when nothing is. Raises NotYet while another may still be sending it."""
    async with pool.connection() as conn:
        state, claimed_at = await store.lock(conn, notice_id)
        if state not in ("pending", "sending"):
            return None
        left = (claimed_at or datetime.now(UTC)) + UNCERTAIN - datetime.now(UTC)
        if state == "sending" and left > timedelta():
            raise NotYet(f"Notice {notice_id} may be on its way.", retry_after=left.total_seconds())
        due = await store.claim(conn, notice_id)
        if due is None:
            await store.settle(conn, notice_id, "stopped", TAKEN)
        return due


async def _unsent(pool: Pool, jobs: Jobs, due: store.Due, error: ConnectorError) -> None:
    """Put it back, or end it; raises the error when it is to be tried again."""
    if not error.retryable or datetime.now(UTC) - due.asked_at >= GIVE_UP:
        await _fail(pool, jobs, due, str(error))
        return
    if not error.uncertain:
        async with pool.connection() as conn:
            await store.settle(conn, due.id, "pending", str(error))
    elif error.retry_after is None:
        error.retry_after = UNCERTAIN.total_seconds()
    raise error


async def _fail(pool: Pool, jobs: Jobs, due: store.Due, why: str) -> None:
    """End it, and call the next step if this one has reached nobody.

    The conversation is locked, so that of a step's notices which fail at once the last one sees the others.
    """
    logger.error("nobody is told by %s: %s", due.medium, why)
    now = datetime.now(UTC)
    async with pool.connection() as conn:
        await core.conversation(conn, due.conversation_id, lock=True)
        await store.settle(conn, due.id, "failed", why)
        await store.hasten(conn, due.id, now)
        await climb(conn, jobs, now)
