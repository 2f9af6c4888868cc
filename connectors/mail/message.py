"""A mail, and who sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from conversations.errors import OutcomeUnknown, Refused, TryLater


class MailRefused(Refused):
    """The mail server will not take this mail, or does not let us in."""


class MailDelayed(TryLater):
    """The mail server cannot be reached or is busy; it took nothing."""


class MailUnknown(OutcomeUnknown):
    """The mail went out, and the mail server did not say whether it took it."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain mail to one person. `key`: the same for every attempt to send it; empty where none is known."""

    to: str
    subject: str
    text: str
    key: str = ""


class Mailer(Protocol):
    """Sends mails. Raises MailDelayed, MailUnknown or MailRefused."""

    async def send(self, mail: Mail) -> None:
        """Return once the mail is accepted; what was not taken is tried three times within half a minute."""
        ...
