"""The core on a real Postgres with real jobs: the promises of DESIGN §4."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from conversations import handoff, inbox, outbox, reports, store
from conversations.errors import (
    BotFailed,
    NeedsOperator,
    OutcomeUnknown,
    Refused,
    TicketClosed,
    TryLater,
    UnknownConversation,
)
from conversations.messages import (
    Address,
    CustomerMessage,
    Receipt,
    ReceiptStatus,
    StaffComment,
    TicketStatusChanged,
)
from tests.fakes.ports import says
from tests.integration.conftest import Core

ANA = Address("whatsapp", "106540352242922", "BR.1111", "15550100001")


def message(id: str, text: str = "hi", address: Address = ANA, kind: str = "text") -> CustomerMessage:
    words = text if kind == "text" else ""
    return CustomerMessage(id, address, kind, text, datetime.now(UTC), name="Ana", words=words)


def comment(
    conversation_id: UUID,
    id: str = "1",
    body: str = "On its way!",
    author_id: str = "5",
    ticket_open: bool = True,
) -> StaffComment:
    at = datetime.now(UTC)
    return StaffComment("1", str(conversation_id), id, author_id, "Mia", body, at, ticket_open)


async def arrive(core: Core, *messages: CustomerMessage) -> list[UUID]:
    async with core.pool.connection() as conn:
        return await inbox.receive(conn, core.corridor.jobs, messages)


async def the_log(core: Core, id: UUID) -> list[reports.Line]:
    async with core.pool.connection() as conn:
        return (await reports.show(conn, id))[1]


async def control_of(core: Core, id: UUID) -> str:
    async with core.pool.connection() as conn:
        return (await store.conversation(conn, id)).control


async def rows(core: Core, id: UUID) -> list[dict[str, object]]:
    async with core.pool.connection() as conn:
        return await store.deliveries(conn, id)


async def test_message_is_answered_and_logged(core: Core) -> None:
    """A customer's message becomes one question, one line back and a log that tells how."""
    [id] = await arrive(core, message("m1", "where is 10234?"))
    await core.drain()
    assert core.channel.texts == ["echo where is 10234?"]
    kinds = [(line.kind, line.author, line.text) for line in await the_log(core, id)]
    assert kinds == [
        ("message", "customer", "where is 10234?"),
        ("message", "bot", "echo where is 10234?"),
        ("turn", "bot", ""),
    ]
    turn = (await the_log(core, id))[-1].body
    assert (turn["intent"], turn["action"], turn["model_id"], turn["escalated"]) == (
        "order_status",
        "action_order_status",
        "model",
        False,
    )
    assert turn["confidence"] == 0.9
    assert turn["latency_ms"] >= 0


async def test_same_message_twenty_times_at_once_is_one_turn(core: Core) -> None:
    """However often and however concurrently a webhook repeats itself, the bot is asked once."""
    await asyncio.gather(*(arrive(core, message("same")) for _ in range(20)))
    await core.drain()
    assert len(core.bot.asked) == 1
    assert len(core.channel.sent) == 1


async def test_one_customer_first_heard_twice_at_once_is_one_conversation(core: Core) -> None:
    """Two first messages at the same moment do not split a customer's history."""
    found = await asyncio.gather(*(arrive(core, message(f"m{n}")) for n in range(8)))
    assert len({id for ids in found for id in ids}) == 1


async def test_crossing_batches_do_not_deadlock(core: Core) -> None:
    """Two webhooks with the same customers in opposite order both get through."""
    people = [Address("whatsapp", "1", None, f"1555{n:04}") for n in range(12)]
    there = [message(f"a{n}", address=one) for n, one in enumerate(people)]
    back = [message(f"b{n}", address=one) for n, one in reversed(list(enumerate(people)))]
    await asyncio.wait_for(asyncio.gather(arrive(core, *there), arrive(core, *back)), 10)
    await core.drain()
    assert len(core.bot.asked) == 24


async def test_conversation_is_found_by_either_identity(core: Core) -> None:
    """A customer known by number and by user id stays one conversation when one of them is missing."""
    [both] = await arrive(core, message("m1"))
    [by_phone] = await arrive(core, message("m2", address=Address("whatsapp", ANA.account, None, ANA.wa_id)))
    [by_user] = await arrive(core, message("m3", address=Address("whatsapp", ANA.account, ANA.user_id, None)))
    assert both == by_phone == by_user


