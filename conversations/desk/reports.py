"""What the desk shows of the conversations; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row, dict_row, scalar_row, tuple_row

from conversations.bridge import window
from conversations.desk.risk import Exchange, Facts
from conversations.store import Conn

LATELY = 24
"""Lines of a conversation's log that the warnings look at."""


@dataclass(frozen=True, slots=True)
class Card:
    """A conversation on the desk.

    `waiting_since`: the moment from which the customer waits for an agent; None when nobody does.
    `last_author` and `last_text`: its last line; of a customer who waits, theirs. `undelivered`: the agent's
    last line did not reach the customer. `promised_at`: when the first promise that is owed to the customer
    is due.
    """

    id: UUID
    channel: str
    name: str | None
    wa_id: str | None
    control: str
    control_why: str | None
    control_since: datetime
    heard_at: datetime
    holder: str | None
    held_in: str | None
    priority: str
    waiting_since: datetime | None
    last_author: str | None
    last_text: str | None
    undelivered: bool
    ticket_id: int | None
    promised_at: datetime | None
    warned_at: datetime | None = None
    """When the agent was told that it goes back to the bot, if nothing was written since."""

    @property
    def closes(self) -> datetime | None:
        """When the channel's window closes, unless the customer writes again."""
        return window.closes(self.channel, self.heard_at)


# Every conversation an agent has control of or somebody broke a promise in, longest wait first, then the
# newest others. A customer waits for an agent from the hand-over, or from the first message since an agent's
# last one that reached them or still may.
CARDS: LiteralString = (
    "WITH chosen AS ("
    "(SELECT * FROM conversations WHERE control = 'agent' OR id IN (SELECT conversation_id FROM promises "
    "WHERE state = 'broken')) UNION "
    "(SELECT * FROM conversations WHERE control = 'bot' ORDER BY heard_at DESC LIMIT %s)) "
    "SELECT c.id, c.channel, c.name, c.wa_id, c.control, c.control_why, c.control_since, c.heard_at, "
    "c.holder, c.held_in, c.priority, "
    "CASE WHEN asked.at IS NOT NULL THEN greatest(c.control_since, asked.at) END AS waiting_since, "
    "CASE WHEN asked.at IS NULL THEN said.author ELSE 'customer' END AS last_author, "
    "left(coalesce(asked.text, said.text), 200) AS last_text, "
    "coalesce(answer.last > coalesce(answer.reached, 0), false) AS undelivered, "
    "(SELECT id FROM tickets WHERE conversation_id = c.id ORDER BY opened_at DESC LIMIT 1) AS ticket_id, "
    "(SELECT min(due_at) FROM promises WHERE conversation_id = c.id AND state IN ('open', 'broken')) "
    "AS promised_at, "
    "CASE WHEN c.control = 'agent' AND c.warned_at > said.at THEN c.warned_at END AS warned_at "
    "FROM chosen c "
    "LEFT JOIN LATERAL (SELECT author, text, at FROM log WHERE conversation_id = c.id AND kind = 'message' "
    "ORDER BY id DESC LIMIT 1) said ON true "
    "LEFT JOIN LATERAL (SELECT max(log.id) AS last, max(log.id) FILTER (WHERE outbox.state IS NULL "
    "OR outbox.state NOT IN ('failed', 'dropped', 'expired')) AS reached "
    "FROM log LEFT JOIN outbox ON outbox.id = log.outbox_id WHERE c.control = 'agent' "
    "AND log.conversation_id = c.id AND log.kind = 'message' AND log.author = 'agent') answer ON true "
    "LEFT JOIN LATERAL (SELECT min(at) AS at, (array_agg(text ORDER BY id DESC))[1] AS text FROM log "
    "WHERE c.control = 'agent' AND conversation_id = c.id AND kind = 'message' AND author = 'customer' "
    "AND coalesce(body->>'kind', 'text') NOT IN ('reaction', 'system') "
    "AND id > coalesce(answer.reached, 0)) asked ON true "
    "ORDER BY waiting_since NULLS LAST, c.control, c.heard_at DESC"
)


async def cards(conn: Conn, with_bot: int = 200) -> list[Card]:
    """Every conversation an agent has control of, longest wait first, then the newest `with_bot` others."""
    async with conn.cursor(row_factory=class_row(Card)) as cursor:
        await cursor.execute(CARDS, [with_bot])
        return await cursor.fetchall()


# --- at risk ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Watched:
    """A conversation the bot has, with what tells whether it needs a person soon."""

    id: UUID
    channel: str
    name: str | None
    wa_id: str | None
    heard_at: datetime
    slots: Mapping[str, Any]
    facts: Facts


# The newest conversations of a day that the bot has, and the last lines of each since it got control.
WATCHED: LiteralString = (
    "SELECT c.id, c.channel, c.name, c.wa_id, c.heard_at, c.slots, lately.lines FROM conversations c "
    "CROSS JOIN LATERAL (SELECT json_agg(line ORDER BY line.id) AS lines FROM ("
    "SELECT log.id, log.kind, log.author, log.text, log.inbox_id, log.body, outbox.state FROM log "
    "LEFT JOIN outbox ON outbox.id = log.outbox_id "
    "WHERE log.conversation_id = c.id AND log.kind IN ('message', 'turn') AND log.at > %(since)s "
    "AND (c.epoch = 0 OR log.at > c.control_since) ORDER BY log.id DESC LIMIT %(lately)s) line) lately "
    "WHERE c.control = 'bot' AND c.heard_at > %(since)s AND lately.lines IS NOT NULL "
    "ORDER BY c.heard_at DESC LIMIT %(most)s"
)


