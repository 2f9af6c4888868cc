"""Who may speak: the bot asks for a person, an agent steps in, control returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from conversations import log, outbox, package, store
from conversations.bridge import bundles
from conversations.handback import digest as digests
from conversations.handback import store as hand_backs
from conversations.handback.digest import Digest
from conversations.messages import HELPDESK, Author, Content, HandoffRequest
from conversations.outbox import Pool
from conversations.package import Setup
from conversations.ports import Jobs
from conversations.promises import book
from conversations.recap import Turn
from conversations.rows import Conversation, Entry
from conversations.store import Conn
from conversations.tickets import store as tickets

_EVER = datetime.min.replace(tzinfo=UTC)

CARRIED = ("order_number", "email", "proved")
"""The slots a fresh session begins with after an agent's release, so that nobody is asked twice."""

UNFINISHED = (
    "return_item",
    "return_reason",
    "return_condition",
    "return_photo",
    "return_outcome",
    "return_exchange",
)
"""And those of an unfinished return, as it asks for them, unless the agent has changed something."""

HAND_BACK = "hand_back"
"""The slot with what the agent left to the bot."""

SOLVED = "ticket solved"
"""Why control returns when the helpdesk's ticket was solved."""

EVERYTHING = 10_000
"""Lines of the log that a ticket gets; a conversation of more is read in the console."""

FILES = "Files that the customer sent before."

PUT_BACK = "put_back"
"""The reason where an agent has put the conversation back into the queue."""

SUBJECTS = {
    "asked_for_person": "Customer asks for a person",
    "unresolved": "The bot could not help",
    "bot_failed": "The bot had no answer",
    "action_failed": "The bot could not look something up",
    "frustrated": "Customer is frustrated",
    "grave": "Grave words: injury, fraud, law or the like",
    "refund_demanded": "Customer demands a refund",
    "vulnerable": "Customer may be vulnerable",
    "negotiation": "Customer negotiates, objects or asks about terms",
    "payment_issue": "Trouble with a payment",
    "order_value": "Problem with a valuable order",
    "vip": "Problem of a VIP customer",
    "order_problem": "Order problem, and the customer is upset",
    "repeated_question": "Customer asks the same again and again",
    "form_abandoned": "Customer gave up a form twice",
    PUT_BACK: "Back in the queue",
}
APOLOGY = Content(
    "Sorry, I can't answer this right now. I'm passing this on to a colleague, who will reply here."
)


async def request(
    conn: Conn,
    jobs: Jobs,
    conversation: Conversation,
    wanted: HandoffRequest,
    lines: list[Content],
    *,
    setup: Setup | None,
    last: Turn | None,
    owed: str = "",
    orders: package.Orders | None = None,
) -> int:
    """The bot asks for a person: control passes, its last lines go out, one ticket is opened.

    `conversation` is locked by the caller, in the bot's control, and has the newest slots. `setup`: None
    where there is no helpdesk; `last`: the present turn, if it is not in the log yet; `owed`: what is due
    to the customer from now on; `orders`: what the shop says of theirs. Returns the new epoch, in
    which the bot says its farewell, and what `waiting` says until an agent steps in; nothing else.
    """
    epoch = await store.set_control(
        conn, conversation.id, "agent", wanted.reason, fresh_session=False, priority=wanted.priority
    )
    for line in lines:
        await outbox.say(conn, jobs, conversation, "bot", line, epoch=epoch)
    await log.control(conn, conversation.id, "agent", wanted.reason, epoch, "bot", priority=wanted.priority)
    if setup is not None:
        await _tell_helpdesk(conn, jobs, conversation, wanted, epoch, setup, last, owed, orders)
    return epoch


