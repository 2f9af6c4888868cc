"""Those who wait for a person: told at the handoff, heard while they wait, called back if they like.

The bot speaks here only until an agent steps in or writes; after that it is silent (DESIGN §4.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from conversations import outbox
from conversations import store as core
from conversations.bridge import window
from conversations.desk import reports as desk
from conversations.desk import urgency
from conversations.hours import Hours
from conversations.messages import Content, HandoffRequest
from conversations.notices import ladder
from conversations.notices.ladder import Colleagues
from conversations.package import Setup
from conversations.ports import Jobs, Presence
from conversations.promises import book, hearing
from conversations.promises import store as promises
from conversations.rows import Conversation
from conversations.store import Conn
from conversations.waiting import callback, clock, meanwhile, outlook, store, words
from conversations.waiting.callback import Reply
from conversations.waiting.outlook import Outlook, Seen
from conversations.waiting.store import Waiting

QUIET = timedelta(minutes=1)
"""After we said something nothing is thanked for: messages come in bursts."""

NOBODY, NOTHING_SET = Colleagues(), Setup()
LAST_WISHES = 4
"""Messages of the customer that tell what a handoff is about."""


def now() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Reception:
    """What is known of the people who answer. Without `hours` nothing is said and nothing promised.

    `presence`: who is at the desk. `only_desk`: people answer nowhere else. `now`: the clock.
    """

    hours: Callable[[], Hours] | None = None
    presence: Presence | None = None
    only_desk: bool = False
    now: Callable[[], datetime] = now


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer is told at a handoff: the bot's lines with it; for agents, what is owed from now on."""

    lines: tuple[Content, ...]
    outlook: Outlook | None = None
    owed: str = ""


async def tell(
    reception: Reception, conn: Conn, conversation: Conversation, wanted: HandoffRequest,
    said: tuple[Content, ...],
) -> Told:  # fmt: skip
    """The bot's farewell `said`, with when somebody answers and what to add. Changes nothing."""
    if reception.hours is None:
        return Told(said)
    seen = await _outlook(reception, conn, reception.hours(), conversation, wanted.priority)
    ask = meanwhile.ask(wanted.reason, conversation.slots, await _said(conn, conversation.id))
    line = words.at_handoff(seen, ask, phone=conversation.address.phone is not None)
    owed = [
        each for each in await promises.of_conversation(conn, conversation.id) if each.state in promises.OWED
    ]
    told = [_answer_by(seen)] if seen.due else []
    told += [f"{each.what}{' (OVERDUE)' if each.state == 'broken' else ''}" for each in owed]
    return Told(words.joined(said, line), seen, "; ".join(told))


async def remember(conn: Conn, jobs: Jobs, conversation: Conversation, epoch: int, told: Told) -> None:
    """The customer waits from now on: an answer is promised."""
    seen = told.outlook
    if seen is None:
        return
    await store.begin(conn, conversation.id, epoch, seen.now, offered=seen.may_offer)
    if seen.due:
        await book.promise(
            conn, jobs, conversation.id, book.ANSWER, _answer_by(seen), by=book.BOT, at=seen.now, due=seen.due
        )


async def hear(
    reception: Reception, conn: Conn, jobs: Jobs, conversation: Conversation, body: Mapping[str, Any]
) -> None:
    """The customer wrote while waiting: words about a call, and "how long?", are answered; others thanked for
    at night.

    `conversation` is locked. Nothing is said once an agent has stepped in.
    """
    wait = await store.waiting(conn, conversation.id)
    if reception.hours is None or wait is None:
        return
    hours, at = reception.hours(), reception.now()
    owed = await store.number_to_call(conn, conversation.id) is not None
    reply = callback.read(body["words"], body["payload"], offered=wait.offered, owed=owed)
    asks = meanwhile.asks_when(body["words"])
    if reply is None and (_is_enough(wait, at) or (hours.is_open(at) and not asks)):
        return
    seen = await _outlook(reception, conn, hours, conversation)
    if reply is None:
        line = await _thanks(conn, wait, seen, asks)
    elif reply.wanted:
        line = await _call(conn, jobs, conversation, seen, reply)
    else:
        line = await _no_call(conn, jobs, wait, seen)
    if line:
        await outbox.say(conn, jobs, conversation, "bot", line, epoch=conversation.epoch)


async def look_after(
    reception: Reception, pool: outbox.Pool, jobs: Jobs, colleagues: Colleagues = NOBODY,
    setup: Setup = NOTHING_SET,
) -> int:  # fmt: skip
    """Read what agents have promised, mark what has come due, and tell who waits for an overdue answer, once.

    The colleagues whom the rules name for it hear of what is overdue. Returns how many promises came due.
    """
    if reception.hours is None:
        return 0
    await hearing.listen(pool, jobs, reception.hours())
    at = reception.now()
    async with pool.connection() as conn:
        due = await promises.due(conn, at)
    for promise in due:
        async with pool.connection() as conn:
            if not await book.break_due(conn, jobs, promise, at):
                continue
            await ladder.overdue(conn, jobs, colleagues, promise, setup, at)
            if promise.kind == book.ANSWER:
                await _update(reception, conn, jobs, promise.conversation_id)
    return len(due)


