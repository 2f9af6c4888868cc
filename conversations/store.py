"""The corridor's SQL: every statement that reads or changes conversations, inbox, outbox and log.

No function commits; the door or the worker does. `Conn` is an async psycopg connection inside a
transaction. Times are aware, in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row, tuple_row
from psycopg.types.json import Jsonb

from conversations.errors import UnknownConversation
from conversations.messages import Address, Control
from conversations.rows import Arrival, Conversation, Entry, Row

Conn = AsyncConnection[Any]


CONVERSATION = (
    "id, channel, account, user_id, wa_id, name, control, epoch, control_since, fresh_session, slots, "
    "heard_at"
)
ROW = (
    "id, conversation_id, exit, kind, author, epoch, body, state, attempts, in_doubt, created_at, claimed_at"
)


# --- conversations ---------------------------------------------------------------------------------


async def lock_identities(conn: Conn, address: Address) -> None:
    """Let nobody else create a conversation for this customer until the transaction ends."""
    keys = sorted(f"{address.channel}:{address.account}:{value}" for _, value in _identities(address))
    for key in keys:
        await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


async def find_conversation(conn: Conn, address: Address) -> UUID | None:
    """The conversation known by one of the customer's identities; the business-scoped user id first."""
    found: UUID | None = await _value(
        conn,
        "SELECT conversation_id FROM identities "
        "WHERE channel = %s AND account = %s AND (kind, value) IN ((%s, %s), (%s, %s)) "
        "ORDER BY kind = 'user_id' DESC LIMIT 1",
        [address.channel, address.account, "user_id", address.user_id, "wa_id", address.wa_id],
    )
    return found


async def create_conversation(conn: Conn, id: UUID, address: Address, at: datetime) -> None:
    """A new conversation, in the bot's control."""
    await conn.execute(
        "INSERT INTO conversations (id, channel, account, heard_at) VALUES (%s, %s, %s, %s)",
        [id, address.channel, address.account, at],
    )


async def heard_from(conn: Conn, id: UUID, address: Address, name: str | None, at: datetime | None) -> None:
    """Note a sign of life: learns newer identities, locks the conversation.

    `at` opens the 24-hour window; None for what opens none.
    """
    await conn.execute(
        "UPDATE conversations SET heard_at = greatest(heard_at, %s), name = coalesce(%s, name), "
        "user_id = coalesce(%s, user_id), wa_id = coalesce(%s, wa_id) WHERE id = %s",
        [at, name, address.user_id, address.wa_id, id],
    )
    for kind, value in _identities(address):
        await conn.execute(
            "INSERT INTO identities (channel, account, kind, value, conversation_id) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [address.channel, address.account, kind, value, id],
        )


async def conversation(conn: Conn, id: UUID, *, lock: bool = False) -> Conversation:
    """The conversation; with `lock`, nobody else may change it until the transaction ends.

    Raises UnknownConversation.
    """
    query = f"SELECT {CONVERSATION} FROM conversations WHERE id = %s"  # noqa: S608 (a constant)
    async with conn.cursor(row_factory=class_row(Conversation)) as cursor:
        await cursor.execute(query + (" FOR UPDATE" if lock else ""), [id])
        found = await cursor.fetchone()
    if found is None:
        raise UnknownConversation(f"There is no conversation {id}.")
    return found


async def set_control(
    conn: Conn, id: UUID, control: Control, why: str, *, fresh_session: bool, priority: str = "normal"
) -> int:
    """Hand control over and return the new epoch. Nobody holds what the bot has."""
    epoch: int = await _value(
        conn,
        "UPDATE conversations SET control = %(control)s, control_why = %(why)s, "
        "control_since = clock_timestamp(), epoch = epoch + 1, priority = %(priority)s, "
        "fresh_session = fresh_session OR %(fresh)s, "
        "holder = CASE WHEN %(control)s = 'agent' THEN holder END, "
        "held_in = CASE WHEN %(control)s = 'agent' THEN held_in END WHERE id = %(id)s RETURNING epoch",
        {"id": id, "control": control, "why": why, "fresh": fresh_session, "priority": priority},
    )
    return epoch


async def step_in(conn: Conn, id: UUID) -> int:
    """An agent steps in now. Returns the epoch: a new one if the bot still had lines to say in the old."""
    epoch: int = await _value(
        conn,
        "UPDATE conversations SET taken_at = clock_timestamp(), epoch = epoch + (EXISTS ("
        "SELECT FROM outbox WHERE conversation_id = conversations.id AND author = 'bot' "
        "AND outbox.epoch = conversations.epoch AND state IN ('pending', 'sending')))::int "
        "WHERE id = %s RETURNING epoch",
        [id],
    )
    return epoch


async def taken_since(conn: Conn, id: UUID, at: datetime) -> bool:
    """Has an agent stepped in after this moment?"""
    cursor = await conn.execute("SELECT 1 FROM conversations WHERE id = %s AND taken_at > %s", [id, at])
    return await cursor.fetchone() is not None


