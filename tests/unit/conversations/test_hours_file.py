"""The opening hours that trainers and operators write."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from conversations import hours_file
from conversations.hours import Span
from conversations.hours_file import HoursUnreadable, Kept

WEEK = "time_zone: Europe/Berlin\nweek:\n  monday: 8:00-20:00\n"


def test_what_can_be_written() -> None:
    """Breaks, nights, closed days, dates once, every year and several in a row."""
    hours = hours_file.read(
        "time_zone: Europe/Berlin\n"
        "week:\n"
        "  Monday: 8:00-12:00, 13:00 – 18:00\n"
        "  friday: 22:00-6:00\n"
        "  saturday: 0:00-24:00\n"
        "  sunday: closed\n"
        "days:\n"
        "  2026-12-24 to 2026-12-26: closed\n"
        "  2026-12-31: 8:00-12:00\n"
        "  01-01: closed\n"
        "  02-29: closed\n"
    )
    assert hours.week == {
        0: (Span(480, 720), Span(780, 1080)),
        4: (Span(1320, 1800),),
        5: (Span(0, 1440),),
        6: (),
    }
    closed = {date(2026, 12, day): () for day in (24, 25, 26)}
    assert hours.dates == {**closed, date(2026, 12, 31): (Span(480, 720),)}
    assert hours.yearly == {(1, 1): (), (2, 29): ()}
    assert hours.zone_name == "Berlin time"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "hours.yml: the file must be a list of `name: value` lines"),
        ("week:\n  monday: closed\n", "hours.yml: time_zone must be there"),
        ("time_zone: Berlin\nweek:\n  monday: closed\n", "line 1: time_zone is a name such as Europe/Berlin"),
        (WEEK.replace("monday", "mon"), "line 3: week: “mon” is not a day"),
        (WEEK + "  monday: closed\n", "line 4: week: “monday” stands there twice"),
        (WEEK + "  tuesday: 8-20\n", "line 4: week, tuesday: “8-20”: write 8:00-20:00"),
        (WEEK + "  tuesday:\n", "line 4: week, tuesday: “”: write 8:00-20:00"),
        (WEEK + "  tuesday: [1, 2]\n", "line 4: week, tuesday: “”: write 8:00-20:00"),
        (WEEK + "  tuesday: 8:00-25:00\n", "line 4: week, tuesday: “8:00-25:00”: a day has the times"),
        (WEEK + "  tuesday: 8:00-8:00\n", "line 4: week, tuesday: “8:00-8:00”: it begins and ends at"),
        (WEEK + "  tuesday: 8:00-12:00, 11:00-13:00\n", "line 4: week, tuesday: 8:00-12:00, 11:00"),
        (WEEK + "days:\n  2026-13-01: closed\n", "line 5: days: “2026-13-01”: write 2026-12-24"),
        (WEEK + "days:\n  christmas: closed\n", "line 5: days: “christmas”: write 2026-12-24"),
        (WEEK + "days:\n  2026-12-26 to 2026-12-24: closed\n", "line 5: days: “2026-12-26 to 2026-12"),
        (WEEK + "days:\n  2026-12-24 to 2026-12-26: closed\n  2026-12-25: closed\n", "line 6: days: 2026"),
        (WEEK + "day:\n  2026-12-24: closed\n", "line 5: “day” is not known here"),
        ("a: [", "hours.yml is not YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, complaint: str) -> None:
    """Each mistake names its line and what could be written instead."""
    with pytest.raises(HoursUnreadable) as error:
        hours_file.read(text)
    assert complaint in str(error.value)


def test_every_mistake_is_told_at_once() -> None:
    """Two mistakes make two lines."""
    with pytest.raises(HoursUnreadable) as error:
        hours_file.read(WEEK.replace("8:00-20:00", "always") + "days:\n  soon: closed\n")
    assert len(str(error.value).splitlines()) == 2


def test_the_file_that_comes_with_parley_can_be_read() -> None:
    """What is delivered is open on a working day at noon, and closed at Christmas."""
    hours = hours_file.load()
    assert hours.is_open(datetime(2026, 3, 3, 17, tzinfo=UTC))
    assert not hours.is_open(datetime(2026, 12, 25, 17, tzinfo=UTC))


def test_a_change_counts_at_once_and_a_bad_one_does_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The hours follow the file; what cannot be used leaves the last good ones, and says so once."""
    file = tmp_path / "hours.yml"
    file.write_text(WEEK)
    kept = Kept(file)
    file.write_text(WEEK + "  tuesday: 9:00-10:00\n")
    assert kept().week[1] == (Span(540, 600),)
    file.write_text(WEEK + "  tuesday: whenever we like\n")
    with caplog.at_level(logging.WARNING):
        assert kept().week[1] == (Span(540, 600),)
        assert kept().week[1] == (Span(540, 600),)
    assert len(caplog.records) == 1
    assert "hours.yml, line 4: week, tuesday" in caplog.text


def test_a_start_with_unusable_hours_fails(tmp_path: Path) -> None:
    """A file that is not there is said to be."""
    with pytest.raises(HoursUnreadable, match=r"hours\.yml cannot be read"):
        Kept(tmp_path / "hours.yml")
