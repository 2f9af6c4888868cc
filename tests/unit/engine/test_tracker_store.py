"""The tracker store, on SQLite; the same statements run on Postgres."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError

from engine.tracker_store import EVENTS, TURNS, PostgresTrackerStore, StoredTracker

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [greet]
forms: {ask_form: {required_slots: [number]}}
slots:
  number: {type: text, mappings: [{type: custom}]}
  seen: {type: any, mappings: [{type: custom}]}
"""
)


def _store(folder: Path) -> PostgresTrackerStore:
    return PostgresTrackerStore(DOMAIN, url=f"sqlite:///{folder}/rasa.db")


@pytest.fixture
def store(tmp_path: Path) -> PostgresTrackerStore:
    return _store(tmp_path)


def _turn(number: int, *more: Event) -> list[Event]:
    user = UserUttered(f"text {number}", {"name": "greet"}, message_id=f"m{number}")
    return [
        user,
        *more,
        ActionExecuted("utter_greet"),
        BotUttered(f"answer {number}"),
        ActionExecuted("action_listen"),
    ]


async def _play(store: PostgresTrackerStore, turns: int, first: int = 0) -> None:
    for number in range(first, first + turns):
        tracker = await store.get_or_create_tracker("ana", append_action_listen=False)
        start = [] if tracker.events else [SessionStarted(), ActionExecuted("action_listen")]
        tracker.update_with_events([*start, *_turn(number)], DOMAIN)
        await store.save(tracker)


async def _add(store: PostgresTrackerStore, *events: Event) -> None:
    tracker = await store.get_or_create_tracker("ana", append_action_listen=False)
    tracker.update_with_events(list(events), DOMAIN)
    await store.save(tracker)


async def _loaded(store: PostgresTrackerStore) -> StoredTracker:
    tracker = await store.retrieve("ana")
    assert isinstance(tracker, StoredTracker)
    return tracker


async def test_a_new_conversation_has_no_tracker(store: PostgresTrackerStore) -> None:
    """Nothing is known of a conversation that never was."""
    assert await store.retrieve("ana") is None
    assert await store.retrieve_full_tracker("ana") is None
    assert list(await store.keys()) == []


async def test_loading_does_not_grow_with_the_conversation(store: PostgresTrackerStore) -> None:
    """After many turns only the last few are loaded, while the full history keeps every one."""
    await _play(store, 40)
    loaded, full = await _loaded(store), await store.retrieve_full_tracker("ana")
    assert full is not None
    assert [event.text for event in loaded.events if isinstance(event, UserUttered)] == [
        f"text {number}" for number in range(40 - TURNS, 40)
    ]
    assert sum(isinstance(event, UserUttered) for event in full.events) == 40


async def test_state_from_before_the_window_is_kept(store: PostgresTrackerStore) -> None:
    """Slots, the active form and a pause set long ago still hold after many turns."""
    await _play(store, 1)
    await _add(
        store,
        SlotSet("number", "10234"),
        SlotSet("seen", ["a"]),
        ActionExecuted("ask_form"),
        ActiveLoop("ask_form"),
        ConversationPaused(),
    )
    await _play(store, 20, first=1)
    tracker = await _loaded(store)
    assert tracker.get_slot("number") == "10234"
    assert tracker.get_slot("seen") == ["a"]
    assert tracker.active_loop_name == "ask_form"
    assert tracker.is_paused()


async def test_a_slot_emptied_in_the_window_stays_empty(store: PostgresTrackerStore) -> None:
    """A slot set before the window and emptied within it is empty."""
    await _play(store, 1)
    await _add(store, SlotSet("number", "10234"))
    await _play(store, 10, first=1)
    await _add(store, SlotSet("number", None))
    await _play(store, 1, first=11)
    assert (await _loaded(store)).get_slot("number") is None


