"""The same question once more: a shorter answer the second time, the offer of a person the third."""

from __future__ import annotations

from collections.abc import Sequence

from actions import history
from actions.turn import PERSON, Attached, Button, Turn

NO_THANKS: Button = {"title": "No, thanks", "payload": "/deny"}
ASK_PERSON: tuple[Button, ...] = (PERSON, NO_THANKS)
OFFER = "Would you like to talk to a person from our team?"


def tell(
    turn: Turn, full: str, short: str, choices: Sequence[Button] = (), file: Attached | None = None
) -> None:
    """Answer with `full`; with `short` when that was the answer before; then also offer a person."""
    times = history.said(turn.events, full, short)
    if times > 1:
        turn.say(f"{short}\n{OFFER}", ASK_PERSON, file)
    else:
        turn.say(short if times else full, choices, file)


def same(text: str) -> str:
    """Says that the answer has not changed."""
    return f"Still the same: {text[:1].lower()}{text[1:]}"
