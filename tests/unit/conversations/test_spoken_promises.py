"""What an agent's line promises, and by when."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conversations.hours import Hours, Span
from conversations.promises import spoken

ZONE = ZoneInfo("Europe/Berlin")
HOURS = Hours(ZONE, {day: (Span(480, 1200),) for day in range(5)})
AT = datetime(2026, 11, 24, 14, 0, tzinfo=ZONE)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "due", "call"),
    [
        ("I'll get back to you within an hour.", "2026-11-24T15:00", False),
        ("We will write to you in 30 minutes.", "2026-11-24T14:30", False),
        ("Thanks. I’ll call you back in half an hour!", "2026-11-24T14:30", True),
        ("I will send you the label today.", "2026-11-24T20:00", False),
        ("I'll call you tomorrow.", "2026-11-25T20:00", True),
        ("I will answer you by tomorrow noon.", "2026-11-25T12:00", False),
        ("We'll look again tomorrow morning.", "2026-11-25T12:00", False),
        ("We'll give you a call tomorrow at 9 am.", "2026-11-25T09:00", True),
        ("I'll let you know by 16:30.", "2026-11-24T16:30", False),
        ("I'll let you know by 9:00.", "2026-11-25T09:00", False),
        ("I am going to check this by Saturday.", "2026-11-28T18:00", False),
        ("We will have it sorted within two days.", "2026-11-26T14:00", False),
        ("Let me check, back in 10 minutes", "2026-11-24T14:10", False),
        ("Let me look and come back in half an hour.", "2026-11-24T14:30", False),
        ("You'll hear from me by Friday", "2026-11-27T20:00", False),
        ("We'll have this sorted by end of day", "2026-11-24T20:00", False),
        ("We'll have this sorted by the end of the day tomorrow", "2026-11-25T20:00", False),
    ],
)
def test_what_is_promised_by_when(text: str, due: str, call: bool) -> None:
    """Spans, times of day and days, on the shop's clock; a day alone means its closing time."""
    [found] = spoken.promises(text, AT, HOURS)
    assert (found.due, found.call) == (datetime.fromisoformat(due).replace(tzinfo=ZONE), call)


@pytest.mark.parametrize(
    "text",
    [
        "I'll look into it.",
        "Your parcel will arrive tomorrow.",
        "Shall I call you tomorrow?",
        "The refund is on its way to you.",
        "I'll look at order 10234 for you.",
        "We had 3 of them in stock.",
        "You will have it back in 3 days.",
        "Let me know by Friday.",
        "Please put it back in the box.",
    ],
)
def test_no_promise_of_the_agents_own(text: str) -> None:
    """Without a time, of somebody else, or only asked: nothing to track."""
    assert spoken.promises(text, AT, HOURS) == []


@pytest.mark.parametrize(
    ("spans", "due"),
    [
        ((Span(0, 1440),), "2026-11-26T00:00"),  # around the clock
        ((Span(540, 720), Span(840, 1080)), "2026-11-25T18:00"),  # with a break at noon
        ((Span(1320, 1800),), "2026-11-26T00:00"),  # over night
    ],
)
def test_a_day_ends_when_people_go_home_for_the_last_time(spans: tuple[Span, ...], due: str) -> None:
    """Not with a break, nor with the end of the night shift before; at midnight where nobody goes home."""
    hours = Hours(ZONE, dict.fromkeys(range(7), spans))
    [found] = spoken.promises("I'll get back to you tomorrow.", AT, hours)
    assert found.due == datetime.fromisoformat(due).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("I have just called you.", True),
        ("We tried to reach you by phone.", True),
        ("As we spoke on the phone", True),
        ("I'll call you.", False),
        ("You called us yesterday.", False),
    ],
)
def test_words_of_a_call(text: str, called: bool) -> None:
    """That the agent called, or tried to, keeps the promise of a call."""
    assert spoken.tells_of_call(text) is called