async def test_a_new_session_hides_what_was_before(store: PostgresTrackerStore) -> None:
    """The window begins no earlier than the present session."""
    await _play(store, 3)
    await _add(store, SlotSet("number", "10234"), SessionStarted(), ActionExecuted("action_listen"))
    tracker = await _loaded(store)
    assert tracker.get_slot("number") is None
    assert isinstance(tracker.events[0], SessionStarted)


async def test_a_turn_is_found_by_its_message(store: PostgresTrackerStore) -> None:
    """The events of an old turn are found by its message id, and only those."""
    await _play(store, 12)
    events = await store.events_of("ana", "m1")
    assert [event.text for event in events if isinstance(event, (UserUttered, BotUttered))] == [
        "text 1",
        "answer 1",
    ]
    assert await store.events_of("ben", "m1") == []


async def test_two_writers_cannot_both_win(store: PostgresTrackerStore) -> None:
    """Of two processes that loaded the same state, the second to save fails and changes nothing."""
    await _play(store, 1)
    first, second = await _loaded(store), await _loaded(store)
    first.update_with_events(_turn(1), DOMAIN)
    second.update_with_events(_turn(2), DOMAIN)
    await store.save(first)
    with pytest.raises(SQLAlchemyError):
        await store.save(second)
    assert await store.events_of("ana", "m2") == []


async def test_an_empty_tracker_overwrites_nothing(store: PostgresTrackerStore) -> None:
    """A tracker created because loading failed cannot replace the stored conversation."""
    await _play(store, 2)
    blank = store.init_tracker("ana")
    await store.save(blank)
    blank.update_with_events(_turn(9), DOMAIN)
    with pytest.raises(SQLAlchemyError):
        await store.save(blank)
    full = await store.retrieve_full_tracker("ana")
    assert full is not None
    assert sum(isinstance(event, UserUttered) for event in full.events) == 2


async def test_saving_twice_writes_once(store: PostgresTrackerStore) -> None:
    """Saving a tracker again adds only what happened since."""
    tracker = store.init_tracker("ana")
    tracker.update_with_events([SessionStarted(), *_turn(0)], DOMAIN)
    await store.save(tracker)
    await store.save(tracker)
    tracker.update_with_events(_turn(1), DOMAIN)
    await store.save(tracker)
    full = await store.retrieve_full_tracker("ana")
    assert full is not None
    assert len(full.events) == len(tracker.events)


async def test_a_foreign_tracker_follows_the_stored_one(store: PostgresTrackerStore) -> None:
    """A tracker put there over HTTP replaces the present state; the history stays."""
    await _play(store, 2)
    foreign = DialogueStateTracker.from_events("ana", [SlotSet("number", "1"), *_turn(7)], DOMAIN.slots)
    await store.save(foreign)
    tracker, full = await _loaded(store), await store.retrieve_full_tracker("ana")
    assert full is not None
    assert [event.text for event in tracker.events if isinstance(event, UserUttered)] == ["text 7"]
    assert sum(isinstance(event, UserUttered) for event in full.events) == 3


async def test_a_second_process_reads_what_the_first_wrote(tmp_path: Path) -> None:
    """Nothing is kept in memory: another store on the same database knows the conversation."""
    await _play(_store(tmp_path), 3)
    assert len((await _loaded(_store(tmp_path))).events) > 0
    assert list(await _store(tmp_path).keys()) == ["ana"]


async def test_a_missing_database_is_an_error(tmp_path: Path) -> None:
    """When the database cannot be opened, loading and saving raise; nothing is pretended."""
    lost = _store(tmp_path / "nowhere")
    with pytest.raises(SQLAlchemyError):
        await lost.retrieve("ana")
    with pytest.raises(SQLAlchemyError):
        await lost.check()


def test_positions_are_unique() -> None:
    """The database itself refuses two events at one place of a conversation."""
    assert [column.name for column in EVENTS.primary_key] == ["conversation_id", "position"]