async def takeover(conn: Conn, jobs: Jobs, conversation_id: UUID, why: str, *, hush: bool = False) -> int:
    """An agent steps in; returns the new epoch. What an open ticket has not heard yet is noted on it.

    Does nothing when an agent is in control already, except that `hush` also drops the farewell the bot
    said with its handoff, if that still waits to be sent. After the commit, `outbox.wait_until_silent`
    waits for what was on the wire.
    """
    conversation = await store.conversation(conn, conversation_id, lock=True)
    if conversation.control == "agent":
        return await store.step_in(conn, conversation_id) if hush else conversation.epoch
    await store.set_control(conn, conversation_id, "agent", why, fresh_session=False)
    epoch = await store.step_in(conn, conversation_id)
    await log.control(conn, conversation_id, "agent", why, epoch, "agent")
    await _catch_up(conn, jobs, conversation, why)
    return epoch


async def release(
    conn: Conn, jobs: Jobs, conversation_id: UUID, why: str, *, by: Author = "agent",
    digest: Digest | None = None, changes: Sequence[str] = (), solve: bool = True,
) -> int:  # fmt: skip
    """Control returns to the bot, which begins a fresh session with the customer's next message.

    What the agent leaves to it is kept: `digest` as the agent corrected it, else as the log tells it, with
    the `changes` of the orders. With `solve` an open ticket gets a note of that and is solved.
    """
    conversation = await store.conversation(conn, conversation_id, lock=True)
    if conversation.control == "bot":
        return conversation.epoch
    left = digest or digests.write(await store.entries(conn, conversation_id), changes)
    left = left.about(conversation.slots)
    epoch = await store.set_control(conn, conversation_id, "bot", why, fresh_session=True)
    await log.control(conn, conversation_id, "bot", why, epoch, by)
    await book.returned(conn, conversation_id, why, datetime.now(UTC), solved=why == SOLVED)
    await hand_backs.keep(conn, conversation_id, left)
    if solve:
        await _solve(conn, jobs, replace(conversation, epoch=epoch), digests.note(left, why))
    return epoch


async def put_back(
    conn: Conn, jobs: Jobs, conversation_id: UUID, by: str, setup: Setup | None, orders: package.Orders | None
) -> None:
    """Nobody has the conversation any more: in the helpdesk, too, a ticket waits, a new one if none is open.

    `by`: whoever had it. `setup`: None where there is no helpdesk; `orders`: what the shop says of them.
    """
    if setup is None or await _has_open_ticket(conn, conversation_id):
        return
    conversation = await store.conversation(conn, conversation_id, lock=True)
    priority = await store.priority(conn, conversation_id)
    wanted = HandoffRequest(PUT_BACK, priority, f"{by} put it back into the queue")
    await _tell_helpdesk(conn, jobs, conversation, wanted, conversation.epoch, setup, None, "", orders)


async def take_and_hush(pool: Pool, jobs: Jobs, conversation_id: UUID, why: str) -> bool:
    """Take over and wait until the bot is silent; False when a send on the wire outlasted the wait."""
    async with pool.connection() as conn:
        epoch = await takeover(conn, jobs, conversation_id, why, hush=True)
    return await outbox.wait_until_silent(pool, conversation_id, epoch)


async def pass_on(
    conn: Conn, jobs: Jobs, conversation: Conversation, author: Author, text: str, *,
    public: bool = True, media: Sequence[Mapping[str, str]] = (),
) -> None:  # fmt: skip
    """What the customer wrote under an agent's control goes to the ticket, if there is or was to be one.

    Where that was refused these words open one, as they do after a ticket that is closed.
    `media`: the files that came with it, as the inbox keeps them; they are attached.
    """
    if not await tickets.asked_for(conn, conversation.id):
        return
    files = {"media": list(media)} if media else {}
    body = {"text": text, "public": public, "follow_up": package.follow_up(conversation), **files}
    await outbox.add(conn, jobs, conversation, HELPDESK, "comment", author, body, epoch=conversation.epoch)


