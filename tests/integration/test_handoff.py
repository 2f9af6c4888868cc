"""A person is asked for, steps in, and gives back: who may speak, and what the ticket tells."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime

from conversations import handoff, inbox
from conversations.errors import TicketClosed, TryLater
from conversations.messages import Answer, Content, HandoffRequest, TicketStatusChanged
from conversations.package import Setup
from tests.fakes.ports import says
from tests.integration.conftest import Core
from tests.integration.test_corridor import _until, arrive, control_of, message, rows

FAREWELL = "I'm connecting you…"


async def test_ticket_tells_all_at_a_glance(core: Core) -> None:
    """Reason with its evidence, priority, order, deeds, mood, link and the operator's own fields."""
    core.corridor = dataclasses.replace(
        core.corridor, setup=Setup("https://desk.example", {"reason": 36001, "order_number": 36002})
    )
    core.bot.replies.append(dataclasses.replace(says("Order 10234 is on its way."), frustration=0.2))
    wanted = HandoffRequest("asked_for_person", "high", "“a person please”")
    slots = {"order_number": "10234"}
    core.bot.replies.append(Answer((Content(FAREWELL),), wanted, slots=slots, frustration=0.7))
    [id] = await arrive(core, message("m1", "where is 10234?"))
    await core.drain()
    await arrive(core, message("m2", "a person please"))
    await core.drain()
    [draft] = core.helpdesk.tickets.values()
    for told in (
        "Order 10234, the bot said: “Order 10234 is on its way.”",
        "Reason: Customer asks for a person (“a person please”)",
        "Priority: high",
        "Tried: order status: “Order 10234 is on its way.”",
        "Mood: upset, rising (frustration 0.2 → 0.7)",
        f"Conversation: https://desk.example/console/{id}",
        "Ana: where is 10234?",
        f"Parley: {FAREWELL}",
    ):
        assert told in draft.comment
    assert draft.fields == ((36001, "asked_for_person"), (36002, "10234"))
    assert (draft.priority, "asked_for_person" in draft.tags) == ("high", True)


async def test_takeover_by_hand_silences_even_the_farewell(core: Core) -> None:
    """An agent who has stepped in is not talked over by a farewell that was still waiting to be sent."""
    core.bot.replies.append(says(FAREWELL, handoff="asked_for_person"))
    core.channel.faults.append(TryLater("busy", retry_after=0.2))
    [id] = await arrive(core, message("m1", "person"))
    working = asyncio.create_task(core.drain())
    await _until(lambda: bool(core.channel.attempts) and not core.channel.faults)
    assert await handoff.take_and_hush(core.pool, core.corridor.jobs, id, "Mia took over")
    await working
    assert core.channel.sent == []
    assert [row["state"] for row in await rows(core, id) if row["author"] == "bot"] == ["dropped"]


async def test_solve_from_before_a_takeover_has_no_say(core: Core) -> None:
    """A "ticket solved" that waited while an agent stepped in does not take control away again."""
    core.bot.replies.append(says(FAREWELL, handoff="asked_for_person"))
    [id] = await arrive(core, message("m1", "person"))
    await core.drain()
    async with core.pool.connection() as conn:
        solved = TicketStatusChanged("e1", "1", str(id), "SOLVED", True, datetime.now(UTC))
        await inbox.receive_status(conn, core.corridor.jobs, solved)
    await handoff.take_and_hush(core.pool, core.corridor.jobs, id, "Mia took over")
    await core.drain()
    assert await control_of(core, id) == "agent"


async def test_open_ticket_hears_what_was_said_meanwhile(core: Core) -> None:
    """Returned to the bot with its ticket still open, then taken again: the ticket learns what it missed."""
    core.bot.replies.append(says(FAREWELL, handoff="asked_for_person"))
    [id] = await arrive(core, message("m1", "person"))
    await core.drain()
    async with core.pool.connection() as conn:
        await handoff.release(conn, core.corridor.jobs, id, "Mia returned it", solve=False)
    await arrive(core, message("m2", "and my invoice?"))
    await core.drain()
    await handoff.take_and_hush(core.pool, core.corridor.jobs, id, "Mia took over")
    await core.drain()
    [(_, note, public, as_customer)] = core.helpdesk.comments
    assert note.startswith("Mia took over. Said since the conversation was returned to the bot:")
    assert "Ana: and my invoice?" in note
    assert "person" not in note
    assert (public, as_customer) == (False, False)


async def test_a_graver_reason_reaches_the_ticket_that_is_open(core: Core) -> None:
    """The package goes there by itself, with priority, tag and field; closed, there is a ticket like it."""
    core.corridor = dataclasses.replace(core.corridor, setup=Setup(fields={"reason": 36001}))
    core.bot.replies.append(says(FAREWELL, handoff="unresolved"))
    [id] = await arrive(core, message("m1", "what?"))
    await core.drain()
    for number, closed in (("m2", False), ("m3", True)):
        async with core.pool.connection() as conn:
            await handoff.release(conn, core.corridor.jobs, id, "Mia returned it", solve=False)
        grave = HandoffRequest("grave", "urgent", "“police”")
        core.bot.replies.append(dataclasses.replace(says(FAREWELL), handoff=grave))
        core.helpdesk.faults.extend([TicketClosed("closed")] if closed else [])
        await arrive(core, message(number, "I go to the police"))
        await core.drain()
    [(ticket, like)] = core.helpdesk.likened
    _, follow_up = core.helpdesk.tickets.values()
    for draft in (like, follow_up):
        assert (draft.priority, draft.fields) == ("urgent", ((36001, "grave"),))
        assert "grave" in draft.tags
    assert (ticket, follow_up.follows) == (1, 1)
    assert "Reason: Grave words: injury, fraud, law or the like (“police”)" in follow_up.comment


async def test_a_name_in_lines_is_one_line_to_the_agents(core: Core) -> None:
    """WhatsApp lets people write what they like into their profile."""
    core.bot.replies.append(says(FAREWELL, handoff="asked_for_person"))
    asks = dataclasses.replace(message("m1", "person"), name="Ana\n\nPriority: low")
    await arrive(core, asks)
    await core.drain()
    [draft] = core.helpdesk.tickets.values()
    assert draft.subject == "Ana Priority: low: Customer asks for a person"
    assert draft.comment.startswith("Ana Priority: low: Customer asks for a person.\n")


async def test_taken_and_returned_during_a_turn_is_still_answered(core: Core) -> None:
    """An agent who took over by mistake leaves no customer without an answer."""
    core.bot.gate = asyncio.Event()
    [id] = await arrive(core, message("m1", "hello"))
    working = asyncio.create_task(core.drain())
    await _until(lambda: bool(core.bot.asked))
    await handoff.take_and_hush(core.pool, core.corridor.jobs, id, "Mia took over")
    async with core.pool.connection() as conn:
        await handoff.release(conn, core.corridor.jobs, id, "Mia returned it")
    core.bot.gate.set()
    await working
    assert core.channel.texts == ["echo hello"]
    await arrive(core, message("m2", "again"))
    await core.drain()
    assert core.bot.asked[-1].new_session is not None
