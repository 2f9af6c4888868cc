"""The 24 hours after a customer's message in which WhatsApp lets us write freely (CONTRACTS A11).

A reply after that is held. A template tells the customer once that one is waiting; when the customer
writes, the held replies go out in order. What nobody asked for in time expires.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from conversations import log
from conversations import store as core
from conversations.bridge import notes, store
from conversations.messages import Content
from conversations.ports import Jobs
from conversations.rows import Conversation, Row
from conversations.store import Conn

OPEN_FOR = timedelta(hours=24)
DELIVERED_FOR = timedelta(days=7)
CLOSED_CODE = "131047"
"""WhatsApp's word that the window is closed, whatever we believed."""

WITH_WINDOW = ("whatsapp",)
"""Channels that have such a window."""

CLOSED = "the customer last wrote more than 24 hours ago; it goes out as soon as they write"
LATE = "the 24-hour window had closed"
IN_THE_WINDOW = "the customer wrote before"
NO_TEMPLATE = "no template is set (WHATSAPP_TEMPLATE_NAME)"


def is_open(conversation: Conversation) -> bool:
    """Whether we may write freely to this customer now, as far as we know."""
    if conversation.channel not in WITH_WINDOW:
        return True
    return datetime.now(UTC) - conversation.heard_at < OPEN_FOR


def heard_at(sent_at: datetime) -> datetime:
    """When we count a message that has just come as heard.

    WhatsApp delivers for seven days (CONTRACTS A4), so an older stamp is wrong and counts as now.
    """
    now = datetime.now(UTC)
    return sent_at if now - sent_at < DELIVERED_FOR else now


async def hold(conn: Conn, jobs: Jobs, conversation: Conversation, row_id: int) -> None:
    """Hold an agent's line, and have the customer told that there is one: once while the window is closed."""
    await store.hold_row(conn, row_id, CLOSED)
    await log.delivery(conn, conversation.id, row_id, "held", CLOSED)
    if await store.nudged(conn, conversation.id, conversation.heard_at):
        return
    body = {"content": Content("").to_json(), "nudge": True}
    id = await core.add_row(
        conn, conversation.id, conversation.channel, "message", "system", conversation.epoch, body
    )
    await jobs.defer_delivery(
        conn, conversation_id=str(conversation.id), exit=conversation.channel, outbox_id=id
    )


async def told(conn: Conn, jobs: Jobs, row: Row, template: str) -> None:
    """The template went out: the log and the ticket say so."""
    await log.delivery(conn, row.conversation_id, row.id, "nudged", f"template “{template}” sent")
    await notes.add(
        conn, jobs, row.conversation_id, _held(f"The customer was sent the template “{template}”.")
    )


async def untold(conn: Conn, jobs: Jobs, row: Row, why: str) -> None:
    """The customer could not be told that a reply waits."""
    await notes.add(
        conn,
        jobs,
        row.conversation_id,
        _held(f"The customer could not be told: {why}. If it is urgent, reach them another way."),
    )


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
    days = f"{seconds / 86_400:g}"
    expired = await store.expire_rows(conn, seconds, f"expired: the customer did not write for {days} days")
    for id, conversation_id in expired:
        row = await core.row(conn, id)
        why = f"the customer did not write for {days} days"
        await log.delivery(conn, conversation_id, id, "expired", why)
        text = notes.quoted(str(row.body["content"]["text"]) or "an attachment")
        await notes.add(
            conn, jobs, conversation_id, f"A held reply has expired and was not sent: {text}, {why}."
        )
    return len(expired)


def _held(more: str) -> str:
    return (
        "Your reply is held: the customer last wrote more than 24 hours ago, and WhatsApp then takes "
        f"templates only. {more} The reply goes out by itself as soon as the customer writes."
    )
