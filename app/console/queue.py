"""The queue: who waits for an agent, whom an agent has, and whom the bot has."""

from __future__ import annotations

import time
from typing import Any

from nicegui.element import Element

from app.console import words
from conversations import reports
from conversations.outbox import Pool
from conversations.reports import Card

WITH_BOT = 200
"""How many of the bot's conversations are shown, the newest."""


class Queue(Element, component="queue.js"):
    """The list at the side; a row leads to its conversation."""

    def __init__(self, pool: Pool):
        super().__init__()
        self._pool = pool
        self._shown: list[dict[str, Any]] | None = None
        self.props["began"] = round(time.time() * 1000)
        self.props["most"] = WITH_BOT
        self.props["open"] = ""
        self.props["rows"] = []

    async def refresh(self) -> None:
        """Read the list anew; tell the browser when something changed."""
        async with self._pool.connection() as conn:
            rows = [row(card) for card in await reports.desk(conn, WITH_BOT)]
        if rows != self._shown:
            self._shown = rows
            self.props["rows"] = rows

    def highlight(self, conversation_id: str) -> None:
        """Show which conversation is open; none for an empty id."""
        self.props["open"] = conversation_id


def row(card: Card) -> dict[str, Any]:
    """A conversation as the list shows it; times in milliseconds since 1970."""
    return {
        "id": str(card.id),
        "name": words.customer(card.name, card.wa_id),
        "phone": f"+{card.wa_id}" if card.wa_id else "",
        "control": card.control,
        "waiting": words.stamp(card.waiting_since),
        "reason": words.reason(card.control_why) if card.control == "agent" else "",
        "author": card.last_author or "",
        "text": (card.last_text or "")[:160],
        "heard": words.stamp(card.heard_at),
        "closes": words.stamp(words.window_ends(card.heard_at)),
        "ticket": card.ticket_id,
    }
