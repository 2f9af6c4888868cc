"""Which orders a customer may hear of. The phone shows its own; an e-mail shows one order, if it is on it.

Guessing e-mails is slowed down: after three wrong ones for an order, no other is tried for ten minutes, and
a person is offered. Whether the order exists makes no difference to what is said.
"""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions import again, wording
from actions.turn import PERSON, Event, Turn
from orders.model import Order, Owner

WRONG = 3
SECONDS = 600
SLOT = "wrong_emails"
"""For each order number, when a wrong e-mail came for it (seconds since 1970), oldest first."""


async def find(turn: Turn, number: str) -> Order | None:
    """The order with this number, if it is shown to be the customer's own."""
    return await turn.desk.orders.find(number, owner(turn, number))


def owner(turn: Turn, number: str) -> Owner:
    """All that the customer has shown of being this order's owner."""
    return Owner(turn.phone, None if is_closed(turn, number) else turn.slot("email"))


def is_closed(turn: Turn, number: str) -> bool:
    """Have there been too many wrong e-mails for this number lately?"""
    return len(_lately(turn, number)) >= WRONG


def say_unknown(turn: Turn) -> list[Event]:
    """Answer for a number that leads to no order of this customer; what an e-mail may prove is kept."""
    number = turn.slot("order_number") or turn.slot("unknown_order")
    known = [SlotSet("order_number", None), SlotSet("unknown_order", number)]
    wrong = _with_this(turn, str(number)) if number and turn.entity("email") else _lately(turn, str(number))
    if len(wrong) >= WRONG:
        turn.say(wording.closed(number), again.ASK_PERSON)
    else:
        text = wording.unknown(number, has_phone=turn.phone is not None)
        again.tell(turn, text, wording.still_unknown(number), [PERSON])
    return [*known, SlotSet(SLOT, {**_all(turn), str(number): wrong})] if wrong else known


def say_another_unknown(turn: Turn, number: str) -> None:
    """Answer for one of several numbers that leads to no order of this customer."""
    turn.say(wording.unknown(number, has_phone=turn.phone is not None))


def _with_this(turn: Turn, number: str) -> list[float]:
    lately = _lately(turn, number)
    return lately if len(lately) >= WRONG else [*lately, turn.at]


def _lately(turn: Turn, number: str) -> list[float]:
    return [at for at in _all(turn).get(number, []) if turn.at - at < SECONDS]


def _all(turn: Turn) -> dict[str, list[float]]:
    return dict(turn.slot(SLOT) or {})
