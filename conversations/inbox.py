"""What comes in: stored once, its job deferred in the same transaction, then acknowledged."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from conversations import log, store
from conversations.bridge import store as bridge
from conversations.bridge import window
from conversations.errors import UnknownConversation
from conversations.messages import (
    HELPDESK,
    Address,
    CustomerMessage,
    StaffComment,
    TicketMerged,
    TicketStatusChanged,
)
from conversations.ports import Jobs
from conversations.store import Conn
from conversations.tickets import store as tickets

CONSOLE = "console"


async def receive(conn: Conn, jobs: Jobs, messages: Sequence[CustomerMessage]) -> list[UUID]:
    """Store a webhook's messages and defer their turns; returns the conversations that got a new one.

    A message stored before is left alone. Customers are taken in one order, so that two webhooks
    with the same customers never wait for each other; a customer's own messages keep theirs.
    """
    touched = []
    for message in sorted(messages, key=_customer):
        conversation_id = await _store_message(conn, jobs, message)
        if conversation_id is not None:
            touched.append(conversation_id)
    return list(dict.fromkeys(touched))


async def receive_comment(conn: Conn, jobs: Jobs, comment: StaffComment) -> bool:
    """Store an agent's public comment and defer its delivery to the customer; False when known already.

    One known only from a webhook, that turns out to have files, is followed by them. One we wrote ourselves
    is left alone. Raises UnknownConversation.
    """
    id = await _conversation_of_ticket(conn, comment)
    await store.conversation(conn, id, lock=True)
    if await bridge.wrote_comment(conn, comment.comment_id):
        return False
    whole = await bridge.stored_whole(conn, f"comment:{comment.comment_id}")
    if whole is None:
        key = f"comment:{comment.comment_id}"
    elif comment.files and not whole:
        key, comment = f"files:{comment.comment_id}", dataclasses.replace(comment, body="")
    else:
        return False
    return await _store_for_agent(conn, jobs, id, "staff_comment", key, comment.to_json())


async def receive_status(conn: Conn, jobs: Jobs, change: TicketStatusChanged) -> bool:
    """Store a ticket's change of status and defer what follows from it; False when known, or outdated.

    Raises UnknownConversation.
    """
    id = await _conversation_of_ticket(conn, change)
    await store.conversation(conn, id, lock=True)
    if not await tickets.note_status(conn, _number(change.ticket_id), change.status, change.at):
        return False
    body = {**asdict(change), "at": change.at.isoformat()}
    return await _store_for_agent(conn, jobs, id, "ticket_status", f"event:{change.event_id}", body)


async def receive_merging(conn: Conn, jobs: Jobs, merging: TicketMerged) -> bool:
    """Store that a ticket goes on in another; False when known. Raises UnknownConversation."""
    id = await _conversation_of_ticket(conn, merging)
    await store.conversation(conn, id, lock=True)
    body = {**asdict(merging), "at": merging.at.isoformat()}
    return await _store_for_agent(conn, jobs, id, "ticket_merged", f"event:{merging.event_id}", body)


async def receive_reply(
    conn: Conn, jobs: Jobs, conversation_id: UUID, reply_id: str, agent: str, text: str
) -> bool:
    """Store what an agent wrote in the console and defer its delivery; False when known already.

    `reply_id` is made by the page, so that a repeated click says nothing twice. Raises UnknownConversation.
    """
    await store.conversation(conn, conversation_id, lock=True)
    body = {"agent": agent, "text": text}
    return await _store_for_agent(conn, jobs, conversation_id, "agent_reply", f"reply:{reply_id}", body)


async def _store_message(conn: Conn, jobs: Jobs, message: CustomerMessage) -> UUID | None:
    if await store.has_arrived(conn, message.address.channel, message.external_id):
        return None
    heard_at = window.heard_at(message)
    id = await _conversation_of(conn, message.address, heard_at or window.long_ago())
    await store.heard_from(conn, id, message.address, message.name, heard_at)
    if message.moved_to:
        await store.heard_from(conn, id, message.moved_to, None, heard_at)
    body = {
        "kind": message.kind,
        "text": message.text,
        "words": message.words,
        "payload": message.payload,
        "media": [asdict(media) for media in message.media],
        "sent_at": message.sent_at.isoformat(),
        "raw": dict(message.raw),
        "releases": heard_at is not None and await bridge.any_held(conn, id),
    }
    inbox_id = await store.add_arrival(
        conn, message.address.channel, message.external_id, id, "message", body
    )
    if inbox_id is None:
        return None
    if heard_at is not None:
        await window.release(conn, jobs, id)
    about = {"kind": message.kind, "media": body["media"]}
    await log.message(
        conn, id, "customer", message.text or f"[{message.kind}]", body=about, inbox_id=inbox_id
    )
    await jobs.defer_turn(conn, conversation_id=str(id), inbox_id=inbox_id)
    return id


async def _conversation_of(conn: Conn, address: Address, at: datetime) -> UUID:
    """The customer's conversation, created when this is the first message."""
    found = await store.find_conversation(conn, address)
    if found is None:
        await store.lock_identities(conn, address)
        found = await store.find_conversation(conn, address)
    if found is None:
        found = uuid4()
        await store.create_conversation(conn, found, address, at)
    return found


async def _conversation_of_ticket(
    conn: Conn, event: StaffComment | TicketStatusChanged | TicketMerged
) -> UUID:
    """The conversation the ticket names, else the one we opened it for. Raises UnknownConversation."""
    if event.conversation_id:
        return UUID(event.conversation_id)
    found = await tickets.conversation_of(conn, _number(event.ticket_id))
    if found is None:
        raise UnknownConversation("The ticket is not one of ours.")
    return found


async def _store_for_agent(
    conn: Conn, jobs: Jobs, conversation_id: UUID, kind: str, external_id: str, body: Mapping[str, Any]
) -> bool:
    """Store what an agent did in a conversation, which is locked, and defer its turn; False when known."""
    door = CONSOLE if kind == "agent_reply" else HELPDESK
    inbox_id = await store.add_arrival(conn, door, external_id, conversation_id, kind, body)
    if inbox_id is None:
        return False
    await jobs.defer_turn(conn, conversation_id=str(conversation_id), inbox_id=inbox_id)
    return True


def _number(ticket_id: str) -> int:
    return int(ticket_id) if ticket_id.isdecimal() else 0


def _customer(message: CustomerMessage) -> tuple[str, str, str]:
    address = message.address
    return address.channel, address.account, address.user_id or address.wa_id or ""
