"""Mails over SMTP, encrypted whenever the server can (RFC 3207, RFC 8314)."""

from __future__ import annotations

import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib
import stamina

from connectors.mail.message import Mail, MailDelayed, MailRefused, MailUnknown

PORTS = {"smtp": 587, "smtps": 465}
SECONDS = 10.0
TAKING = 60.0
"""Seconds a server may take to accept a mail that it has got: many look for spam first. RFC 5321, 4.5.3.2.6,
would give it ten minutes, in which nobody else would be told.
"""


class SmtpMailer:
    """Sends through `url`: `smtp://user:password@host:port` (STARTTLS where offered) or `smtps://…`.

    `sender`: the From address; without one the user's name at the server, if that is an address.
    Raises ValueError when the URL names no server.
    """

    def __init__(self, url: str, sender: str | None = None, *, pause: float = 0.5):
        self._server = _server(url)
        self._sender = sender or _sender(self._server)
        self._retrying = stamina.AsyncRetryingCaller(attempts=3, timeout=30.0, wait_initial=pause)

    async def send(self, mail: Mail) -> None:
        await self._retrying(MailDelayed, self._once, self._message(mail))

    async def _once(self, message: EmailMessage) -> None:
        try:
            await self._hand_over(message)
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as error:
            raise _refusal(error) from error
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            raise MailDelayed(f"the mail server does not answer: {type(error).__name__}") from error

    def _message(self, mail: Mail) -> EmailMessage:
        message, domain = EmailMessage(), self._sender.rpartition("@")[2].rstrip(">")
        message["From"], message["To"], message["Subject"] = self._sender, mail.to, mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{mail.key}@{domain}>" if mail.key else make_msgid(domain=domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message

    async def _hand_over(self, message: EmailMessage) -> None:
        server = self._server
        client = _Client(
            hostname=server.hostname,
            port=server.port or PORTS[server.scheme],
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=server.scheme == "smtps",
            timeout=SECONDS,
        )
        async with client:
            await client.send_message(message)


class _Client(aiosmtplib.SMTP):
    """A talk with the server that tells what it did not take from what it may have taken."""

    async def data(self, message: str | bytes, /, *, timeout: Any = None) -> aiosmtplib.SMTPResponse:
        try:
            return await super().data(message, timeout=TAKING)
        except aiosmtplib.SMTPResponseException:
            raise
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnknown(
                f"the mail server did not say that it took it: {type(error).__name__}"
            ) from error


def _server(url: str) -> SplitResult:
    server = urlsplit(url)
    if server.scheme not in PORTS or not server.hostname:
        raise ValueError("SMTP_URL must look like smtp://user:password@host:port")
    return server


def _sender(server: SplitResult) -> str:
    user = unquote(server.username or "")
    return user if "@" in user else f"parley@{server.hostname}"


def _refusal(error: aiosmtplib.SMTPException) -> MailDelayed | MailRefused:
    """4xx is a matter of time, anything else is final (RFC 5321, 4.2.1)."""
    codes = [each.code for each in getattr(error, "recipients", [])] or [getattr(error, "code", 0)]
    if all(400 <= code < 500 for code in codes):
        return MailDelayed(f"the mail server is busy: {codes[0]}")
    return MailRefused(f"the mail server refuses the mail: {codes[0]}", code=str(codes[0]))
