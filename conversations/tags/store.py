"""The SQL of customers' tags. As in `conversations.store`, no function commits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from psycopg.rows import scalar_row

from conversations.store import Conn

Source = Literal["desk", "helpdesk"]


async def of(conn: Conn, conversation_id: UUID, source: Source | None = None) -> list[str]:
    """The customer's tags in the order of the alphabet, of one source or of all."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT DISTINCT tag FROM customer_tags WHERE conversation_id = %(id)s "
            "AND (%(source)s::text IS NULL OR source = %(source)s) ORDER BY tag",
            {"id": conversation_id, "source": source},
        )
        return await cursor.fetchall()


async def replace(conn: Conn, conversation_id: UUID, source: Source, tags: Iterable[str]) -> None:
    """These are all the tags that this source gives; in lower case, as Zendesk has them."""
    wanted = sorted({tag.strip().lower() for tag in tags} - {""})
    await conn.execute(
        "DELETE FROM customer_tags WHERE conversation_id = %s AND source = %s AND tag <> ALL (%s)",
        [conversation_id, source, wanted],
    )
    await conn.execute(
        "INSERT INTO customer_tags (conversation_id, source, tag) "
        "SELECT %s, %s, unnest(%s::text[]) ON CONFLICT DO NOTHING",
        [conversation_id, source, wanted],
    )
