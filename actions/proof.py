"""Which orders a customer may hear of. The phone shows its own; any other takes the e-mail that is on it.

Where a code can be delivered, the e-mail is only asked after: it gets a one-time code, and the code opens the
order (docs/explanation/identity.md). Elsewhere the e-mail itself does, and guessing it is slowed down: after
three wrong ones for an order, no other is tried for ten minutes, and a person is offered. Whether the order
exists makes no difference to what is said, nor to what is done until it is said.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet

from actions import again, wording
from actions.turn import PERSON, Event, Turn
from connectors.mail.message import Mail
from connectors.sms.message import TextMessage
from conversations.errors import ConnectorError
from orders.identity import code
from orders.identity.code import Verdict
from orders.identity.ports import Codes
from orders.model import Order, Owner

logger = logging.getLogger(__name__)

WRONG = 3
SECONDS = 600
SLOT = "wrong_emails"
"""For each order number, when a wrong e-mail came for it (seconds since 1970), oldest first."""
PROVED = "proved"
"""For each order number, the e-mail that a code has proved, and when (seconds since 1970)."""
CLOSED = "closed_order"
"""The order number for which no code is tried any more just now."""
MAIL, TEXT = "mail", "text"
"""Where a code may go: to the e-mail on the order, or to the phone on it."""
LASTS = 86_400
"""Seconds that a proof counts."""
RESEND = re.compile(
    r"\b(new|another|fresh|re-?send|again)\b|\b(didn'?t|not|never|haven'?t) (get|got|receiv|arriv|c[ao]me)",
    re.I,
)


async def find(turn: Turn, number: str) -> Order | None:
    """The order with this number, if it is shown to be the customer's own."""
    return await turn.desk.orders.find(number, owner(turn, number))


def owner(turn: Turn, number: str) -> Owner:
    """All that the customer has shown of being this order's owner."""
    if turn.desk.codes:
        return Owner(turn.phone, _proved(turn, number))
    return Owner(turn.phone, None if is_closed(turn, number) else turn.slot("email"))


def is_closed(turn: Turn, number: str) -> bool:
    """Have there been too many wrong e-mails for this number lately?"""
    return len(_lately(turn, number)) >= WRONG


def email(turn: Turn) -> str | None:
    """The e-mail to prove an order with. With a phone only one that was given for it counts: just now."""
    return turn.entity("email") or (turn.slot("email") if turn.phone is None else None)


def wants_new_code(turn: Turn) -> bool:
    """Does the customer ask for another code?"""
    return code.read(turn.text) is None and bool(RESEND.search(turn.text))


# --- the code ----------------------------------------------------------------------------------------


async def ask_code(
    turn: Turn, codes: Codes, number: str, email: str, again: bool = False, way: str = MAIL
) -> bool:
    """See to it that the owner has a code. False when there were too many lately.

    Does the same whether the e-mail is the one on the order or not; only then the code is sent, beside
    the answer.
    """
    order = await turn.desk.orders.find(number, Owner(email=email))
    asked = await codes.ask(turn.conversation, number, email, genuine=order is not None, again=again)
    if asked.code and order:
        turn.desk.beside(_send(turn, codes, order, asked.code, way))
    return not asked.limited


async def try_code(
    turn: Turn, codes: Codes, number: str, written: str
) -> tuple[Verdict, int, dict[str, Any]]:
    """What the code is worth, how many tries are left, and what is proved now."""
    tried = await codes.check(turn.conversation, number, written)
    proof = {"email": turn.slot("email"), "at": turn.at}
    proved = {PROVED: {**_proofs(turn), number: proof}} if tried.verdict is Verdict.RIGHT else {}
    return tried.verdict, tried.left, proved


async def _send(turn: Turn, codes: Codes, order: Order, written: str, way: str) -> None:
    """Send the code and write down what became of it; the customer may ask for another."""
    desk, event = turn.desk, "not_sent"
    try:
        if way == TEXT and desk.texter and order.phone:
            await desk.texter.send(_text(order, written))
            event = "sent_text"
        elif way == MAIL and desk.mailer:
            await desk.mailer.send(_mail(order, written))
            event = "sent"
    except ConnectorError as error:
        logger.error("A code could not be sent: %s", error)
    await codes.note(turn.conversation, order.number, event)


def _text(order: Order, written: str) -> TextMessage:
    words = (
        f"{written} is your code for order {order.number}, good for ten minutes. "
        "Send it in our WhatsApp chat to go on. If you did not ask for it, do nothing."
    )
    return TextMessage(order.phone, words)


def _mail(order: Order, written: str) -> Mail:
    return Mail(
        to=order.email,
        subject=f"{written} is your code",
        text=(
            f"Hello {order.customer},\n\n"
            f"your code is {written}. It is good for ten minutes.\n\n"
            f"You, or somebody else, asked about order {order.number} in our WhatsApp chat. Send the code "
            "there to go on. If it was not you, you need not do anything: without the code nothing is shown."
            "\n"
        ),
    )


def _proved(turn: Turn, number: str) -> str | None:
    found = _proofs(turn).get(number)
    return str(found["email"]) if found and turn.at - float(found["at"]) < LASTS else None


def _proofs(turn: Turn) -> dict[str, Mapping[str, Any]]:
    return dict(turn.slot(PROVED) or {})


# --- what is said ------------------------------------------------------------------------------------


def say_unknown(turn: Turn) -> list[Event]:
    """Answer for a number that leads to no order of this customer; what an e-mail may prove is kept."""
    number = turn.slot("order_number") or turn.slot("unknown_order")
    known = [SlotSet("order_number", None), SlotSet("unknown_order", number)]
    wrong = _with_this(turn, str(number)) if _tried_email(turn, number) else _lately(turn, str(number))
    if len(wrong) >= WRONG or (number and turn.slot(CLOSED) == number):
        turn.say(wording.closed(number), again.ASK_PERSON)
    else:
        text = wording.unknown(number, has_phone=turn.phone is not None)
        again.tell(turn, text, wording.still_unknown(number), [PERSON])
    return [*known, SlotSet(SLOT, {**_all(turn), str(number): wrong})] if wrong else known


def say_another_unknown(turn: Turn, number: str) -> None:
    """Answer for one of several numbers that leads to no order of this customer."""
    turn.say(wording.unknown(number, has_phone=turn.phone is not None))


def _tried_email(turn: Turn, number: str | None) -> bool:
    return bool(number and turn.entity("email") and not turn.desk.codes)


def _with_this(turn: Turn, number: str) -> list[float]:
    lately = _lately(turn, number)
    return lately if len(lately) >= WRONG else [*lately, turn.at]


def _lately(turn: Turn, number: str) -> list[float]:
    return [at for at in _all(turn).get(number, []) if turn.at - at < SECONDS]


def _all(turn: Turn) -> dict[str, list[float]]:
    return dict(turn.slot(SLOT) or {})
