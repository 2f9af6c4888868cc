"""The questions of a return, what answers them, and what is said of one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions import history, pick, wording
from actions.step import Step
from actions.turn import Button, Turn
from orders.model import Condition, Item, Order, Outcome, Return
from orders.terms import Terms

LONGEST = 500
NOT_OPENED = "All right, I haven't opened a return. Keep the item as long as you like."
WRONG_ONE = re.compile(r"wrong|different|not what", re.I)
FAULTS = {"damaged", "defective", "wrong_item", "missing_part"}
"""Reasons that tell the condition: the item is not as it should be."""
UNLESS_FAULTY = {"final_sale", "excluded_goods", "opened_goods", "used_goods"}
"""Rules of `orders.rules` that do not hold for what is faulty."""
REASONS = {
    "wrong_size": "It doesn't fit",
    "damaged": "It arrived damaged",
    "defective": "It doesn't work",
    "wrong_item": "It's the wrong item",
    "not_as_described": "Not as described",
    "changed_mind": "I changed my mind",
}
CONDITIONS = {
    Condition.UNOPENED: "Unopened",
    Condition.OPENED: "Opened but unused",
    Condition.USED: "Used or washed",
    Condition.FAULTY: "Damaged or faulty",
}
OUTCOMES = {
    Outcome.REFUND: "Refund",
    Outcome.EXCHANGE: "Exchange",
    Outcome.STORE_CREDIT: "Store credit",
}
SIGNS = (
    (
        Condition.FAULTY,
        r"broke|crack|damag|fault|defect|doesn'?t work|not working|torn|wrong (item|one|colou?r)",
    ),
    (
        Condition.UNOPENED,
        r"un-?opened|(not|never|haven'?t|didn'?t) (been )?open|still sealed|seal (is )?intact",
    ),
    (Condition.OPENED, r"un-?used|unworn|(not|never|haven'?t) (been )?(used|worn|washed)|tried (it|them) on"),
    (Condition.USED, r"\bused\b|\bwore\b|\bworn\b|washed"),
    (Condition.OPENED, r"\bopened\b|\bopen\b"),
)
"""What the words say of the condition; the first that is found counts."""
PLAIN = (
    SIGNS[1],
    (Condition.OPENED, r"\bunused\b|unworn|\bopened (it|them|the (box|bag|pack\w*))\b"),
)
"""What says the condition also where nobody asked for it."""
WISHES = (
    (Outcome.STORE_CREDIT, r"store credit|voucher|\bcredit\b"),
    (
        Outcome.EXCHANGE,
        r"exchange|swap|replace|\b(one|size \w+|\d{1,3}) instead\b|\bin (a )?size\b"
        r"|\b(an)?other (size|colou?r|one)|\b(different|larger|bigger|smaller|right) (size|colou?r|one)",
    ),
    (Outcome.REFUND, r"refund|money|reimburse"),
)
_SIZE = r"\d{1,3}(?:[.,]5)?|x*[sml]"
INSTEAD = re.compile(rf"\b(size (?:{_SIZE}))\b|\b(\d{{1,3}}(?:[.,]5)?) instead\b", re.I)
"""The very size that is wanted in exchange."""
CORRECTED = re.compile(
    r"^\W*(?:(?:no|wait|sorry|actually|rather|i meant|make (?:it|that))\W+)+"
    rf"((?:size )?(?:{_SIZE}))\W*$",
    re.I,
)
"""Another size, in the place of a yes to the one that was read back."""


def condition(text: str) -> Condition | None:
    """The condition that the words tell."""
    return next((found for found, signs in SIGNS if re.search(signs, text, re.I)), None)


def condition_told(turn: Turn) -> Condition | None:
    """Faulty, if the reason given in this message or before says so."""
    told = {turn.entity("reason"), turn.slot("return_reason")}
    return Condition.FAULTY if told & FAULTS else None


def condition_heard(
    turn: Turn, asked: str | None, why: str | None, by_the_way: bool = True
) -> Condition | None:
    """The condition: answered, plain from the reason, or told by the way."""
    if asked == "return_condition":
        return condition(turn.text)
    if {turn.entity("reason"), why} & FAULTS:
        return Condition.FAULTY
    return plain(turn.text) if by_the_way else None


def plain(text: str) -> Condition | None:
    """The condition, where the words tell it beyond doubt."""
    return next((found for found, signs in PLAIN if re.search(signs, text, re.I)), None)


def outcome(text: str) -> Outcome | None:
    """What the customer wants for the item."""
    return next((found for found, signs in WISHES if re.search(signs, text, re.I)), None)


def outcome_heard(turn: Turn, asked: str | None) -> Outcome | None:
    """What the customer wants for it, answered or told before it was asked; a size is one in exchange."""
    if found := outcome(turn.text):
        return found
    return Outcome.EXCHANGE if asked == "return_outcome" and instead(turn, asked) else None


def instead(turn: Turn, asked: str | None) -> str | None:
    """The size in the message that is wanted in exchange."""
    if asked == "confirmed" and (corrected := CORRECTED.match(turn.text)):
        return corrected[1]
    found = INSTEAD.search(turn.text)
    return found[1] or found[2] if found else None


def reason(turn: Turn, asked: str | None) -> str | None:
    """Why it goes back: in the customer's own words where they were asked for."""
    written = turn.text if asked == "return_reason" else turn.entity("reason")
    return written.strip()[:LONGEST] or None if written else None


