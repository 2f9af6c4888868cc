"""Replies and statuses on a real Postgres with real jobs: in the ticket's order, each once, hooks or not."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from conversations import inbox, reports, store
from conversations.bridge import reconcile
from conversations.errors import ConnectorError, NeedsOperator, Refused, TryLater
from conversations.exits import gate
from conversations.messages import (
    Address,
    CustomerMessage,
    File,
    StaffComment,
    Thread,
    TicketState,
    TicketStatusChanged,
)
from conversations.tickets import store as tickets
from tests.fakes.ports import says
from tests.integration.conftest import Core

ANA = Address("whatsapp", "106540352242922", "BR.1111", "15550100001")
BEGUN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


async def handed_off(core: Core) -> UUID:
    """A conversation an agent has control of, with ticket 1."""
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    message = CustomerMessage("m0", ANA, "text", "person", datetime.now(UTC), name="Ana", words="person")
    async with core.pool.connection() as conn:
        id = (await inbox.receive(conn, core.jobs, [message]))[0]
    await core.drain()
    return id


def reply(number: int, *, ticket_open: bool = True, files: tuple[File, ...] = ()) -> StaffComment:
    """The ticket's comment of this number, as a webhook tells it."""
    at = BEGUN + timedelta(minutes=number)
    return StaffComment("1", None, f"c{number}", "5", "Mia", f"line {number}", at, ticket_open, files)


def stands(core: Core, *replies: StaffComment, private: tuple[str, ...] = (), status: str = "open") -> None:
    """What the ticket says from now on when it is asked."""
    whole = tuple(dataclasses.replace(each, whole=True) for each in replies)
    until = whole[-1].at if whole else BEGUN
    core.helpdesk.threads[1] = Thread(whole, frozenset(private), until)
    core.helpdesk.shown[1] = state(status, until)


def state(status: str, at: datetime) -> TicketState:
    return TicketState(1, status, at.strftime("%Y-%m-%dT%H:%M:%SZ"), at.replace(microsecond=0))


async def hook(core: Core, *events: StaffComment | TicketStatusChanged) -> None:
    for event in events:
        async with core.pool.connection() as conn:
            if isinstance(event, StaffComment):
                await inbox.receive_comment(conn, core.jobs, event)
            else:
                await inbox.receive_status(conn, core.jobs, event)


def changed(status: str, number: float) -> TicketStatusChanged:
    at = BEGUN + timedelta(minutes=number)
    return TicketStatusChanged(f"e{status}{number}", "1", None, status, status == "solved", at)


async def look(core: Core) -> int:
    new = await reconcile.look(core.pool, core.jobs, core.helpdesk, every=0)
    await core.drain()
    return new


async def control(core: Core, id: UUID) -> str:
    async with core.pool.connection() as conn:
        return (await reports.show(conn, id))[0].control


def lines(core: Core) -> list[str]:
    """What the customer got from agents."""
    return [text for text in core.channel.texts if text.startswith("line")]


async def test_hook_that_overtakes_waits_for_those_before_it(core: Core) -> None:
    """The third comment's webhook comes first: all three go out, in the ticket's order, each once."""
    await handed_off(core)
    three = reply(1), reply(2), reply(3)
    stands(core, *three)
    await hook(core, three[2])
    await core.drain()
    await hook(core, three[0], three[1], three[2], three[0])
    await core.drain()
    assert lines(core) == ["line 1", "line 2", "line 3"]


async def test_hooks_that_wait_side_by_side_keep_the_tickets_order(core: Core) -> None:
    """Webhooks stored in the wrong order before any turn was taken: the ticket's order counts."""
    await handed_off(core)
    replies = [reply(n) for n in range(1, 6)]
    stands(core, *replies)
    await hook(core, *reversed(replies), *replies)
    await core.drain()
    assert lines(core) == [f"line {n}" for n in range(1, 6)]


async def test_look_finds_what_no_hook_brought(core: Core) -> None:
    """Lost replies are found in order, and a second look, or the webhook after all, doubles nothing."""
    await handed_off(core)
    stands(core, reply(1), reply(2))
    assert await look(core) == 2
    assert await look(core) == 0
    await hook(core, reply(2), reply(1))
    await core.drain()
    assert lines(core) == ["line 1", "line 2"]


async def test_comment_of_the_same_second_is_found(core: Core) -> None:
    """Two comments in one second leave one stamp: the ticket is read until it was seen twice, no more."""
    await handed_off(core)
    stands(core, reply(1))
    await look(core)
    late = dataclasses.replace(reply(2), at=reply(1).at)
    stands(core, reply(1), late)
    await look(core)
    for _ in range(3):
        await look(core)
    assert lines(core) == ["line 1", "line 2"]
    assert core.helpdesk.looks.count("thread 1") == 2


