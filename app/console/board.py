"""What every page's list shows, read once per change and process: the queue and the conversations at risk."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.console import words
from app.console.live import Live
from app.console.orders import OrderBook
from conversations.desk import reports, risk, urgency
from conversations.desk.reports import Card, Watched
from conversations.outbox import Pool
from conversations.reports import holds

WITH_BOT = 200
"""How many of the bot's conversations are shown, the newest."""

STALE = 20.0
"""Seconds after which the lists are made anew although nothing changed: windows close by themselves."""

HELD = 2.0
"""Seconds for which it is known what does not leave."""

RISK_PAUSE = 1.0
"""Seconds between two looks for conversations at risk, at least."""

Rows = list[dict[str, Any]]


@dataclass
class Board:
    """The two lists, and the numbers of the changes they include."""

    pool: Pool
    live: Live
    orders: OrderBook
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _queue: Rows = field(default_factory=list)
    _queue_number: int = -1
    _queue_at: float = 0.0
    _risk: Rows = field(default_factory=list)
    _risk_number: int = -1
    _risk_at: float = 0.0
    _held: list[str] = field(default_factory=list)
    _held_at: float = 0.0

    async def queue(self) -> Rows:
        """The conversations, the most urgent first."""
        async with self._lock:
            number, now = self.live.number(), time.monotonic()
            if number != self._queue_number or now - self._queue_at > STALE:
                async with self.pool.connection() as conn:
                    cards = await reports.cards(conn, WITH_BOT)
                self._queue = [row(card) for card in sort(cards, datetime.now(UTC))]
                self._queue_number, self._queue_at = number, now
            return self._queue

    async def at_risk(self) -> Rows:
        """The conversations with the bot that need a person soon, the most reasons first."""
        async with self._lock:
            number, now = self.live.number(), time.monotonic()
            aged = now - self._risk_at
            if aged > STALE or (number != self._risk_number and aged > RISK_PAUSE):
                self._risk = await self._look_for_risk(datetime.now(UTC))
                self._risk_number, self._risk_at = number, now
            return self._risk

    async def held(self) -> list[str]:
        """By which ways nothing leaves until somebody acts, and why; read once for all pages."""
        async with self._lock:
            if time.monotonic() - self._held_at > HELD:
                async with self.pool.connection() as conn:
                    found = [one for one in await holds(conn) if not one.limited]
                self._held = [f"{words.EXITS.get(one.exit, one.exit)} is {one}" for one in found]
                self._held_at = time.monotonic()
            return self._held

    async def _look_for_risk(self, now: datetime) -> Rows:
        async with self.pool.connection() as conn:
            found = await reports.watched(conn, now)
        warned = []
        for one in found:
            late = risk.asks_about_orders(one.facts) and await self.orders.is_late(one.wa_id)
            if codes := risk.codes(one.facts, now, late=late):
                warned.append((one, codes))
        warned.sort(key=lambda pair: (-len(pair[1]), pair[0].heard_at))
        return [risk_row(one, codes) for one, codes in warned]


def sort(cards: list[Card], now: datetime) -> list[Card]:
    """The waiting, and those owed an overdue promise, first, by urgency; the others stay in their order."""

    def key(card: Card) -> tuple[Any, ...]:
        overdue = card.promised_at is not None and card.promised_at <= now
        since = card.waiting_since or (card.promised_at if overdue else None)
        if since is None:
            return (True,)
        return False, *urgency.rank(card.priority, since, card.closes, now, card.promised_at)

    return sorted(cards, key=key)


def row(card: Card) -> dict[str, Any]:
    """A conversation as the list shows it; times in milliseconds since 1970."""
    return {
        "id": str(card.id),
        "name": words.customer(card.channel, card.name, card.wa_id),
        "phone": f"+{card.wa_id}" if card.wa_id else "",
        "control": card.control,
        "holder": card.holder or "",
        "heldIn": card.held_in or "",
        "priority": card.priority if card.control == "agent" else "",
        "waiting": words.stamp(card.waiting_since),
        "reason": words.reason(card.control_why) if card.control == "agent" else "",
        "author": card.last_author or "",
        "text": (card.last_text or "")[:160],
        "undelivered": card.undelivered,
        "heard": words.stamp(card.heard_at),
        "closes": words.stamp(card.closes),
        "ticket": card.ticket_id,
        "promised": words.stamp(card.promised_at),
        "warned": words.stamp(card.warned_at),
    }


def risk_row(one: Watched, codes: tuple[str, ...]) -> dict[str, Any]:
    """A conversation at risk as the list shows it."""
    last = one.facts.exchanges[-1].text if one.facts.exchanges else ""
    return {
        "id": str(one.id),
        "name": words.customer(one.channel, one.name, one.wa_id),
        "phone": f"+{one.wa_id}" if one.wa_id else "",
        "text": last[:160],
        "heard": words.stamp(one.heard_at),
        "closes": words.stamp(one.facts.closes),
        "codes": list(codes),
        "why": [words.RISKS[code] for code in codes],
    }