async def priority(conn: Conn, id: UUID) -> str:
    """How pressing the last handoff was: urgent, high, normal or low."""
    found: str = await _value(conn, "SELECT priority FROM conversations WHERE id = %s", [id])
    return found


async def remember_slots(conn: Conn, id: UUID, slots: Mapping[str, Any]) -> None:
    """Keep the engine's slots after a turn; the fresh session has begun."""
    await conn.execute(
        "UPDATE conversations SET slots = %s, fresh_session = false WHERE id = %s", [Jsonb(dict(slots)), id]
    )


def _identities(address: Address) -> list[tuple[str, str]]:
    named = (("user_id", address.user_id), ("wa_id", address.wa_id))
    return [(kind, value) for kind, value in named if value]


# --- inbox -----------------------------------------------------------------------------------------


async def add_arrival(
    conn: Conn, channel: str, external_id: str, conversation_id: UUID, kind: str, body: Mapping[str, Any]
) -> int | None:
    """Store what arrived, once; None when it is there already."""
    id: int | None = await _value(
        conn,
        "INSERT INTO inbox (channel, external_id, conversation_id, kind, body) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (channel, external_id) DO NOTHING RETURNING id",
        [channel, external_id, conversation_id, kind, Jsonb(dict(body))],
    )
    return id


async def has_arrived(conn: Conn, channel: str, external_id: str) -> bool:
    """Whether this was stored before."""
    cursor = await conn.execute(
        "SELECT 1 FROM inbox WHERE channel = %s AND external_id = %s", [channel, external_id]
    )
    return await cursor.fetchone() is not None


async def arrival(conn: Conn, id: int) -> Arrival:
    """A row of the inbox."""
    async with conn.cursor(row_factory=class_row(Arrival)) as cursor:
        await cursor.execute(
            "SELECT id, channel, external_id, conversation_id, kind, body, received_at, done_at "
            "FROM inbox WHERE id = %s",
            [id],
        )
        found = await cursor.fetchone()
    if found is None:
        raise LookupError(f"There is no inbox row {id}.")
    return found


async def finish_arrival(conn: Conn, id: int) -> bool:
    """Mark it done; False when somebody did before."""
    cursor = await conn.execute(
        "UPDATE inbox SET done_at = clock_timestamp() WHERE id = %s AND done_at IS NULL", [id]
    )
    return cursor.rowcount == 1


# --- outbox ----------------------------------------------------------------------------------------


async def add_row(
    conn: Conn, conversation_id: UUID, exit: str, kind: str, author: str, epoch: int,
    body: Mapping[str, Any], *, state: str = "pending", why: str | None = None,
) -> int:  # fmt: skip
    """Add a row to the outbox and return its id."""
    id: int = await _value(
        conn,
        "INSERT INTO outbox (conversation_id, exit, kind, author, epoch, body, state, why, settled_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, "
        "CASE WHEN %s = 'pending' THEN NULL ELSE clock_timestamp() END) "
        "RETURNING id",
        [conversation_id, exit, kind, author, epoch, Jsonb(dict(body)), state, why, state],
    )
    return id


async def row(conn: Conn, id: int, *, lock: bool = False) -> Row:
    """A row of the outbox; with `lock`, until the transaction ends."""
    query = f"SELECT {ROW} FROM outbox WHERE id = %s"  # noqa: S608 (a constant)
    async with conn.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(query + (" FOR UPDATE" if lock else ""), [id])
        found = await cursor.fetchone()
    if found is None:
        raise LookupError(f"There is no outbox row {id}.")
    return found


async def claim_row(conn: Conn, id: int) -> None:
    """The row is about to go on the wire."""
    await conn.execute(
        "UPDATE outbox SET state = 'sending', in_doubt = false, attempts = attempts + 1, "
        "claimed_at = clock_timestamp() WHERE id = %s",
        [id],
    )


async def settle_row(conn: Conn, id: int, state: str, *, external_id: str | None, why: str | None) -> bool:
    """End the row's sending with this state; False when a receipt or somebody else settled it before."""
    cursor = await conn.execute(
        "UPDATE outbox SET state = %s, external_id = coalesce(%s, external_id), why = %s, in_doubt = false, "
        "settled_at = CASE WHEN %s = 'pending' THEN NULL ELSE clock_timestamp() END "
        "WHERE id = %s AND state IN ('pending', 'sending')",
        [state, external_id, why, state, id],
    )
    return cursor.rowcount == 1


async def name_row(conn: Conn, id: int, external_id: str) -> None:
    """Learn the channel's id of a row that a receipt settled before the send had returned."""
    await conn.execute(
        "UPDATE outbox SET external_id = %s WHERE id = %s AND external_id IS NULL", [external_id, id]
    )


