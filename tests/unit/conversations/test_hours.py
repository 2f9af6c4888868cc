"""When people answer: weeks, nights, holidays, and clocks that are put forward and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conversations.hours import Hours, Span

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
OFFICE = (Span(8 * 60, 20 * 60),)
NIGHT = (Span(22 * 60, 30 * 60),)
WEEKDAYS = Hours(NEW_YORK, {day: OFFICE for day in range(5)})
HOUR = timedelta(hours=1)


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_open_from_the_first_minute_to_before_the_last() -> None:
    """Eight o'clock is open, twenty o'clock is not."""
    assert not WEEKDAYS.is_open(at("2026-03-02T07:59:59"))
    assert WEEKDAYS.is_open(at("2026-03-02T08:00"))
    assert WEEKDAYS.is_open(at("2026-03-02T19:59:59"))
    assert not WEEKDAYS.is_open(at("2026-03-02T20:00"))
    assert WEEKDAYS.closes(at("2026-03-02T08:00")) == at("2026-03-02T20:00")


def test_friday_night_waits_for_monday() -> None:
    """After the last hours of a week the next ones are next week's."""
    assert WEEKDAYS.opens(at("2026-03-06T21:00")) == at("2026-03-09T08:00")


def test_holidays_in_a_row() -> None:
    """Christmas, a Sunday and New Year in a row: the first day that is none of them."""
    closed: dict[date, tuple[Span, ...]] = {date(2026, 12, day): () for day in range(24, 32)}
    hours = Hours(NEW_YORK, WEEKDAYS.week, closed, {(1, 1): ()})
    assert hours.opens(at("2026-12-23T20:00")) == at("2027-01-04T08:00")


def test_a_date_comes_before_the_yearly_one() -> None:
    """This year's Christmas Eve has hours of its own, every other year's has the usual exception."""
    hours = Hours(NEW_YORK, WEEKDAYS.week, {date(2026, 12, 24): (Span(600, 720),)}, {(12, 24): ()})
    assert hours.is_open(at("2026-12-24T11:00"))
    assert not hours.is_open(at("2027-12-24T11:00"))


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    """From ten in the evening to six in the morning, past midnight without a break."""
    hours = Hours(BERLIN, {4: NIGHT})
    assert hours.closes(at("2026-03-06T23:00", BERLIN)) == at("2026-03-07T06:00", BERLIN)
    assert hours.is_open(at("2026-03-07T05:59", BERLIN))
    assert not hours.is_open(at("2026-03-06T05:59", BERLIN))


def test_a_holiday_begins_at_midnight() -> None:
    """The night shift before a closed date ends with its midnight."""
    hours = Hours(BERLIN, {day: NIGHT for day in range(7)}, {date(2026, 3, 7): ()})
    assert hours.closes(at("2026-03-06T23:00", BERLIN)) == at("2026-03-07T00:00", BERLIN)
    assert hours.opens(at("2026-03-07T00:00", BERLIN)) == at("2026-03-08T22:00", BERLIN)


def test_spans_that_touch_are_one() -> None:
    """Midnight is no closing time between two whole days."""
    hours = Hours(BERLIN, {0: (Span(0, 1440),), 1: (Span(0, 600),)})
    assert hours.closes(at("2026-03-02T12:00", BERLIN)) == at("2026-03-03T10:00", BERLIN)


def test_never_open() -> None:
    """Without any hours nothing is ever open, and nothing next."""
    assert Hours(BERLIN, {}).opens(at("2026-03-02T12:00")) is None
    assert Hours(BERLIN, {0: ()}).closes(at("2026-03-02T12:00")) is None


def test_open_always() -> None:
    """Around the clock: open now, and at any other moment."""
    hours = Hours(BERLIN, {day: (Span(0, 1440),) for day in range(7)})
    now = at("2026-03-02T12:00")
    assert hours.opens(now) == now
    assert (hours.closes(now) or now) > now + timedelta(days=365)


def test_open_for_weeks_on_end() -> None:
    """A closing that is weeks away is none; the time until then is still counted rightly."""
    whole = dict.fromkeys(range(7), (Span(0, 1440),))
    hours = Hours(BERLIN, whole, {date(2026, 3, 20): ()})
    never = hours.closes(at("2026-03-02T12:00", BERLIN))
    assert never
    assert never > at("2027-03-02T12:00", BERLIN)
    assert hours.closes(at("2026-03-18T12:00", BERLIN)) == at("2026-03-20T00:00", BERLIN)
    open_days = hours.open_between(at("2026-03-02T00:00", BERLIN), at("2026-03-23T00:00", BERLIN))
    assert open_days == timedelta(days=20)


class Week(dict[int, tuple[Span, ...]]):
    """The same spans on every day; `looks`: how often it was asked for a day's."""

    looks = 0

    def get(self, key: int, default: Any = ()) -> Any:
        self.looks += 1
        return super().get(key, default)