# --- what is said --------------------------------------------------------------------------------------


def _is_enough(wait: Waiting, at: datetime) -> bool:
    """Whether nothing more is said for now to one who does not write of a call."""
    return at - wait.told_at < QUIET or wait.thanked >= words.MOST


async def _thanks(conn: Conn, wait: Waiting, seen: Outlook, asks: bool) -> Content | None:
    line = words.still(seen) if asks else words.thanks(seen, wait.thanked)
    if line:
        await store.thank(conn, wait.conversation_id, seen.now)
    return line


async def _call(
    conn: Conn, jobs: Jobs, conversation: Conversation, seen: Outlook, reply: Reply
) -> Content | None:
    """Promise the call that is wanted, unless nobody knows when; to another number if one is given later."""
    owed = await store.number_to_call(conn, conversation.id)
    phone = reply.phone or owed or conversation.address.phone
    if not seen.may_call or (owed and phone == owed):
        return None
    await store.offer(conn, conversation.id, phone is None)
    if phone is None:
        return words.which_number()
    if owed:
        await book.no_call(conn, jobs, conversation.id, "another number was given", seen.now)
    begins, ends = seen.call_by
    span = words.between(begins, ends, seen)
    wish = f" (“{reply.when}”)" if reply.when else ""
    what = f"a call to {phone} by {clock.stamp(ends, seen.hours)}{wish}"
    await book.promise(
        conn, jobs, conversation.id, book.CALL, what, by=book.BOT, at=seen.now, due=ends, phone=phone
    )
    return words.will_call(phone, span, reply.when)


async def _no_call(conn: Conn, jobs: Jobs, wait: Waiting, seen: Outlook) -> Content | None:
    await store.offer(conn, wait.conversation_id, False)
    gone = await book.no_call(conn, jobs, wait.conversation_id, "the customer wants no call", seen.now)
    return words.no_call() if gone or wait.offered else None


async def _update(reception: Reception, conn: Conn, jobs: Jobs, id: UUID) -> None:
    """Tell who still waits that it takes longer, unless an agent has stepped in."""
    if reception.hours is None or await store.waiting(conn, id) is None:
        return
    conversation = await core.conversation(conn, id)
    seen = await _outlook(reception, conn, reception.hours(), conversation, itself=True)
    called = await store.number_to_call(conn, id) is not None
    line = words.takes_longer(seen, phone=conversation.address.phone is not None, called=called)
    await outbox.say(conn, jobs, conversation, "bot", line, epoch=conversation.epoch)
    await store.tell(conn, id, seen.now, offered=bool(line.choices))


# --- what is known -------------------------------------------------------------------------------------


async def _outlook(
    reception: Reception, conn: Conn, hours: Hours, conversation: Conversation, priority: str | None = None,
    *, itself: bool = False,
) -> Outlook:  # fmt: skip
    """When somebody answers this customer, who waits from now on (with `priority`) or already.

    With `itself`, this customer's own wait tells, too, whether anybody is there.
    """
    at, priority = reception.now(), priority or await core.priority(conn, conversation.id)
    ahead = await _ahead(conn, conversation, priority, at)
    there = await reception.presence.anybody() if reception.presence else None
    at_desk = there if there or reception.only_desk else None
    seen = Seen(at_desk, await store.last_sign(conn))
    waits = await store.waits(conn, at)
    since = conversation.control_since if itself else None
    return outlook.look(hours, at, priority, waits=waits, ahead=ahead, seen=seen, since=since)


async def _ahead(conn: Conn, me: Conversation, priority: str, at: datetime) -> list[datetime]:
    """Since when those wait who are answered before this customer, as the desk's queue sorts them."""
    cards = [card for card in await desk.cards(conn, 0) if card.waiting_since and card.holder is None]
    mine = next((card for card in cards if card.id == me.id), None)
    since = (mine.waiting_since if mine else None) or at
    closes = window.closes(me.channel, me.heard_at)
    place = urgency.rank(priority, since, closes, at, mine.promised_at if mine else None)
    return [
        card.waiting_since
        for card in cards
        if card.id != me.id
        and card.waiting_since
        and urgency.rank(card.priority, card.waiting_since, card.closes, at, card.promised_at) < place
    ]


async def _said(conn: Conn, id: UUID) -> meanwhile.Said:
    entries = [each for each in await core.entries(conn, id, last=40) if each.author == "customer"]
    texts = [each.text for each in entries][-LAST_WISHES:]
    return meanwhile.Said(texts, frozenset(str(each.body.get("kind")) for each in entries))


def _answer_by(seen: Outlook) -> str:
    return f"an answer by {clock.stamp(seen.due or seen.now, seen.hours)}"
