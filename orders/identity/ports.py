"""What the bot asks of whoever keeps the codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from orders.identity.code import Verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """`code`: a new one, to be sent if the e-mail is the order's. None with `limited`: too many lately.

    Neither: the last code for this e-mail is still good.
    """

    code: str | None = None
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A try and how many are left."""

    verdict: Verdict
    left: int = 0


class Codes(Protocol):
    """One-time codes of conversations. What is kept is fit for an audit and holds no code in clear."""

    async def ask(self, conversation: str, number: str, email: str, *, genuine: bool, again: bool) -> Asked:
        """A code for this order. `genuine`: the e-mail is the order's. `again`: a new one in any case."""
        ...

    async def check(self, conversation: str, number: str, code: str) -> Tried:
        """Is it the last code made for this order in this conversation? Each call is a try."""
        ...

    async def note(self, conversation: str, number: str, event: str) -> None:
        """Write down what became of a code that was to be sent: "sent" or "not_sent"."""
        ...
