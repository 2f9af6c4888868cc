"""Where the engine remembers conversations: every event for ever, and what the next turn needs at hand.

Events are only ever appended. A prediction does not need them all, so each save also notes where the last
few turns begin and the state (slots, active form, pause) that held before them; loading replays that
state and those turns, and a turn at the end of a long conversation costs what it costs at its start.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    ConversationPaused,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import URL, make_url

TURNS = 6
"""Turns kept at hand; rules and stories must not look further back than this."""

metadata = sa.MetaData()

EVENTS = sa.Table(
    "rasa_events",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("message_id", sa.String(255), comment="the customer message in whose turn it happened"),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False, comment="seconds since 1970"),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Index("rasa_events_message", "conversation_id", "message_id"),
)

TRACKERS = sa.Table(
    "rasa_trackers",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("next_position", sa.Integer, nullable=False),
    sa.Column("window_start", sa.Integer, nullable=False),
    sa.Column("state", sa.JSON, nullable=False, comment="events that rebuild the state before the window"),
)


@dataclasses.dataclass
class Mark:
    """What of a tracker's events is stored already.

    The tracker's first `state_events` events rebuild the state before its window; the next one is the
    stored event at position `window_start`; `saved` of its events need not be written again; the next to
    be written takes `next_position`.
    """

    next_position: int = 0
    window_start: int = 0
    state_events: int = 0
    saved: int = 0


class StoredTracker(DialogueStateTracker):
    """A tracker that knows which of its events are stored."""

    mark = Mark()

    def unsaved(self) -> list[Event]:
        """The events that happened since it was loaded."""
        return list(self.events)[self.mark.saved :]


class PostgresTrackerStore(TrackerStore):
    """Rasa's tracker store on Postgres; creates its two tables on first use.

    `url` defaults to the environment's DATABASE_URL. Every method raises SQLAlchemyError when the
    database cannot be reached; `save` also when another process has written the conversation since it
    was loaded, so that nothing is overwritten.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        url: str | None = None,
        turns: int = TURNS,
        host: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._engine = _create_engine(url or host or os.environ["DATABASE_URL"])
        self._turns = turns
        self._ready = False

    async def check(self) -> None:
        """Raises SQLAlchemyError when the database does not answer."""
        await asyncio.to_thread(self._check)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation's present state and last turns, or None when it is new."""
        return await asyncio.to_thread(self._load, sender_id)

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The conversation with every event it ever had, or None when it is new."""
        return await asyncio.to_thread(self._load_all, conversation_id)

    async def events_of(self, conversation_id: str, message_id: str) -> list[Event]:
        """What happened in the turn of this customer message, in order; empty when there was none."""
        return await asyncio.to_thread(self._load_turn, conversation_id, message_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the tracker's new events."""
        if self.event_broker and isinstance(tracker, StoredTracker):
            await self._stream_new_events(self.event_broker, tracker.unsaved(), tracker.sender_id)
        await asyncio.to_thread(self._save, tracker)

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        return await asyncio.to_thread(self._keys)

    def init_tracker(self, sender_id: str) -> StoredTracker:
        """An empty tracker for a new conversation."""
        tracker = StoredTracker(sender_id, self.domain.slots)
        tracker.mark = Mark()
        return tracker

    def _connection(self) -> Connection:
        if not self._ready:
            metadata.create_all(self._engine)
            self._ready = True
        return self._engine.connect()

    def _check(self) -> None:
        with self._connection() as connection:
            connection.execute(sa.select(TRACKERS.c.next_position).limit(1))

    def _keys(self) -> list[str]:
        with self._connection() as connection:
            return list(connection.execute(sa.select(TRACKERS.c.conversation_id)).scalars())

    def _load(self, sender_id: str) -> StoredTracker | None:
        with self._connection() as connection:
            row = _tracker_row(connection, sender_id)
            if row is None:
                return None
            window = _events_from(connection, sender_id, row.window_start)
        mark = Mark(row.next_position, row.window_start, len(row.state), len(row.state) + len(window))
        return self._rebuild(sender_id, deserialise_events([*row.state, *window]), mark)

    def _load_all(self, sender_id: str) -> StoredTracker | None:
        with self._connection() as connection:
            stored = _events_from(connection, sender_id, 0)
        if not stored:
            return None
        return self._rebuild(sender_id, deserialise_events(stored), Mark(len(stored), 0, 0, len(stored)))

    def _rebuild(self, sender_id: str, events: list[Event], mark: Mark) -> StoredTracker:
        tracker = self.init_tracker(sender_id)
        for event in events:
            tracker.update(event, self.domain)
        tracker.mark = mark
        return tracker

    def _load_turn(self, conversation_id: str, message_id: str) -> list[Event]:
        chosen = sa.and_(EVENTS.c.conversation_id == conversation_id, EVENTS.c.message_id == message_id)
        with self._connection() as connection:
            rows = connection.execute(sa.select(EVENTS.c.data).where(chosen).order_by(EVENTS.c.position))
            return list(deserialise_events(list(rows.scalars())))

    def _save(self, tracker: DialogueStateTracker) -> None:
        with self._connection() as connection, connection.begin():
            mark = tracker.mark if isinstance(tracker, StoredTracker) else self._end_of(connection, tracker)
            new = list(tracker.events)[mark.saved :]
            if new:
                connection.execute(EVENTS.insert(), _event_rows(tracker.sender_id, mark.next_position, new))
                mark = self._note_window(connection, tracker, mark, len(new))
        if isinstance(tracker, StoredTracker):
            tracker.mark = dataclasses.replace(mark, saved=len(tracker.events))

    def _end_of(self, connection: Connection, tracker: DialogueStateTracker) -> Mark:
        """A tracker that was not loaded from here: its events follow the stored ones and hide them."""
        row = _tracker_row(connection, tracker.sender_id)
        end = row.next_position if row else 0
        return Mark(next_position=end, window_start=end)

    def _note_window(
        self, connection: Connection, tracker: DialogueStateTracker, mark: Mark, added: int
    ) -> Mark:
        events = list(tracker.events)
        cut = max(_window_start(events, self._turns), mark.state_events)
        state = self._state_of(_of_session(events, cut))
        end = mark.next_position + added
        row = {
            "next_position": end,
            "window_start": mark.window_start + cut - mark.state_events,
            "state": [event.as_dict() for event in state],
        }
        _write_tracker_row(connection, tracker.sender_id, row)
        return dataclasses.replace(mark, next_position=end)

    def _state_of(self, events: Sequence[Event]) -> list[Event]:
        """The fewest events that leave a tracker in the state that `events` leave it in."""
        if not events:
            return []
        tracker = DialogueStateTracker.from_events("", list(events), self.domain.slots)
        fresh = {slot.name: slot.value for slot in self.domain.slots}
        values = tracker.current_slot_values()
        state: list[Event] = []
        if tracker.active_loop is not None and tracker.active_loop.name:
            state += [ActionExecuted(tracker.active_loop.name), ActiveLoop(tracker.active_loop.name)]
        state += [SlotSet(name, value) for name, value in values.items() if value != fresh.get(name)]
        if tracker.is_paused():
            state.append(ConversationPaused())
        for event in state:
            event.timestamp = events[-1].timestamp
        return state