async def watched(conn: Conn, now: datetime, most: int = 500) -> list[Watched]:
    """The conversations the bot has whose customers wrote within a day, newest first."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(WATCHED, {"since": now - window.OPEN_FOR, "lately": LATELY, "most": most})
        rows = await cursor.fetchall()
    return [
        Watched(
            row["id"], row["channel"], row["name"], row["wa_id"], row["heard_at"], row["slots"],
            facts(row["lines"], window.closes(row["channel"], row["heard_at"])),
        )
        for row in rows
    ]  # fmt: skip


def facts(lines: Sequence[Mapping[str, Any]], closes: datetime | None) -> Facts:
    """What the last lines of a log tell: each turn beside the message it answered."""
    said = {line["inbox_id"]: line["text"] for line in lines if line["author"] == "customer"}
    exchanges = [
        _exchange(said[line["inbox_id"]], line["body"])
        for line in lines
        if line["kind"] == "turn" and line["inbox_id"] in said
    ]
    return Facts(exchanges, _unanswered(lines), closes)


def _exchange(text: str, body: Mapping[str, Any]) -> Exchange:
    score = body.get("frustration")
    if isinstance(score, Mapping):
        score = score.get("score")
    return Exchange(
        text, body.get("intent"), body.get("action"), None if score is None else float(score),
        bool(body.get("no_evidence")), "error" in body,
    )  # fmt: skip


def _unanswered(lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nothing that reached the customer, or still may, follows their last message."""
    messages = [line for line in lines if line["kind"] == "message" and _counts(line)]
    return bool(messages) and messages[-1]["author"] == "customer"


def _counts(line: Mapping[str, Any]) -> bool:
    if line["author"] == "customer":
        return (line["body"] or {}).get("kind", "text") not in ("reaction", "system")
    return line["state"] not in ("failed", "dropped", "expired")


async def warning_to_judge(conn: Conn, id: UUID, agent: str) -> list[str] | None:
    """The last warning this person acted on, if they have not judged it yet."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT codes FROM warnings WHERE conversation_id = %s AND agent = %s AND useful IS NULL "
            "ORDER BY acted_at DESC LIMIT 1",
            [id, agent],
        )
        found: list[str] | None = await cursor.fetchone()
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """How a kind of warning did: how often it was acted on or judged, and how often judged each way."""

    code: str
    acted: int
    useful: int
    useless: int


async def judged(conn: Conn, since: datetime) -> list[Judged]:
    """What agents made of the warnings, by code, the most frequent first."""
    async with conn.cursor(row_factory=class_row(Judged)) as cursor:
        await cursor.execute(
            "SELECT code, count(*) AS acted, count(*) FILTER (WHERE useful) AS useful, "
            "count(*) FILTER (WHERE NOT useful) AS useless "
            "FROM warnings, unnest(codes) code WHERE acted_at >= %s GROUP BY code ORDER BY 2 DESC, 1",
            [since],
        )
        return await cursor.fetchall()


# --- one conversation ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """What agents wrote for each other, or that the holder changed (`kind` note or holder)."""

    id: int
    at: datetime
    author: str
    kind: str
    text: str


async def notes(conn: Conn, id: UUID, last: int = 100) -> list[Note]:
    """The newest notes of a conversation, oldest first."""
    async with conn.cursor(row_factory=class_row(Note)) as cursor:
        await cursor.execute(
            "SELECT id, at, author, kind, text FROM notes WHERE conversation_id = %s "
            "ORDER BY id DESC LIMIT %s",
            [id, last],
        )
        return (await cursor.fetchall())[::-1]


@dataclass(frozen=True, slots=True)
class Earlier:
    """Something earlier of the same customer: a hand-over of this conversation, or another conversation."""

    at: datetime
    conversation_id: UUID
    kind: str
    why: str


# Hand-overs to agents in this conversation, its tickets, and other conversations with the same phone.
EARLIER: LiteralString = (
    "(SELECT at, conversation_id, 'handover' AS kind, text AS why FROM log "
    "WHERE conversation_id = %(id)s AND kind = 'control' AND body->>'to' = 'agent' "
    "ORDER BY id DESC LIMIT %(most)s) UNION ALL "
    "(SELECT opened_at, conversation_id, CASE WHEN solved THEN 'ticket solved' ELSE 'ticket open' END, "
    "id::text FROM tickets WHERE conversation_id = %(id)s ORDER BY opened_at DESC LIMIT %(most)s) UNION ALL "
    "(SELECT other.heard_at, other.id, 'conversation', other.channel FROM conversations c "
    "JOIN conversations other ON other.wa_id = c.wa_id AND other.id <> c.id WHERE c.id = %(id)s "
    "ORDER BY other.heard_at DESC LIMIT %(most)s) ORDER BY at DESC LIMIT %(most)s"
)


async def earlier(conn: Conn, id: UUID, most: int = 12) -> list[Earlier]:
    """What happened before with this customer, the newest first."""
    async with conn.cursor(row_factory=class_row(Earlier)) as cursor:
        await cursor.execute(EARLIER, {"id": id, "most": most})
        return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Attached:
    """A file a line of the log came with."""

    kind: str
    id: str
    mime_type: str
    filename: str


async def attached(conn: Conn, line_id: int, place: int) -> Attached | None:
    """The file at this place of a line, counted from 0; None when there is none."""
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT body->'media'->%s FROM log WHERE id = %s AND kind = 'message'", [place, line_id]
        )
        found = await cursor.fetchone()
    if not found or not isinstance(found[0], dict):
        return None
    media = found[0]
    return Attached(
        str(media.get("kind", "")), str(media.get("id", "")), str(media.get("mime_type") or ""),
        str(media.get("filename") or ""),
    )  # fmt: skip
