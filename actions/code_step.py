"""The step of a form in which an order is proved: the e-mail on it, then the code that went there."""

from __future__ import annotations

from typing import Any

from actions import proof
from actions.step import Step
from actions.turn import Button, Turn
from orders.identity import code
from orders.identity.code import Verdict
from orders.identity.ports import Codes

ON_ITS_WAY = (
    "If that is the address on order {}, a code is on its way to it. "
    "Please send me its six digits here; they are good for ten minutes."
)
STILL = "Please send me the six digits from the e-mail, for order {}."
NOT_RIGHT = "That code isn't right. You can try {} more."
TOO_OLD = "That code is older than ten minutes, so I've asked for a new one. " + ON_ITS_WAY
NEW_CODE: Button = {"title": "Send a new code", "payload": "/inform"}
TIMES = {1: "once", 2: "twice"}


async def begin(turn: Turn, codes: Codes, number: str, email: str, again: bool = False) -> Step:
    """Have a code sent and ask for it; the same words whether the e-mail was the right one or not."""
    if not await proof.ask_code(turn, codes, number, email, again):
        return _closed(number)
    return Step({"email": email, **_open(number)}, "code", ON_ITS_WAY.format(number), [NEW_CODE])


async def hear(turn: Turn, codes: Codes, number: str) -> Step | dict[str, Any] | None:
    """What a message makes of the question for the code.

    The next step; or what is proved now, when the code is right; or None when it is about something else.
    """
    email = turn.entity("email")
    if email or proof.wants_new_code(turn):
        return await begin(turn, codes, number, str(email or turn.slot("email")), again=True)
    written = code.read(turn.text)
    return await _try(turn, codes, number, written) if written else None


async def _try(turn: Turn, codes: Codes, number: str, written: str) -> Step | dict[str, Any]:
    verdict, left, proved = await proof.try_code(turn, codes, number, written)
    match verdict:
        case Verdict.RIGHT:
            return {"code": None, **proved}
        case Verdict.WRONG:
            return Step(_open(number), "code", NOT_RIGHT.format(TIMES.get(left, left)), [NEW_CODE])
        case Verdict.EXPIRED:
            step = await begin(turn, codes, number, str(turn.slot("email")), again=True)
            return Step(step.slots, step.ask, TOO_OLD.format(number), [NEW_CODE]) if step.ask else step
    return _closed(number)


def _open(number: str) -> dict[str, Any]:
    return {"code": None, "order_number": number, proof.CLOSED: None}


def _closed(number: str) -> Step:
    """No code is tried any more just now: the form ends, and its action says so."""
    return Step({"code": None, "order_number": None, "unknown_order": number, proof.CLOSED: number})