async def test_private_comment_never_goes_out(core: Core) -> None:
    """A comment made private since its webhook was sent stays inside."""
    await handed_off(core)
    stands(core, reply(1), private=("c2",))
    await hook(core, reply(2))
    await core.drain()
    assert lines(core) == ["line 1"]


@pytest.mark.parametrize("fault", [TryLater("500"), Refused("404")])
async def test_helpdesk_that_cannot_be_read_silences_nobody(core: Core, fault: ConnectorError) -> None:
    """Where comments cannot be read, replies go out as the webhooks bring them, and a look does no harm."""
    await handed_off(core)
    core.helpdesk.unread = fault
    await hook(core, reply(1))
    await core.drain()
    await hook(core, reply(2), reply(1))
    await core.drain()
    if isinstance(fault, Refused):
        assert await look(core) == 0
    else:
        with pytest.raises(TryLater):
            await look(core)
    assert lines(core) == ["line 1", "line 2"]


LABEL = File("https://z.example/1", "label.pdf", "application/pdf", 3)
SECRET = File("https://z.example/2", "x.exe", "application/x-forbidden", 3)
PHOTO = File("https://z.example/3", "door.jpg", "image/jpeg", 4)


def sent_files(core: Core) -> list[str]:
    return [content.file.name for _, content, _ in core.channel.sent if content.file]


async def test_words_and_then_each_file(core: Core) -> None:
    """A file that the channel does not carry fails alone, and the agent is told which and why."""
    await handed_off(core)
    core.helpdesk.attachments = {file.url: b"..." for file in (LABEL, SECRET, PHOTO)}
    stands(core, reply(1, files=(LABEL, SECRET, PHOTO)))
    await hook(core, reply(1))
    await core.drain()
    await look(core)
    contents = [content for _, content, _ in core.channel.sent[1:]]
    said = [content.file.name if content.file else content.text for content in contents]
    assert said == ["line 1", "label.pdf", "door.jpg"]
    [note] = [body for _, body, public, _ in core.helpdesk.comments if not public]
    assert "x.exe" in note
    assert "not carried" in note


async def test_files_alone_are_a_reply(core: Core) -> None:
    """A comment without words is its files; one without either is told to the agent."""
    await handed_off(core)
    core.helpdesk.attachments = {LABEL.url: b"..."}
    wordless = dataclasses.replace(reply(1, files=(LABEL,)), body=" ")
    stands(core, wordless, dataclasses.replace(reply(2), body=""))
    await look(core)
    assert sent_files(core) == ["label.pdf"]
    [note] = [body for _, body, public, _ in core.helpdesk.comments if not public]
    assert "neither words nor files" in note


async def test_files_follow_once_the_ticket_can_be_read(core: Core) -> None:
    """The words did not wait for the ticket; its files come with the next look, once."""
    await handed_off(core)
    core.helpdesk.attachments = {LABEL.url: b"..."}
    core.helpdesk.lost_threads.append(TryLater("no answer"))
    stands(core, reply(1, files=(LABEL,)))
    await hook(core, reply(1))
    await core.drain()
    assert (lines(core), sent_files(core)) == (["line 1"], [])
    await look(core)
    await look(core)
    assert (lines(core), sent_files(core)) == (["line 1"], ["label.pdf"])


async def test_our_own_comments_are_no_replies(core: Core) -> None:
    """What we wrote ourselves, known by its id or its author, is never sent back to the customer."""
    await handed_off(core)
    message = CustomerMessage("m1", ANA, "text", "line 0", datetime.now(UTC), words="line 0")
    async with core.pool.connection() as conn:
        await inbox.receive(conn, core.jobs, [message])
    await core.drain()
    mine = dataclasses.replace(reply(1), comment_id="comment-1")
    stands(core, mine, reply(3))
    await hook(core, mine, dataclasses.replace(reply(2), author_id="1"), reply(3))
    await core.drain()
    await look(core)
    assert lines(core) == ["line 3"]


async def test_look_finds_a_solved_ticket(core: Core) -> None:
    """The webhook of the solving was lost: control returns all the same, once."""
    id = await handed_off(core)
    stands(core, reply(1), status="solved")
    await look(core)
    assert lines(core) == ["line 1"]
    assert await control(core, id) == "bot"
    assert await look(core) == 0


async def test_late_webhooks_undo_nothing(core: Core) -> None:
    """Solved, and then the webhooks of before come: the reply goes out, the bot keeps control."""
    id = await handed_off(core)
    await hook(core, changed("solved", 3))
    await core.drain()
    await hook(core, changed("open", 1), reply(2))
    await core.drain()
    assert lines(core) == ["line 2"]
    assert await control(core, id) == "bot"


