"""The bridge on a real Postgres with real jobs: bundles, the budget, the window, failures, exits on hold."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from conversations import handoff, inbox, outbox, reports, store
from conversations.bridge import bundles, window
from conversations.errors import NeedsOperator, OutcomeUnknown, Refused, TicketClosed, TryLater
from conversations.messages import Address, Content, CustomerMessage, Media, Receipt, StaffComment, Template
from conversations.tickets import store as tickets
from tests.fakes.ports import says
from tests.integration.conftest import Core

FASTER = 100
ANA = Address("whatsapp", "106540352242922", "BR.1111", "15550100001")


def message(id: str, text: str, at: datetime | None = None) -> CustomerMessage:
    return CustomerMessage(id, ANA, "text", text, at or datetime.now(UTC), name="Ana", words=text)


async def arrive(core: Core, *messages: CustomerMessage) -> UUID:
    async with core.pool.connection() as conn:
        return (await inbox.receive(conn, core.jobs, messages))[0]


async def handed_off(core: Core) -> UUID:
    """A conversation an agent has control of, with its ticket."""
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    id = await arrive(core, message("m0", "person"))
    await core.drain()
    return id


async def agent_says(core: Core, id: UUID, text: str, number: int = 1) -> None:
    comment = StaffComment("1", str(id), f"c{number}", "5", "Mia", text, datetime.now(UTC), True)
    async with core.pool.connection() as conn:
        await inbox.receive_comment(conn, core.jobs, comment)


async def use_updates(core: Core, number: int, ticket: int = 1) -> None:
    async with core.pool.connection() as conn:
        for _ in range(number):
            await tickets.count_update(conn, ticket, bundles.WINDOW)


async def silent_for(core: Core, id: UUID, hours: float) -> None:
    """The customer last wrote so long ago."""
    async with core.pool.connection() as conn:
        at = datetime.now(UTC) - timedelta(hours=hours)
        await conn.execute("UPDATE conversations SET heard_at = %s WHERE id = %s", [at, id])


async def stand(core: Core, id: UUID) -> list[str]:
    """How the agent's lines stand now."""
    async with core.pool.connection() as conn:
        rows = await store.deliveries(conn, id)
    return [row["state"] for row in rows if row["author"] == "agent"]


async def states(core: Core, id: UUID) -> list[str]:
    """What the log says became of lines."""
    async with core.pool.connection() as conn:
        lines = (await reports.show(conn, id))[1]
    return [str(line.body["state"]) for line in lines if line.kind == "delivery"]


def notes(core: Core) -> list[str]:
    """The private notes in the ticket."""
    return [body for _, body, public, _ in core.helpdesk.comments if not public]


def from_customer(core: Core) -> list[str]:
    return [body for _, body, public, _ in core.helpdesk.comments if public]


async def test_few_messages_go_one_by_one(core: Core) -> None:
    """While the budget is large, each message is a comment of its own."""
    await handed_off(core)
    await arrive(core, *(message(f"m{n}", f"line {n}") for n in range(1, 5)))
    await core.drain()
    assert from_customer(core) == [f"line {n}" for n in range(1, 5)]


async def test_many_messages_go_together_in_order_each_once(core: Core) -> None:
    """More messages than the budget lets go one by one: few updates, every message once, in order."""
    await handed_off(core)
    core.helpdesk.faults.extend(TryLater("down") for _ in range(6))
    await arrive(core, *(message(f"m{n}", f"line {n}") for n in range(1, 61)))
    await core.drain()
    written = "\n\n".join(from_customer(core)).split("\n\n")
    assert written == [f"line {n}" for n in range(1, 61)]
    assert len(from_customer(core)) <= bundles.FREE


async def test_answer_lost_after_a_bundle_was_written_doubles_nothing(core: Core) -> None:
    """The ticket took several messages and its answer was lost: none of them is written again."""
    await handed_off(core)
    await use_updates(core, bundles.FREE - 3)
    core.helpdesk.faults.append(TryLater("down", retry_after=0.3))
    core.helpdesk.lost_answers.append(OutcomeUnknown("reset", retry_after=0.05))
    await arrive(core, *(message(f"m{n}", f"line {n}") for n in range(1, 6)))
    await core.drain()
    assert "\n\n".join(from_customer(core)).split("\n\n") == [f"line {n}" for n in range(1, 6)]
    assert len(from_customer(core)) < 5