async def doubt_row(conn: Conn, id: int, why: str) -> None:
    """The row may or may not have been taken."""
    await conn.execute(
        "UPDATE outbox SET in_doubt = true, why = %s WHERE id = %s AND state = 'sending'", [why, id]
    )


async def tick_row(
    conn: Conn, exit: str, external_id: str, reference: int | None, state: str, order: Sequence[str],
    why: str | None,
) -> tuple[int, UUID] | None:  # fmt: skip
    """Merge a receipt into its row: found by our reference or the channel's id, only ever forward in `order`.

    Returns the row's id and its conversation's when something changed.
    """
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "UPDATE outbox SET state = %(state)s, external_id = coalesce(external_id, %(external_id)s), "
            "why = coalesce(%(why)s, why), in_doubt = false, settled_at = clock_timestamp() "
            "WHERE exit = %(exit)s AND (id = %(reference)s OR external_id = %(external_id)s) "
            "AND array_position(%(order)s::text[], state) < array_position(%(order)s::text[], %(state)s) "
            "AND NOT (%(state)s = 'failed' AND state NOT IN ('pending', 'sending', 'sent')) "
            "RETURNING id, conversation_id",
            {
                "exit": exit,
                "external_id": external_id,
                "reference": reference,
                "state": state,
                "order": list(order),
                "why": why,
            },
        )
        changed: tuple[int, UUID] | None = await cursor.fetchone()
        return changed


async def bot_lines_on_the_wire(conn: Conn, conversation_id: UUID, epoch: int) -> int:
    """How many of the bot's lines from before this epoch are being sent at this moment."""
    number: int = await _value(
        conn,
        "SELECT count(*) FROM outbox WHERE conversation_id = %s AND author = 'bot' AND epoch < %s "
        "AND state = 'sending' AND NOT in_doubt",
        [conversation_id, epoch],
    )
    return number


# --- log -------------------------------------------------------------------------------------------


async def append(
    conn: Conn, conversation_id: UUID, kind: str, author: str, text: str, body: Mapping[str, Any],
    inbox_id: int | None, outbox_id: int | None,
) -> None:  # fmt: skip
    """Append a line to the log."""
    await conn.execute(
        "INSERT INTO log (conversation_id, kind, author, text, body, inbox_id, outbox_id) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [conversation_id, kind, author, text, Jsonb(dict(body)), inbox_id, outbox_id],
    )


async def entries(conn: Conn, conversation_id: UUID, *, last: int = 1000) -> list[Entry]:
    """The last lines of a conversation's log, oldest first, without messages whose turn is still to come.

    `unsent`: the line was dropped, failed, is `held` or expired, or will be dropped as control has passed.
    """
    async with conn.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(
            "SELECT * FROM (SELECT log.id, at, log.kind, log.author, text, log.body, "
            "coalesce(outbox.state IN ('failed', 'dropped', 'held', 'nudged', 'expired') "
            "OR outbox.author = 'bot' AND outbox.state = 'pending' AND outbox.epoch < conversations.epoch, "
            "false) AS unsent, coalesce(outbox.state IN ('held', 'nudged'), false) AS held, "
            "inbox.done_at AS taken_at, log.inbox_id FROM log "
            "JOIN conversations ON conversations.id = log.conversation_id "
            "LEFT JOIN inbox ON inbox.id = log.inbox_id "
            "LEFT JOIN outbox ON outbox.id = log.outbox_id AND log.kind = 'message' "
            "WHERE log.conversation_id = %s AND (log.inbox_id IS NULL OR inbox.done_at IS NOT NULL) "
            "ORDER BY log.id DESC LIMIT %s) AS newest ORDER BY id",
            [conversation_id, last],
        )
        return await cursor.fetchall()


async def agent_wrote_since(conn: Conn, conversation_id: UUID, inbox_id: int) -> bool:
    """Has an agent written to the customer since this message arrived?"""
    cursor = await conn.execute(
        "SELECT 1 FROM log WHERE conversation_id = %s AND kind = 'message' AND author = 'agent' "
        "AND id > (SELECT min(id) FROM log WHERE inbox_id = %s)",
        [conversation_id, inbox_id],
    )
    return await cursor.fetchone() is not None


async def deliveries(conn: Conn, conversation_id: UUID) -> list[dict[str, Any]]:
    """The outbox rows of a conversation, oldest first: id, exit, kind, author, state, why, external_id."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT id, exit, kind, author, state, why, external_id, attempts, body FROM outbox "
            "WHERE conversation_id = %s ORDER BY id",
            [conversation_id],
        )
        return await cursor.fetchall()


async def _value(conn: Conn, query: LiteralString, values: Sequence[Any] | Mapping[str, Any]) -> Any:
    """The one value a statement returns; None when it returns no row."""
    found = await (await conn.execute(query, values)).fetchone()
    return found[0] if found else None
