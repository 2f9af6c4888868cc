"""The 24 hours after a customer's message in which WhatsApp lets us write freely (CONTRACTS A11).

A reply after that is `held`. A template tells the customer once that one is waiting, and the reply is
`nudged`; when the customer writes, it is released and goes out, in order. What nobody asked for in time is
`expired`. The log, the desk and the ticket show each step.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from conversations import log
from conversations import store as core
from conversations.bridge import notes, store
from conversations.messages import SILENT, Content, CustomerMessage
from conversations.ports import Jobs
from conversations.rows import Conversation, Row
from conversations.store import Conn

logger = logging.getLogger(__name__)

OPEN_FOR = timedelta(hours=24)
DELIVERED_FOR = timedelta(days=7)
CLOSED_CODE = "131047"
"""WhatsApp's word that the window is closed, whatever we believed."""

WITH_WINDOW = ("whatsapp",)
"""Channels that have such a window."""

TOLD = ("sent", "delivered", "read")
"""States of a template that told the customer."""

CLOSED = "the customer last wrote more than 24 hours ago; it goes out as soon as they write"
LATE = "the 24-hour window had closed"
IN_THE_WINDOW = "the customer wrote before"
NO_TEMPLATE = "no template is set (WHATSAPP_TEMPLATE_NAME)"

HELD = "held"
"""Of the note that replies are held: while it waits to be written, it speaks for those held after it too."""


def closes(channel: str, heard_at: datetime) -> datetime | None:
    """When it closes, unless the customer writes again; None where there is no window."""
    return heard_at + OPEN_FOR if channel in WITH_WINDOW else None


def is_open(conversation: Conversation) -> bool:
    """Whether we may write freely to this customer now, as far as we know."""
    at = closes(conversation.channel, conversation.heard_at)
    return at is None or datetime.now(UTC) < at


def heard_at(message: CustomerMessage) -> datetime | None:
    """When we count a message that has just come as heard; None if the customer says nothing in it.

    WhatsApp names messages and calls as what opens the window; a reaction may not, and a system message is
    not the customer's at all. WhatsApp delivers for seven days (CONTRACTS A4), so an older stamp is wrong
    and counts as now.
    """
    if message.kind in SILENT:
        return None
    now = datetime.now(UTC)
    return message.sent_at if now - message.sent_at < DELIVERED_FOR else now


def long_ago() -> datetime:
    """When a customer who never said anything was heard: too long ago for an open window."""
    return datetime.now(UTC) - OPEN_FOR


async def hold(conn: Conn, jobs: Jobs, conversation: Conversation, row_id: int, seconds: float) -> None:
    """Hold an agent's line for at most so many seconds, and have the customer told that there is one.

    They are told once while the window is closed.
    """
    nudge = await store.nudge(conn, conversation.id, conversation.heard_at)
    state = "nudged" if nudge in TOLD else "held"
    await store.hold_row(conn, row_id, state, CLOSED)
    await log.delivery(conn, conversation.id, row_id, state, CLOSED)
    texts = await store.held_texts(conn, conversation.id)
    await notes.add(conn, jobs, conversation.id, _held(texts, seconds, told=nudge in TOLD), about=HELD)
    if nudge is not None:
        return
    body = {"content": Content("").to_json(), "nudge": True}
    id = await core.add_row(
        conn, conversation.id, conversation.channel, "message", "system", conversation.epoch, body
    )
    await jobs.defer_delivery(
        conn, conversation_id=str(conversation.id), exit=conversation.channel, outbox_id=id
    )


async def told(conn: Conn, jobs: Jobs, row: Row, template: str) -> None:
    """The template went out: the held lines, the log and the ticket say so."""
    why = f"template “{template}” sent"
    await log.delivery(conn, row.conversation_id, row.id, "nudged", why)
    if await store.set_held(conn, row.conversation_id, "nudged"):
        text = f"The customer was sent the template “{template}”, to tell them that a reply waits."
        await notes.add(conn, jobs, row.conversation_id, text)


async def untold(conn: Conn, jobs: Jobs, row: Row, why: str) -> None:
    """The customer could not be told that a reply waits. The next one that is held tries again."""
    logger.warning("a customer could not be told that a reply waits: %s", why)
    await store.set_held(conn, row.conversation_id, "held")
    text = (
        f"The customer could not be told that a reply waits.\nReason: {why}\n"
        "What to do: the reply still goes out when they write. If it cannot wait, reach them another way; "
        "what is wrong with the template, whoever runs Parley can mend."
    )
    await notes.add(conn, jobs, row.conversation_id, text, act=True)


async def release(conn: Conn, jobs: Jobs, conversation_id: UUID) -> None:
    """The customer wrote: what was held goes out, in order."""
    released = await store.release_rows(conn, conversation_id)
    for id, exit in released:
        await log.delivery(conn, conversation_id, id, "released", "the customer wrote")
        await jobs.defer_delivery(conn, conversation_id=str(conversation_id), exit=exit, outbox_id=id)
    if released:
        what = "The held reply" if len(released) == 1 else f"The {len(released)} held replies"
        await notes.add(conn, jobs, conversation_id, f"The customer wrote. {what} now goes out.")


async def expire(conn: Conn, jobs: Jobs, seconds: float) -> int:
    """End what was held for so long that nobody waits for it; returns how many lines that were."""
    why = f"the customer did not write for {_days(seconds)}"
    expired: defaultdict[UUID, list[str]] = defaultdict(list)
    for id, conversation_id, text in await store.expire_rows(conn, seconds, why):
        await log.delivery(conn, conversation_id, id, "expired", why)
        expired[conversation_id].append(text)
    for conversation_id, texts in expired.items():
        await notes.add(conn, jobs, conversation_id, _expired(texts, why), act=True)
    return sum(map(len, expired.values()))


def _held(texts: Sequence[str], seconds: float, *, told: bool) -> str:
    what = f"Your reply is held: {_quoted(texts)}" if len(texts) == 1 else f"{len(texts)} replies are held"
    goes, it = ("It goes", "it") if len(texts) == 1 else ("They go", "they")
    more = "\nThe customer was told before that a reply waits, and is not told twice." if told else ""
    return (
        f"{what}.\nReason: the customer last wrote more than 24 hours ago, and WhatsApp then takes templates "
        f"only.\nWhat to do: nothing. {goes} out as soon as the customer writes; after {_days(seconds)} "
        f"without a word from them {it} will have expired.{more}"
    )


def _expired(texts: Sequence[str], why: str) -> str:
    what, verb = ("A held reply", "has") if len(texts) == 1 else (f"{len(texts)} held replies", "have")
    return (
        f"{what} {verb} expired and will not be sent: {_quoted(texts)}.\nReason: {why}.\n"
        "What to do: reach the customer another way. A new reply here would wait for them just the same."
    )


def _quoted(texts: Sequence[str]) -> str:
    return ", ".join(notes.quoted(text or "an attachment") for text in texts)


def _days(seconds: float) -> str:
    days = seconds / 86_400
    return "1 day" if days == 1 else f"{days:g} days"