async def test_new_number_keeps_the_conversation(core: Core) -> None:
    """A customer who changes the phone number goes on where the old one left off."""
    new = Address("whatsapp", ANA.account, None, "15559999999")
    [before] = await arrive(core, message("m1"))
    moved = dataclasses.replace(message("m2", "changed number", kind="system"), moved_to=new)
    assert await arrive(core, moved) == [before]
    assert await arrive(core, message("m3", address=new)) == [before]
    async with core.pool.connection() as conn:
        assert (await store.conversation(conn, before)).wa_id == "15559999999"


async def test_turns_of_a_conversation_run_in_order_and_others_beside_them(core: Core) -> None:
    """Messages of one customer are answered in the order they came."""
    await arrive(
        core,
        *(message(f"m{n}", f"text {n}") for n in range(6)),
        message("o", "other", Address("whatsapp", "1", None, "2")),
    )
    await core.drain()
    mine = [question.text for question in core.bot.asked if question.phone == "+15550100001"]
    assert mine == [f"text {n}" for n in range(6)]
    assert [text for text in core.channel.texts if "text" in text] == [f"echo text {n}" for n in range(6)]


async def test_failed_engine_is_asked_again_then_a_person_is(core: Core) -> None:
    """After the last attempt the customer is told, a ticket opened, and nothing is lost."""
    core.bot.replies.extend(BotFailed("down") for _ in range(4))
    [id] = await arrive(core, message("m1", "where is my order"))
    await core.drain()
    assert len(core.bot.asked) == 4
    assert core.channel.texts == [handoff.APOLOGY.text]
    assert await control_of(core, id) == "agent"
    [draft] = core.helpdesk.tickets.values()
    assert "where is my order" in draft.comment
    assert "bot_failed" in draft.tags


async def test_engine_that_recovers_is_no_handoff(core: Core) -> None:
    """A passing fault of the engine costs nothing but a moment."""
    core.bot.replies.extend([BotFailed("down"), says("Here I am.")])
    [id] = await arrive(core, message("m1"))
    await core.drain()
    assert core.channel.texts == ["Here I am."]
    assert await control_of(core, id) == "bot"


async def test_fault_in_our_own_code_is_a_handoff_too(core: Core) -> None:
    """Even an error nobody foresaw ends with a person, never with silence."""
    core.bot.replies.extend(ZeroDivisionError("oops") for _ in range(4))
    [id] = await arrive(core, message("m1"))
    await core.drain()
    assert await control_of(core, id) == "agent"
    failed = next(line for line in await the_log(core, id) if line.kind == "turn")
    assert failed.body["error"] == "ZeroDivisionError: oops"


async def test_handoff_opens_one_ticket_and_silences_the_bot(core: Core) -> None:
    """The bot says its farewell, one ticket holds the conversation, and later messages reach the ticket."""
    [id] = await arrive(core, message("m0", "where is 10234"))
    await core.drain()
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    await arrive(core, message("m1", "a person please"))
    await core.drain()
    await arrive(core, message("m2", "are you there?"), message("m3", "hello?"))
    await core.drain()
    assert core.channel.texts == ["echo where is 10234", "Connecting you…"]
    [draft] = core.helpdesk.tickets.values()
    assert all(text in draft.comment for text in ("where is 10234", "echo where is 10234", "a person please"))
    assert draft.external_id == f"whatsapp:{id}"
    assert core.helpdesk.comments == [(1, "are you there?", True, True), (1, "hello?", True, True)]


async def test_messages_sent_together_with_the_handoff_are_told_once(core: Core) -> None:
    """A message that waits behind the handoff comes as a comment, not in the transcript as well."""
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    await arrive(core, message("m1", "a person please"), message("m2", "it is urgent"))
    await core.drain()
    [draft] = core.helpdesk.tickets.values()
    assert "it is urgent" not in draft.comment
    assert core.helpdesk.comments == [(1, "it is urgent", True, True)]


