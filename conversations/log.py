"""The log: append-only, enough to rebuild a conversation in order and to explain every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from conversations import store
from conversations.hours import Hours
from conversations.messages import Answer, Author, Control
from conversations.rows import Entry
from conversations.store import Conn


async def message(
    conn: Conn, conversation_id: UUID, author: Author, text: str, *,
    body: Mapping[str, Any] | None = None, inbox_id: int | None = None, outbox_id: int | None = None,
) -> None:  # fmt: skip
    """A line somebody wrote."""
    await store.append(conn, conversation_id, "message", author, text, body or {}, inbox_id, outbox_id)


async def turn(
    conn: Conn,
    conversation_id: UUID,
    inbox_id: int,
    answer: Answer,
    *,
    latency_ms: int,
    engine_ms: int,
    dropped: bool,
) -> None:
    """How the bot came to its answer.

    `latency_ms`: from the moment the message was stored to this one; `engine_ms`: the engine's share.
    `dropped`: control had passed meanwhile and nothing of the answer goes out.
    """
    more = {"latency_ms": latency_ms, "engine_ms": engine_ms, "dropped": dropped}
    body = {**account(answer), **more}
    await store.append(conn, conversation_id, "turn", "bot", "", body, inbox_id, None)


def account(answer: Answer) -> dict[str, Any]:
    """What is kept of an answer besides its lines."""
    return {
        "intent": answer.intent,
        "confidence": answer.confidence,
        "intent_ranking": list(answer.intent_ranking)[:3],
        "entities": list(answer.entities),
        "frustration": answer.frustration,
        "action": answer.action,
        "policy": answer.policy,
        "model_id": answer.model_id,
        "sources": list(answer.sources),
        "no_evidence": answer.no_evidence,
        "escalated": answer.handoff is not None,
        "escalation": dict(answer.escalation) if answer.escalation else None,
        "reason": answer.handoff.reason if answer.handoff else None,
        "evidence": answer.handoff.evidence if answer.handoff else None,
    }


async def failed_turn(
    conn: Conn, conversation_id: UUID, inbox_id: int, error: str, *, latency_ms: int, attempts: int
) -> None:
    """The bot had no answer, however often it was asked."""
    body = {"error": error, "escalated": True, "latency_ms": latency_ms, "attempts": attempts}
    await store.append(conn, conversation_id, "turn", "bot", "", body, inbox_id, None)


async def control(
    conn: Conn, conversation_id: UUID, to: Control, why: str, epoch: int, by: Author, *,
    priority: str | None = None,
) -> None:  # fmt: skip
    """Who may speak has changed; `priority` of a handoff."""
    body = {"to": to, "epoch": epoch, **({"priority": priority} if priority else {})}
    await store.append(conn, conversation_id, "control", by, why, body, None, None)


async def delivery(conn: Conn, conversation_id: UUID, outbox_id: int, state: str, why: str) -> None:
    """A line was dropped, or could not be delivered."""
    await store.append(conn, conversation_id, "delivery", "system", why, {"state": state}, None, outbox_id)


NAMES = {"customer": "Customer", "bot": "Parley", "agent": "Agent", "system": "System"}


def transcript(entries: Sequence[Entry], name: str | None = None, hours: Hours | None = None) -> str:
    """The messages as text, one a line, with times: what an agent reads in the ticket.

    Times are those of the shop's clock (`hours`), else UTC, which each line then says.
    """
    names = {**NAMES, "customer": name or NAMES["customer"]}
    lines = [
        f"[{_time(e.at, hours)}] {names[e.author]}: {e.text}{' (not delivered)' if e.unsent else ''}"
        for e in entries
        if e.kind == "message"
    ]
    return "\n".join(lines)


def quoted(text: str, most: int) -> str:
    """A text on one line in quotation marks, cut where it is longer than so many characters."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= most else line[: most - 1] + '…'}”"


def _time(at: datetime, hours: Hours | None) -> str:
    return f"{hours.local(at):%Y-%m-%d %H:%M}" if hours else f"{at:%Y-%m-%d %H:%M} UTC"
