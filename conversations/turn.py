"""One turn: the next thing that arrived in a conversation, and what follows from it, in one commit."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from conversations import handoff, log, outbox, package, recap, shop, store
from conversations.bridge import merging, replies
from conversations.errors import ParleyError
from conversations.handback import changes, words
from conversations.handback import store as hand_backs
from conversations.handback.store import HandBack
from conversations.messages import SILENT, Answer, Content, HandoffRequest, Question
from conversations.notices import ladder
from conversations.notices.ladder import Colleagues
from conversations.outbox import Pool
from conversations.ports import Bot, Channel, Helpdesk, Jobs, Shop
from conversations.rows import Arrival, Conversation
from conversations.store import Conn
from conversations.tags import store as tags
from conversations.tickets import store as tickets
from conversations.waiting import callback, reception
from conversations.waiting.reception import Reception

logger = logging.getLogger(__name__)

PHOTO_SLOT = "return_photo"
"""While the bot asks for this slot, a picture is an answer."""

PLEASE_TYPE = Content("I can only read text here. Could you type your question in a few words?")
REMEMBERED_DAYS = 30.0
"""For so long after a release the bot knows what the agent left to it."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """What a turn needs."""

    pool: Pool
    jobs: Jobs
    bot: Bot
    channels: Mapping[str, Channel]
    """By name; a conversation's own is the one it is answered on."""
    helpdesk: Helpdesk | None
    """Where tickets are opened; None where there is none."""
    setup: package.Setup = field(default_factory=package.Setup)
    """What stands in a ticket besides the conversation."""
    shop: Shop | None = None
    """Where the orders are, to see what an agent changed of them; None where nobody asks."""
    colleagues: Colleagues = field(default_factory=Colleagues)
    """Who is told when a person is asked for."""
    reception: Reception = field(default_factory=Reception)
    """What customers who wait are told."""

    @property
    def in_tickets(self) -> package.Setup | None:
        """`setup`, where tickets are opened."""
        return self.setup if self.helpdesk is not None else None


async def take(corridor: Corridor, inbox_id: int, *, last_attempt: bool = True, attempts: int = 1) -> None:
    """Do what follows from one row of the inbox; doing it again changes nothing.

    Raises BotFailed (or what else went wrong) to be called again, until `last_attempt`: then a person
    is asked for instead, so that a failed turn is never silence (DESIGN §4.6).
    """
    async with corridor.pool.connection() as conn:
        arrival = await store.arrival(conn, inbox_id)
        if arrival.done_at is not None:
            return
        if arrival.kind == "message":
            conversation = await store.conversation(conn, arrival.conversation_id, lock=True)
            if conversation.control == "agent" or not _for_the_bot(conversation, arrival):
                await _without_the_bot(corridor, conn, conversation, arrival)
                return
    if arrival.kind != "message":
        await _agents_turn(corridor, arrival)
        return
    try:
        await _bots_turn(corridor, conversation, arrival)
    except Exception as error:
        if not last_attempt:
            raise
        await _give_up(corridor, conversation, arrival, error, attempts)


# --- the bot ---------------------------------------------------------------------------------------


async def _bots_turn(corridor: Corridor, asked: Conversation, arrival: Arrival) -> None:
    started = time.perf_counter()
    async with corridor.pool.connection() as conn:
        left = await hand_backs.last(conn, asked.id, REMEMBERED_DAYS)
        known_as = await tags.of(conn, asked.id)
    async with _typing(corridor.channels[asked.channel], arrival.external_id):
        answer = await corridor.bot.ask(_question(asked, arrival, left, known_as))
    engine_ms = round((time.perf_counter() - started) * 1000)
    orders = await shop.orders(corridor.shop, asked, answer.slots) if answer.handoff else None
    async with corridor.pool.connection() as conn:
        now = await store.conversation(conn, asked.id, lock=True)
        if not await store.finish_arrival(conn, arrival.id):
            return
        passed = now.epoch != asked.epoch
        dropped = passed and not await _still_to_answer(conn, now, arrival)
        await _answer(corridor, conn, now, arrival, answer, orders, dropped=dropped, session_over=passed)
        latency_ms = _age_ms(arrival)
        await log.turn(
            conn, now.id, arrival.id, answer, latency_ms=latency_ms, engine_ms=engine_ms, dropped=dropped
        )


async def _still_to_answer(conn: Conn, now: Conversation, arrival: Arrival) -> bool:
    """Control passed during the turn and came back, and no agent wrote anything: the customer still waits."""
    return now.control == "bot" and not await store.agent_wrote_since(conn, now.id, arrival.id)