async def assign(conn: Conn, jobs: Jobs, conversation: Conversation, to: str | None) -> None:
    """In the helpdesk the ticket that is open, or will be, is this person's, too; None: nobody's."""
    if await _has_open_ticket(conn, conversation.id):
        body, epoch = {"to": to or ""}, conversation.epoch
        await outbox.add(conn, jobs, conversation, HELPDESK, "assignment", "agent", body, epoch=epoch)


async def _has_open_ticket(conn: Conn, id: UUID) -> bool:
    known = await tickets.latest(conn, id)
    return not known.solved if known else await tickets.awaited(conn, id)


async def _solve(conn: Conn, jobs: Jobs, conversation: Conversation, text: str) -> None:
    """Note it on the ticket that is open, or will be, and solve that: unless control has passed again."""
    if not await _has_open_ticket(conn, conversation.id):
        return
    body = {"text": text, "public": False, "alone": True, "solve": True}
    await outbox.add(conn, jobs, conversation, HELPDESK, "comment", "system", body, epoch=conversation.epoch)


async def _catch_up(conn: Conn, jobs: Jobs, conversation: Conversation, why: str) -> None:
    """Note on an open ticket what was said while the bot had control, so that no question is missed."""
    if not await _has_open_ticket(conn, conversation.id):
        return
    new = _since_the_agent(await store.entries(conn, conversation.id))
    if said := log.transcript(new, package.name_of(conversation)):
        text = f"{why[:1].upper()}{why[1:]}. Said since the conversation was returned to the bot:\n\n{said}"
        await pass_on(conn, jobs, conversation, "system", text, public=False)
        await _bring_files(conn, jobs, conversation, new)


def _since_the_agent(entries: Sequence[Entry]) -> list[Entry]:
    """What was said since an agent had control last."""
    returned = max((entry.at for entry in entries if entry.body.get("to") == "bot"), default=_EVER)
    return [entry for entry in entries if (entry.taken_at or entry.at) > returned]


async def _bring_files(conn: Conn, jobs: Jobs, conversation: Conversation, entries: Sequence[Entry]) -> None:
    """The newest files of the customer's in these entries go to the ticket, for the staff."""
    sent = [file for entry in entries if entry.author == "customer" for file in entry.body.get("media") or ()]
    if sent:
        await pass_on(
            conn, jobs, conversation, "system", FILES, public=False, media=sent[-bundles.MOST_FILES :]
        )


async def _tell_helpdesk(
    conn: Conn, jobs: Jobs, conversation: Conversation, wanted: HandoffRequest, epoch: int,
    setup: Setup, last: Turn | None, owed: str, orders: package.Orders | None,
) -> None:  # fmt: skip
    """Open a ticket with the conversation in it, or write into the one that is still open.

    That one is as a new one would be from then on: by its tags and fields, and a priority that is higher.
    """
    subject = SUBJECTS.get(wanted.reason, wanted.reason.replace("_", " ").capitalize())
    entries = await store.entries(conn, conversation.id, last=EVERYTHING)
    link = setup.link(conversation.id)
    name, slots = package.name_of(conversation), conversation.slots
    hours = setup.hours() if setup.hours else None
    text = package.write(name, subject, wanted, entries, last, slots, link, owed, orders, hours)
    first, *more = package.pieces(text)
    draft = package.draft(conversation, subject, first, wanted.priority, wanted.reason)
    draft = replace(draft, fields=package.values(setup, wanted, last, slots, link))
    known = await tickets.latest(conn, conversation.id)
    if known is None or known.solved:
        ticket = {"draft": draft.to_json()}
        await outbox.add(conn, jobs, conversation, HELPDESK, "ticket", "system", ticket, epoch=epoch)
    else:
        like = replace(draft, comment="").to_json()
        body = {"text": first, "public": False, "alone": True, "follow_up": like, "anew": True}
        await outbox.add(conn, jobs, conversation, HELPDESK, "comment", "system", body, epoch=epoch)
    for piece in more:
        await pass_on(conn, jobs, conversation, "system", piece, public=False)
    await _bring_files(conn, jobs, conversation, _since_the_agent(entries))
