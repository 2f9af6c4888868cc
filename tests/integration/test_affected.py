"""`parley kb affected`: who was told what an article no longer says, from the stored turns."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from app.commands import kb as command
from conversations import inbox
from conversations.messages import Address, CustomerMessage
from kb import articles
from tests.fakes.ports import says
from tests.integration.conftest import Core

TEXT = "You have {days} days."


@pytest.fixture
def article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    """The shop's only article, and the command at work beside it."""

    class Here:
        root = articles = state = tmp_path

    file = tmp_path / "return_window.md"
    file.write_text(f"# Return window\n\n{TEXT.format(days=30)}\n")
    monkeypatch.setattr(command, "here", Here)
    monkeypatch.setenv("DATABASE_URL", database_url)
    return file


async def told(core: Core, name: str, text: str) -> UUID:
    """A customer gets this passage of the article as the answer."""
    digest = articles.digest(text)
    source = {"article": "return_window", "section": "Return window", "version": "1", "score": 0.9}
    core.bot.replies.append(dataclasses.replace(says(text), sources=({**source, "digest": digest},)))
    message = CustomerMessage(
        name, Address("whatsapp", "1", None, name), "text", "how long?", datetime.now(UTC), name=name,
        words="how long?",
    )  # fmt: skip
    async with core.pool.connection() as conn:
        [id] = await inbox.receive(conn, core.jobs, [message])
    await core.drain()
    return id


async def affected(since: datetime) -> str:
    arguments = ["affected", "return_window", "--since", f"{since:%Y-%m-%d}"]
    result = await asyncio.to_thread(CliRunner().invoke, command.app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


async def test_a_changed_article_names_who_was_told_otherwise(core: Core, article: Path) -> None:
    """Only the conversations whose passage has changed since are listed, with the customer's name."""
    today = datetime.now(UTC)
    ana = await told(core, "Ana", TEXT.format(days=30))
    assert "Nobody: of 1 answers from return_window" in await affected(today)

    article.write_text(f"# Return window\n\n{TEXT.format(days=14)}\n")
    await told(core, "Ben", TEXT.format(days=14))

    [line] = (await affected(today)).splitlines()
    assert line.startswith(str(ana))
    assert line.endswith("Ana")
    assert "Nobody: of 0 answers" in await affected(today + timedelta(days=1))