async def test_bundle_refused_as_a_whole_is_tried_one_by_one(core: Core) -> None:
    """One message the helpdesk will not take costs its neighbours nothing."""
    await handed_off(core)
    await use_updates(core, bundles.FREE - 3)
    core.helpdesk.faults.append(TryLater("down", retry_after=0.3))
    core.helpdesk.faults.append(Refused("422"))
    await arrive(core, *(message(f"m{n}", f"line {n}") for n in range(1, 5)))
    working = asyncio.create_task(core.drain(5))
    end = asyncio.get_running_loop().time() + 4
    while not from_customer(core) and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.01)
    working.cancel()
    assert from_customer(core)[0] == "line 1"


async def test_burst_of_200_messages_with_photos(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every word and every photo is in the ticket once, in order, though answers are lost; the limit is kept.

    A minute passes in 0.6 s.
    """
    await handed_off(core)
    monkeypatch.setattr(bundles, "WINDOW", bundles.WINDOW / FASTER)
    monkeypatch.setattr(bundles, "SPACING", tuple((most, wait / FASTER) for most, wait in bundles.SPACING))
    updates: list[float] = []
    add = core.helpdesk.add_comment

    async def timed(*given: Any, **named: Any) -> str | None:
        updates.append(time.monotonic())
        if len(updates) in (5, 12):
            core.helpdesk.lost_answers.append(OutcomeUnknown("reset", retry_after=0.05))
        return await add(*given, **named)

    monkeypatch.setattr(core.helpdesk, "add_comment", timed)
    core.channel.files = {str(n): b"photo" for n in range(200)}
    burst = [dataclasses.replace(message(f"b{n}", f"line {n}"), media=photos(n)) for n in range(200)]
    await arrive(core, *burst)
    await core.drain(60)
    assert "\n\n".join(from_customer(core)).split("\n\n") == [f"line {n}" for n in range(200)]
    attached = [token for tokens in core.helpdesk.uploads_of.values() for token in tokens]
    names = [core.helpdesk.uploaded[int(token.removeprefix("token-")) - 1][0] for token in attached]
    assert names == [f"{n}.jpg" for n in range(0, 200, 2)]
    assert max(map(len, core.helpdesk.uploads_of.values())) <= bundles.MOST_FILES
    assert all(sum(start <= at < start + 600 / FASTER for at in updates) <= 30 for start in updates)


async def test_file_that_is_gone_is_told_in_its_comment(core: Core) -> None:
    """The words and the other file still arrive, and the agent reads which one is missing."""
    await handed_off(core)
    core.channel.files = {"1": b"photo"}
    both = (Media("image", "1", "image/jpeg"), Media("video", "gone", "video/mp4"))
    await arrive(core, dataclasses.replace(message("m1", "look at this"), media=both))
    await core.drain()
    [said] = from_customer(core)
    assert said.startswith("look at this\n[video: the file could not be brought here: ")
    assert core.helpdesk.uploaded == [("image.jpg", "image/jpeg", b"photo")]


async def test_files_from_before_the_handoff_are_attached(core: Core) -> None:
    """What the customer sent while the bot was in control stands in the transcript, and beside it."""
    core.channel.files = {"1": b"photo"}
    photo = (Media("image", "1", "image/jpeg", "boots.jpg"),)
    await arrive(core, dataclasses.replace(message("m1", "my boots"), media=photo))
    await core.drain()
    await handed_off(core)
    assert [name for name, _, _ in core.helpdesk.uploaded] == ["boots.jpg"]
    assert notes(core) == [handoff.FILES]
    await arrive(core, message("m2", "hello?"))
    await core.drain()
    assert len(core.helpdesk.uploaded) == 1


def photos(number: int) -> tuple[Media, ...]:
    """Every other message has one."""
    return () if number % 2 else (Media("image", str(number), "image/jpeg", f"{number}.jpg"),)


def test_the_limit_of_updates_is_never_broken() -> None:
    """However long somebody writes, no ten minutes hold more than thirty updates, and the wait is bounded."""
    now, sent, longest = 0.0, list[float](), 0.0
    while now < 4000:
        ages = [now - at for at in sent if now - at < bundles.WINDOW]
        left = bundles.wait(ages)
        longest = max(longest, left)
        if left == 0:
            sent.append(now)
        now += max(left, 0.5)
    assert all(sum(1 for at in sent if start <= at < start + 600) <= 30 for start in sent)
    assert longest < 180


async def test_reply_after_24_hours_is_held_and_the_customer_told_once(core: Core) -> None:
    """Two late replies: one template, both replies in order when the customer writes, and notes that tell."""
    core.template = Template("reply_waiting", "en_US")
    id = await handed_off(core)
    await silent_for(core, id, 25)
    await agent_says(core, id, "First answer", 1)
    await agent_says(core, id, "Second answer", 2)
    await core.drain(at_once=1)  # so that both are held before the template goes out
    sent = [
        content.template.name if content.template else content.text for _, content, _ in core.channel.sent
    ]
    assert sent == ["Connecting you…", "reply_waiting"]
    assert await stand(core, id) == ["nudged", "nudged"]
    assert (await states(core, id)).count("nudged") == 1
    assert any("2 replies are held" in note for note in notes(core))
    assert len([note for note in notes(core) if "reply_waiting" in note]) == 1
    await arrive(core, message("m9", "hello again"))
    await core.drain()
    assert core.channel.texts[2:] == ["First answer", "Second answer"]
    assert (await states(core, id)).count("released") == 2
    assert await stand(core, id) == ["sent", "sent"]
    assert "2 held replies" in notes(core)[-1]


async def test_without_a_template_the_agent_is_told_so(core: Core) -> None:
    """Nothing goes out after the window has closed, and the ticket says what is missing."""
    id = await handed_off(core)
    await silent_for(core, id, 25)
    await agent_says(core, id, "Late answer")
    await core.drain()
    assert core.channel.texts == ["Connecting you…"]
    held, untold = notes(core)
    assert "after 7 days" in held
    assert "WHATSAPP_TEMPLATE_NAME" in untold
    assert await stand(core, id) == ["held"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_template_that_is_paused_is_told_and_tried_with_the_next_reply(
    core: Core, at_once: bool
) -> None:
    """Refused at once or failed later, the note says why; the reply stays held, and the next tries again."""
    core.template = Template("reply_waiting", "en_US")
    id = await handed_off(core)
    await silent_for(core, id, 25)
    if at_once:
        core.channel.faults.append(Refused("132015: the template is paused", code="132015"))
    await agent_says(core, id, "First answer", 1)
    await core.drain()
    if not at_once:
        assert await stand(core, id) == ["nudged"]
        row = core.channel.attempts[-1]
        words = "132015: the template is paused"
        failed = Receipt("whatsapp", f"wamid.{row}", "failed", datetime.now(UTC), row, words, "132015")
        async with core.pool.connection() as conn:
            await outbox.tick(conn, core.jobs, failed)
        await core.drain()
    assert await stand(core, id) == ["held"]
    assert "132015: the template is paused" in notes(core)[-1]
    assert "What to do" in notes(core)[-1]
    await agent_says(core, id, "Second answer", 2)
    await core.drain()
    assert await stand(core, id) == ["nudged", "nudged"]


async def test_reply_held_after_the_template_is_nudged_too(core: Core) -> None:
    """The customer knows already: no second template, and the ticket says so."""
    core.template = Template("reply_waiting", "en_US")
    id = await handed_off(core)
    await silent_for(core, id, 25)
    await agent_says(core, id, "First answer", 1)
    await core.drain()
    await agent_says(core, id, "Second answer", 2)
    await core.drain()
    assert await stand(core, id) == ["nudged", "nudged"]
    assert len(core.channel.attempts) == 2
    assert "not told twice" in notes(core)[-1]


async def test_many_held_replies_are_one_note(core: Core) -> None:
    """Replies that are held before the ticket could be told of the first: one note tells of all of them."""
    id = await handed_off(core)
    await silent_for(core, id, 25)
    async with core.pool.connection() as conn:
        conversation = await store.conversation(conn, id, lock=True)
        for number in range(5):
            body = {"content": Content(f"Answer {number}").to_json()}
            row = await store.add_row(conn, id, "whatsapp", "message", "agent", conversation.epoch, body)
            await window.hold(conn, core.jobs, conversation, row, core.patience.held)
    await core.drain()
    [held] = [note for note in notes(core) if "held" in note]
    assert "5 replies are held" in held


@pytest.mark.parametrize("kind", ["reaction", "system"])
async def test_only_words_open_the_window(core: Core, kind: str) -> None:
    """A reaction or a system message releases nothing and opens no window; the next message does."""
    core.template = Template("reply_waiting", "en_US")
    id = await handed_off(core)
    await silent_for(core, id, 25)
    await agent_says(core, id, "Late answer")
    await core.drain()
    await arrive(core, CustomerMessage("s1", ANA, kind, "", datetime.now(UTC)))
    await core.drain()
    assert await stand(core, id) == ["nudged"]
    await agent_says(core, id, "Another", 2)
    await core.drain()
    assert await stand(core, id) == ["nudged", "nudged"]
    await arrive(core, message("m9", "hello again"))
    await core.drain()
    assert core.channel.texts[-2:] == ["Late answer", "Another"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_whatsapp_says_that_the_window_is_closed(core: Core, at_once: bool) -> None:
    """131047, refused at once or failed later, holds the reply; late receipts of that send change nothing."""
    core.template = Template("reply_waiting", "en_US")
    id = await handed_off(core)
    if at_once:
        core.channel.faults.append(Refused("131047: closed", code="131047"))
    await agent_says(core, id, "Late answer")
    await core.drain()
    if not at_once:
        row = core.channel.attempts[-1]
        failed = Receipt(
            "whatsapp", f"wamid.{row}", "failed", datetime.now(UTC), row, "131047: closed", "131047"
        )
        for _ in range(2):
            async with core.pool.connection() as conn:
                await outbox.tick(conn, core.jobs, failed)
        await core.drain()
    assert core.channel.sent[-1][1].template == core.template
    assert (await states(core, id)).count("held") == 1
    await arrive(core, message("m9", "hello again"))
    if not at_once:
        async with core.pool.connection() as conn:
            await outbox.tick(conn, core.jobs, failed)
    await core.drain()
    assert core.channel.texts[-1] == "Late answer"
    assert (await states(core, id)).count("released") == 1


async def test_held_reply_expires(core: Core) -> None:
    """A customer who never writes again: the reply ends, and the agent is told."""
    id = await handed_off(core)
    await silent_for(core, id, 25)
    await agent_says(core, id, "Late answer")
    await core.drain()
    async with core.pool.connection() as conn:
        assert await window.expire(conn, core.jobs, 0.0) == 1
        assert await window.expire(conn, core.jobs, 0.0) == 0
    assert await stand(core, id) == ["expired"]
    await core.drain()
    assert "expired" in notes(core)[-1]
    assert "Late answer" in notes(core)[-1]
    assert "What to do" in notes(core)[-1]
    await arrive(core, message("m9", "hello again"))
    await core.drain()
    assert "Late answer" not in core.channel.texts


async def test_held_reply_that_expires_after_its_ticket_was_closed(core: Core) -> None:
    """The note opens a follow-up, as the closed ticket takes none: somebody has to learn of it."""
    id = await handed_off(core)
    await silent_for(core, id, 25)
    await agent_says(core, id, "Late answer")
    await core.drain()
    core.helpdesk.faults.append(TicketClosed("422: closed prevents ticket update"))
    async with core.pool.connection() as conn:
        await window.expire(conn, core.jobs, 0.0)
    await core.drain()
    follow_up = list(core.helpdesk.tickets.values())[1]
    assert "Late answer" in follow_up.comment
    assert (follow_up.follows, follow_up.as_customer) == (1, False)


async def test_failure_after_the_ticket_was_solved_opens_it_again(core: Core) -> None:
    """The agent replied and solved at once: the note that it did not arrive is for somebody to see."""
    id = await handed_off(core)
    await agent_says(core, id, "Your refund is on its way")
    await core.drain()
    async with core.pool.connection() as conn:
        await tickets.set_solved(conn, 1, True)
        await handoff.release(conn, core.jobs, id, handoff.SOLVED, solve=False)
        row = core.channel.attempts[-1]
        failed = Receipt(
            "whatsapp", f"wamid.{row}", "failed", datetime.now(UTC), row, "131026: not deliverable", "131026"
        )
        await outbox.tick(conn, core.jobs, failed)
    await core.drain()
    assert "Your refund is on its way" in notes(core)[-1]
    assert core.helpdesk.reopened == [1]
    async with core.pool.connection() as conn:
        ticket = await tickets.latest(conn, id)
    assert ticket
    assert not ticket.solved


async def test_bots_line_outside_the_window_is_dropped(core: Core) -> None:
    """What the bot would say too late is not said, and no template goes out for it."""
    id = await handed_off(core)
    await silent_for(core, id, 25)
    async with core.pool.connection() as conn:
        conversation = (await reports.show(conn, id))[0]
        await outbox.say(conn, core.jobs, conversation, "system", Content("Still there?"), epoch=1)
    await core.drain()
    assert core.channel.texts == ["Connecting you…"]
    assert "dropped" in await states(core, id)


async def test_agent_is_told_once_of_a_line_that_did_not_arrive(core: Core) -> None:
    """Refused at once or failed later: one private note, with the reason and what to do."""
    id = await handed_off(core)
    core.channel.faults.append(Refused("131026: not deliverable", code="131026"))
    await agent_says(core, id, "Your parcel is on its way", 1)
    await core.drain()
    await agent_says(core, id, "Are you there?", 2)
    await core.drain()
    row = core.channel.attempts[-1]
    for _ in range(3):
        async with core.pool.connection() as conn:
            failed = Receipt(
                "whatsapp", f"wamid.{row}", "failed", datetime.now(UTC), row, "131049: withheld", "131049"
            )
            await outbox.tick(conn, core.jobs, failed)
    await core.drain()
    first, second = notes(core)
    assert "Your parcel is on its way" in first
    assert "131026" in first
    assert "What to do" in first
    assert "Are you there?" in second
    assert "131049" in second


async def test_revoked_token_raises_one_alarm_and_one_probe_at_a_time(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    """Many rows wait for one probe; when it goes through, everything goes out in order."""
    core.channel.faults.extend(NeedsOperator("190: token expired", code="190") for _ in range(3))
    people = [Address("whatsapp", "1", None, f"1555{n:04}") for n in range(8)]
    messages = [
        CustomerMessage(f"p{n}-{m}", one, "text", f"{n}/{m}", datetime.now(UTC), words=f"{n}/{m}")
        for n, one in enumerate(people)
        for m in range(2)
    ]
    async with core.pool.connection() as conn:
        await inbox.receive(conn, core.jobs, messages)
    await core.drain()
    assert len(core.channel.sent) == 16
    assert len(core.channel.attempts) <= 16 + 3 + 8
    for n in range(8):
        assert [text for text in core.channel.texts if text.startswith(f"echo {n}/")] == [
            f"echo {n}/0",
            f"echo {n}/1",
        ]
    alarms = [record for record in caplog.records if "ALARM" in record.message]
    assert len(alarms) == 1


async def test_helpdesk_down_keeps_everything_and_drains_in_order(core: Core) -> None:
    """Unreachable, slow, limited and signed out by turns: every message is in the ticket once, in order."""
    await handed_off(core)
    faults: list[Any] = [
        TryLater("down"),
        TryLater("429", retry_after=0.05),
        NeedsOperator("401"),
        TryLater("503"),
    ]
    core.helpdesk.faults.extend(faults)
    await arrive(core, *(message(f"m{n}", f"line {n}") for n in range(1, 8)))
    await core.drain()
    assert "\n\n".join(from_customer(core)).split("\n\n") == [f"line {n}" for n in range(1, 8)]


async def test_old_stamp_does_not_silence_the_bot(core: Core) -> None:
    """A message that comes now with the stamp of last year is answered: it cannot be that old."""
    await arrive(core, message("m1", "hi", datetime.now(UTC) - timedelta(days=400)))
    await core.drain()
    assert core.channel.texts == ["echo hi"]
