"""When somebody answers, as far as anybody knows. Pure: what was measured in, an outlook out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversations.desk.urgency import ALLOWANCE
from conversations.hours import Hours
from conversations.waiting import clock

LEAST = 5
"""Waits that must have been measured before anything is said of them."""

USUALLY = 0.75
"""The share of waits that were at most as long as "usually"."""

SLOW = 2
"""A customer before this one who has waited so many times "usually" shows that today is not usual."""

SOON = timedelta(minutes=10)
"""An answer is due no sooner than this: nobody is told after two minutes that it takes longer."""

STUCK = timedelta(minutes=30)
"""A wait from which, with no sign of an agent for as long, nobody is there."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a customer waited for an agent's first words. `answered`: it has ended."""

    priority: str
    began: datetime
    ended: datetime
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the agents. `at_desk`: somebody has the desk open; None where that says nothing.

    `last_sign`: when an agent last wrote to a customer.
    """

    at_desk: bool | None = None
    last_sign: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be said to a customer who waits from now on.

    `nobody`: it is open, and no agent is there. `ahead`: customers who are answered before. `usually`: most
    were answered within this; None without evidence. `slow`: today it takes longer. `back`: when people are
    there again, if they are not or may not be in time; None if nobody knows. `due`: by when an answer is
    owed; None when nobody knows when it will be open again.
    """

    now: datetime
    hours: Hours
    open: bool
    nobody: bool
    ahead: int
    usually: timedelta | None
    slow: bool
    back: datetime | None
    due: datetime | None

    @property
    def anybody(self) -> bool:
        """Whether people are, or may be, there."""
        return self.open and not self.nobody

    @property
    def may_offer(self) -> bool:
        """Whether a call-back is offered: nobody is there, and one can be promised."""
        return not self.anybody and self.may_call

    @property
    def may_call(self) -> bool:
        """Whether a call-back can be promised: people are there, or it is known when they will be."""
        return self.open or self.back is not None

    @property
    def closes_before(self) -> datetime | None:
        """When they go home, if an answer may not come before."""
        return self.hours.closes(self.now) if self.open and self.back else None

    @property
    def call_by(self) -> tuple[datetime, datetime]:
        """From when and until when a call-back can be promised."""
        return _next_span(self.hours, self.now) or (self.now, self.now)


def look(
    hours: Hours, now: datetime, priority: str, *, waits: Sequence[Wait], ahead: Sequence[datetime],
    seen: Seen, since: datetime | None = None,
) -> Outlook:  # fmt: skip
    """The outlook of a customer who begins to wait, or has waited `since`.

    `ahead`: since when those before this one wait.
    """
    usually = usual(hours, waits, priority)
    longest = max((hours.open_between(since, now) for since in ahead), default=timedelta(0))
    closes = hours.closes(now)
    own = hours.open_between(since, now) if since else timedelta(0)
    nobody = closes is not None and _nobody(hours, now, max(longest, own), seen)
    due: datetime | None = now + max(usually or ALLOWANCE.get(priority, ALLOWANCE["normal"]), SOON)
    back = None
    if closes is None or nobody or (due and due > closes):
        begins, due = _next_span(hours, now, now_too=nobody) or (None, closes)
        back = begins if begins != now else None
    return Outlook(
        now=now,
        hours=hours,
        open=closes is not None,
        nobody=nobody,
        ahead=len(ahead),
        usually=usually,
        slow=usually is not None and longest > SLOW * usually,
        back=back,
        due=due,
    )


def usual(hours: Hours, waits: Sequence[Wait], priority: str) -> timedelta | None:
    """Within what most customers of this priority were lately answered, else of any; None without evidence.

    Only waits that began while it was open count, and only their open minutes. Who still waits counts as
    having waited longer than any who was answered, once it is longer than most of them did.
    """
    began_open = [wait for wait in waits if hours.is_open(wait.began)]
    alike = [wait for wait in began_open if wait.priority == priority]
    for chosen in (alike, began_open):
        if sum(wait.answered for wait in chosen) >= LEAST:
            found = _quantile(hours, chosen)
            return clock.roughly(found) if found is not None else None
    return None


def _quantile(hours: Hours, waits: Sequence[Wait]) -> timedelta | None:
    lengths = sorted(hours.open_between(wait.began, wait.ended) for wait in waits if wait.answered)
    middle = lengths[len(lengths) // 2]
    unanswered = [wait for wait in waits if not wait.answered]
    endless = sum(hours.open_between(wait.began, wait.ended) > middle for wait in unanswered)
    place = int(USUALLY * (len(lengths) + endless))
    return lengths[place] if place < len(lengths) else None


def _nobody(hours: Hours, now: datetime, longest: timedelta, seen: Seen) -> bool:
    """No agent is there: none at the only desk there is, or someone waits and nobody has written for long."""
    if seen.at_desk:
        return False
    if seen.last_sign and hours.open_between(seen.last_sign, now) < STUCK:
        return False
    return seen.at_desk is False or longest >= STUCK


def _next_span(hours: Hours, now: datetime, *, now_too: bool = True) -> tuple[datetime, datetime] | None:
    """The next `after_opening` in which it is open, from `now` on if there is time today; None if never.

    Without `now_too`, from the next opening on.
    """
    closes = hours.closes(now)
    if now_too and closes and now + hours.after_opening <= closes:
        return now, now + hours.after_opening
    begins = hours.opens(closes or now)
    return (begins, begins + hours.after_opening) if begins else None
