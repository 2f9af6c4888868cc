"""Control returns to the bot: the ticket is solved, the digest is kept, and nobody is left in silence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from conversations import handoff, inbox
from conversations.desk import holding, reports
from conversations.errors import TryLater
from conversations.handback import changes, idle
from conversations.handback import store as hand_backs
from conversations.handback.idle import Timer
from conversations.messages import TicketStatusChanged
from tests.fakes.ports import says
from tests.integration.conftest import Core
from tests.integration.test_corridor import arrive, control_of, message

TIMER = Timer(timedelta(hours=4), timedelta(minutes=15))


@dataclasses.dataclass
class FakeShop:
    """Orders as they stand at this moment."""

    now: dict[str, dict[str, str]] | None

    async def facts(
        self, phone: str | None, slots: Mapping[str, Any]
    ) -> Mapping[str, Mapping[str, str]] | None:
        return self.now


async def handed_over(core: Core) -> UUID:
    """A conversation whose ticket is open, as the customer asked for a person."""
    core.bot.replies.append(says("A colleague will help.", handoff="asked_for_person"))
    [id] = await arrive(core, message("m1", "when will my refund come?"))
    await core.drain()
    return id


async def reply(core: Core, id: UUID, text: str) -> None:
    """An agent answers at the desk."""
    async with core.pool.connection() as conn:
        await holding.take(conn, core.jobs, id, "Mia")
        await inbox.receive_reply(conn, core.jobs, id, f"reply-{text}", "Mia", text)
    await core.drain()


async def give_back(core: Core, id: UUID) -> None:
    async with core.pool.connection() as conn:
        await handoff.release(conn, core.jobs, id, "Mia returned it")


async def solved(core: Core, id: UUID, event: str) -> None:
    """Zendesk tells that the ticket is solved."""
    async with core.pool.connection() as conn:
        told = TicketStatusChanged(event, "1", str(id), "SOLVED", True, datetime.now(UTC))
        await inbox.receive_status(conn, core.jobs, told)
    await core.drain()


async def test_return_solves_the_ticket_once_with_a_note(core: Core) -> None:
    """The desk's return is noted privately, with what was promised, and solves the ticket, once."""
    id = await handed_over(core)
    await reply(core, id, "I'll refund you by Friday.")
    core.helpdesk.lost_answers.append(TryLater("busy", retry_after=0.0))
    await give_back(core, id)
    await core.drain()
    assert core.helpdesk.solved == [1]
    number, note, public, as_customer = core.helpdesk.comments[-1]
    assert (number, public, as_customer) == (1, False, False)
    assert note.startswith("Mia returned it.")
    assert "Promised:\n- I'll refund you by Friday." in note


async def test_our_own_solve_is_no_second_release(core: Core) -> None:
    """Zendesk's echo of it does not take control from an agent who has stepped in again meanwhile."""
    id = await handed_over(core)
    await give_back(core, id)
    await core.drain()
    await handoff.take_and_hush(core.pool, core.jobs, id, "Mia took over")
    await solved(core, id, "echo")
    assert await control_of(core, id) == "agent"


async def test_taken_again_before_it_went_out_nothing_is_solved(core: Core) -> None:
    """The note still goes to the ticket; it stays open for the agent who has it again."""
    id = await handed_over(core)
    await give_back(core, id)
    await handoff.take_and_hush(core.pool, core.jobs, id, "Mia took over")
    await core.drain()
    assert core.helpdesk.solved == []
    assert "Mia returned it." in core.helpdesk.comments[0][1]


async def test_bot_learns_what_the_agent_left(core: Core) -> None:
    """The next question, and every later one, brings promise, answered question and known order along."""
    id = await handed_over(core)
    await reply(core, id, "I'll refund you by Friday.")
    await arrive(core, message("m2", "thank you, my order is 10235"))
    await core.drain()
    await solved(core, id, "e1")
    assert core.helpdesk.solved == []
    for number in ("m3", "m4"):
        await arrive(core, message(number, "when will my refund come?"))
        await core.drain()
        left = core.bot.asked[-1].known["hand_back"]
        assert left["by"] == "Mia"
        assert left["promised"] == ("I'll refund you by Friday.",)
        assert left["handled"][0]["asked"] == "when will my refund come?"
    first, _ = core.bot.asked[-2:]
    assert first.new_session == {"order_number": "10235"}


