"""A customer who waits for a person: what they are told, and promises that are tracked until kept."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from conversations import handoff, inbox
from conversations.desk import holding
from conversations.errors import Refused
from conversations.hours import Hours, Span
from conversations.messages import Address, CustomerMessage, HandoffRequest
from conversations.notices import rules
from conversations.notices.ladder import Colleagues
from conversations.package import Setup
from conversations.promises import book, hearing, store
from conversations.promises.store import Promise
from conversations.waiting import callback, reception
from conversations.waiting.reception import Reception
from tests.fakes.ports import FakeTeller, says
from tests.integration.conftest import Core
from tests.integration.test_corridor import ANA, arrive, comment, control_of, message

FAREWELL = "I'm passing you on."
ALWAYS = Hours(ZoneInfo("UTC"), {day: (Span(0, 1440),) for day in range(7)}, zone_name="UTC")
BEN = Address("whatsapp", "106540352242922", "BR.2222", "15550100002")


@dataclass
class Clock:
    """A clock that is set by hand: the real time and some more."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Desk:
    """Who is at the desk, as a test says."""

    there: bool | None = None
    asked: int = 0

    async def anybody(self) -> bool | None:
        self.asked += 1
        return self.there


@dataclass
class Shop:
    """A core with opening hours, a clock and a desk."""

    core: Core
    clock: Clock = field(default_factory=Clock)
    desk: Desk = field(default_factory=Desk)
    hours: Hours = ALWAYS

    def opens_in(self, hours: int) -> None:
        """It is closed now, and opens after so many hours for eight."""
        begins = (datetime.now(UTC) + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
        start = begins.hour * 60
        self.hours = dataclasses.replace(ALWAYS, week={begins.weekday(): (Span(start, start + 480),)})
        self.opens = begins

    async def look_after(self) -> int:
        done = await reception.look_after(self.core.corridor.reception, self.core.pool, self.core.jobs)
        await self.core.drain()
        return done

    async def hand_off(self, id: str = "m1", address: Address = ANA, priority: str = "high") -> UUID:
        """A customer asks for a person; returns the conversation."""
        answer = says(FAREWELL)
        wanted = HandoffRequest("complaint", priority)
        self.core.bot.replies.append(
            dataclasses.replace(answer, handoff=wanted, slots={"order_number": "10234"})
        )
        [conversation] = await arrive(self.core, message(id, "this is no good", address))
        await self.core.drain()
        return conversation

    async def say(self, id: str, text: str, payload: str | None = None) -> list[str]:
        """The customer writes; returns what came back."""
        before = len(self.core.channel.texts)
        said: CustomerMessage = dataclasses.replace(message(id, text), payload=payload)
        await arrive(self.core, said)
        await self.core.drain()
        return self.core.channel.texts[before:]

    async def promises(self, id: UUID) -> list[Promise]:
        async with self.core.pool.connection() as conn:
            return await store.of_conversation(conn, id)

    async def states(self, id: UUID) -> list[tuple[str, str]]:
        return [(each.kind, each.state) for each in await self.promises(id)]

    @property
    def notes(self) -> list[str]:
        return [text for _, text, public, _ in self.core.helpdesk.comments if not public]


@pytest.fixture
def shop(core: Core) -> Shop:
    made = Shop(core)
    people = Reception(lambda: made.hours, made.desk, False, made.clock)
    core.corridor = dataclasses.replace(core.corridor, reception=people)
    return made


def anew(texts: Sequence[str]) -> bool:
    return len(set(texts)) == len(texts)


async def test_handoff_in_opening_hours(shop: Shop) -> None:
    """One message: the farewell and the place in the queue; an answer is promised, and the ticket says so."""
    id = await shop.hand_off()
    assert shop.core.channel.texts == [f"{FAREWELL}\nYou are next."]
    [promise] = await shop.promises(id)
    assert (promise.kind, promise.state, promise.made_by) == ("answer", "open", "Parley")
    [draft] = shop.core.helpdesk.tickets.values()
    assert f"Owed: {promise.what}" in draft.comment
    assert await shop.say("m2", "hello?") == []


async def test_first_words_of_an_agent_keep_the_answer(shop: Shop) -> None:
    """A reply on the ticket or in the console is the answer that was promised."""
    id = await shop.hand_off()
    async with shop.core.pool.connection() as conn:
        await inbox.receive_comment(conn, shop.core.jobs, comment(id))
    await shop.core.drain()
    [promise] = await shop.promises(id)
    assert (promise.state, promise.settled_by) == ("kept", "Mia answered")
    assert promise.broken_at is None
    assert promise.settled_at is not None


async def test_an_answer_that_did_not_arrive_keeps_nothing(shop: Shop) -> None:
    """It is owed as before, until another one arrives; an earlier failure told late changes nothing then."""
    id = await shop.hand_off()
    shop.core.channel.faults.append(Refused("131026: not deliverable", code="131026"))
    for number, state in enumerate(("open", "kept"), start=1):
        async with shop.core.pool.connection() as conn:
            await inbox.receive_comment(conn, shop.core.jobs, comment(id, str(number)))
        await shop.core.drain()
        assert await shop.states(id) == [("answer", state)]
    async with shop.core.pool.connection() as conn:
        await book.unanswered(conn, id, datetime.now(UTC) - timedelta(hours=1))
    assert await shop.states(id) == [("answer", "kept")]


async def test_queue_is_counted_as_the_desk_sorts_it(shop: Shop) -> None:
    """An urgent customer comes before one who has waited longer; who is held by an agent waits no more."""
    first = await shop.hand_off("m1", BEN, "normal")
    await shop.hand_off("m2", ANA, "urgent")
    third = Address("whatsapp", "106540352242922", "BR.3333", "15550100003")
    await shop.hand_off("m3", third, "low")
    async with shop.core.pool.connection() as conn:
        await holding.take(conn, shop.core.jobs, first, "Mia")
    fourth = Address("whatsapp", "106540352242922", "BR.4444", "15550100004")
    await shop.hand_off("m4", fourth, "low")
    places = [text.removeprefix(f"{FAREWELL}\n") for text in shop.core.channel.texts]
    assert places == [
        "You are next.",
        "You are next.",
        "2 customers are before you.",
        "2 customers are before you.",
    ]


async def test_usual_wait_is_measured(shop: Shop) -> None:
    """Five customers were answered within minutes; the sixth is told so."""
    for number in range(5):
        address = Address("whatsapp", "106540352242922", f"BR.9{number}", f"1555020000{number}")
        id = await shop.hand_off(f"old{number}", address)
        async with shop.core.pool.connection() as conn:
            await inbox.receive_comment(conn, shop.core.jobs, comment(id, f"c{number}"))
        await shop.core.drain()
    await shop.hand_off()
    assert (
        shop.core.channel.texts[-1] == f"{FAREWELL}\nYou are next. Somebody usually answers within 5 minutes."
    )


async def test_night_call_back_and_morning(shop: Shop) -> None:
    """Closed: it says when they are back, a yes is confirmed and owed until an agent has called."""
    shop.opens_in(9)
    id = await shop.hand_off()
    [told] = shop.core.channel.texts
    assert "Nobody is here right now" in told
    assert f"at {shop.opens.hour}:00 (UTC)" in told
    assert shop.core.channel.sent[-1][1].choices == callback.CHOICES
    [confirmed] = await shop.say("m2", "Yes, call me back", callback.YES)
    assert f"between {shop.opens.hour}:00 and {(shop.opens + timedelta(hours=2)).hour}:00" in confirmed
    assert "ending in 0001" in confirmed
    assert await shop.say("m3", "yes") == []
    answer, call = await shop.promises(id)
    assert (call.phone, call.due_at) == ("+15550100001", shop.opens + timedelta(hours=2))
    assert call.due_at == answer.due_at
    assert any("promised: a call to +15550100001" in note for note in shop.notes)
    shop.clock.ahead = timedelta(hours=9, minutes=30)
    async with shop.core.pool.connection() as conn:
        await inbox.receive_comment(conn, shop.core.jobs, comment(id))
        assert await book.done(conn, shop.core.jobs, call.id, "Mia", shop.clock())
        assert not await book.done(conn, shop.core.jobs, call.id, "Mia", shop.clock())
    await shop.core.drain()
    assert await shop.states(id) == [("answer", "kept"), ("call", "kept")]
    assert await shop.look_after() == 0
    assert any(note.startswith("Mia called the customer") for note in shop.notes)


async def test_messages_at_night_are_thanked_for_in_other_words_each_time(shop: Shop) -> None:
    """Each reaches the ticket; a burst is not answered line by line; at last there is silence."""
    shop.opens_in(9)
    id = await shop.hand_off()
    assert await shop.say("m2", "hello?") == []
    said = []
    for number in range(5):
        shop.clock.ahead += timedelta(minutes=2)
        said += await shop.say(f"n{number}", f"and one more thing {number}")
        assert await shop.say(f"o{number}", "right away") == []
    assert len(said) == 3
    assert anew([*said, *shop.core.channel.texts[:1]])
    public = [text for _, text, public, _ in shop.core.helpdesk.comments if public]
    assert sum("one more thing" in text for text in public) == 5
    assert await control_of(shop.core, id) == "agent"


async def test_no_call_is_wanted_after_all(shop: Shop) -> None:
    """A call can be refused, asked for, moved to another number, and taken back."""
    shop.opens_in(9)
    id = await shop.hand_off()
    assert await shop.say("m2", "no thanks") == ["All right, no call: somebody answers you here."]
    assert "ending in 0001" in (await shop.say("m3", "ok then please call me"))[0]
    assert "ending in 6789" in (await shop.say("m4", "call me on +49 30 123456789 instead"))[0]
    assert "no call" in (await shop.say("m5", "you needn't call any more"))[0]
    assert [each for each in await shop.states(id) if each[0] == "call"] == [("call", "withdrawn")] * 2
    assert "The customer does not want to be called any more." in shop.notes


@pytest.mark.parametrize(
    "text",
    [
        "you did not call me yesterday!!",
        "don't ring the bell, leave it with the neighbour",
        "my tracking number is 123456789012",
        "the order number is 10234-10236",
    ],
)
async def test_a_call_that_is_owed_stays_as_it_is(shop: Shop, text: str) -> None:
    """Words about another thing neither withdraw it nor move it to another number."""
    shop.opens_in(9)
    id = await shop.hand_off()
    await shop.say("m2", "yes")
    assert await shop.say("m3", text) == []
    _, call = await shop.promises(id)
    assert (call.kind, call.state, call.phone) == ("call", "open", "+15550100001")


async def test_a_wish_about_the_time_of_a_call_reaches_the_agent(shop: Shop) -> None:
    """It stands in the promise and on the ticket, and the customer is told no other time."""
    shop.opens_in(9)
    id = await shop.hand_off()
    [told] = await shop.say("m2", "yes please, after 10am")
    assert "we'll call you on the number ending in 0001. My colleagues see your wish: “after 10am”." in told
    _, call = await shop.promises(id)
    assert call.what.endswith("(“after 10am”)")
    assert any("(“after 10am”)" in note for note in shop.notes)


async def test_a_call_asked_for_in_opening_hours_is_promised(shop: Shop) -> None:
    """Who cannot wait in the chat is called, though nobody offered it."""
    id = await shop.hand_off()
    [told] = await shop.say("m2", "call me back please, I can't wait here")
    assert told.startswith("All right: we'll call you ")
    assert ("call", "open") in await shop.states(id)


async def test_what_needs_no_answer_is_not_reckoned_with(shop: Shop) -> None:
    """Nobody looks up queue, waits and desk for a message that is only passed on."""
    await shop.hand_off()
    shop.clock.ahead = timedelta(minutes=2)
    before = shop.desk.asked
    assert await shop.say("m2", "it is the blue one") == []
    assert shop.desk.asked == before
    assert len(await shop.say("m3", "any update?")) == 1


async def test_overdue_is_marked_and_told_once(shop: Shop) -> None:
    """What is due and not kept is broken: on the ticket, and in one honest line to the customer."""
    id = await shop.hand_off()
    shop.clock.ahead = timedelta(minutes=9)
    assert await shop.look_after() == 0
    shop.clock.ahead = timedelta(minutes=11)
    assert await shop.look_after() == 1
    assert await shop.look_after() == 0
    assert await shop.states(id) == [("answer", "broken")]
    [overdue] = [note for note in shop.notes if note.startswith("OVERDUE: an answer by")]
    assert "Any reply to the customer keeps it." in overdue
    assert [text for text in shop.core.channel.texts if "takes so long" in text] == shop.core.channel.texts[
        1:
    ]
    async with shop.core.pool.connection() as conn:
        await inbox.receive_comment(conn, shop.core.jobs, comment(id))
    await shop.core.drain()
    [promise] = await shop.promises(id)
    assert promise.state == "kept"
    assert promise.broken_at is not None


async def test_nothing_is_said_once_an_agent_has_stepped_in(shop: Shop) -> None:
    """Who has an agent hears nothing from the bot: no thanks, no update, no promise of a call."""
    shop.opens_in(9)
    id = await shop.hand_off()
    assert await handoff.take_and_hush(shop.core.pool, shop.core.jobs, id, "Mia took over")
    shop.clock.ahead = timedelta(hours=12)
    assert await shop.say("m2", "yes", callback.YES) == []
    assert await shop.look_after() == 1
    assert len(shop.core.channel.texts) == 1
    assert await shop.states(id) == [("answer", "broken")]


async def test_two_workers_mark_it_once(shop: Shop) -> None:
    """Two workers look at the same moment: one note, one line."""
    await shop.hand_off()
    shop.clock.ahead = timedelta(hours=1)
    people, pool, jobs = shop.core.corridor.reception, shop.core.pool, shop.core.jobs
    await asyncio.gather(*(reception.look_after(people, pool, jobs) for _ in range(3)))
    await shop.core.drain()
    assert len(shop.core.channel.texts) == 2
    assert len([note for note in shop.notes if note.startswith("OVERDUE")]) == 1


async def test_return_to_the_bot_withdraws_the_answer_not_the_call(shop: Shop) -> None:
    """Nobody waits for an answer then; the call is still owed, and the next ticket tells of it."""
    shop.opens_in(9)
    id = await shop.hand_off()
    await shop.say("m2", "yes please")
    async with shop.core.pool.connection() as conn:
        await handoff.release(conn, shop.core.jobs, id, "Mia returned it")
    await shop.core.drain()
    assert await shop.states(id) == [("answer", "withdrawn"), ("call", "open")]
    await shop.hand_off("m3")
    draft = list(shop.core.helpdesk.tickets.values())[-1]
    told = "\n".join([draft.comment, *shop.notes])
    assert "; a call to +15550100001 by" in told


async def test_a_late_tap_is_words_for_the_bot(shop: Shop) -> None:
    """An offer tapped when the bot has control again is read as what it says."""
    id = await shop.hand_off()
    async with shop.core.pool.connection() as conn:
        await handoff.release(conn, shop.core.jobs, id, "Mia returned it")
    assert await shop.say("m2", "Yes, call me back", callback.YES) == ["echo Yes, call me back"]
    assert shop.core.bot.asked[-1].payload is None


async def test_nobody_at_the_only_desk(shop: Shop) -> None:
    """Open, without Zendesk, and nobody signed in: it says so."""
    people = dataclasses.replace(shop.core.corridor.reception, only_desk=True)
    shop.core.corridor = dataclasses.replace(shop.core.corridor, reception=people, helpdesk=None)
    shop.desk.there = False
    await shop.hand_off()
    assert "Nobody is at the desk" in shop.core.channel.texts[0]
    shop.desk.there = True
    await shop.hand_off("m2", BEN)
    assert "One customer is before you." in shop.core.channel.texts[1]


async def test_agents_own_promise(shop: Shop) -> None:
    """An agent's promise is noted on the ticket, comes due, and can be withdrawn."""
    id = await shop.hand_off()
    at = shop.clock()
    async with shop.core.pool.connection() as conn:
        made = await book.promise(
            conn,
            shop.core.jobs,
            id,
            book.OWN,
            "to send the invoice",
            by="Mia",
            at=at,
            due=at + timedelta(hours=1),
        )
        assert made is not None
    await shop.core.drain()
    assert any(note.startswith("Mia promised: to send the invoice.") for note in shop.notes)
    shop.clock.ahead = timedelta(hours=2)
    assert await shop.look_after() == 2
    async with shop.core.pool.connection() as conn:
        assert await book.withdraw(conn, shop.core.jobs, made, "Mia", shop.clock())
    await shop.core.drain()
    assert ("own", "withdrawn") in await shop.states(id)


async def test_what_an_agent_writes_is_tracked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time in an agent's words makes a promise; the next answer keeps it, words of a call keep a call."""
    monkeypatch.setattr(store, "SETTLED", 0.0)
    monkeypatch.setattr(hearing, "SAME_BREATH", timedelta(0))
    id = await shop.hand_off()
    await shop.look_after()

    async def replies(number: str, text: str) -> None:
        async with shop.core.pool.connection() as conn:
            await inbox.receive_comment(conn, shop.core.jobs, comment(id, number, text))
        await shop.core.drain()
        await shop.look_after()

    await replies("c1", "I'll check that with the carrier within an hour.")
    await replies("c2", "I will call you tomorrow.")
    assert await shop.states(id) == [("answer", "kept"), ("own", "kept"), ("call", "open")]
    [_, own, call] = await shop.promises(id)
    assert own.what == "“I'll check that with the carrier within an hour.”"
    assert own.due_at - own.made_at == timedelta(hours=1)
    assert call.phone == "+15550100001"
    await shop.look_after()
    await replies("c3", "I have just called you, as promised.")
    assert [state for _, state in await shop.states(id)] == ["kept"] * 3


async def test_a_broken_promise_is_told_to_the_lead_once(shop: Shop) -> None:
    """By the rules, without its words or the number, however often the worker looks."""
    lead, slack = FakeTeller(), FakeTeller()
    found = rules.read("people: {leads: [lead@shop.example]}\noverdue: [slack, leads]\nladders: {}")
    colleagues = Colleagues(lambda: found, {"mail": lead, "slack": slack})
    id = await shop.hand_off()
    at, what = shop.clock(), "a call to +15550100001"
    async with shop.core.pool.connection() as conn:
        due = at + timedelta(minutes=1)
        await book.promise(conn, shop.core.jobs, id, book.CALL, what, by="Mia", at=at, due=due)
    shop.core.corridor = dataclasses.replace(shop.core.corridor, colleagues=colleagues)
    shop.clock.ahead = timedelta(minutes=5)
    told = (colleagues, Setup("https://desk.example"))
    for _ in range(2):
        await reception.look_after(shop.core.corridor.reception, shop.core.pool, shop.core.jobs, *told)
        await shop.core.drain()
    [(address, notice)] = lead.told
    assert (address, notice.title) == ("lead@shop.example", "Overdue: a call-back")
    assert notice.link == f"https://desk.example/console/{id}"
    assert "Promised by: Mia" in notice.facts
    assert "5550100001" not in str(notice)
    assert len(slack.told) == 1


async def test_what_is_kept_before_it_is_told_is_not_told(shop: Shop) -> None:
    """The call was made between the look and the sending."""
    lead = FakeTeller()
    found = rules.read("overdue: [lead@shop.example]\nladders: {}")
    colleagues = Colleagues(lambda: found, {"mail": lead})
    id = await shop.hand_off()
    at = shop.clock()
    async with shop.core.pool.connection() as conn:
        made = await book.promise(conn, shop.core.jobs, id, book.CALL, "a call", by="Mia", at=at, due=at)
    shop.core.corridor = dataclasses.replace(shop.core.corridor, colleagues=colleagues)
    await reception.look_after(shop.core.corridor.reception, shop.core.pool, shop.core.jobs, colleagues)
    assert made
    async with shop.core.pool.connection() as conn:
        assert await book.done(conn, shop.core.jobs, made, "Mia", shop.clock())
    await shop.core.drain()
    assert lead.told == []


async def test_two_workers_of_which_one_dies(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four look at the same time and one is killed midway: nothing is lost, said or marked twice."""
    monkeypatch.setattr(store, "SETTLED", 0.0)
    ids = [await shop.hand_off("m1"), await shop.hand_off("m2", BEN)]
    await shop.look_after()
    said = comment(ids[0], "c1", "I will call you within an hour.")
    async with shop.core.pool.connection() as conn:
        await inbox.receive_comment(conn, shop.core.jobs, said)
    await shop.core.drain()
    shop.clock.ahead = timedelta(minutes=50)
    before = len(shop.core.channel.texts)

    def looking() -> asyncio.Task[int]:
        corridor, pool = shop.core.corridor, shop.core.pool
        return asyncio.create_task(reception.look_after(corridor.reception, pool, shop.core.jobs))

    killed, *others = [looking() for _ in range(4)]
    await asyncio.sleep(0.01)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    await asyncio.gather(*others)
    await shop.look_after()
    assert await shop.states(ids[0]) == [("answer", "kept"), ("call", "open")]
    assert await shop.states(ids[1]) == [("answer", "broken")]
    [update] = shop.core.channel.texts[before:]
    assert "sorry" in update
    assert sum("OVERDUE" in note for note in shop.notes) == 1
    assert sum("promised: “I will call you" in note for note in shop.notes) == 1
