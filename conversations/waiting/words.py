"""What a waiting customer reads: one short message at a handoff, one if it takes long, thanks at night. Pure.

Nothing is said that is not known: no wait without measured waits, no time without opening hours.
"""

from __future__ import annotations

from datetime import datetime

from conversations.messages import Choice, Content
from conversations.waiting import callback, clock
from conversations.waiting.outlook import Outlook

OFFER = "Shall we call you back?"
SEND_NUMBER = "If you would rather be called back, send us your phone number."
THANKS = (
    "Thank you, I've added that to your message. {back}",
    "Got it. My colleagues see all you have written when they are back{when}.",
    "Noted as well; nothing gets lost until they are back{when}.",
)
"""For what is written while it is closed: each once, then silence until somebody answers."""
MOST = len(THANKS)
"""So many messages of one who waits are answered."""


def at_handoff(outlook: Outlook, ask: str, *, phone: bool) -> Content:
    """What happens now, when somebody answers, what to add meanwhile; an offer to call if nobody is there.

    `ask`: what to add. `phone`: whether we know the customer's number.
    """
    lines = [*_now(outlook), ask]
    choices: tuple[Choice, ...] = ()
    if outlook.may_offer:
        lines.append(OFFER if phone else SEND_NUMBER)
        choices = callback.CHOICES if phone else ()
    return Content("\n".join(filter(None, lines)), choices)


def joined(said: tuple[Content, ...], told: Content) -> tuple[Content, ...]:
    """The bot's farewell and this, as one message where that can be."""
    if not said or said[-1].choices or said[-1].file or said[-1].template:
        return (*said, told)
    return (*said[:-1], Content(f"{said[-1].text}\n{told.text}", told.choices, told.choices_label))


def takes_longer(outlook: Outlook, *, phone: bool, called: bool) -> Content:
    """The one update of a customer whose answer is overdue. `called`: a call-back is promised already."""
    if outlook.anybody:
        place = f" {_place(outlook)}" if outlook.ahead else ""
        return Content(
            "I'm sorry that this takes so long. You have not been forgotten and keep your place: "
            f"somebody answers you here.{place}"
        )
    back = f" {_back(outlook)}" if outlook.back and not outlook.open else ""
    sorry = f"I'm sorry, nobody has got to your message yet.{back}"
    if called or not outlook.may_offer:
        return Content(sorry)
    return Content(f"{sorry}\n{OFFER if phone else SEND_NUMBER}", callback.CHOICES if phone else ())


def thanks(outlook: Outlook, number: int) -> Content | None:
    """For the message after so many others while it is closed; None when enough was said."""
    if number >= len(THANKS):
        return None
    when = f" {clock.when(outlook.back, outlook.now, outlook.hours)}" if outlook.back else ""
    back = _back(outlook) or "Somebody answers you here."
    return Content(THANKS[number].format(back=back, when=when))


def still(outlook: Outlook) -> Content:
    """For one who asks how long it takes, or whether anybody is there."""
    return Content("\n".join(["Your message is with my colleagues.", *filter(None, _now(outlook))]))


def will_call(phone: str, span: str, wish: str = "") -> Content:
    """A call-back is promised; `span`: when, unless the customer has a `wish` about that."""
    noted = f" My colleagues see your wish: “{wish}”." if wish else ""
    when = "" if wish else f" {span}"
    return Content(
        f"All right: we'll call you{when} on the number ending in {phone[-4:]}.{noted} "
        "If another number is better, or you need no call any more, just write it here."
    )


def no_call() -> Content:
    """No call is wanted."""
    return Content("All right, no call: somebody answers you here.")


def which_number() -> Content:
    """A call is wanted, and we do not know where."""
    return Content("Gladly. Which phone number shall we call?")


def between(begins: datetime, ends: datetime, outlook: Outlook) -> str:
    """A span to come: "today by 16:00", or "tomorrow between 8:00 and 10:00", with the zone."""
    hours = outlook.hours
    if begins <= outlook.now:
        span = f"{clock.day(ends, outlook.now, hours)} by {clock.time(ends, hours)}"
    else:
        day = clock.day(begins, outlook.now, hours)
        span = f"{day} between {clock.time(begins, hours)} and {clock.time(ends, hours)}"
    return f"{span} ({hours.zone_name})"


def _now(outlook: Outlook) -> list[str]:
    if not outlook.open:
        return [f"Nobody is here right now, but your message is noted. {_back(outlook)}".strip()]
    if outlook.nobody:
        return [
            "Nobody is at the desk at this moment, but your message is noted: "
            "somebody answers you here as soon as they are back."
        ]
    return [" ".join(filter(None, (_place(outlook), _wait(outlook), _closing(outlook))))]


def _back(outlook: Outlook) -> str:
    """When people are there again, and by when they answer."""
    if outlook.back is None or outlook.due is None:
        return ""
    hours = outlook.hours
    back, by = clock.when(outlook.back, outlook.now, hours), clock.time(outlook.due, hours)
    return f"We are back {back} ({hours.zone_name}) and answer you here by {by}."


def _place(outlook: Outlook) -> str:
    if not outlook.ahead:
        return "You are next."
    return (
        "One customer is before you." if outlook.ahead == 1 else f"{outlook.ahead} customers are before you."
    )


def _wait(outlook: Outlook) -> str:
    """How long it takes, as far as that is known."""
    if outlook.slow:
        return "It takes longer than usual just now."
    return f"Somebody usually answers within {clock.length(outlook.usually)}." if outlook.usually else ""


def _closing(outlook: Outlook) -> str:
    """What happens if it gets too late today."""
    closes, back, hours = outlook.closes_before, outlook.back, outlook.hours
    if closes is None or back is None:
        return ""
    again = f"{clock.day(back, outlook.now, hours)} from {clock.time(back, hours)}"
    until = f"{clock.time(closes, hours)} ({hours.zone_name})"
    return f"We close at {until}; if it gets too late, we answer {again}."
