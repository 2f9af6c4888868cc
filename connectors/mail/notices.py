"""Notices to colleagues as mails."""

from __future__ import annotations

from connectors.mail.message import Mail, Mailer
from conversations.messages import Notice


class MailNotices:
    """Tells colleagues by mail."""

    def __init__(self, mailer: Mailer):
        self._mailer = mailer

    async def tell(self, address: str, notice: Notice) -> None:
        await self._mailer.send(mail(address, notice))


def mail(address: str, notice: Notice) -> Mail:
    """The notice as a mail: the title as its subject, its key as the mail's."""
    facts = "\n".join(notice.facts)
    parts = (f"{notice.title}. {notice.text}", facts, notice.link or "")
    return Mail(address, notice.title, "\n\n".join(part for part in parts if part) + "\n", notice.key)