def _create_engine(url: str) -> Engine:
    parsed: URL = make_url(url.replace("postgres://", "postgresql://", 1))
    if parsed.get_backend_name() != "postgresql":
        return sa.create_engine(parsed)
    parsed = parsed.set(drivername="postgresql+psycopg2")
    return sa.create_engine(
        parsed, pool_pre_ping=True, pool_size=5, max_overflow=15, connect_args={"connect_timeout": 5}
    )


def _tracker_row(connection: Connection, conversation_id: str) -> Any:
    chosen = TRACKERS.c.conversation_id == conversation_id
    return connection.execute(sa.select(TRACKERS).where(chosen)).one_or_none()


def _events_from(connection: Connection, conversation_id: str, position: int) -> list[Any]:
    chosen = sa.and_(EVENTS.c.conversation_id == conversation_id, EVENTS.c.position >= position)
    rows = connection.execute(sa.select(EVENTS.c.data).where(chosen).order_by(EVENTS.c.position))
    return list(rows.scalars())


def _event_rows(conversation_id: str, position: int, events: list[Event]) -> list[dict[str, Any]]:
    message_ids = [event.message_id for event in events if isinstance(event, UserUttered)]
    return [
        {
            "conversation_id": conversation_id,
            "position": position + index,
            "message_id": message_ids[-1] if message_ids else None,
            "kind": event.type_name,
            "at": event.timestamp,
            "data": event.as_dict(),
        }
        for index, event in enumerate(events)
    ]


def _write_tracker_row(connection: Connection, conversation_id: str, row: dict[str, Any]) -> None:
    chosen = TRACKERS.c.conversation_id == conversation_id
    if connection.execute(TRACKERS.update().where(chosen).values(row)).rowcount == 0:
        connection.execute(TRACKERS.insert().values(conversation_id=conversation_id, **row))


def _of_session(events: Sequence[Event], cut: int) -> Sequence[Event]:
    """The events before `cut`, unless a new session begins there and forgets them."""
    return [] if cut < len(events) and isinstance(events[cut], SessionStarted) else events[:cut]


def _window_start(events: Sequence[Event], turns: int) -> int:
    """Where the last `turns` turns begin: at the listening before the first, or at the session's start."""
    seen = 0
    for index in range(len(events) - 1, -1, -1):
        if isinstance(events[index], SessionStarted):
            return index
        seen += isinstance(events[index], UserUttered)
        listening = isinstance(events[index], ActionExecuted) and (
            events[index].action_name == ACTION_LISTEN_NAME
        )
        if listening and seen >= turns:
            return index
    return 0