async def test_agents_reply_reaches_the_customer_and_solving_releases(core: Core) -> None:
    """A public comment goes to WhatsApp once; after solving, the bot answers the next message afresh."""
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    [id] = await arrive(core, message("m1", "person"))
    await core.drain()
    for _ in range(3):
        async with core.pool.connection() as conn:
            await inbox.receive_comment(conn, core.corridor.jobs, comment(id))
    await core.drain()
    assert core.channel.texts[1:] == ["On its way!"]
    async with core.pool.connection() as conn:
        solved = TicketStatusChanged("e1", "1", str(id), "SOLVED", True, datetime.now(UTC))
        await inbox.receive_status(conn, core.corridor.jobs, solved)
    await core.drain()
    assert await control_of(core, id) == "bot"
    await arrive(core, message("m2", "thanks"), message("m3", "one more"))
    await core.drain()
    assert core.channel.texts[2:] == ["echo thanks", "echo one more"]
    assert [question.new_session is not None for question in core.bot.asked] == [False, True, False]


async def test_ticket_that_names_no_conversation_is_known_by_its_number(core: Core) -> None:
    """Somebody took the external id off our ticket: its replies still find their customer."""
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    [id] = await arrive(core, message("m1", "person"))
    await core.drain()
    async with core.pool.connection() as conn:
        unnamed = dataclasses.replace(comment(id), conversation_id=None)
        await inbox.receive_comment(conn, core.corridor.jobs, unnamed)
        foreign = dataclasses.replace(unnamed, ticket_id="999")
        with pytest.raises(UnknownConversation):
            await inbox.receive_comment(conn, core.corridor.jobs, foreign)
    await core.drain()
    assert core.channel.texts[1:] == ["On its way!"]


async def test_own_comment_is_never_echoed(core: Core) -> None:
    """A comment written by the user we write as does not come back to the customer."""
    [id] = await arrive(core, message("m1"))
    await core.drain()
    async with core.pool.connection() as conn:
        await inbox.receive_comment(conn, core.corridor.jobs, comment(id, author_id="1"))
    await core.drain()
    assert core.channel.texts == ["echo hi"]


async def test_agents_words_do_not_wait_for_a_broken_helpdesk(core: Core) -> None:
    """An agent's reply goes out although the helpdesk cannot tell who we are."""
    [id] = await arrive(core, message("m1"))
    await core.drain()
    core.helpdesk.unknown = TryLater("503")
    async with core.pool.connection() as conn:
        await inbox.receive_comment(conn, core.corridor.jobs, comment(id))
    await core.drain()
    assert core.channel.texts == ["echo hi", "On its way!"]


async def test_reply_on_the_ticket_is_a_takeover(core: Core) -> None:
    """An agent who answers unasked gets control; one who answers and solves does not keep it."""
    [id] = await arrive(core, message("m1"))
    await core.drain()
    async with core.pool.connection() as conn:
        await inbox.receive_comment(conn, core.corridor.jobs, comment(id, "1", "Bye!", ticket_open=False))
    await core.drain()
    assert await control_of(core, id) == "bot"
    async with core.pool.connection() as conn:
        await inbox.receive_comment(conn, core.corridor.jobs, comment(id, "2", "I take this."))
    await core.drain()
    assert await control_of(core, id) == "agent"
    assert core.channel.texts == ["echo hi", "Bye!", "I take this."]


async def test_reply_in_the_console_takes_control_and_is_noted_on_the_ticket(core: Core) -> None:
    """What an agent writes in the console reaches the customer once and the ticket as a private note."""
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    [id] = await arrive(core, message("m1", "person"))
    await core.drain()
    for _ in range(2):
        async with core.pool.connection() as conn:
            await inbox.receive_reply(conn, core.corridor.jobs, id, "r1", "Mia", "I am on it.")
    await core.drain()
    assert core.channel.texts == ["Connecting you…", "I am on it."]
    assert core.helpdesk.comments == [(1, "Mia in the console: I am on it.", False, False)]
    assert await control_of(core, id) == "agent"


async def test_takeover_during_a_turn_drops_the_bots_line(core: Core) -> None:
    """What the bot had to say when control passed is logged with the reason, and never sent."""
    core.bot.gate = asyncio.Event()
    [id] = await arrive(core, message("m1", "hello"))
    working = asyncio.create_task(core.drain())
    await _until(lambda: bool(core.bot.asked))
    assert await handoff.take_and_hush(core.pool, core.corridor.jobs, id, "agent stepped in")
    core.bot.gate.set()
    await working
    assert core.channel.sent == []
    dropped = next(row for row in await rows(core, id) if row["state"] == "dropped")
    assert dropped["why"] == "control passed during the turn"