@pytest.mark.parametrize(
    ("said", "goes_on"), [("Please go on with it here.", True), ("I've opened the return for you.", False)]
)
async def test_an_unfinished_return_is_carried_unless_it_was_seen_to(
    core: Core, said: str, goes_on: bool
) -> None:
    """What was told of it need not be told again; what an agent did need not be done again."""
    known = {"order_number": "10235", "return_item": "Phone case", "return_reason": "too small"}
    answer = says("A colleague will help.", handoff="asked_for_person")
    core.bot.replies.append(dataclasses.replace(answer, slots={**known, "confirmed": None}))
    [id] = await arrive(core, message("m1", "a person please"))
    await core.drain()
    await reply(core, id, said)
    await give_back(core, id)
    await arrive(core, message("m2", "I want to return it"))
    await core.drain()
    carried = known if goes_on else {"order_number": "10235"}
    assert core.bot.asked[-1].new_session == carried


async def test_changes_of_the_orders_are_told(core: Core) -> None:
    """How orders stood is remembered at the hand-over and compared at the release."""
    shop = FakeShop({"10237": {"the status": "processing"}})
    core.corridor = dataclasses.replace(core.corridor, shop=shop)
    id = await handed_over(core)
    assert await changes.mark(core.pool, shop) == 1
    assert await changes.mark(core.pool, shop) == 0
    shop.now = {"10237": {"the status": "cancelled"}}
    await solved(core, id, "e1")
    async with core.pool.connection() as conn:
        left = await hand_backs.last(conn, id, 1)
    assert left
    assert left.digest.changed == ("Order 10237: the status is now cancelled.",)


# --- by itself -------------------------------------------------------------------------------------


async def look(core: Core, after: timedelta) -> int:
    """The worker's look so long from now."""
    released = await idle.look(core.pool, core.jobs, None, TIMER, datetime.now(UTC) + after)
    await core.drain()
    return released


async def test_idle_conversation_goes_back_after_a_warning(core: Core) -> None:
    """First the agent is told, at the desk and on the ticket; a quarter of an hour later the bot has it."""
    id = await handed_over(core)
    await reply(core, id, "All done.")
    assert await look(core, timedelta(hours=3)) == 0
    assert await look(core, timedelta(hours=3, minutes=46)) == 0
    assert await look(core, timedelta(hours=3, minutes=47)) == 0
    told = [note for _, note, public, _ in core.helpdesk.comments if "goes back to the bot" in note]
    assert len(told) == 1
    assert told[0].startswith("Nobody has written for 3.77 hours. In 15 minutes")
    async with core.pool.connection() as conn:
        assert [note.kind for note in await reports.notes(conn, id)][-1] == "idle"
    assert await control_of(core, id) == "agent"
    assert await look(core, timedelta(hours=4, minutes=2)) == 1
    assert await control_of(core, id) == "bot"
    assert core.helpdesk.solved == [1]


async def test_activity_begins_the_time_anew(core: Core) -> None:
    """A message of either side, or a note, takes the warning back."""
    id = await handed_over(core)
    await reply(core, id, "All done.")
    await look(core, timedelta(hours=3, minutes=46))
    async with core.pool.connection() as conn:
        await conn.execute("UPDATE conversations SET warned_at = clock_timestamp() WHERE id = %s", [id])
        await holding.note(conn, core.jobs, id, "Mia", "waiting for the carrier", "note-1")
    assert await look(core, timedelta(minutes=20)) == 0
    assert await control_of(core, id) == "agent"


