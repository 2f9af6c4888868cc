"""A text message to a phone, and who sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from conversations.errors import Refused, TryLater


class TextRefused(Refused):
    """The text message will not be taken."""


class TextDelayed(TryLater):
    """Who sends text messages cannot be reached or is busy."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message to one phone. `to`: E.164 with "+"."""

    to: str
    text: str


class Texter(Protocol):
    """Sends text messages. Raises TextDelayed or TextRefused."""

    async def send(self, message: TextMessage) -> None:
        """Return once the message is accepted; tried three times within half a minute."""
        ...
