"""Who tells colleagues of waiting customers, put together from the settings and `data/notifications.yml`."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx

from app.checkout import here
from app.settings import Settings, SettingsError
from connectors.mail.message import Mailer
from connectors.mail.notices import MailNotices
from connectors.mail.sandbox import SandboxMailer
from connectors.mail.smtp import SmtpMailer
from connectors.slack.webhook import SlackWebhook
from conversations import hours_file
from conversations.notices import rules
from conversations.notices.ladder import Colleagues
from conversations.notices.rules import InvalidNotifications, Rules
from conversations.ports import Teller

SET_BY = {"slack": "SLACK_WEBHOOK_URL", "mail": "SMTP_URL"}

logger = logging.getLogger(__name__)


class RulesFile:
    """The rules as the file has them now; a file that cannot be used leaves the last good ones.

    Raises InvalidNotifications when there are none yet.
    """

    def __init__(self, file: Path):
        self._file = file
        self._changed = self._stamp()
        self._rules = self._read()

    def rules(self) -> Rules:
        """The rules, read anew when the file has changed."""
        if (changed := self._stamp()) != self._changed:
            self._changed = changed
            try:
                self._rules = self._read()
            except InvalidNotifications as error:
                logger.error("the notifications stay as they were: %s", error)
        return self._rules

    def _stamp(self) -> int:
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return 0

    def _read(self) -> Rules:
        try:
            text = self._file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidNotifications(f"{self._file} cannot be read: {error}.") from None
        return rules.read(text, str(self._file))


def file() -> Path:
    """Where the rules are."""
    return here().root / rules.FILE


def colleagues(settings: Settings, http: httpx.AsyncClient) -> Colleagues:
    """The rules, the media that are set up, and the opening hours.

    Raises InvalidNotifications, HoursUnreadable or SettingsError.
    """
    found: dict[str, Teller] = {}
    if settings.slack_webhook_url:
        found["slack"] = SlackWebhook(http, settings.slack_webhook_url.get_secret_value())
    if mailer := _mailer(settings, http):
        found["mail"] = MailNotices(mailer)
    return Colleagues(RulesFile(file()).rules, found, hours_file.Kept(settings.hours))


def unset(chosen: Colleagues) -> list[str]:
    """The settings without which some of the rules tell nobody."""
    return [SET_BY[medium] for medium in sorted(chosen.rules().media) if medium not in chosen.tellers]


def _mailer(settings: Settings, http: httpx.AsyncClient) -> Mailer | None:
    """Mails by `SMTP_URL`, else into the sandbox's mailbox, else none."""
    if settings.smtp_url:
        try:
            return SmtpMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
        except ValueError as error:
            raise SettingsError(f"{error}.") from None
    return SandboxMailer(http, settings.sandbox_mail_url) if settings.sandbox_mail_url else None
