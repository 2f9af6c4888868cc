"""What agents wrote lately, read for promises: to be tracked, and to see that earlier ones are kept."""

from __future__ import annotations

from datetime import timedelta

from psycopg_pool import AsyncConnectionPool

from conversations import store as core
from conversations.hours import Hours
from conversations.ports import Jobs
from conversations.promises import book, spoken, store
from conversations.promises.store import AgentLine
from conversations.store import Conn

Pool = AsyncConnectionPool[Conn]

SAME_BREATH = timedelta(minutes=2)
"""Lines so close to each other are one answer: the second does not keep what the first has promised."""


async def listen(pool: Pool, jobs: Jobs, hours: Hours) -> int:
    """Read each line of an agent's once; returns how many there were."""
    async with pool.connection() as conn:
        lines = await store.new_lines(conn)
        for line in lines:
            await _hear(conn, jobs, hours, line)
        return len(lines)


async def _hear(conn: Conn, jobs: Jobs, hours: Hours, line: AgentLine) -> None:
    by = line.by or "An agent"
    await store.keep_earlier(
        conn, line.conversation_id, book.OWN, line.at - SAME_BREATH, by=f"{by} wrote again", at=line.at
    )
    if spoken.tells_of_call(line.text):
        await store.keep_earlier(
            conn, line.conversation_id, book.CALL, line.at, by=f"{by} wrote of a call", at=line.at
        )
    conversation = await core.conversation(conn, line.conversation_id)
    for each in spoken.promises(line.text, line.at, hours):
        kind, phone = (book.CALL, conversation.address.phone) if each.call else (book.OWN, None)
        await book.promise(
            conn, jobs, conversation.id, kind, each.what, by=by, at=line.at, due=each.due, phone=phone
        )
