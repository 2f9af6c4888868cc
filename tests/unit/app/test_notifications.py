"""The rules' file in a running process, and what is set up."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import httpx
import pytest

from app import notifications, settings
from app.notifications import RulesFile
from conversations.notices.rules import InvalidNotifications

ONE = "ladders: {one: {steps: [{tell: [slack]}]}}"
TWO = "ladders: {two: {steps: [{tell: [slack]}]}}"


def write(file: Path, text: str, second: int) -> None:
    file.write_text(text, encoding="utf-8")
    os.utime(file, (second, second))


def test_a_changed_file_counts_at_once_and_a_broken_one_not_at_all(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The last good rules stay, and the log says what is wrong, once."""
    file = tmp_path / "notifications.yml"
    write(file, ONE, 1)
    found = RulesFile(file)
    write(file, TWO, 2)
    assert [rule.name for rule in found.rules().rules] == ["two"]
    write(file, "ladders: 3", 3)
    with caplog.at_level(logging.ERROR):
        assert [rule.name for rule in found.rules().rules] == ["two"]
        found.rules()
    assert len(caplog.records) == 1
    assert "ladders must be a group of keys, not 3" in caplog.text


def test_no_file_is_said(tmp_path: Path) -> None:
    """A process does not start without rules it can read."""
    with pytest.raises(InvalidNotifications, match="cannot be read"):
        RulesFile(tmp_path / "none.yml")


async def test_what_is_not_set_is_named(tmp_path: Path) -> None:
    """The settings without which rules tell nobody."""
    async with httpx.AsyncClient() as http:
        bare = settings.load(tmp_path / ".env")
        assert notifications.unset(notifications.colleagues(bare, http)) == ["SMTP_URL", "SLACK_WEBHOOK_URL"]
        given = settings.load(
            tmp_path / ".env",
            slack_webhook_url="https://hooks.slack.com/services/T/B/x",
            smtp_url="smtp://mail",
        )
        found = notifications.colleagues(given, http)
        assert (sorted(found.tellers), notifications.unset(found)) == (["mail", "slack"], [])


@pytest.mark.parametrize("given", ["hooks.slack.com/services/x", "https://"])
def test_the_webhook_s_address_is_checked(tmp_path: Path, given: str) -> None:
    """What is no address stops the start, without being shown."""
    with pytest.raises(settings.SettingsError, match="SLACK_WEBHOOK_URL must look like"):
        settings.load(tmp_path / ".env", slack_webhook_url=given)
