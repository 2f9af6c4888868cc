"""The file in which trainers and operators write the opening hours: `data/hours.yml`."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from conversations.errors import ParleyError
from conversations.hours import DAYS, Hours, Span

FILE = Path(__file__).resolve().parent.parent / "data" / "hours.yml"
KEYS = ("time_zone", "zone_name", "after_opening", "week", "days")
CLOSED = "closed"
SPAN = re.compile(r"(\d{1,2}):([0-5]\d)\s*[-–]\s*(\d{1,2}):([0-5]\d)")
WITHIN = re.compile(r"(\d{1,2}):([0-5]\d)")
AFTER_OPENING = timedelta(hours=2)
EXAMPLE = "write 8:00-20:00, or 8:00-12:00, 13:00-18:00, or closed"
LEAP_YEAR = 2024
LONGEST = 366
"""Days that "from to" may name."""

logger = logging.getLogger(__name__)


class HoursUnreadable(ParleyError):
    """The opening hours cannot be used; a line for each thing that is wrong, with its place."""


class Kept:
    """The file's hours as they are now. Raises HoursUnreadable when it cannot be used at the start.

    A change that cannot be used leaves the last good hours, with a warning.
    """

    def __init__(self, file: Path = FILE):
        self._file = file
        self._seen = _stamp(file)
        self._hours = load(file)

    def __call__(self) -> Hours:
        """The opening hours."""
        stamp = _stamp(self._file)
        if stamp != self._seen:
            self._seen = stamp
            try:
                self._hours = load(self._file)
            except HoursUnreadable as error:
                logger.warning("the last good opening hours stay: %s", error)
        return self._hours


def load(file: Path = FILE) -> Hours:
    """The hours in this file. Raises HoursUnreadable."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HoursUnreadable(f"{file.name} cannot be read: {error}.") from None
    return read(text, file.name)


def read(text: str, name: str = "hours.yml") -> Hours:
    """The hours that such a text tells. Raises HoursUnreadable, with `name` and the lines."""
    reader = _Reader(name)
    hours = reader.hours(text)
    if reader.problems or hours is None:
        raise HoursUnreadable("\n".join(reader.problems))
    return hours


