"""The codes in Postgres. Each call is one transaction of its own, one after another for a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from orders.identity import code as codes
from orders.identity.code import Limit, Verdict
from orders.identity.ports import Asked, Tried

Conn = AsyncConnection[dict[str, Any]]

# One conversation and one order at a time, until the transaction ends.
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))"
# The newest code for this order in this conversation.
LAST: LiteralString = """
    SELECT * FROM identity_codes WHERE conversation_id = %(conversation)s AND order_number = %(number)s
    ORDER BY made_at DESC, id DESC LIMIT 1
"""
# How many codes there were lately: for this question, in this conversation, for this order.
COUNT: LiteralString = """
    SELECT count(*) FILTER (WHERE conversation_id = %(conversation)s AND order_number = %(number)s
                            AND made_at > %(question)s) AS question,
           count(*) FILTER (WHERE conversation_id = %(conversation)s AND made_at > %(day)s) AS conversation,
           count(*) FILTER (WHERE order_number = %(number)s AND made_at > %(hour)s) AS orders
    FROM identity_codes
    WHERE made_at > %(day)s AND (conversation_id = %(conversation)s OR order_number = %(number)s)
"""
ADD: LiteralString = """
    INSERT INTO identity_codes
        (conversation_id, order_number, email_digest, salt, code_digest, genuine, made_at)
    VALUES (%(conversation)s, %(number)s, %(email)s, %(salt)s, %(digest)s, %(genuine)s, %(now)s)
"""
TRY: LiteralString = "UPDATE identity_codes SET tries = tries + 1 WHERE id = %(id)s"
SPEND: LiteralString = "UPDATE identity_codes SET code_digest = NULL WHERE id = %(id)s"
NOTE: LiteralString = """
    INSERT INTO identity_log (at, conversation_id, order_number, event)
    VALUES (%(now)s, %(conversation)s, %(number)s, %(event)s)
"""


class PostgresCodes:
    """`orders.identity.ports.Codes` on our own tables, over a pool that is opened with the first call.

    Raises psycopg.Error when the database does not answer.
    """

    def __init__(
        self, pool: AsyncConnectionPool[Any], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ):
        self._pool, self._now = pool, now

    async def ask(self, conversation: str, number: str, email: str, *, genuine: bool, again: bool) -> Asked:
        code, salt = codes.make(), codes.salt()
        digest = await asyncio.to_thread(codes.digest, code, salt)
        kept = codes.email_digest(number, email)
        about = {"conversation": conversation, "number": number, "now": self._now()}
        async with self._transaction(about) as conn:
            last = await _one(conn, LAST, about)
            if not again and last and self._is_good(last) and codes.same(last["email_digest"], kept):
                return Asked()
            if await self._is_limited(conn, about):
                await conn.execute(NOTE, {**about, "event": "limited"})
                return Asked(limited=True)
            made = {"email": kept, "salt": salt, "digest": digest, "genuine": genuine}
            await conn.execute(ADD, about | made)
            await conn.execute(NOTE, {**about, "event": "asked" if genuine else "decoy"})
            return Asked(code)

    async def check(self, conversation: str, number: str, code: str) -> Tried:
        about = {"conversation": conversation, "number": number, "now": self._now()}
        async with self._transaction(about) as conn:
            last = await _one(conn, LAST, about)
            tried = await self._judge(conn, last, code)
            await conn.execute(NOTE, {**about, "event": tried.verdict.value})
            return tried

    async def note(self, conversation: str, number: str, event: str) -> None:
        about = {"conversation": conversation, "number": number, "now": self._now(), "event": event}
        async with self._transaction(about) as conn:
            await conn.execute(NOTE, about)

    async def _judge(self, conn: Conn, last: dict[str, Any] | None, code: str) -> Tried:
        salt = last["salt"] if last else codes.salt()
        digest = await asyncio.to_thread(codes.digest, code, salt)  # also where there is nothing to find
        if last is None or last["code_digest"] is None:
            return Tried(Verdict.SPENT)
        if codes.is_over(last["made_at"], self._now()):
            await conn.execute(SPEND, last)
            return Tried(Verdict.EXPIRED)
        await conn.execute(TRY, last)
        right = codes.same(digest, last["code_digest"]) and last["genuine"]
        left = codes.TRIES - last["tries"] - 1
        if right or left <= 0:
            await conn.execute(SPEND, last)
        return Tried(Verdict.RIGHT) if right else Tried(Verdict.WRONG if left > 0 else Verdict.SPENT, left)

    def _is_good(self, row: dict[str, Any]) -> bool:
        return row["code_digest"] is not None and not codes.is_over(row["made_at"], self._now())

    async def _is_limited(self, conn: Conn, about: dict[str, Any]) -> bool:
        limits = {
            "question": codes.PER_QUESTION,
            "conversation": codes.PER_CONVERSATION,
            "orders": codes.PER_ORDER,
        }
        since = {
            "question": about["now"] - codes.PER_QUESTION.span,
            "day": about["now"] - codes.PER_CONVERSATION.span,
            "hour": about["now"] - codes.PER_ORDER.span,
        }
        counted = await _one(conn, COUNT, about | since)
        return counted is not None and any(_reached(limit, counted[name]) for name, limit in limits.items())

    @asynccontextmanager
    async def _transaction(self, about: dict[str, Any]) -> AsyncIterator[Conn]:
        await self._pool.open()
        async with self._pool.connection() as conn:
            await conn.execute(LOCK, {"key": f"{about['conversation']} {about['number']}"})
            yield conn


def _reached(limit: Limit, count: int) -> bool:
    return count >= limit.count


async def _one(conn: Conn, query: LiteralString, values: dict[str, Any]) -> dict[str, Any] | None:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchone()
