"""What people and monitors ask about the corridor; nothing here changes anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row, dict_row, scalar_row, tuple_row

from conversations import store
from conversations.rows import Conversation
from conversations.store import Conn


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list."""

    id: UUID
    channel: str
    name: str | None
    control: str
    control_why: str | None
    control_since: datetime
    heard_at: datetime
    messages: int
    last_text: str | None
    ticket_id: int | None


@dataclass(frozen=True, slots=True)
class Reply:
    """An agent's reply from the console that a worker has yet to take."""

    id: int
    at: datetime
    text: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log with what became of it: `state` and `why` of its delivery, if it was one."""

    id: int
    at: datetime
    kind: str
    author: str
    text: str
    body: dict[str, Any]
    state: str | None
    why: str | None
    outbox_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """An article's passage that a customer was given. `digest` names its words; None in older logs."""

    conversation_id: UUID
    name: str | None
    at: datetime
    section: str
    version: str
    digest: str | None


async def list_conversations(conn: Conn, limit: int = 50, *, waiting_only: bool = False) -> list[Summary]:
    """The conversations heard from last, newest first; with `waiting_only`, the queue, longest wait first."""
    where = "WHERE c.control = 'agent'" if waiting_only else ""
    order = "c.control_since" if waiting_only else "c.heard_at DESC"
    query = (
        "SELECT c.id, c.channel, c.name, c.control, c.control_why, c.control_since, c.heard_at, "  # noqa: S608 (constants)
        "(SELECT count(*) FROM log WHERE conversation_id = c.id AND kind = 'message') AS messages, "
        "(SELECT text FROM log WHERE conversation_id = c.id AND kind = 'message' ORDER BY id DESC LIMIT 1) "
        "AS last_text, "
        "(SELECT id FROM tickets WHERE conversation_id = c.id ORDER BY opened_at DESC LIMIT 1) AS ticket_id "
        f"FROM conversations c {where} ORDER BY {order} LIMIT %s"
    )
    async with conn.cursor(row_factory=class_row(Summary)) as cursor:
        await cursor.execute(query, [limit])
        return await cursor.fetchall()


async def show(conn: Conn, id: UUID, *, last: int | None = None) -> tuple[Conversation, list[Line]]:
    """A conversation and its log in order: all of it, or the `last` lines. Raises UnknownConversation."""
    conversation = await store.conversation(conn, id)
    async with conn.cursor(row_factory=class_row(Line)) as cursor:
        await cursor.execute(
            "SELECT log.id, log.at, log.kind, log.author, log.text, log.body, outbox.state, outbox.why, "
            "log.outbox_id FROM log LEFT JOIN outbox ON outbox.id = log.outbox_id "
            "WHERE log.conversation_id = %s ORDER BY log.id DESC LIMIT %s",
            [id, last],
        )
        return conversation, (await cursor.fetchall())[::-1]


async def replies_to_come(conn: Conn, id: UUID) -> list[Reply]:
    """What agents wrote in the console and no worker has taken yet, in order."""
    async with conn.cursor(row_factory=class_row(Reply)) as cursor:
        await cursor.execute(
            "SELECT id, received_at AS at, body->>'text' AS text, body->>'agent' AS agent FROM inbox "
            "WHERE conversation_id = %s AND kind = 'agent_reply' AND done_at IS NULL ORDER BY id",
            [id],
        )
        return await cursor.fetchall()


async def cited(conn: Conn, article: str, since: datetime) -> list[Cited]:
    """Every passage of an article that went into an answer since then, oldest first."""
    async with conn.cursor(row_factory=class_row(Cited)) as cursor:
        await cursor.execute(
            "SELECT log.conversation_id, c.name, log.at, source->>'section' AS section, "
            "source->>'version' AS version, source->>'digest' AS digest "
            "FROM log JOIN conversations c ON c.id = log.conversation_id, "
            "jsonb_array_elements(log.body->'sources') source "
            "WHERE log.kind = 'turn' AND log.at >= %s AND source->>'article' = %s "
            "AND NOT coalesce((log.body->>'dropped')::boolean, false) ORDER BY log.id",
            [since, article],
        )
        return await cursor.fetchall()