class _Reader:
    """Reads the nodes of the file, which know their lines, and gathers what is wrong with them."""

    def __init__(self, name: str):
        self._name = name
        self.problems: list[str] = []

    def hours(self, text: str) -> Hours | None:
        try:
            top = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            self.problems.append(f"{self._name} is not YAML: {' '.join(str(error).split())}")
            return None
        parts = {key.value: value for key, value in self._pairs(top, "the file", str)}
        for key, node in parts.items():
            if key not in KEYS:
                self._wrong(node, f"“{key}” is not known here: there are {', '.join(KEYS)}")
        if missing := [key for key in ("time_zone", "week") if key not in parts]:
            self.problems.append(f"{self._name}: {' and '.join(missing)} must be there.")
        zone = self._zone(parts.get("time_zone"))
        week = dict(self._week(parts["week"])) if "week" in parts else {}
        dates, yearly = self._days(parts["days"]) if "days" in parts else ({}, {})
        named = self._text(parts["zone_name"]) if "zone_name" in parts else ""
        within = self._within(parts["after_opening"]) if "after_opening" in parts else AFTER_OPENING
        return Hours(zone, week, dates, yearly, named or _city(zone), within) if zone else None

    def _zone(self, node: yaml.Node | None) -> ZoneInfo | None:
        if node is None:
            return None
        try:
            return ZoneInfo(self._text(node))
        except (ValueError, OSError, KeyError):  # not found is a KeyError, a folder of zones an OSError
            self._wrong(node, "time_zone is a name such as Europe/Berlin or America/New_York")
            return None

    def _within(self, node: yaml.Node) -> timedelta:
        found = WITHIN.fullmatch(self._text(node).strip())
        within = timedelta(hours=int(found[1]), minutes=int(found[2])) if found else timedelta(0)
        if not within:
            self._wrong(node, "after_opening is hours and minutes, such as 2:00")
        return within

    def _week(self, node: yaml.Node) -> Iterator[tuple[int, tuple[Span, ...]]]:
        for key, value in self._pairs(node, "week", str.lower):
            if key.value.lower() in DAYS:
                yield DAYS.index(key.value.lower()), self._spans(value, f"week, {key.value}")
            else:
                self._wrong(key, f"week: “{key.value}” is not a day: there are {', '.join(DAYS)}")

    def _days(
        self, node: yaml.Node
    ) -> tuple[dict[date, tuple[Span, ...]], dict[tuple[int, int], tuple[Span, ...]]]:
        dates: dict[date, tuple[Span, ...]] = {}
        yearly: dict[tuple[int, int], tuple[Span, ...]] = {}
        for key, value in self._pairs(node, "days", str):
            spans = self._spans(value, f"days, {key.value}")
            try:
                days, every_year = _named(key.value)
            except ValueError as error:
                self._wrong(key, f"days: “{key.value}”: {error}")
                continue
            for day in days:
                if every_year:
                    yearly[day.month, day.day] = spans
                elif day in dates:
                    self._wrong(key, f"days: {day} stands there twice")
                else:
                    dates[day] = spans
        return dates, yearly

    def _spans(self, node: yaml.Node, place: str) -> tuple[Span, ...]:
        text = self._text(node).strip()
        if text.lower() == CLOSED:
            return ()
        spans: list[Span] = []
        for part in text.split(","):
            try:
                spans.append(_span(part.strip()))
            except ValueError as error:
                self._wrong(node, f"{place}: “{part.strip()}”: {error}")
        ordered = sorted(spans)
        for one, next_one in itertools.pairwise(ordered):
            if next_one.start < one.end:
                self._wrong(node, f"{place}: {text}: these overlap")
        return tuple(ordered)

    def _pairs(
        self, node: yaml.Node | None, place: str, same: Callable[[str], str]
    ) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """The entries of a mapping, each key once (as `same` sees it)."""
        if isinstance(node, yaml.ScalarNode) and not node.value and place != "the file":
            return
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"{place} must be a list of `name: value` lines")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._wrong(key, f"{place}: this is no name")
            elif same(key.value) in seen:
                self._wrong(key, f"{place}: “{key.value}” stands there twice")
            else:
                seen.add(same(key.value))
                yield key, value

    def _text(self, node: yaml.Node) -> str:
        return node.value if isinstance(node, yaml.ScalarNode) else ""

    def _wrong(self, node: yaml.Node | None, what: str) -> None:
        where = f", line {node.start_mark.line + 1}" if node else ""
        self.problems.append(f"{self._name}{where}: {what}.")


def _span(text: str) -> Span:
    found = SPAN.fullmatch(text)
    if not found:
        raise ValueError(EXAMPLE)
    start, end = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
    if start >= 1440 or end > 1440:
        raise ValueError("a day has the times from 0:00 to 24:00")
    if start == end:
        raise ValueError("it begins and ends at the same time; the whole day is 0:00-24:00")
    return Span(start, end if end > start else end + 1440)


def _named(text: str) -> tuple[list[date], bool]:
    """The dates of "2026-12-24", of "12-24" (every year), or from one "to" another. Raises ValueError."""
    first, _, last = (part.strip() for part in text.partition(" to "))
    every_year = len(first) <= len("12-25")
    begins = _date(first, every_year)
    ends = _date(last, every_year) if last else begins
    days = (ends - begins).days + 1
    if days < 1 or days > LONGEST:
        raise ValueError("it ends before it begins" if days < 1 else "these are more days than a year has")
    return [begins + timedelta(days=number) for number in range(days)], every_year


def _date(text: str, every_year: bool) -> date:
    try:
        return date.fromisoformat(f"{LEAP_YEAR}-{text}" if every_year else text)
    except ValueError:
        raise ValueError("write 2026-12-24, or 12-24 for every year, or 2026-12-24 to 2026-12-31") from None


def _city(zone: ZoneInfo | None) -> str:
    """What a zone without a name of its own is called: "New York time", "UTC"."""
    key = str(zone)
    return f"{key.rpartition('/')[2].replace('_', ' ')} time" if "/" in key else key


def _stamp(file: Path) -> tuple[int, int] | None:
    """Changes whenever the file does; None when it is not there."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
