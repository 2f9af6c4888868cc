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
        "earlier": [_earlier(one) for one in earlier],
    }


def _earlier(one: Earlier) -> dict[str, Any]:
    """A line of the history; another conversation can be opened from it."""
    why = words.reason(one.why) if one.kind == "handover" else one.why
    if one.kind.startswith("ticket"):
        why = f"#{one.why}"
    other = str(one.conversation_id) if one.kind == "conversation" else ""
    return {"at": words.stamp(one.at), "kind": KINDS[one.kind], "why": why, "open": other}
