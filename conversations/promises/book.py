"""The one place that decides about promises: made once, kept by deeds, broken when due, never forgotten.

An answer is kept by the first words an agent writes to the customer. A call is kept when an agent marks it
as called or writes of it, or solves the ticket. Whatever is due and not kept is broken, which the ticket and
the desk say and the lead is told, and it stays owed.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from conversations import store as core
from conversations.bridge import notes
from conversations.ports import Jobs
from conversations.promises import store
from conversations.promises.store import Promise
from conversations.store import Conn

ANSWER, CALL, OWN = "answer", "call", "own"
BOT = "Parley"
HOW_TO_KEEP = {
    ANSWER: "Any reply to the customer keeps it.",
    CALL: "Mark it as called in the console when you have called; solving the ticket says the same.",
    OWN: "Mark it as done in the console when it is.",
}


async def promise(
    conn: Conn, jobs: Jobs, conversation_id: UUID, kind: str, what: str, *, by: str, at: datetime,
    due: datetime, phone: str | None = None,
) -> int | None:  # fmt: skip
    """Promise something by `due`. Noted on the ticket unless it is an answer, which the package tells.

    Returns the promise's id; None when an answer or a call is owed already: the earlier one counts.
    """
    id = await store.add(conn, conversation_id, kind, what, by=by, at=at, due=due, phone=phone)
    if id is not None and kind != ANSWER:
        await notes.add(conn, jobs, conversation_id, f"{by} promised: {what}. {HOW_TO_KEEP[kind]}")
    return id


async def answered(conn: Conn, conversation_id: UUID, by: str, at: datetime) -> None:
    """An agent wrote to the customer: that is the answer which was promised, and the wait is over."""
    await store.settle(conn, conversation_id, [ANSWER], "kept", by=f"{by} answered", at=at)
    await store.end_wait(conn, conversation_id)


async def unanswered(conn: Conn, conversation_id: UUID, since: datetime) -> None:
    """What an agent wrote at that moment did not reach the customer: the answer is owed as before.

    Unless a line that was written later reached them, or still may.
    """
    await store.reopen(conn, conversation_id, ANSWER, since)


async def returned(conn: Conn, conversation_id: UUID, why: str, at: datetime, *, solved: bool) -> None:
    """The bot got control back: nobody waits for an answer. `solved` by an agent: the call was made."""
    await store.settle(conn, conversation_id, [ANSWER], "withdrawn", by=why, at=at)
    if solved:
        await store.settle(conn, conversation_id, [CALL], "kept", by=why, at=at)


async def done(conn: Conn, jobs: Jobs, id: int, by: str, at: datetime) -> bool:
    """An agent says that it is kept: called, or done. Noted on the ticket; False when it was settled."""
    kept = await store.settle_one(conn, id, "kept", by=by, at=at)
    if kept:
        said = "called the customer" if kept.kind == CALL else "did what was promised"
        await notes.add(conn, jobs, kept.conversation_id, f"{by} {said}: {kept.what}.")
    return kept is not None


async def withdraw(conn: Conn, jobs: Jobs, id: int, by: str, at: datetime) -> bool:
    """It is not owed any more. Noted on the ticket; False when it was settled before."""
    gone = await store.settle_one(conn, id, "withdrawn", by=by, at=at)
    if gone:
        await notes.add(conn, jobs, gone.conversation_id, f"{by} withdrew a promise: {gone.what}.")
    return gone is not None


async def no_call(conn: Conn, jobs: Jobs, conversation_id: UUID, by: str, at: datetime) -> bool:
    """The customer wants no call any more; False when none was owed."""
    gone = await store.settle(conn, conversation_id, [CALL], "withdrawn", by=by, at=at)
    if gone:
        await notes.add(conn, jobs, conversation_id, "The customer does not want to be called any more.")
    return bool(gone)


async def break_due(conn: Conn, jobs: Jobs, promise: Promise, at: datetime) -> bool:
    """Mark a promise that is due, and say so on the ticket; False when it was settled meanwhile.

    The conversation is locked, so that an answer under way and this mark come one after the other.
    """
    await core.conversation(conn, promise.conversation_id, lock=True)
    if not await store.break_one(conn, promise.id, at):
        return False
    await notes.add(
        conn, jobs, promise.conversation_id, f"OVERDUE: {promise.what}. {HOW_TO_KEEP[promise.kind]}"
    )
    return True