async def test_solved_again_after_a_lost_reopening_releases_again(core: Core) -> None:
    """An agent replies to a solved ticket and takes control; the next solving counts, the same or not."""
    id = await handed_off(core)
    await hook(core, changed("solved", 1))
    await core.drain()
    await hook(core, reply(2))
    await core.drain()
    assert await control(core, id) == "agent"
    stands(core, reply(2), status="solved")
    core.helpdesk.shown[1] = state("solved", BEGUN + timedelta(minutes=3))
    await look(core)
    assert await control(core, id) == "bot"


async def test_solved_ticket_is_read_by_the_list_of_changes(core: Core) -> None:
    """A reply on a solved ticket whose webhook was lost is found by the cursor, which is kept."""
    id = await handed_off(core)
    await hook(core, changed("solved", 1))
    await core.drain()
    stands(core, reply(2), status="open")
    core.helpdesk.changes.append(core.helpdesk.shown[1])
    core.helpdesk.shown.clear()
    await look(core)
    assert lines(core) == ["line 2"]
    assert await control(core, id) == "agent"
    await look(core)
    assert core.helpdesk.looks.count("changed 1") == 1


async def test_token_refused_to_a_look_raises_one_alarm(core: Core, caplog: pytest.LogCaptureFixture) -> None:
    """401 met by reads alone: the exit is shut, one alarm, and a look opens it again once it is mended."""
    await handed_off(core)
    stands(core, reply(1))
    core.helpdesk.unread = NeedsOperator("401: check ZENDESK_API_TOKEN")
    for _ in range(3):
        with pytest.raises(NeedsOperator):
            await reconcile.look(core.pool, core.jobs, core.helpdesk, every=0, hold=0)
    assert [hold.exit for hold in await held(core)] == ["zendesk"]
    assert len([record for record in caplog.records if "ALARM" in record.message]) == 1
    core.helpdesk.unread = None
    await reconcile.look(core.pool, core.jobs, core.helpdesk, every=0, hold=0)
    assert await held(core) == []
    await core.drain()
    assert lines(core) == ["line 1"]


async def test_look_leaves_a_hold_to_what_waits(core: Core) -> None:
    """Where a line waits it is the probe: reads that go well say nothing of writes that are refused."""
    id = await handed_off(core)
    stands(core, reply(1))
    async with core.pool.connection() as conn:
        await gate.shut(conn, "zendesk", "403 for users", 0)
        body = {"text": "hello?", "public": True}
        await store.add_row(conn, id, "zendesk", "comment", "customer", 1, body)
    assert await look(core) == 0
    assert core.helpdesk.looks == []
    assert [hold.exit for hold in await held(core)] == ["zendesk"]


async def held(core: Core) -> list[reports.Held]:
    async with core.pool.connection() as conn:
        return await reports.holds(conn)


async def test_cursor_moves_only_when_its_tickets_were_read(core: Core) -> None:
    """A helpdesk that fails half-way: the next look begins at the same place."""
    await handed_off(core)
    await hook(core, changed("solved", 1))
    await core.drain()
    stands(core, reply(2))
    core.helpdesk.changes.append(core.helpdesk.shown[1])
    thread, core.helpdesk.threads[1] = core.helpdesk.threads[1], Thread()
    core.helpdesk.lost_threads.append(TryLater("down", retry_after=1))
    with pytest.raises(TryLater):
        await look(core)
    core.helpdesk.threads[1] = thread
    await look(core)
    assert lines(core) == ["line 2"]


async def test_nothing_is_asked_while_no_ticket_is_open(core: Core) -> None:
    """No ticket, or a closed one: the helpdesk is left alone."""
    assert await look(core) == 0
    await handed_off(core)
    await hook(core, changed("closed", 1), changed("solved", 2))
    async with core.pool.connection() as conn:
        await conn.execute("UPDATE tickets SET status = 'closed', solved = true")
        await conn.execute("UPDATE conversations SET control = 'bot'")
    await core.drain()
    core.helpdesk.looks.clear()
    assert await look(core) == 0
    assert core.helpdesk.looks == []


async def test_one_of_many_workers_looks(core: Core) -> None:
    """However many ask, there is one look in its time."""
    await handed_off(core)
    for _ in range(5):
        await reconcile.look(core.pool, core.jobs, core.helpdesk, every=60)
    assert core.helpdesk.looks.count("states") == 1


async def test_saving_a_ticket_again_keeps_what_is_known(core: Core) -> None:
    """A job killed after it had opened the ticket saves it again, when the ticket is solved already."""
    id = await handed_off(core)
    await hook(core, changed("solved", 1))
    await core.drain()
    async with core.pool.connection() as conn:
        await tickets.save(conn, 1, id, 77)
        ticket = await tickets.latest(conn, id)
    assert ticket
    assert ticket.solved