async def test_takeover_before_sending_drops_the_line(core: Core) -> None:
    """A line that waits in the outbox when control passes is dropped when its turn to be sent comes."""
    core.channel.faults.append(TryLater("busy", retry_after=0.2))
    [id] = await arrive(core, message("m1"))
    working = asyncio.create_task(core.drain())
    await _until(lambda: bool(core.channel.attempts) and not core.channel.faults)
    assert await handoff.take_and_hush(core.pool, core.corridor.jobs, id, "agent stepped in")
    await working
    assert core.channel.sent == []
    assert [row["state"] for row in await rows(core, id)] == ["dropped"]


async def test_takeover_waits_for_the_line_on_the_wire(core: Core) -> None:
    """Takeover returns only after a send under way has ended; then the bot says nothing more."""
    core.channel.gate = asyncio.Event()
    [id] = await arrive(core, message("m1"))
    working = asyncio.create_task(core.drain())
    await core.channel.on_the_wire.wait()
    takeover = asyncio.create_task(
        handoff.take_and_hush(core.pool, core.corridor.jobs, id, "agent stepped in")
    )
    done, _ = await asyncio.wait({takeover}, timeout=0.2)
    assert not done
    core.channel.gate.set()
    assert await takeover
    assert core.channel.texts == ["echo hi"]
    await working


async def test_delivery_that_waits_never_holds_up_turns(core: Core) -> None:
    """A send that is to be retried keeps later sends in order, and the next turn runs meanwhile."""
    core.channel.faults.append(TryLater("busy", retry_after=0.5))
    await arrive(core, message("m1", "one"))
    working = asyncio.create_task(core.drain())
    await _until(lambda: bool(core.channel.attempts) and not core.channel.faults)
    await arrive(core, message("m2", "two"))
    await _until(lambda: len(core.bot.asked) == 2)
    assert core.channel.sent == []
    await working
    assert core.channel.texts == ["echo one", "echo two"]


async def test_uncertain_send_settled_by_receipt_is_not_repeated(core: Core) -> None:
    """When the answer to a send was lost, its receipt settles it."""
    core.channel.faults.append(OutcomeUnknown("reset"))
    [id] = await arrive(core, message("m1"))
    working = asyncio.create_task(core.drain())
    await _until(lambda: bool(core.channel.attempts) and not core.channel.faults)
    receipt = Receipt(
        "whatsapp", "wamid.Z", "delivered", datetime.now(UTC), reference=core.channel.attempts[0]
    )
    async with core.pool.connection() as conn:
        await outbox.tick(conn, core.jobs, receipt)
    await working
    assert len(core.channel.attempts) == 1
    [row] = await rows(core, id)
    assert (row["state"], row["external_id"]) == ("delivered", "wamid.Z")


async def test_uncertain_send_without_receipt_is_repeated_after_the_wait(core: Core) -> None:
    """No receipt within the wait means that it was not taken; then it is sent again."""
    core.channel.faults.append(OutcomeUnknown("reset"))
    [id] = await arrive(core, message("m1"))
    await core.drain()
    assert len(core.channel.attempts) == 2
    assert [row["state"] for row in await rows(core, id)] == ["sent"]


async def test_refused_send_fails_with_its_reason(core: Core) -> None:
    """What the channel will never take is recorded, and what follows still goes out."""
    core.channel.faults.append(Refused("131026: undeliverable"))
    [id] = await arrive(core, message("m1", "one"), message("m2", "two"))
    await core.drain()
    assert [(row["state"], row["why"]) for row in await rows(core, id)] == [
        ("failed", "131026: undeliverable"),
        ("sent", None),
    ]


async def test_revoked_token_holds_the_queue_and_loses_nothing(core: Core) -> None:
    """Lines wait while an operator mends the configuration, then go out in order."""
    core.channel.faults.extend(NeedsOperator("190: token expired") for _ in range(3))
    await arrive(core, message("m1", "one"), message("m2", "two"))
    await core.drain()
    assert core.channel.texts == ["echo one", "echo two"]


