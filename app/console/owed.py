"""What is owed to the customer of an open conversation: calls and promises, marked when they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.console import words
from app.console.desk import Desk
from conversations.promises import book, store
from conversations.promises.store import Promise

ACTS = {book.CALL: "Called", book.OWN: "Done"}
"""What an agent clicks when it is kept; an answer is kept by answering."""


def rows(promises: Sequence[Promise]) -> list[dict[str, Any]]:
    """The promises that are owed, as the page shows them; times in milliseconds since 1970."""
    return [
        {
            "id": promise.id,
            "text": f"{promise.made_by} promised {promise.what}",
            "due": words.stamp(promise.due_at),
            "act": ACTS.get(promise.kind, ""),
        }
        for promise in promises
        if promise.state in store.OWED
    ]


async def settle(desk: Desk, conversation_id: UUID, args: Mapping[str, Any]) -> None:
    """Mark a promise of this conversation as kept, or as not needed any more; once."""
    name, now = desk.person.name, desk.parley.corridor.reception.now()
    act = book.done if args.get("kept") else book.withdraw
    async with desk.parley.pool.connection() as conn:
        owed = await store.of_conversation(conn, conversation_id)
        if any(promise.id == args.get("id") and promise.kind in ACTS for promise in owed):
            await act(conn, desk.parley.jobs, int(args["id"]), name, now)
