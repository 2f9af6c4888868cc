"""What a waiting customer reads, and what is known of when somebody answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conversations.hours import Hours, Span
from conversations.messages import Choice, Content
from conversations.waiting import callback, clock, meanwhile, outlook, words
from conversations.waiting.callback import Reply
from conversations.waiting.meanwhile import Said
from conversations.waiting.outlook import Outlook, Seen, Wait

ZONE = ZoneInfo("America/New_York")
HOURS = Hours(ZONE, {day: (Span(480, 1200),) for day in range(5)}, zone_name="Eastern Time")
NEVER = Hours(ZONE, {}, zone_name="Eastern Time")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


UNSEEN = Seen()
NOON, NIGHT, FRIDAY_NIGHT = at("2026-11-24T12:00"), at("2026-11-24T22:00"), at("2026-11-27T22:00")


def waited(*minutes: int, priority: str = "high", answered: bool = True) -> list[Wait]:
    begin = at("2026-11-23T10:00")
    return [Wait(priority, begin, begin + timedelta(minutes=each), answered) for each in minutes]


def look(
    now: datetime = NOON, *, waits: list[Wait] | None = None, ahead: tuple[datetime, ...] = (),
    seen: Seen = UNSEEN, hours: Hours = HOURS, priority: str = "high",
) -> Outlook:  # fmt: skip
    return outlook.look(hours, now, priority, waits=waits or [], ahead=ahead, seen=seen)


def told(seen: Outlook, ask: str = "", *, phone: bool = True) -> str:
    return words.at_handoff(seen, ask, phone=phone).text


# --- how long it takes ---------------------------------------------------------------------------------


def test_without_evidence_no_time_is_named() -> None:
    """A shop that has measured nothing says only who is next."""
    assert told(look()) == "You are next."
    assert told(look(waits=waited(3, 4, 5, 6))) == "You are next."


def test_three_of_four_were_answered_within_what_is_said() -> None:
    """Rounded up; one who waited for hours changes nothing."""
    assert told(look(waits=waited(2, 4, 5, 7, 8, 9, 300))) == (
        "You are next. Somebody usually answers within 10 minutes."
    )


def test_those_like_this_one_count_first() -> None:
    """Enough urgent ones speak for an urgent one; otherwise all do."""
    many = waited(40, 41, 42, 43, 44, priority="normal")
    assert look(waits=[*many, *waited(1, 2, 2, 2, 3, priority="urgent")], priority="urgent").usually == (
        timedelta(minutes=5)
    )
    assert look(waits=[*many, *waited(1, 1, priority="urgent")], priority="urgent").usually == timedelta(
        minutes=45
    )


def test_customers_nobody_answered_make_it_longer() -> None:
    """Whoever still waits after the usual time counts against it; many of them leave nothing to say."""
    assert look(waits=[*waited(4, 4, 4, 4, 4, 20), *waited(90, answered=False)]).usually == timedelta(
        minutes=20
    )
    assert look(waits=[*waited(4, 4, 4, 4, 4), *waited(*[90] * 5, answered=False)]).usually is None


def test_nights_do_not_count_as_waiting() -> None:
    """A wait from before closing to the next morning is as long as people were there."""
    over_night = Wait("high", at("2026-11-23T19:55"), at("2026-11-24T08:05"))
    at_night = Wait("high", at("2026-11-23T23:00"), at("2026-11-24T08:01"))
    assert outlook.usual(HOURS, [over_night] * 5, "high") == timedelta(minutes=10)
    assert outlook.usual(HOURS, [at_night] * 5, "high") is None


def test_place_in_the_queue() -> None:
    """Who is before this customer is said in numbers."""
    assert told(look(ahead=(NOON,))) == "One customer is before you."
    assert told(look(ahead=(NOON, NOON))) == "2 customers are before you."


def test_a_slow_day_is_called_one() -> None:
    """When someone before has waited for more than twice the usual time, no usual time is named."""
    seen = Seen(last_sign=NOON - timedelta(minutes=1))
    waits = waited(2, 4, 5, 7, 8)
    assert told(look(waits=waits, ahead=(NOON - timedelta(minutes=25),), seen=seen)) == (
        "One customer is before you. It takes longer than usual just now."
    )


def test_near_closing_it_says_what_happens_then() -> None:
    """Five minutes before the end: how long they are there, and when again."""
    seen = look(at("2026-11-24T19:55"))
    assert told(seen) == (
        "You are next. We close at 20:00 (Eastern Time); if it gets too late, we answer tomorrow from 8:00."
    )
    assert seen.due == at("2026-11-25T10:00")


# --- nobody there --------------------------------------------------------------------------------------


def test_at_night_it_says_when_and_offers_a_call() -> None:
    """Closed: when they are back, by when they answer, and whether to call."""
    content = words.at_handoff(look(NIGHT), "", phone=True)
    assert content.text == (
        "Nobody is here right now, but your message is noted. "
        "We are back tomorrow at 8:00 (Eastern Time) and answer you here by 10:00.\n"
        "Shall we call you back?"
    )
    assert content.choices == callback.CHOICES
    assert all(len(choice.title) <= 20 for choice in content.choices)


def test_who_has_no_number_is_asked_for_one() -> None:
    """In the web chat no phone is known."""
    content = words.at_handoff(look(NIGHT), "", phone=False)
    assert content.text.endswith("send us your phone number.")
    assert content.choices == ()


def test_a_shop_that_never_opens_promises_nothing() -> None:
    """No time, no call, nothing owed."""
    seen = look(NIGHT, hours=NEVER)
    assert told(seen) == "Nobody is here right now, but your message is noted."
    assert seen.due is None


@pytest.mark.parametrize(
    ("seen", "waiting", "nobody"),
    [
        (Seen(at_desk=True), 50, False),
        (Seen(at_desk=False), None, True),
        (Seen(at_desk=None), None, False),  # they may be in Zendesk
        (Seen(at_desk=None), 50, True),
        (Seen(at_desk=False, last_sign=NOON - timedelta(minutes=5)), None, False),
        (Seen(at_desk=None, last_sign=NOON - timedelta(minutes=50)), 50, True),
    ],
)
def test_nobody_there(seen: Seen, waiting: int | None, nobody: bool) -> None:
    """Only where it is known: an empty desk that is the only one, or silence while somebody waits."""
    ahead = (NOON - timedelta(minutes=waiting),) if waiting else ()
    assert look(ahead=ahead, seen=seen).nobody is nobody


def test_nobody_there_in_opening_hours() -> None:
    """It says so, and offers a call within two hours."""
    seen = look(seen=Seen(at_desk=False))
    assert told(seen).startswith("Nobody is at the desk at this moment")
    assert words.between(*seen.call_by, seen) == "today by 14:00 (Eastern Time)"


def test_a_call_after_the_weekend() -> None:
    """Friday night: the call is on Monday."""
    seen = look(FRIDAY_NIGHT)
    assert words.between(*seen.call_by, seen) == "on Monday between 8:00 and 10:00 (Eastern Time)"


def test_thanks_at_night_are_never_the_same() -> None:
    """Each is said once, then nothing more."""
    lines = [words.thanks(look(NIGHT), number) for number in range(5)]
    texts = [line.text for line in lines if line]
    assert len(set(texts)) == len(texts) == 3
    assert all("tomorrow at 8:00" in text for text in texts)


def test_the_update_is_honest_and_keeps_the_offer() -> None:
    """In hours it says that it takes long; else when they are back, with a call if none is promised."""
    assert "keep your place" in words.takes_longer(look(), phone=True, called=False).text
    night = words.takes_longer(look(NIGHT), phone=True, called=False)
    assert "back tomorrow at 8:00" in night.text
    assert night.choices == callback.CHOICES
    assert words.takes_longer(look(NIGHT), phone=True, called=True).choices == ()


def test_one_message() -> None:
    """The bot's last line and this are one, unless it has choices of its own."""
    farewell, choices = Content("Bye."), (Choice("a", "A"),)
    line = words.at_handoff(look(NIGHT), "", phone=True)
    [first, last] = words.joined((Content("1"), farewell), line)
    assert (first.text, last.text, last.choices) == ("1", f"Bye.\n{line.text}", callback.CHOICES)
    assert words.joined((Content("Which?", choices),), line) == (Content("Which?", choices), line)
    assert words.joined((), line) == (line,)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-24T23:30", "today at 23:30"),
        ("2026-11-25T08:00", "tomorrow at 8:00"),
        ("2026-11-30T09:05", "on Monday at 9:05"),
        ("2026-12-01T08:00", "on Tuesday 1 December at 8:00"),
    ],
)
def test_moments_as_one_says_them(moment: str, said: str) -> None:
    """By the shop's clock."""
    assert clock.when(at(moment), NIGHT, HOURS) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(1, "5 minutes"), (31, "45 minutes"), (60, "an hour"), (100, "2 hours"), (999, None)],
)
def test_spans_are_rounded_up(minutes: int, said: str | None) -> None:
    """Nobody promises to the minute; beyond hours nothing is said."""
    found = clock.roughly(timedelta(minutes=minutes))
    assert (clock.length(found) if found else None) == said


