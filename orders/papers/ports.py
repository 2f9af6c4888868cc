"""What the bot and the doors ask of whoever keeps the links to papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from orders.model import Owner

Kind = Literal["invoice", "label"]


@dataclass(frozen=True, slots=True)
class Paper:
    """Which paper a link opens: an order's invoice, or the label of one of its returns. `owner`: whose."""

    kind: Kind
    order_number: str
    owner: Owner
    return_number: str | None = None


class Links(Protocol):
    """Links that nobody can guess, each to one paper of one owner, for thirty days."""

    async def make(self, paper: Paper) -> str:
        """A new secret word, to stand at the end of an address."""
        ...

    async def find(self, word: str) -> Paper | None:
        """The paper that this word opens; None when it is none of ours, or too old."""
        ...