async def _answer(
    corridor: Corridor, conn: Conn, now: Conversation, arrival: Arrival, answer: Answer,
    orders: package.Orders | None, *, dropped: bool, session_over: bool,
) -> None:  # fmt: skip
    """What the customer gets of the answer. `session_over`: it came out of a session that has ended since."""
    if dropped:
        for line in _split(corridor, now, answer.contents):
            await outbox.withhold(conn, now, line, epoch=now.epoch, why="control passed during the turn")
        if now.control == "agent":
            await _pass_on(corridor, conn, now, arrival)
        return
    if not session_over:
        await store.remember_slots(conn, now.id, answer.slots)
        now = replace(now, slots=answer.slots)
    if answer.handoff:
        last = log.account(answer)
        await _ask_for_person(corridor, conn, now, answer.handoff, answer.contents, last, orders)
    else:
        for line in _split(corridor, now, answer.contents):
            await outbox.say(conn, corridor.jobs, now, "bot", line, epoch=now.epoch)


async def _give_up(
    corridor: Corridor, asked: Conversation, arrival: Arrival, error: Exception, attempts: int
) -> None:
    """Ask for a person, as the bot has no answer."""
    unforeseen = None if isinstance(error, ParleyError) else error
    logger.error("a turn failed for good after %s attempts: %s", attempts, error, exc_info=unforeseen)
    orders = await shop.orders(corridor.shop, asked, asked.slots)
    async with corridor.pool.connection() as conn:
        now = await store.conversation(conn, asked.id, lock=True)
        if not await store.finish_arrival(conn, arrival.id):
            return
        await log.failed_turn(
            conn,
            now.id,
            arrival.id,
            f"{type(error).__name__}: {error}",
            latency_ms=_age_ms(arrival),
            attempts=attempts,
        )
        if now.control == "agent":
            await _pass_on(corridor, conn, now, arrival)
            return
        wanted = HandoffRequest("bot_failed", "high")
        await _ask_for_person(corridor, conn, now, wanted, (handoff.APOLOGY,), None, orders)


async def _ask_for_person(
    corridor: Corridor, conn: Conn, now: Conversation, wanted: HandoffRequest, said: tuple[Content, ...],
    last: recap.Turn | None, orders: package.Orders | None,
) -> None:  # fmt: skip
    """Hand over, with words for the customer about when somebody answers."""
    told = await reception.tell(corridor.reception, conn, now, wanted, said)
    lines = _split(corridor, now, told.lines)
    epoch = await handoff.request(
        conn, corridor.jobs, now, wanted, lines,
        setup=corridor.in_tickets, last=last, owed=told.owed, orders=orders,
    )  # fmt: skip
    await reception.remember(conn, corridor.jobs, now, epoch, told)
    await ladder.begin(conn, corridor.jobs, corridor.colleagues, now, wanted, epoch, corridor.setup, last)


def _split(corridor: Corridor, to: Conversation, contents: tuple[Content, ...]) -> list[Content]:
    """The contents as messages that the conversation's channel can carry."""
    channel = corridor.channels[to.channel]
    return [line for content in contents for line in channel.split(content)]


@contextlib.asynccontextmanager
async def _typing(channel: Channel, message_id: str) -> AsyncIterator[None]:
    """Show that an answer is coming, for as long as one is; a failure to show it matters to nobody."""
    showing = asyncio.create_task(channel.show_typing(message_id))
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


def _question(
    conversation: Conversation, arrival: Arrival, left: HandBack | None, known_as: Sequence[str]
) -> Question:
    """The message, with what the last agent left to the bot and the customer's tags."""
    named = left.known if left else {}
    goes_on = left is not None and not left.digest.changed
    names = handoff.CARRIED + (handoff.UNFINISHED if goes_on else ())
    carried = {name: value for name in names if (value := named.get(name) or conversation.slots.get(name))}
    return Question(
        conversation_id=str(conversation.id),
        message_id=arrival.external_id,
        text=arrival.body["words"] or _text(arrival),
        channel=conversation.channel,
        phone=conversation.address.phone,
        name=conversation.name,
        payload=_payload(arrival) or _photo(conversation, arrival),
        new_session=carried if conversation.fresh_session else None,
        known={handoff.HAND_BACK: left.to_slot()} if left else {},
        tags=tuple(known_as),
    )


# --- without the bot -------------------------------------------------------------------------------


async def _without_the_bot(
    corridor: Corridor, conn: Conn, conversation: Conversation, arrival: Arrival
) -> None:
    """An agent has control, or there is nothing the bot could read, or ought to answer."""
    if not await store.finish_arrival(conn, arrival.id) or arrival.body["kind"] in SILENT:
        return
    if conversation.control == "agent":
        await _pass_on(corridor, conn, conversation, arrival)
        await reception.hear(corridor.reception, conn, corridor.jobs, conversation, arrival.body)
    elif not _is_for_the_held(arrival):
        await outbox.say(conn, corridor.jobs, conversation, "bot", PLEASE_TYPE, epoch=conversation.epoch)