# --- what to add ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "slots", "said", "asked"),
    [
        ("complaint", {}, Said(["the lamp arrived broken"]), "the order number and a photo of the item"),
        ("complaint", {"order_number": "10234"}, Said(["it is damaged"]), "send a photo of the item:"),
        ("complaint", {}, Said(["10234 is damaged"], frozenset({"image"})), None),
        ("frustrated", {}, Said(["where is it??"]), "send the order number:"),
        ("frustrated", {"unknown_order": "99"}, Said(["where is it??"]), None),
        ("asked_for_person", {}, Said(["human please"]), "in a sentence what it is about"),
        ("asked_for_person", {}, Said(["I want a person because my invoice has the wrong name on it"]), None),
        ("asked_for_person", {"order_number": "10234"}, Said(["human"]), None),
        ("payment_issue", {"order_number": "1", "return_reason": "damaged"}, Said(["x"]), "photo"),
        ("payment_issue", {"return_reason": "damaged", "return_photo": "m1"}, Said(["1234"]), None),
        ("negotiation", {}, Said(["can you lower the price"]), None),
        ("vulnerable", {}, Said(["I am not well"]), None),
    ],
)
def test_what_is_asked_for_is_not_known_yet(
    reason: str, slots: dict[str, Any], said: Said, asked: str | None
) -> None:
    """A photo of damage, the number of an order: only what is missing, and only where it helps."""
    found = meanwhile.ask(reason, slots, said)
    assert (asked in found) if asked else found == ""


