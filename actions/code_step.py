"""The step of a form in which an order is proved: the e-mail on it, then the code that went out.

The code goes to that e-mail or, where text messages can be sent, to the phone on the order, as the customer
chooses. The words are the same whatever is known of the order: a phone is never shown, not even in part.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from actions import history, pick, proof
from actions.proof import MAIL, TEXT
from actions.step import Step
from actions.turn import Button, Turn
from orders.identity import code
from orders.identity.code import Verdict
from orders.identity.ports import Codes

ASK_WAY = (
    "I'll send a code to make sure that order {} is yours. Where shall it go: to {}, or as a text message "
    "to the phone number on the order?"
)
READ = "Please send me its six digits here; they are good for ten minutes."
ON_ITS_WAY = {
    MAIL: "If that is the address on order {}, a code is on its way to it. " + READ,
    TEXT: "If your e-mail address is the one on order {}, a code is on its way to the phone number on the "
    "order, as a text message. " + READ,
}
STILL = "Please send me the six digits of the code for order {}."
NOT_RIGHT = "That code isn't right. You can try {} more."
ONLY_THE_NEW = "A code sent before is no longer good. "
TOO_OLD = "That code is older than ten minutes, so I've asked for a new one. "
NEW_CODE: Button = {"title": "Send a new code", "payload": "/inform"}
WAYS: dict[str, Button] = {
    MAIL: {"title": "By e-mail", "payload": '/inform{"code_way": "mail"}'},
    TEXT: {"title": "By text message", "payload": '/inform{"code_way": "text"}'},
}
NAMED = {
    TEXT: re.compile(r"\b(sms|texts?|texted|phone|mobile|cell|tel[eé]fono|celular|mensaje|mensagem)\b", re.I),
    MAIL: re.compile(r"\b(e-?mails?|mails?|inbox|correo)\b", re.I),
}
FEW_WORDS = 8
TIMES = {1: "once", 2: "twice"}


async def start(turn: Turn, codes: Codes, number: str, email: str) -> Step:
    """Ask where the code shall go; where there is one way only, send it."""
    if turn.desk.texter is None or turn.desk.mailer is None:
        return await begin(turn, codes, number, email)
    about = {"email": email, "code_way": None, **_open(number)}
    return Step(about, "code_way", ASK_WAY.format(number, masked(email)), list(WAYS.values()))


async def choose(turn: Turn, codes: Codes, number: str) -> Step:
    """The step that an answer to the question where the code shall go makes."""
    if email := turn.entity("email"):
        return await start(turn, codes, number, email)
    email = str(turn.slot("email"))
    if chosen := way(turn):
        return await begin(turn, codes, number, email, way=chosen)
    return Step(ask="code_way", question=ASK_WAY.format(number, masked(email)), choices=list(WAYS.values()))


async def begin(
    turn: Turn, codes: Codes, number: str, email: str, again: bool = False, way: str = MAIL
) -> Step:
    """Have a code sent and ask for it; the same words whether the e-mail was the right one or not."""
    if not await proof.ask_code(turn, codes, number, email, again, way):
        return _closed(number)
    about = {"email": email, "code_way": way, **_open(number)}
    return Step(about, "code", ON_ITS_WAY[way].format(number), choices(turn, way))


async def hear(turn: Turn, codes: Codes, number: str) -> Step | dict[str, Any] | None:
    """What a message makes of the question for the code.

    The next step; or what is proved now, when the code is right; or None when it is about something else.
    """
    email = turn.entity("email")
    other = _other_way(turn)
    if email or other or proof.wants_new_code(turn):
        address, by = str(email or turn.slot("email")), other or _present(turn)
        return _after(ONLY_THE_NEW, await begin(turn, codes, number, address, again=True, way=by))
    written = code.read(turn.text)
    return await _try(turn, codes, number, written) if written else None


def way(turn: Turn) -> str | None:
    """Where the code shall go, tapped or typed; None when the words name neither way or both."""
    if (tapped := turn.entity("code_way")) in WAYS:
        return tapped
    named = [name for name, words in NAMED.items() if words.search(turn.text)]
    if len(named) == 1:
        return named[0]
    chosen = pick.choice(turn.text, history.offered(turn.events))
    return pick.value(chosen, "code_way") if chosen else None


def choices(turn: Turn, present: str) -> list[Button]:
    """What may be tapped while the code is waited for."""
    if turn.desk.texter is None or turn.desk.mailer is None:
        return [NEW_CODE]
    other = TEXT if present == MAIL else MAIL
    return [NEW_CODE, WAYS[other]]


def masked(email: str) -> str:
    """An address that the customer gave, so that a slip shows and no bystander reads it: "a…@example.com"."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain}"


async def _try(turn: Turn, codes: Codes, number: str, written: str) -> Step | dict[str, Any]:
    verdict, left, proved = await proof.try_code(turn, codes, number, written)
    present = _present(turn)
    match verdict:
        case Verdict.RIGHT:
            return {"code": None, **proved}
        case Verdict.WRONG:
            text = NOT_RIGHT.format(TIMES.get(left, left))
            return Step(_open(number), "code", text, choices(turn, present))
        case Verdict.EXPIRED:
            step = await begin(turn, codes, number, str(turn.slot("email")), again=True, way=present)
            return _after(TOO_OLD, step)
    return _closed(number)


def _after(words: str, step: Step) -> Step:
    """The step with these words before its question, if it asks one."""
    return replace(step, question=words + step.question) if step.ask else step


def _other_way(turn: Turn) -> str | None:
    """The other way, when the customer asks for it while the code is waited for."""
    if turn.desk.texter is None or len(turn.text.split()) > FEW_WORDS or code.read(turn.text):
        return None
    named = way(turn)
    return named if named and named != _present(turn) else None


def _present(turn: Turn) -> str:
    return str(turn.slot("code_way") or MAIL)


def _open(number: str) -> dict[str, Any]:
    return {"code": None, "order_number": number, proof.CLOSED: None}


def _closed(number: str) -> Step:
    """No code is tried any more just now: the form ends, and its action says so."""
    forgotten = {"code": None, "code_way": None, "order_number": None}
    return Step({**forgotten, "unknown_order": number, proof.CLOSED: number})
