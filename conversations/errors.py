"""What can go wrong, as classes; HTTP statuses are chosen only in `app/`."""


class ParleyError(Exception):
    """Base of every error Parley raises on purpose. The message says what happened and to what."""


class BadPayload(ParleyError):
    """A webhook body that does not have the shape its contract promises. Nothing of it was stored."""


class UnknownConversation(ParleyError):
    """No conversation has this id."""


class ConnectorError(ParleyError):
    """An outside system refused, failed or did not answer.

    `retryable`: the same call may succeed later. `retry_after`: seconds the other side asked us to
    wait, if it did. `uncertain`: the call may have taken effect although no answer came; it must be
    settled before it is repeated. `hold`: every further call would fail the same way until a person
    mends the configuration (a revoked token, say), so nothing is dropped and nothing is hammered. `wide`:
    it holds for everything we send there, so nobody tries before the wait is over. `alarm`: this one, and
    perhaps others, is refused until an operator acts. `tries`: attempts worth making in all.
    """

    retryable = False
    uncertain = False
    hold = False
    wide = False
    alarm = False

    def __init__(
        self, message: str, *, retry_after: float | None = None, code: str | None = None,
        tries: int | None = None,
    ):  # fmt: skip
        super().__init__(message)
        self.retry_after = retry_after
        self.code = code
        self.tries = tries


class TryLater(ConnectorError):
    """The other side is busy, limits us or is down; it took nothing."""

    retryable = True


class Limited(TryLater):
    """The other side limits everything we send there, or is closed for a while; it took nothing."""

    wide = True


class NotYet(TryLater):
    """We wait of our own accord; nothing was tried."""


class OutcomeUnknown(ConnectorError):
    """The connection broke after the request went out; nobody knows whether it was taken."""

    retryable = True
    uncertain = True


class Refused(ConnectorError):
    """The other side will never take this one; repeating it is pointless."""


class Forbidden(Refused):
    """Our user may not read or change this one thing until an operator allows it; all else goes on."""

    retryable = True
    alarm = True


class NeedsOperator(ConnectorError):
    """Credentials, permissions or the account itself are wrong; hold and raise an alarm."""

    retryable = True
    hold = True


class TemplateRefused(Refused):
    """A message approved beforehand is not, or no more; others of its kind will be refused as well."""

    alarm = True


class TicketClosed(Refused):
    """The ticket is closed for good and takes no more comments; a follow-up ticket is needed."""


class TicketGone(Refused):
    """The ticket was deleted; a new one is needed."""


class BotFailed(ConnectorError):
    """The engine answered nothing, answered an error, or was not there."""

    retryable = True