async def worker_age(conn: Conn) -> float | None:
    """Seconds since a worker was last seen; None when none was."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
        )
        age: Any = await cursor.fetchone()
        return None if age is None else float(age)


@dataclass(frozen=True, slots=True)
class Held:
    """An exit by which nothing leaves: since when, why, and how many lines wait for it.

    `limited`: the other side limits us for a while; else a person has to mend it.
    """

    exit: str
    held_since: datetime
    held_until: datetime
    why: str
    limited: bool
    waiting: int

    def __str__(self) -> str:
        since = f"{self.held_since:%Y-%m-%d %H:%M} UTC"
        lines = (
            f"{self.waiting} line{'' if self.waiting == 1 else 's'} wait{'s' if self.waiting == 1 else ''}"
        )
        if self.limited:
            return f"paused until {self.held_until:%H:%M:%S} UTC, {lines}, as it limits us: {self.why}"
        return (
            f"on hold since {since}, {lines}. {self.why}. "
            "Once mended it opens by itself: one line is tried every minute."
        )


async def holds(conn: Conn) -> list[Held]:
    """The exits by which nothing leaves at this moment."""
    async with conn.cursor(row_factory=class_row(Held)) as cursor:
        await cursor.execute(
            "SELECT exit, held_since, held_until, why, limited, (SELECT count(*) FROM outbox "
            "WHERE outbox.exit = holds.exit AND state IN ('pending', 'sending')) AS waiting "
            "FROM holds WHERE NOT limited OR held_until > now() ORDER BY exit"
        )
        return await cursor.fetchall()


async def counts(conn: Conn) -> dict[str, dict[str, float]]:
    """What `/metrics` and `parley status` show.

    conversations by control, outbox rows by "exit state", jobs by status, turns by outcome, promises by
    state, ages in seconds of the oldest unfinished arrival and the longest wait for an agent, and of holds by
    exit and their kind.
    """
    queries = {
        "conversations": "SELECT control AS key, count(*) AS value FROM conversations GROUP BY 1",
        "outbox": "SELECT exit || ' ' || state AS key, count(*) AS value FROM outbox GROUP BY 1",
        "jobs": "SELECT status::text AS key, count(*) AS value FROM procrastinate_jobs GROUP BY 1",
        "turns": (
            "SELECT CASE WHEN body ? 'error' THEN 'failed' WHEN (body->>'dropped')::boolean THEN 'dropped' "
            "WHEN (body->>'escalated')::boolean THEN 'escalated' ELSE 'answered' END AS key, "
            "count(*) AS value "
            "FROM log WHERE kind = 'turn' GROUP BY 1"
        ),
        "promises": "SELECT state AS key, count(*) AS value FROM promises GROUP BY 1",
        "ages": (
            "SELECT 'oldest_arrival' AS key, "
            "coalesce(extract(epoch FROM now() - min(received_at)), 0) AS value "
            "FROM inbox WHERE done_at IS NULL UNION ALL "
            "SELECT 'longest_wait', coalesce(extract(epoch FROM now() - min(control_since)), 0) "
            "FROM conversations WHERE control = 'agent'"
        ),
        "holds": (
            "SELECT exit || CASE WHEN limited THEN ' limited' ELSE ' refused' END AS key, "
            "extract(epoch FROM now() - held_since) AS value FROM holds "
            "WHERE NOT limited OR held_until > now()"
        ),
    }
    found: dict[str, dict[str, float]] = {}
    async with conn.cursor(row_factory=dict_row) as cursor:
        for name, query in queries.items():
            await cursor.execute(query)
            found[name] = {row["key"]: float(row["value"]) for row in await cursor.fetchall()}
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in some days, today (UTC) the last of them.

    `per_day`: conversations a customer wrote in, by day. `alone`: of all `conversations` those that no
    agent had any part in. `handoffs`: how often the bot asked for a person, by reason; `takeovers`: how
    often an agent stepped in unasked. `failed` of all `turns` ended without an answer. `median_ms` and
    `p95_ms`: from the message stored to the answer decided, of the turns the bot answered; None without
    one. `intents`: the most frequent ones.
    """

    per_day: dict[date, int]
    conversations: int
    alone: int
    handoffs: dict[str, int]
    takeovers: int
    turns: int
    failed: int
    median_ms: float | None
    p95_ms: float | None
    intents: dict[str, int]


FIGURES: dict[str, LiteralString] = {
    "per_day": (
        "SELECT day::date, coalesce(number, 0) FROM generate_series(%(since)s, now(), '1 day') day LEFT JOIN "
        "(SELECT date_trunc('day', at) AS day, count(DISTINCT conversation_id) AS number FROM log "
        "WHERE kind = 'message' AND author = 'customer' AND at >= %(since)s GROUP BY 1) said USING (day) "
        "ORDER BY day"
    ),
    "conversations": (
        "SELECT alone, count(*) FROM (SELECT bool_and(author <> 'agent' AND (kind <> 'control' "
        "OR body->>'to' <> 'agent')) AS alone FROM log WHERE at >= %(since)s GROUP BY conversation_id "
        "HAVING bool_or(kind = 'message' AND author = 'customer')) conversations GROUP BY alone"
    ),
    "handoffs": (
        "SELECT text, count(*) FROM log WHERE kind = 'control' AND author = 'bot' AND at >= %(since)s "
        "GROUP BY text ORDER BY 2 DESC, 1"
    ),
    "takeovers": (
        "SELECT body->>'to', count(*) FROM log WHERE kind = 'control' AND author = 'agent' "
        "AND at >= %(since)s GROUP BY 1"
    ),
    "turns": ("SELECT body ? 'error', count(*) FROM log WHERE kind = 'turn' AND at >= %(since)s GROUP BY 1"),
    "latency": (
        "SELECT share, percentile_cont(share) WITHIN GROUP (ORDER BY (body->>'latency_ms')::float) "
        "FROM log, unnest(ARRAY[0.5, 0.95]) share "
        "WHERE kind = 'turn' AND NOT body ? 'error' AND at >= %(since)s GROUP BY share"
    ),
    "intents": (
        "SELECT body->>'intent', count(*) FROM log WHERE kind = 'turn' AND body->>'intent' IS NOT NULL "
        "AND at >= %(since)s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"
    ),
}
"""Each gives two columns, a key and its value; days begin at midnight UTC."""


def since(days: int) -> datetime:
    """When the last `days` days began, today included."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days - 1)


async def figures(conn: Conn, days: int) -> Figures:
    """The figures of the last `days` days, today included."""
    found: dict[str, dict[Any, Any]] = {}
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute("SET LOCAL timezone TO 'UTC'")
        for name, query in FIGURES.items():
            await cursor.execute(query, {"since": since(days)})
            found[name] = dict(await cursor.fetchall())
    return Figures(
        per_day=found["per_day"],
        conversations=sum(found["conversations"].values()),
        alone=found["conversations"].get(True, 0),
        handoffs=found["handoffs"],
        takeovers=found["takeovers"].get("agent", 0),
        turns=sum(found["turns"].values()),
        failed=found["turns"].get(True, 0),
        median_ms=found["latency"].get(Decimal("0.5")),
        p95_ms=found["latency"].get(Decimal("0.95")),
        intents=found["intents"],
    )