# --- a call-back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words_", "payload", "offered", "reply"),
    [
        ("Yes, call me back", callback.YES, False, Reply(True)),
        ("No, thanks", callback.NO, False, Reply(False)),
        ("yes", None, True, Reply(True)),
        ("Yes please!", None, True, Reply(True)),
        ("ok, thank you", None, True, Reply(True)),
        ("ok", None, True, Reply(True)),
        ("sure, thanks", None, True, Reply(True)),
        ("yess", None, True, Reply(True)),
        ("y", None, True, Reply(True)),
        ("👍🏽", None, True, Reply(True)),
        ("yes please 🙏", None, True, Reply(True)),
        ("haan ji", None, True, Reply(True)),
        ("sim, pode ligar", None, True, Reply(True)),
        ("sí, llámenme", None, True, Reply(True)),
        ("yes please, after 10am", None, True, Reply(True, when="after 10am")),
        ("Yes, but in the afternoon", None, True, Reply(True, when="but in the afternoon")),
        ("yes\ntomorrow\nmorning", None, True, Reply(True, when="tomorrow morning")),
        ("sure, call after 6", None, True, Reply(True, when="after 6")),
        ("yes on 555 010 0199 after 10", None, True, Reply(True, "5550100199", "after 10")),
        ("yes, tomorrow at 10 please call", None, True, Reply(True, when="tomorrow at 10 please call")),
        ("yes you can call me", None, True, Reply(True)),
        ("I would like a call", None, False, Reply(True)),
        ("yes order 10234", None, True, None),
        ("yes, 3 of them are broken", None, True, None),
        ("no, just text me", None, True, Reply(False)),
        ("sí, por favor", None, True, Reply(True)),
        ("yes", None, False, None),
        ("no thanks", None, True, Reply(False)),
        ("No.", None, True, Reply(False)),
        ("no", None, False, None),
        ("yes, the lamp is broken and I am angry", None, True, None),
        ("no, the blue one", None, True, None),
        ("please call me on +49 170 123 45 67", None, False, Reply(True, "+491701234567")),
        ("can you call me back tomorrow?", None, False, Reply(True)),
        ("call me back please, after 10am", None, False, Reply(True, when="after 10am")),
        ("please call me after 6", None, False, Reply(True, when="after 6")),
        ("call me back about 10235", None, False, Reply(True)),
        ("0170/1234567", None, True, Reply(True, "01701234567")),
        ("yes, 555-010-0199", None, True, Reply(True, "5550100199")),
        ("my order is 10234", None, True, None),
        ("you don't need to call, no need to call me", None, False, Reply(False)),
        ("no call please", None, False, Reply(False)),
        ("don't ring me", None, False, Reply(False)),
        ("don’t call me", None, False, Reply(False)),
        ("I'd rather not be called", None, False, Reply(False)),
        ("I no longer need a call", None, False, Reply(False)),
        ("I don't want to be called", None, False, Reply(False)),
        ("cancel the call back", None, False, Reply(False)),
        ("no it's fine", None, True, Reply(False)),
        ("no me llame por favor", None, False, Reply(False)),
        ("they call me an idiot", None, False, None),
        ("your driver should call me", None, False, None),
        ("10234 10236", None, True, None),
        ("it is 10234/10236", None, True, None),
        ("ordered on 20-11-2026", None, True, None),
        ("2026-11-20", None, True, None),
        ("tracking 123456789012", None, True, None),
        ("5901234123457", None, True, None),
        ("nobody answers", None, True, None),
        ("hello?", None, True, None),
        ("", None, True, None),
    ],
)
def test_words_about_a_call(words_: str, payload: str | None, offered: bool, reply: Reply | None) -> None:
    """Yes, no and a number, in a customer's words."""
    assert callback.read(words_, payload, offered=offered) == reply


