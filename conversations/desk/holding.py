"""One conversation, one person: who holds it, and how it passes from one to another."""

from __future__ import annotations

from uuid import UUID

from conversations import handoff
from conversations import store as core
from conversations.desk import store
from conversations.errors import ParleyError
from conversations.messages import StaffComment
from conversations.ports import Jobs
from conversations.store import Conn


class HeldByAnother(ParleyError):
    """Somebody else holds the conversation; the message says who."""

    def __init__(self, holder: str, held_in: str | None):
        where = " in Zendesk" if held_in == "zendesk" else ""
        super().__init__(f"{holder} has this conversation{where}.")
        self.holder = holder


async def check(conn: Conn, id: UUID, person: str | None) -> None:
    """Nobody but `person` holds it, until the transaction ends. Raises HeldByAnother.

    Without a name it is the chat API's integrator that asks: whom the API itself named is no other.
    """
    await core.conversation(conn, id, lock=True)
    held = await store.holding(conn, id)
    another = held.held_in if person is None else (held.holder or "").casefold() != person.casefold()
    if held.holder and another:
        raise HeldByAnother(held.holder, held.held_in)


async def take(
    conn: Conn, jobs: Jobs, id: UUID, person: str, *, held_in: str | None = "desk", wrest: bool = False
) -> None:
    """`person` holds it, and the ticket, from now on; with `wrest` even when another does.

    Raises HeldByAnother.
    """
    before = await store.holding(conn, id)
    if not await store.hold(conn, id, person, held_in, wrest=wrest):
        await _refuse(conn, id)
        return
    if before.holder and before.holder.casefold() == person.casefold():
        return
    if before.holder:
        await store.add_note(conn, id, person, f"{person} took it from {before.holder}.", kind="holder")
    await handoff.assign(conn, jobs, await core.conversation(conn, id), person)


async def take_in_zendesk(conn: Conn, id: UUID, person: str) -> None:
    """Somebody answered on the ticket: they hold it, unless another does."""
    await store.hold(conn, id, person, "zendesk")


async def assign_in_zendesk(conn: Conn, id: UUID, to: str, before: str | None) -> None:
    """It is another's there now, or nobody's (empty); whoever holds it at the desk keeps it."""
    if await store.assign(conn, id, to or None, before):
        await store.unwarn(conn, id)
        text = (
            f"In Zendesk the ticket is {to}'s now."
            if to
            else f"In Zendesk the ticket is not {before}'s any more."
        )
        await store.add_note(conn, id, "Zendesk", text, kind="holder")
        return
    held = await store.holding(conn, id)
    if to and held.holder and held.holder.casefold() != to.casefold():
        text = f"In Zendesk the ticket is {to}'s now; {held.holder} has the conversation."
        await store.add_note(conn, id, "Zendesk", text, kind="holder")


async def note_in_zendesk(conn: Conn, id: UUID, note: StaffComment) -> None:
    """What somebody wrote on the ticket for colleagues stands at the desk too, once."""
    text = "\n".join(filter(None, [note.body, *(f"📎 {file.name}" for file in note.files)]))
    if text and await store.add_note(conn, id, note.author_name, text, key=f"comment:{note.comment_id}"):
        await store.unwarn(conn, id)


async def give(conn: Conn, jobs: Jobs, id: UUID, by: str, to: str | None, *, wrest: bool = False) -> None:
    """Pass it on to another person, or back to the queue. Noted, on the ticket too. Raises HeldByAnother."""
    if not await store.give(conn, id, by, to, wrest=wrest):
        await _refuse(conn, id)
        return
    text = f"{by} gave it to {to}." if to else f"{by} put it back into the queue."
    await store.add_note(conn, id, by, text, kind="holder")
    await store.unwarn(conn, id)
    conversation = await core.conversation(conn, id)
    await handoff.assign(conn, jobs, conversation, to)
    await handoff.pass_on(conn, jobs, conversation, "agent", text, public=False)


async def note(conn: Conn, jobs: Jobs, id: UUID, author: str, text: str, key: str) -> None:
    """Keep a note for colleagues, on the ticket too, once per `key`; the customer never gets it."""
    if await store.add_note(conn, id, author, text, key=key):
        await store.unwarn(conn, id)
        conversation = await core.conversation(conn, id)
        await handoff.pass_on(conn, jobs, conversation, "agent", f"{author} notes: {text}", public=False)


async def _refuse(conn: Conn, id: UUID) -> None:
    now = await store.holding(conn, id)
    if now.holder:
        raise HeldByAnother(now.holder, now.held_in)