async def _pass_on(corridor: Corridor, conn: Conn, conversation: Conversation, arrival: Arrival) -> None:
    """The customer's words and files go to the ticket."""
    text, media = _text(arrival), arrival.body.get("media") or ()
    await handoff.pass_on(conn, corridor.jobs, conversation, "customer", text, media=media)


async def _agents_turn(corridor: Corridor, arrival: Arrival) -> None:
    """What an agent did: a reply goes to the customer, a solved ticket releases control."""
    if arrival.kind == "staff_comment":
        await replies.take(corridor.pool, corridor.jobs, corridor.channels, corridor.helpdesk, arrival)
        return
    solved = arrival.kind == "ticket_status" and arrival.body["solved"]
    changed = (
        await changes.since_hand_over(corridor.pool, corridor.shop, arrival.conversation_id) if solved else []
    )
    async with corridor.pool.connection() as conn:
        conversation = await store.conversation(conn, arrival.conversation_id, lock=True)
        if not await store.finish_arrival(conn, arrival.id):
            return
        if arrival.kind == "ticket_status":
            await _ticket_status(corridor, conn, conversation.id, arrival, changed)
        elif arrival.kind == "ticket_merged":
            await merging.follow(conn, corridor.jobs, conversation.id, arrival)
        else:
            await _console_says(corridor, conn, conversation, arrival)


async def _console_says(corridor: Corridor, conn: Conn, conversation: Conversation, arrival: Arrival) -> None:
    """A reply from the console takes control, goes to the customer, and is noted on the ticket."""
    text, agent = arrival.body["text"], arrival.body["agent"]
    epoch = await handoff.takeover(conn, corridor.jobs, conversation.id, "agent replied in the console")
    now = await store.conversation(conn, conversation.id)
    for line in corridor.channels[conversation.channel].split(Content(text)):
        await outbox.say(conn, corridor.jobs, now, "agent", line, epoch=epoch, by=agent)
    await handoff.pass_on(conn, corridor.jobs, now, "agent", f"{agent} in the console: {text}", public=False)


async def _ticket_status(
    corridor: Corridor, conn: Conn, conversation_id: UUID, arrival: Arrival, changed: Sequence[str]
) -> None:
    """Only the conversation's newest ticket has a say in who may speak, and not against an agent who has
    stepped in since. One that was solved already, as we solve it after a release, says nothing new.
    """
    ticket_id, solved = int(arrival.body["ticket_id"]), arrival.body["solved"]
    is_new = await tickets.set_solved(conn, ticket_id, solved)
    newest = await tickets.latest(conn, conversation_id)
    if not solved or (newest is not None and (newest.id != ticket_id or not is_new)):
        return
    if not await store.taken_since(conn, conversation_id, arrival.received_at):
        jobs, why = corridor.jobs, handoff.SOLVED
        await handoff.release(conn, jobs, conversation_id, why, changes=changed, solve=False)


def _for_the_bot(conversation: Conversation, arrival: Arrival) -> bool:
    if arrival.body["kind"] in SILENT or _is_for_the_held(arrival):
        return False
    return bool(arrival.body["words"] or arrival.body["payload"] or _photo(conversation, arrival))


def _is_for_the_held(arrival: Arrival) -> bool:
    """Whether all it says is that an agent's held reply may come, which it has just released."""
    return bool(arrival.body.get("releases")) and words.is_nod(arrival.body["words"])


def _photo(conversation: Conversation, arrival: Arrival) -> str | None:
    """The photo that the bot has just asked for, as the payload that brings it; None for any other file."""
    asked = not conversation.fresh_session and conversation.slots.get("requested_slot") == PHOTO_SLOT
    if not asked or arrival.body["kind"] != "image":
        return None
    media = next(iter(arrival.body.get("media") or ()), None)
    return f"/inform{json.dumps({'photo': media['id']})}" if media else None


def _payload(arrival: Arrival) -> str | None:
    """The tapped choice, if it was the bot's: an answer to our own offer of a call is read as words."""
    payload: str | None = arrival.body["payload"]
    return None if payload in (callback.YES, callback.NO) else payload


def _text(arrival: Arrival) -> str:
    return arrival.body["text"] or f"[{arrival.body['kind']}]"


def _age_ms(arrival: Arrival) -> int:
    return round((datetime.now(UTC) - arrival.received_at).total_seconds() * 1000)
