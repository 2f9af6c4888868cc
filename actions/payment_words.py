"""The questions about a payment, what answers them, and what is said of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from actions import pick, wording
from actions.turn import Button, Turn
from orders.model import Order

LONGEST = 500
TOLD = 12
"""A first message of so many words has told what happened already."""
MOST = 1_000_000
"""No amount is that large; a number that is, is something else."""
NO_ORDER, UNKNOWN = "no order", "not known"

KINDS = {
    "charged_twice": "Charged twice",
    "declined": "Payment declined",
    "wrong_amount": "Wrong amount",
    "no_order": "Charged, but no order",
}
ELSE: Button = {"title": "Something else", "payload": '/inform{"problem": "other"}'}
SIGNS = (
    (
        "no_order",
        r"\b(no|without( an?)?|(never|didn'?t|not) (got|get|received?|gotten) (an?|the)|where is (my|the)) "
        r"(order|confirmation)"
        r"|order (is |was )?(not|n'?t|never) (there|showing|placed|created|confirmed|go(ne)? through)",
    ),
    (
        "charged_twice",
        r"\b(twice|thrice|doubled?|duplicate\w*|(two|three) times|[23] ?(x|times)|charged( me)? again)\b",
    ),
    (
        "wrong_amount",
        r"\b(wrong|incorrect|different|higher) (amount|price|sum|total)|too much|over ?charged|more than"
        r"|extra charge|amount (is|was) (wrong|not right|different|incorrect)",
    ),
    (
        "declined",
        r"declin\w*|reject\w*|\bfail(s|ed|ing)?\b|not? (go(ing)?|went|gone) through"
        r"|(does|do|did)n'?t (work|go through)|(won'?t|not|doesn'?t) (take|accept)\w*|can'?t pay|cannot pay"
        r"|error",
    ),
)
"""What the words say happened; the first that is found counts."""

ASK = (
    "I'm sorry about the trouble with your payment. What happened? Pick what fits or tell me in your own "
    "words. Please never send a card number."
)
TELL = "Please tell me in a sentence or two what happened."
WHICH = "Which order is the payment for? Pick it or send me its number."
AMOUNT = "Which amount is it about?"
NOTED = "Thank you, I've noted that. "
NO_AMOUNT = "That can't be the amount. Please send it like this: 49.90"
WHEN = "On which day was that? For example: yesterday, or 3 May."
NOT_YET = "That day is still to come. On which day did it happen?"
DONT_KNOW: Button = {"title": "I don't know", "payload": "/deny"}
WITHOUT: Button = {"title": "There is no order", "payload": "/deny"}
UNSURE = re.compile(
    r"\b(don'?t|do not|not|can'?t) (know|sure|remember|have)|\bno (idea|clue)\b|\bidk\b|\bunsure\b", re.I
)
BARE = re.compile(r"^\W*(?:about |around |it'?s |it was )?(\d{1,9}(?:[.,]\d{1,2})?)\W*$", re.I)
PRICE = re.compile(r"^\W*\d{1,6}[.,]\d\d\W*$")
"""An amount whatever was asked for."""


def kind(text: str) -> str | None:
    """Which of the usual troubles the words tell of, as a key of KINDS."""
    return next((found for found, signs in SIGNS if re.search(signs, text, re.I)), None)


def problem(text: str) -> str:
    """What happened, for the colleague: the kind of trouble, and the customer's own words."""
    words = " ".join(text.split())[:LONGEST]
    title = KINDS.get(kind(text) or "")
    return words if title is None or words == title else f"{title}: “{words}”"


def problems() -> list[Button]:
    """The usual troubles, to pick from."""
    usual: list[Button] = [
        {"title": title, "payload": f'/inform{{"problem": "{code}"}}'} for code, title in KINDS.items()
    ]
    return [*usual, ELSE]


def amount(turn: Turn, asked: bool, currency: str) -> str | None:
    """The amount in the message; where it was asked for, a bare number is one. "" when it cannot be one."""
    said = turn.entity("money")
    number, _, code = said.partition(" ") if said else (_bare(turn.text) if asked else "", "", currency)
    if not number:
        return None
    value = float(number)
    return wording.money(round(value * 100), code) if 0 < value < MOST else ""


def amounts(order: Order | None) -> list[Button]:
    """The order's total to tap, if the order is known."""
    if order is None:
        return [DONT_KNOW]
    total = f"{order.total_cents / 100:.2f} {order.currency}"
    title = wording.money(order.total_cents, order.currency)
    return [{"title": title, "payload": f'/inform{{"money": "{total}"}}'}, DONT_KNOW]


def days(today: date) -> list[Button]:
    """The likeliest days, to tap."""
    near: list[Button] = [
        {"title": title, "payload": f'/inform{{"date": "{when.isoformat()}"}}'}
        for title, when in (("Today", today), ("Yesterday", today - timedelta(1)))
    ]
    return [*near, DONT_KNOW]


def day(turn: Turn) -> date | None:
    """The day in the message."""
    try:
        return date.fromisoformat(turn.entity("date") or "")
    except ValueError:
        return None


def is_unknown(turn: Turn) -> bool:
    """Does the customer not know, or have nothing to name?"""
    return bool(UNSURE.search(turn.text)) or pick.yes_or_no(turn.text, turn.intent) is False


def thanks(told: Mapping[str, Any], order: Order | None) -> str:
    """What a colleague is told, so that it can be put right, and that one is coming."""
    known = [told["payment_problem"], told["payment_order"], told["payment_amount"], told["payment_when"]]
    name = f"order {order.number}" if order else known[1]
    noted: Sequence[str] = [
        str(each) for each in (known[0], name, *known[2:]) if each and each not in (UNKNOWN, NO_ORDER)
    ]
    return (
        f"Thank you. I've written down: {'; '.join(noted)}.\n"
        "I'm passing this on to a person from our team who can look into the payment."
    )


def _bare(text: str) -> str:
    found = BARE.match(text)
    return found[1].replace(",", ".") if found else ""
