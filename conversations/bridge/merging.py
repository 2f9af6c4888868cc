"""A ticket that agents merged into another: the conversation goes on there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from conversations import handoff
from conversations.ports import Jobs
from conversations.rows import Arrival
from conversations.store import Conn
from conversations.tickets import store as tickets


async def follow(conn: Conn, jobs: Jobs, conversation_id: UUID, arrival: Arrival) -> None:
    """Go on in the ticket that ours was merged into, with the agent in control.

    What was written there before is none of this customer's. Where another conversation goes on in that
    ticket it stays that one's; then ours is closed like any other.
    """
    old, new = int(arrival.body["ticket_id"]), int(arrival.body["into"])
    newest = await tickets.latest(conn, conversation_id)
    await tickets.set_solved(conn, old, True)
    if newest is None or newest.id != old:
        return
    since = datetime.fromisoformat(arrival.body["at"])
    if await tickets.adopt(conn, new, conversation_id, instead_of=old, since=since):
        await handoff.takeover(conn, jobs, conversation_id, f"ticket {old} was merged into {new}")
