"""What must be true when a play is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from conversations import store
from tests.race.play import Play

Found = list[dict[str, Any]]


async def broken(play: Play) -> dict[str, list[str]]:
    """The promises this play broke: `talked over`, `lost`, `answered twice`, `unexplained`, `unfinished`."""
    async with play.stage.pool.connection() as conn:
        assert play.id
        rows = {row["id"]: row for row in await store.deliveries(conn, play.id)}
        cursor = conn.cursor(row_factory=dict_row)
        log = await (
            await cursor.execute("SELECT * FROM log WHERE conversation_id = %s ORDER BY id", [play.id])
        ).fetchall()
        inbox = await (
            await cursor.execute("SELECT * FROM inbox WHERE conversation_id = %s ORDER BY id", [play.id])
        ).fetchall()
        control = (await store.conversation(conn, play.id)).control
    found = {
        "talked over": list(_talked_over(play, rows)),
        "lost": list(_lost(play, rows, log, inbox, control)),
        "answered twice": list(_answered_twice(play, rows)),
        "unexplained": list(_unexplained(rows, log)),
        "unfinished": list(_unfinished(play, rows, inbox)),
    }
    return {name: what for name, what in found.items() if what}


def _talked_over(play: Play, rows: dict[int, Any]) -> Iterator[str]:
    """Lines of the bot on the wire after a takeover had returned."""
    for sent in play.channel.sent:
        for start, end in play.silence:
            if rows[sent.row]["author"] == "bot" and start < sent.at <= end:
                yield f"{sent.text!r} at move {sent.at}, silence was from {start} to {end}"


def _lost(play: Play, rows: dict[int, Any], log: Found, inbox: Found, control: str) -> Iterator[str]:
    """Messages that neither the bot answered nor an agent has before them."""
    for arrival in inbox:
        if arrival["kind"] != "message":
            continue
        mark = play.said[arrival["external_id"]]
        if _by_bot(play, rows, mark) or _in_tickets(play, mark):
            continue
        if not _agent_had_control(log, arrival["received_at"]):
            yield f"{mark}: no answer, no agent"
        elif control == "agent" and _ticket_is_open(play):
            yield f"{mark}: an agent has control, but it is in no ticket"


def _ticket_is_open(play: Play) -> bool:
    """Was the newest ticket open all the time? Of one that was solved, the desk alone knows what followed."""
    cases = list(play.helpdesk.cases.values()) if play.helpdesk else []
    return bool(cases) and not cases[-1].solved and not cases[-1].reopened


def _agent_had_control(log: Found, at: datetime) -> bool:
    """Had an agent control at this moment or later?"""
    changes = [entry for entry in log if entry["kind"] == "control"]
    before = [entry for entry in changes if entry["at"] <= at]
    after = [entry for entry in changes if entry["at"] > at]
    return any(entry["body"]["to"] == "agent" for entry in [*before[-1:], *after])


def _answered_twice(play: Play, rows: dict[int, Any]) -> Iterator[str]:
    """Messages that the bot answered and that an agent was asked to answer as well."""
    for mark in play.said.values():
        comments = [
            body
            for case in (play.helpdesk.cases.values() if play.helpdesk else ())
            for body, _, as_customer in case.comments
            if as_customer
        ]
        if _by_bot(play, rows, mark) and any(mark in body for body in comments):
            yield mark


def _unexplained(rows: dict[int, Any], log: Found) -> Iterator[str]:
    """Lines that were dropped without a reason in the log."""
    told = {entry["outbox_id"] for entry in log if entry["kind"] == "delivery" and entry["text"]}
    for id, row in rows.items():
        if row["state"] == "dropped" and id not in told:
            yield f"row {id}"


def _unfinished(play: Play, rows: dict[int, Any], inbox: Found) -> Iterator[str]:
    """Whatever is left lying: arrivals, deliveries, agents' replies."""
    yield from (f"arrival {arrival['external_id']}" for arrival in inbox if arrival["done_at"] is None)
    yield from (f"row {id}" for id, row in rows.items() if row["state"] in ("pending", "sending"))
    texts = {sent.text for sent in play.channel.sent}
    yield from (reply for reply in play.replies if reply not in texts)


def _by_bot(play: Play, rows: dict[int, Any], mark: str) -> bool:
    return any(mark in sent.text and rows[sent.row]["author"] == "bot" for sent in play.channel.sent)


def _in_tickets(play: Play, mark: str) -> bool:
    if play.helpdesk is None:
        return False
    cases = play.helpdesk.cases.values()
    return any(
        mark in text for case in cases for text in (case.draft.comment, *(body for body, *_ in case.comments))
    )
