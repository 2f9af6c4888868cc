"""What stands beside a conversation: the customer's orders, and what happened before."""

from __future__ import annotations

from typing import Any

from app.console import words
from app.console.desk import Room
from conversations.desk import reports
from conversations.desk.reports import Earlier
from conversations.rows import Conversation

KINDS = {
    "handover": "To an agent",
    "ticket open": "Ticket, open",
    "ticket solved": "Ticket, solved",
    "conversation": "Other conversation",
}


async def about(room: Room, conversation: Conversation) -> dict[str, Any]:
    """Orders (None: the shop does not answer) and earlier contacts, as the page shows them."""
    async with room.parley.pool.connection() as conn:
        earlier = await reports.earlier(conn, conversation.id)
    return {
        "orders": await room.orders.of(conversation.address.phone, conversation.slots),
        "earlier": [_earlier(room, one) for one in earlier],
    }


def ticket_url(room: Room, id: int | str) -> str:
    """Where agents read this ticket; empty without a helpdesk."""
    zendesk = room.parley.settings.zendesk
    return f"{zendesk.base_url}/agent/tickets/{id}" if zendesk else ""


def _earlier(room: Room, one: Earlier) -> dict[str, Any]:
    """A line of the history; another conversation, or a ticket, can be opened from it."""
    shown = {"at": words.stamp(one.at), "kind": KINDS[one.kind], "why": one.why, "open": "", "ticket": ""}
    if one.kind == "handover":
        return {**shown, "why": words.reason(one.why)}
    if one.kind == "conversation":
        return {**shown, "open": str(one.conversation_id)}
    return {**shown, "why": f"#{one.why}", "ticket": ticket_url(room, one.why)}