# --- asked again ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("actually call +1 555 010 7777", "+15550107777"),
        ("+1 555 010 7777", "+15550107777"),
        ("my other number is 555 010 7777", "5550107777"),
        ("call me on 98765 43210", "9876543210"),
        ("call (555) 010-7777 instead", "5550107777"),
        ("order 1234567, better call 555 010 7777", "5550107777"),
        ("don't call me, call my wife on +1 555 010 7777", "+15550107777"),
        ("my number is not +1 555 010 7777", None),
        ("my tracking is 123456789012", None),
        ("my tracking number is 123456789012", None),
        ("the order number is 10234-10236", None),
        ("the number on the box is 5901234123457", None),
        ("invoice number 2026-0001234", None),
        ("serial number 1234567", None),
        ("you did not call me yesterday!!", None),
        ("why don't you call me", None),
        ("I got no call yesterday", None),
        ("don't ring the bell, leave it with the neighbour", None),
        ("please don't call me before 10", None),
        ("no", None),
        ("ok", None),
    ],
)
def test_another_number_for_a_call_that_is_owed(text: str, number: str | None) -> None:
    """It counts if it is said to be one; a bare yes or no, or another number, changes nothing."""
    found = callback.read(text, None, offered=False, owed=True)
    assert found == (Reply(True, number) if number else None)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("how long will it take?", True),
        ("hello??", True),
        ("is anybody there", True),
        ("are you still there?", True),
        ("when will somebody answer", True),
        ("hay alguien?", True),
        ("tem alguem ai?", True),
        ("kitna time lagega", True),
        ("anyone?", True),
        ("???", True),
        ("any update?", True),
        ("I’m still waiting!", True),
        ("am i next?", True),
        ("whats my position in the queue?", True),
        ("how many are before me?", True),
        ("hi", False),
        ("when will my parcel arrive?", False),
        ("my mug is broken", False),
        ("there is a crack in it", False),
    ],
)
def test_who_asks_whether_anybody_comes(text: str, asks: bool) -> None:
    """Only that is answered by day; whatever else is written is for the agent."""
    assert meanwhile.asks_when(text) is asks


def test_what_they_are_told() -> None:
    """Their place and what is known of the wait, or when somebody is back."""
    assert words.still(look(ahead=(NOON,))).text == (
        "Your message is with my colleagues.\nOne customer is before you."
    )
    assert "We are back tomorrow at 8:00" in words.still(look(NIGHT)).text


def test_ones_own_long_wait_shows_that_nobody_is_there() -> None:
    """Half an hour without a sign of an agent: no "keep your place", but a call-back."""
    seen = outlook.look(
        HOURS, NOON, "high", waits=[], ahead=(), seen=UNSEEN, since=NOON - timedelta(minutes=31)
    )
    line = words.takes_longer(seen, phone=True, called=False)
    assert line.text.startswith("I'm sorry, nobody has got to your message yet.")
    assert line.choices == callback.CHOICES
