"""The links to papers in Postgres. Each call is one transaction of its own."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from orders.model import Owner
from orders.papers.ports import Paper

LIFETIME = timedelta(days=30)

# Add a link, and forget those that open nothing any more.
ADD: LiteralString = """
    WITH old AS (DELETE FROM paper_links WHERE made_at <= %(oldest)s)
    INSERT INTO paper_links (digest, kind, order_number, return_number, phone, email, made_at)
    VALUES (%(digest)s, %(kind)s, %(order_number)s, %(return_number)s, %(phone)s, %(email)s, %(now)s)
"""
# The paper behind a link.
FIND: LiteralString = "SELECT * FROM paper_links WHERE digest = %(digest)s AND made_at > %(oldest)s"


class PostgresLinks:
    """`orders.papers.ports.Links` over a pool that is opened with the first call.

    Raises psycopg.Error when the database does not answer.
    """

    def __init__(
        self, pool: AsyncConnectionPool[Any], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ):
        self._pool, self._now = pool, now

    async def make(self, paper: Paper) -> str:
        word = secrets.token_urlsafe(32)
        about = {"kind": paper.kind, "order_number": paper.order_number, "return_number": paper.return_number}
        owner = {"phone": paper.owner.phone, "email": paper.owner.email}
        await self._pool.open()
        async with self._pool.connection() as conn:
            await conn.execute(ADD, {**about, **owner, **self._at(word)})
        return word

    async def find(self, word: str) -> Paper | None:
        await self._pool.open()
        async with self._pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(FIND, self._at(word))
            row = await cursor.fetchone()
        if row is None:
            return None
        owner = Owner(row["phone"], row["email"])
        return Paper(row["kind"], row["order_number"], owner, row["return_number"])

    def _at(self, word: str) -> dict[str, Any]:
        now = self._now()
        digest = hashlib.sha256(word.encode()).digest()
        return {"digest": digest, "now": now, "oldest": now - LIFETIME}
