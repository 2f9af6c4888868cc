"""What changed of the customer's orders while an agent had control: remembered, then compared."""

from __future__ import annotations

from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from conversations import store as core
from conversations.handback import digest, store
from conversations.ports import Shop
from conversations.store import Conn

Pool = AsyncConnectionPool[Conn]


async def mark(pool: Pool, shop: Shop) -> int:
    """Remember how the orders stand in the conversations that agents have just got; returns how many."""
    async with pool.connection() as conn:
        found = await store.unmarked(conn)
        conversations = [await core.conversation(conn, one.id) for one in found]
    for one, conversation in zip(found, conversations, strict=True):
        facts = await shop.facts(conversation.address.phone, conversation.slots)
        async with pool.connection() as conn:
            await store.mark(conn, one, facts)
    return len(found)


async def since_hand_over(pool: Pool, shop: Shop | None, conversation_id: UUID) -> list[str]:
    """What changed since the agent in control got it, a sentence each; nothing where that is not known."""
    async with pool.connection() as conn:
        conversation = await core.conversation(conn, conversation_id)
        before = await store.marked(conn, conversation_id)
    if shop is None or before is None:
        return []
    return digest.differences(before, await shop.facts(conversation.address.phone, conversation.slots))