def reason_given(turn: Turn) -> bool:
    """Is it one of the usual reasons, typed, though "I changed my mind" may sound like leaving?"""
    leaves = re.search(r"\b(never ?mind|forget|cancel|stop|drop|leave)\b", turn.text, re.I)
    return not leaves and turn.entity("reason") in REASONS


def item(turn: Turn, order: Order, items: Sequence[Item], asked: str | None) -> str | None:
    """The item of the order that was named, or picked; else the only one of `items`, if there is no other.

    Also one that cannot come back is meant when it is named: the customer hears why.
    """
    titles = [each.title for each in order.items]
    chosen = pick.choice(turn.text, history.offered(turn.events)) if asked == "return_item" else None
    if picked := pick.value(chosen, "product") if chosen else None:
        return picked
    if named := pick.title(turn.entity("product"), titles):
        return named
    words = turn.wish if asked in (None, "return_item") else ""
    named_so = pick.mentioned(words, titles)
    if len(named_so) == 1:
        return named_so[0]
    return items[0].title if len(items) == 1 and not named_so else None


def agreed(turn: Turn) -> bool | None:
    """Whether the customer said yes to the return as read back."""
    return pick.yes_or_no(turn.text, turn.intent)


def no_photo(turn: Turn, wish: Outcome | None, value: str) -> str | None:
    """`value`, when the customer goes on without a photo, also by telling the next thing at once."""
    skips = (
        wish
        or plain(turn.text)
        or agreed(turn) is False
        or re.search(r"\b(skip|without|later|can'?t|don'?t have)\b", turn.text, re.I)
    )
    return value if skips else None


def ask_item(order: Order, items: Sequence[Item]) -> Step:
    """Which of these items?"""
    rows = [wording.item_row(order, each) for each in items]
    return Step(ask="return_item", question=f"Which item of order {order.number} is it?", choices=rows)


def ask(name: str, order: Order, chosen: Item, told: Mapping[str, Any]) -> Step | None:
    """The question for this slot; None where it need not be asked."""
    faulty = told["return_condition"] == Condition.FAULTY
    match name:
        case "return_reason":
            why = "Why would you like to send it back? Pick a reason or tell me in your own words."
            rows = [_choice("reason", code, title) for code, title in REASONS.items()]
            return Step(ask=name, question=f"{chosen.title}, order {order.number}. {why}", choices=rows)
        case "return_condition":
            rows = [_choice("condition", code, title) for code, title in CONDITIONS.items()]
            return Step(ask=name, question=f"What state is it in: {chosen.title}?", choices=rows)
        case "return_photo" if faulty:
            return Step(ask=name, question=PHOTO, choices=[{"title": "No photo", "payload": "/deny"}])
        case "return_outcome":
            rows = [_choice("outcome", code, title) for code, title in OUTCOMES.items()]
            return Step(ask=name, question="What would you like for it?", choices=rows)
        case "return_exchange" if told["return_outcome"] == Outcome.EXCHANGE and not faulty:
            return Step(ask=name, question="Which size or colour would you like instead?")
        case "confirmed":
            choices = wording.yes_no("Yes, open it", "No, keep it")
            return Step(ask=name, question=read_back(order, chosen, told), choices=choices)
    return None


PHOTO = "I'm sorry about that. If you can, send me a photo of it here: it helps us to put this right."


def read_back(order: Order, chosen: Item, told: Mapping[str, Any]) -> str:
    """The return before it is opened."""
    other = WRONG_ONE.search(str(told["return_reason"])) and told["return_condition"] == Condition.FAULTY
    state = "not what was ordered" if other else CONDITIONS[Condition(told["return_condition"])].lower()
    wish = OUTCOMES[Outcome(told["return_outcome"])].lower()
    size = told["return_exchange"] if told["return_outcome"] == Outcome.EXCHANGE else None
    instead = f" ({size})" if size else ""
    what = f"{chosen.title} from order {order.number}, {state}, for {_a(wish)}{instead}"
    return f"So: {what}. Shall I open the return?"


def unless_faulty(rule: str) -> str:
    """The way that stays open for goods that do not come back otherwise."""
    return "\nIf it arrived damaged or doesn't work, tell me: then it can." if rule in UNLESS_FAULTY else ""


def label(opened: Return, terms: Terms) -> list[str]:
    """What to do with the parcel, step by step."""
    printed = "Print the label I'm sending along." if opened.label_url else "The label comes by e-mail."
    days = terms.days_to_send_back
    return [
        f"1. {printed}",
        f"2. Pack it well and put a slip with {opened.number} inside.",
        f"3. Hand it to the carrier on the label within {days} days.",
    ]


def what_follows(order: Order, opened: Return) -> str:
    """What the customer gets once it is back."""
    match opened.outcome:
        case Outcome.EXCHANGE:
            wanted = f": {opened.exchange_for}" if opened.exchange_for else ""
            return f"In exchange you get the new one{wanted}."
        case Outcome.STORE_CREDIT:
            return "You get store credit as soon as we have checked it."
        case _:
            return f"Your refund goes to your {order.payment_method} once it is back with us."


def _a(noun: str) -> str:
    return {"refund": "a refund", "exchange": "an exchange"}.get(noun, noun)


def _choice(entity: str, code: str, title: str) -> Button:
    return {"title": title, "payload": f'/inform{{"{entity}": "{code}"}}'}