async def test_receipts_only_move_forward(core: Core) -> None:
    """Statuses overtake each other; a late `sent` or `delivered` never undoes `read`, nor does `failed`."""
    [id] = await arrive(core, message("m1"))
    await core.drain()
    wamid = f"wamid.{core.channel.attempts[0]}"
    late: list[ReceiptStatus] = ["read", "delivered", "sent", "failed"]
    for status in late:
        async with core.pool.connection() as conn:
            await outbox.tick(conn, core.jobs, Receipt("whatsapp", wamid, status, datetime.now(UTC)))
        assert [row["state"] for row in await rows(core, id)] == ["read"]


async def test_failed_receipt_is_final_and_logged(core: Core) -> None:
    """A message that the channel could not deliver is failed for good, with the channel's reason."""
    [id] = await arrive(core, message("m1"))
    await core.drain()
    reference = core.channel.attempts[0]
    told: list[tuple[ReceiptStatus, str | None]] = [("failed", "131047: window closed"), ("delivered", None)]
    for status, error in told:
        async with core.pool.connection() as conn:
            receipt = Receipt("whatsapp", f"wamid.{reference}", status, datetime.now(UTC), error=error)
            await outbox.tick(conn, core.jobs, receipt)
    assert [(row["state"], row["why"]) for row in await rows(core, id)] == [
        ("failed", "131047: window closed")
    ]
    assert any(line.kind == "delivery" for line in await the_log(core, id))


async def test_ticket_is_opened_once_though_the_answer_was_lost(core: Core) -> None:
    """An ambiguous ticket creation is repeated under the same key."""
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    core.helpdesk.faults.extend([OutcomeUnknown("reset"), TryLater("503")])
    await arrive(core, message("m1", "person"))
    await core.drain()
    assert len(core.helpdesk.tickets) == 1


async def test_comment_on_a_closed_ticket_opens_a_follow_up(core: Core) -> None:
    """What the customer writes after the ticket was closed for good is not lost."""
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    await arrive(core, message("m1", "person"))
    await core.drain()
    core.helpdesk.faults.append(TicketClosed("closed"))
    await arrive(core, message("m2", "still there?"))
    await core.drain()
    follow_up = list(core.helpdesk.tickets.values())[1]
    assert (follow_up.follows, follow_up.comment) == (1, "still there?")


async def test_what_the_bot_cannot_read_is_answered_kindly(core: Core) -> None:
    """A sticker asks for words; a reaction asks for nothing."""
    await arrive(core, message("m1", "[sticker]", kind="sticker"), message("m2", "👍", kind="reaction"))
    await core.drain()
    assert len(core.channel.sent) == 1
    assert "type" in core.channel.texts[0]
    assert core.bot.asked == []


async def test_line_leaves_by_its_conversations_own_channel(core: Core) -> None:
    """A customer of another channel is answered there, and nothing of it reaches WhatsApp."""
    [id] = await arrive(core, message("m1", "hi", Address("chat", "web", "a-visitor")))
    await core.drain()
    assert core.channel.sent == []
    assert [(row["exit"], row["state"]) for row in await rows(core, id)] == [("chat", "sent")]


async def test_second_run_of_a_finished_turn_does_nothing(core: Core) -> None:
    """A job that comes back after its turn was committed changes nothing."""
    [id] = await arrive(core, message("m1"))
    await core.drain()
    await core.take(1, 2, False)
    await core.drain()
    assert len(core.bot.asked) == 1
    assert len(await rows(core, id)) == 1


async def _until(condition: Callable[[], bool], deadline: float = 5.0) -> None:
    end = asyncio.get_running_loop().time() + deadline
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it never happened"
        await asyncio.sleep(0.005)


async def test_what_an_answer_was_taken_from_can_be_asked_for(core: Core) -> None:
    """The passages of an article that customers were given since a day are found, with their digests."""
    source = {"article": "return_window", "section": "How long", "version": "2", "score": 0.9, "digest": "ab"}
    other = {**source, "article": "shipping"}
    core.bot.replies.append(dataclasses.replace(says("30 days."), sources=(source, other)))
    [id] = await arrive(core, message("1"))
    await core.drain()
    async with core.pool.connection() as conn:
        day = datetime.now(UTC).replace(hour=0, minute=0)
        [cited] = await reports.cited(conn, "return_window", day)
        assert await reports.cited(conn, "return_window", datetime.now(UTC)) == []
    assert (cited.conversation_id, cited.section, cited.digest) == (id, "How long", "ab")