async def test_waiting_customer_is_never_sent_back(core: Core) -> None:
    """Nobody has answered, or a question is open: the conversation stays in the queue."""
    id = await handed_over(core)
    assert await look(core, timedelta(hours=5)) == 0
    await reply(core, id, "All done.")
    await arrive(core, message("m2", "and where is the invoice?"))
    await core.drain()
    assert await look(core, timedelta(hours=5)) == 0
    assert await look(core, timedelta(hours=6)) == 0
    assert await control_of(core, id) == "agent"


@pytest.mark.parametrize("text", ["please also cancel order 10237", "cade meu reembolso", ""])
async def test_whoever_wrote_after_the_answer_is_never_sent_back(core: Core, text: str) -> None:
    """In whatever form: a wish, another language, a file."""
    id = await handed_over(core)
    await reply(core, id, "Your refund was sent today.")
    await arrive(core, message("m2", text, kind="text" if text else "image"))
    await core.drain()
    await look(core, timedelta(hours=3, minutes=50))
    assert await look(core, timedelta(hours=4, minutes=6)) == 0
    assert await control_of(core, id) == "agent"
    await reply(core, id, "Done.")
    await arrive(core, message("m3", "thank you 👍"))
    await core.drain()
    await look(core, timedelta(hours=3, minutes=50))
    assert await look(core, timedelta(hours=4, minutes=6)) == 1


async def out_of_the_window(core: Core) -> None:
    """The customer last wrote too long ago for WhatsApp."""
    async with core.pool.connection() as conn:
        await conn.execute("UPDATE conversations SET heard_at = now() - interval '25 hours'")


@pytest.mark.parametrize("state", ["held", "nudged", "failed", "sending"])
async def test_an_answer_that_has_not_arrived_is_none(core: Core, state: str) -> None:
    """While the newest reply is held or on its way, or has failed, the conversation stays with the agent."""
    id = await handed_over(core)
    await reply(core, id, "Hello Ana, I can see the refund.")
    await reply(core, id, "It comes on Friday.")
    async with core.pool.connection() as conn:
        await conn.execute(
            "UPDATE outbox SET state = %s WHERE id = (SELECT max(outbox_id) FROM log WHERE author = 'agent')",
            [state],
        )
    await look(core, timedelta(hours=3, minutes=50))
    assert await look(core, timedelta(hours=4, minutes=6)) == 0
    assert await control_of(core, id) == "agent"


async def returned_with_a_held_reply(core: Core) -> UUID:
    id = await handed_over(core)
    await out_of_the_window(core)
    await reply(core, id, "I'll refund you by Friday.")
    await give_back(core, id)
    await core.drain()
    return id


async def test_a_held_reply_is_part_of_what_the_bot_knows(core: Core) -> None:
    """It will arrive with the customer's next message."""
    id = await returned_with_a_held_reply(core)
    async with core.pool.connection() as conn:
        left = await hand_backs.last(conn, id, 1)
    assert left
    assert left.digest.promised == ("I'll refund you by Friday.",)


async def test_who_asks_for_the_held_reply_gets_it_alone(core: Core) -> None:
    """A "yes, tell me" is for the agent's words: the bot adds none, and answers the next message."""
    await returned_with_a_held_reply(core)
    before = len(core.bot.asked)
    await arrive(core, message("m2", "yes, tell me"))
    await core.drain()
    assert core.channel.texts[-1] == "I'll refund you by Friday."
    assert len(core.bot.asked) == before
    await arrive(core, message("m3", "yes, tell me"))
    await core.drain()
    assert core.channel.texts[-1] == "echo yes, tell me"


async def test_who_asks_something_else_gets_the_held_reply_and_an_answer(core: Core) -> None:
    """First the agent's words, then the bot's, which knows them."""
    await returned_with_a_held_reply(core)
    await arrive(core, message("m2", "where is my order 10234?"))
    await core.drain()
    assert core.channel.texts[-2:] == ["I'll refund you by Friday.", "echo where is my order 10234?"]
    assert core.bot.asked[-1].known["hand_back"]["promised"] == ("I'll refund you by Friday.",)