@pytest.mark.parametrize(
    ("spans", "look", "most"),
    [
        ((Span(0, 1440),), Hours.is_open, 2),
        ((), Hours.is_open, 2),
        ((Span(0, 1440),), Hours.closes, 11),
        ((Span(0, 1440),), lambda hours, now: hours.open_between(now - HOUR, now), 3),
        ((Span(480, 1200),), lambda hours, now: hours.open_between(now - HOUR, now), 3),
    ],
)
def test_few_days_are_looked_at(
    spans: tuple[Span, ...], look: Callable[[Hours, datetime], object], most: int
) -> None:
    """However long a shop is open or closed on end."""
    week = Week(dict.fromkeys(range(7), spans))
    look(Hours(BERLIN, week), at("2026-03-02T12:00", BERLIN))
    assert week.looks <= most


@pytest.mark.parametrize(
    ("span", "opens", "closes"),
    [
        ((60, 180), "2026-03-29T00:00+00:00", "2026-03-29T01:00+00:00"),  # 1:00 to 3:00, without 2:00 to 3:00
        ((150, 240), "2026-03-29T01:30+00:00", "2026-03-29T02:00+00:00"),  # 2:30 is skipped: 3:30
    ],
)
def test_clocks_put_forward(span: tuple[int, int], opens: str, closes: str) -> None:
    """On the day that has 23 hours a span is as long as the clock says."""
    hours = Hours(BERLIN, {6: (Span(*span),)})
    found = hours.opens(datetime(2026, 3, 28, 20, tzinfo=UTC))
    assert found == datetime.fromisoformat(opens)
    assert hours.closes(datetime.fromisoformat(opens)) == datetime.fromisoformat(closes)


def test_clocks_put_back() -> None:
    """On the day that has 25 hours one to four is four hours long, and half past two the first one."""
    hours = Hours(BERLIN, {6: (Span(60, 240),)})
    assert hours.opens(at("2026-10-24T12:00", BERLIN)) == datetime(2026, 10, 24, 23, tzinfo=UTC)
    assert hours.closes(at("2026-10-25T02:30", BERLIN)) == datetime(2026, 10, 25, 3, tzinfo=UTC)
    until_half_past = Hours(BERLIN, {6: (Span(60, 150),)})
    assert until_half_past.closes(at("2026-10-25T02:00", BERLIN)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


spans = st.builds(
    lambda start, length: Span(start, start + length), st.integers(0, 1439), st.integers(1, 1440)
)


def _apart(day: list[Span]) -> tuple[Span, ...]:
    """Those of them that begin after the one before has ended."""
    kept: list[Span] = []
    for span in sorted(day):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return tuple(kept)


days = st.lists(spans, max_size=3).map(_apart)
all_hours = st.builds(
    Hours,
    st.sampled_from(
        [BERLIN, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata")]
    ),
    st.dictionaries(st.integers(0, 6), days),
    st.dictionaries(st.dates(date(2026, 3, 1), date(2026, 4, 30)), days, max_size=6),
)
moments = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30), timezones=st.just(UTC))


def _by_the_clock(hours: Hours, moment: datetime) -> bool:
    """Open by reading the wall clock against the day's spans and yesterday's, the other way round."""
    wall = hours.local(moment)
    today, yesterday = wall.date(), wall.date() - timedelta(days=1)
    minutes = wall.hour * 60 + wall.minute + (wall.second + wall.microsecond / 1e6) / 60
    own = hours.dates.get(today, hours.week.get(today.weekday(), ()))
    if any(span.start <= minutes < span.end for span in own):
        return True
    spill = (
        () if today in hours.dates else hours.dates.get(yesterday, hours.week.get(yesterday.weekday(), ()))
    )
    return any(span.start <= minutes + 1440 < span.end for span in spill)


@given(all_hours, moments)
def test_open_is_what_the_clock_on_the_wall_says(hours: Hours, moment: datetime) -> None:
    """On every day on which the clocks are left alone."""
    near = [hours.local(moment + timedelta(hours=each)).utcoffset() for each in (-48, 48)]
    assume(near[0] == near[1])
    assert hours.is_open(moment) == _by_the_clock(hours, moment)


@given(all_hours, moments)
def test_the_next_opening_is_open_and_nothing_before_is(hours: Hours, moment: datetime) -> None:
    """`opens` names a moment that is open; an hour, a minute and a second before it is closed."""
    found = hours.opens(moment)
    if found is None:
        return
    assert found >= moment
    assert hours.is_open(found)
    if found == moment:
        return
    for back in (timedelta(seconds=1), timedelta(minutes=1), HOUR, (found - moment) / 2):
        assert found - back < moment or not hours.is_open(found - back)


@given(all_hours, moments)
def test_open_until_it_closes(hours: Hours, moment: datetime) -> None:
    """Open up to the moment before `closes`, closed at it."""
    until = hours.closes(moment)
    if until is None:
        assert (hours.opens(moment) or moment + HOUR) > moment
        return
    assert hours.opens(moment) == moment
    assert hours.is_open(until - timedelta(microseconds=1))
    if until < moment + timedelta(days=300):
        assert not hours.is_open(until)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))
def test_office_hours_open_at_eight_all_year(moment: datetime) -> None:
    """Whatever the clocks do, the next opening is at eight on the wall, on a weekday."""
    found = WEEKDAYS.opens(moment)
    assert found is not None
    wall = WEEKDAYS.local(found)
    assert found == moment or (wall.time() == time(8) and wall.weekday() < 5)
    assert found - moment < timedelta(days=3)
