"""A mail, and who sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from conversations.errors import Refused, TryLater


class MailRefused(Refused):
    """The mail server will not take this mail, or does not let us in."""


class MailDelayed(TryLater):
    """The mail server cannot be reached or is busy."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain mail to one person."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Sends mails. Raises MailDelayed or MailRefused."""

    async def send(self, mail: Mail) -> None:
        """Return once the mail is accepted; tried three times within half a minute."""
        ...
