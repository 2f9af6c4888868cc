"""Private notes in the ticket: what an agent has to know of the bridge."""

from __future__ import annotations

from uuid import UUID

from conversations import log, package
from conversations import store as core
from conversations.bridge import store
from conversations.ports import Jobs
from conversations.store import Conn
from conversations.tickets import store as tickets

QUOTED = 80
"""Characters of an agent's line that a note quotes."""


async def add(
    conn: Conn, jobs: Jobs, conversation_id: UUID, text: str, *, about: str | None = None,
    act: bool = False,
) -> None:  # fmt: skip
    """Note it in the conversation's ticket, if there is one or will be; a note never opens the first.

    A note `about` the same thing that still waits to be written gets these words instead. When somebody has
    to `act` on it, the ticket is opened again, and followed up if it is closed.
    """
    if about and await store.reword_note(conn, conversation_id, about, text):
        return
    known = await tickets.latest(conn, conversation_id)
    if known is None and not await tickets.awaited(conn, conversation_id):
        return
    conversation = await core.conversation(conn, conversation_id)
    body = {"text": text, "public": False, **({"about": about} if about else {})}
    if act:
        body |= {"alone": True, "reopen": True, "follow_up": package.follow_up(conversation)}
    epoch = conversation.epoch
    id = await core.add_row(conn, conversation_id, "zendesk", "comment", "system", epoch, body)
    await jobs.defer_delivery(conn, conversation_id=str(conversation_id), exit="zendesk", outbox_id=id)


def undelivered(text: str, why: str) -> str:
    """What to tell an agent whose line did not arrive, and what to do about it."""
    return (
        f"Not delivered to the customer: {quoted(text)}\nReason: {why}\n"
        "What to do: the customer has not read this. If the reason can be mended, mend it and write the "
        "line again; otherwise reach the customer another way."
    )


def quoted(text: str) -> str:
    """The beginning of a line in quotation marks."""
    return log.quoted(text, QUOTED)
