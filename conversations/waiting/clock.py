"""Moments and spans as one says them. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from conversations.hours import Hours

STEPS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240)
"""Minutes that a wait is rounded up to; nobody measures a wait to the minute."""


def when(moment: datetime, now: datetime, hours: Hours) -> str:
    """A moment to come, as the shop's clock has it: "today at 8:00", "on Monday at 9:00"."""
    return f"{day(moment, now, hours)} at {time(moment, hours)}"


def day(moment: datetime, now: datetime, hours: Hours) -> str:
    """The day of a moment to come: "tomorrow", "on Monday", "on Monday 4 January"."""
    there, here = hours.local(moment), hours.local(now)
    days = (there.date() - here.date()).days
    near = {0: "today", 1: "tomorrow"}.get(days)
    return near or (f"on {there:%A}" if days < 7 else f"on {there:%A %-d %B}")


def time(moment: datetime, hours: Hours) -> str:
    """The time on the shop's clock: "8:00"."""
    return f"{hours.local(moment):%-H:%M}"


def stamp(moment: datetime, hours: Hours) -> str:
    """A moment for agents, with date and zone: "Thu 26 Nov 10:00 (Eastern Time)"."""
    return f"{hours.local(moment):%a %-d %b %-H:%M} ({hours.zone_name})"


def roughly(span: timedelta) -> timedelta | None:
    """A wait rounded up to one that people say; None when it is too long to say anything."""
    minutes = span.total_seconds() / 60
    return next((timedelta(minutes=step) for step in STEPS if minutes <= step), None)


def length(span: timedelta) -> str:
    """A rounded wait: "10 minutes", "an hour", "2 hours"."""
    minutes = round(span.total_seconds() / 60)
    if minutes % 60:
        return f"{minutes} minutes"
    return "an hour" if minutes == 60 else f"{minutes // 60} hours"
