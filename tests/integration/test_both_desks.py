"""An agent may live in Parley's desk, in Zendesk, or in both: what is done in one shows in the other."""

from __future__ import annotations

import dataclasses
from uuid import UUID

from conversations import inbox, reports
from conversations.bridge import reconcile
from conversations.desk import holding
from conversations.desk import reports as desk_reports
from conversations.desk import store as desk
from conversations.desk.store import Holding
from conversations.messages import Thread
from tests.integration.conftest import Core
from tests.integration.test_reconcile import (
    BEGUN,
    changed,
    control,
    handed_off,
    hook,
    look,
    reply,
    stands,
    state,
)


async def assigned(core: Core, to: str | None, minute: int) -> None:
    """In the helpdesk the ticket is this person's from now on; Parley looks."""
    core.helpdesk.shown[1] = dataclasses.replace(state("open", BEGUN.replace(minute=minute)), assignee=to)
    await look(core)


async def held(core: Core, id: UUID) -> Holding:
    async with core.pool.connection() as conn:
        return await desk.holding(conn, id)


async def noted(core: Core, id: UUID) -> list[tuple[str, str]]:
    """What stands at the desk as notes, with the authors."""
    async with core.pool.connection() as conn:
        return [
            (note.author, note.text) for note in await desk_reports.notes(conn, id) if note.kind == "note"
        ]


async def test_assigned_in_zendesk_holds_it_at_the_desk(core: Core) -> None:
    """Assigned, assigned to another, to nobody: the desk follows, and remarks it."""
    id = await handed_off(core)
    await assigned(core, "Ines", 1)
    assert await held(core, id) == Holding("Ines", "zendesk")
    await assigned(core, "Otto", 2)
    assert await held(core, id) == Holding("Otto", "zendesk")
    await assigned(core, "", 3)
    assert await held(core, id) == Holding(None, None)
    async with core.pool.connection() as conn:
        remarks = [note.text for note in await desk_reports.notes(conn, id)]
    assert remarks[-1] == "In Zendesk the ticket is not Otto's any more."


async def test_whoever_holds_it_at_the_desk_keeps_it(core: Core) -> None:
    """Assigning the ticket to another takes it from nobody at the desk; they are told."""
    id = await handed_off(core)
    async with core.pool.connection() as conn:
        await holding.take(conn, core.jobs, id, "Mia")
    await core.drain()
    await assigned(core, "Ines", 1)
    await assigned(core, "", 2)
    assert await held(core, id) == Holding("Mia", "desk")
    async with core.pool.connection() as conn:
        [remark] = await desk_reports.notes(conn, id)
    assert remark.text == "In Zendesk the ticket is Ines's now; Mia has the conversation."


async def test_only_a_change_of_the_assignee_counts(core: Core) -> None:
    """Back in the desk's queue it stays there, however often the ticket changes otherwise."""
    id = await handed_off(core)
    await assigned(core, "Ines", 1)
    async with core.pool.connection() as conn:
        await holding.give(conn, core.jobs, id, "Lena", None, wrest=True)
    await assigned(core, "Ines", 2)
    await assigned(core, None, 3)
    assert await held(core, id) == Holding(None, None)


async def test_desks_holder_is_the_tickets_assignee(core: Core) -> None:
    """Taken, answered, passed on, taken away and put back at the desk: the ticket follows, once a change."""
    id = await handed_off(core)
    async with core.pool.connection() as conn:
        await holding.take(conn, core.jobs, id, "Mia")
        await holding.take(conn, core.jobs, id, "mia")
        await holding.give(conn, core.jobs, id, "Mia", "Leo")
        await holding.take(conn, core.jobs, id, "Lena", wrest=True)
        await holding.give(conn, core.jobs, id, "Lena", None)
    await core.drain()
    assert core.helpdesk.assigned == [(1, "Mia"), (1, "Leo"), (1, "Lena"), (1, "")]


async def test_our_own_assigning_is_not_taken_for_zendesks(core: Core) -> None:
    """While the desk's change is on its way, the assignee the ticket still has says nothing new."""
    id = await handed_off(core)
    await assigned(core, "Ines", 1)
    async with core.pool.connection() as conn:
        await holding.give(conn, core.jobs, id, "Lena", None, wrest=True)
    await assigned(core, "Otto", 2)
    assert await held(core, id) == Holding(None, None)
    await core.drain()
    await assigned(core, "", 3)
    assert await held(core, id) == Holding(None, None)
    async with core.pool.connection() as conn:
        assert [note.text for note in await desk_reports.notes(conn, id)] == [
            "In Zendesk the ticket is Ines's now.", "Lena put it back into the queue.",
        ]  # fmt: skip


async def test_solved_ticket_is_assigned_to_nobody(core: Core) -> None:
    """There is nothing to work on in it any more."""
    id = await handed_off(core)
    await hook(core, changed("solved", 1))
    await core.drain()
    async with core.pool.connection() as conn:
        await holding.take(conn, core.jobs, id, "Leo")
    await core.drain()
    assert core.helpdesk.assigned == []


async def test_what_the_bot_has_nobody_is_given(core: Core) -> None:
    """Assigning the ticket of a conversation that the bot has back gives it to nobody."""
    id = await handed_off(core)
    await hook(core, changed("solved", 1))
    await core.drain()
    assert await control(core, id) == "bot"
    await assigned(core, "Ines", 2)
    assert await held(core, id) == Holding(None, None)


async def test_notes_go_both_ways_once(core: Core) -> None:
    """A private comment stands at the desk, the desk's note on the ticket; neither comes back or goes out."""
    id = await handed_off(core)
    async with core.pool.connection() as conn:
        await holding.note(conn, core.jobs, id, "Mia", "Be kind.", "note:12345678")
    await core.drain()
    private = [text for _, text, public, _ in core.helpdesk.comments if not public]
    assert "Mia notes: Be kind." in private[-1]
    ours = dataclasses.replace(reply(1), comment_id=f"comment-{len(core.helpdesk.comments)}")
    theirs = dataclasses.replace(reply(2), author_name="Ines", body="She called, too.")
    core.helpdesk.threads[1] = Thread((), frozenset({"c2"}), theirs.at, (ours, theirs))
    core.helpdesk.shown[1] = state("open", theirs.at)
    for _ in range(3):
        await look(core)
    await hook(core, theirs)
    await core.drain()
    assert await noted(core, id) == [("Mia", "Be kind."), ("Ines", "She called, too.")]
    assert not [text for text in core.channel.texts if "called" in text or "kind" in text]


async def test_answer_at_the_desk_stands_on_the_ticket_and_solving_there_returns_it(core: Core) -> None:
    """The desk's reply is public on the ticket with its author's name; solved in Zendesk, the bot has it."""
    id = await handed_off(core)
    async with core.pool.connection() as conn:
        await holding.take(conn, core.jobs, id, "Mia")
        await inbox.receive_reply(conn, core.jobs, id, "reply-123456", "Mia", "Here it is.")
    await core.drain()
    assert [text for _, text, _, _ in core.helpdesk.comments if "Here it is." in text and "Mia" in text]
    stands(core, status="solved")
    await reconcile.look(core.pool, core.jobs, core.helpdesk, every=0)
    await core.drain()
    async with core.pool.connection() as conn:
        conversation, _ = await reports.show(conn, id)
    assert conversation.control == "bot"
    assert await held(core, id) == Holding(None, None)
