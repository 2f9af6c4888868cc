"""When people answer: open now, until when, when next. Pure; times in and out are aware.

A local time that occurs twice means the first, one that the clocks skip is read with the offset before the
gap (RFC 5545, 3.3.5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = timedelta(days=1)
AHEAD = 400
"""Days looked ahead for the next opening; a shop that is closed for longer has none."""
ALWAYS = timedelta(days=8)
"""Open for so long on end, a whole week and more: the next closing is nothing to tell of."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` to just before `end` on a day, in minutes since its midnight.

    An `end` over 1440 is on the next day.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours of a place.

    `week`: spans by weekday, Monday 0. `dates` and `yearly` (month, day) replace the weekday's, the former
    before the latter; an empty one is closed. Such a day stands for itself: a night shift of the day before
    ends at its midnight. `after_opening`: who wrote while it was closed is answered or called within this.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[Span, ...]]
    dates: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    yearly: Mapping[tuple[int, int], tuple[Span, ...]] = field(default_factory=dict)
    zone_name: str = ""
    after_opening: timedelta = timedelta(hours=2)

    def is_open(self, at: datetime) -> bool:
        """Whether people answer at this moment."""
        return any(start <= at < end for start, end in self._spans(at, days=2))

    def closes(self, at: datetime) -> datetime | None:
        """Until when they answer without a break, in UTC; None when it is closed at this moment.

        Open for longer than `ALWAYS`: a moment over a year ahead.
        """
        found: datetime | None = None
        for start, end in self._spans(at):
            if start > (found or at):
                break
            if end - at > ALWAYS:
                return at.astimezone(UTC) + AHEAD * DAY
            if end > (found or at):
                found = end
        return found

    def opens(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which people answer, in UTC: `at` itself when it is open.

        None when there is none within `AHEAD` days.
        """
        for start, end in self._spans(at):
            if end > at:
                return max(start, at.astimezone(UTC))
        return None

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time from `start` to `end` it was open."""
        return sum((closes - opens for opens, closes in self._within(start, end)), timedelta(0))

    def last_open(self, start: datetime, end: datetime) -> datetime | None:
        """Until when they answer at last between `start` and `end`, in UTC; None when it is all closed."""
        return max((closes for _, closes in self._within(start, end)), default=None)

    def local(self, at: datetime) -> datetime:
        """This moment on the clock of the place."""
        return at.astimezone(self.zone)

    def _within(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The parts of the time from `start` to `end` in which it is open, in order, in UTC."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        for opens, closes in self._spans(start):
            if opens >= end:
                return
            part = max(opens, start), min(closes, end)
            if part[0] < part[1]:
                yield part
                start = part[1]

    def _spans(self, at: datetime, days: int = AHEAD) -> Iterator[tuple[datetime, datetime]]:
        """The spans of so many days from the one before `at` on, in order, as moments in UTC."""
        first = self.local(at).date() - DAY
        for number in range(days):
            day = first + number * DAY
            for span in sorted(self._of(day)):
                end = min(span.end, 1440) if self._stands_alone(day + DAY) else span.end
                moments = self._moment(day, span.start), self._moment(day, end)
                if moments[0] < moments[1]:
                    yield moments

    def _of(self, day: date) -> tuple[Span, ...]:
        if self._stands_alone(day):
            return self.dates[day] if day in self.dates else self.yearly[day.month, day.day]
        return self.week.get(day.weekday(), ())

    def _stands_alone(self, day: date) -> bool:
        return day in self.dates or (day.month, day.day) in self.yearly

    def _moment(self, day: date, minutes: int) -> datetime:
        """This many minutes of the clock after the day's midnight, in UTC."""
        days, rest = divmod(minutes, 1440)
        wall = datetime.combine(day + days * DAY, time(rest // 60, rest % 60), self.zone)
        return wall.astimezone(UTC)
