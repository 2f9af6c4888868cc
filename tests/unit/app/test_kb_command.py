"""`parley kb`: what is found in a folder, and which answers an article no longer gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from app.commands.kb import app, outdated
from conversations.reports import Cited


def told(digest: str | None, version: str = "2") -> Cited:
    return Cited(uuid4(), "Ana", datetime.now(UTC), "How long", version, digest)


def test_an_answer_is_affected_when_its_words_are_gone() -> None:
    """What was told word for word as it stands today is not listed; older logs go by the version."""
    same, gone, old_same, old_gone = told("aa"), told("bb"), told(None, "3"), told(None, "2")
    assert outdated([same, gone, old_same, old_gone], {"aa", "3"}) == [gone, old_gone]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bakery's policies."""
    (tmp_path / "bakery").mkdir()
    rules = "Orders\n======\n\nA cake is cancelled two days ahead.\n\n## Paying\n\nCash or Visa.\n"
    (tmp_path / "bakery" / "rules.md").write_text(rules)
    return tmp_path / "bakery"


def found(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["search", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    hits: list[dict[str, Any]] = json.loads(result.stdout)
    return hits


def test_a_search_of_any_folder_prints_a_list(folder: Path) -> None:
    """Each passage has article, section, score and text, and nothing else; the best comes first."""
    hits = found("can i pay by visa", "--kb", str(folder))

    assert [set(hit) for hit in hits] == [{"article", "section", "score", "text"}] * 2
    assert (hits[0]["article"], hits[0]["section"], hits[0]["text"]) == ("rules", "Paying", "Cash or Visa.")
    assert hits[0]["score"] > 0.5 > hits[1]["score"]


def test_what_is_not_answered_is_an_empty_list_if_so_wished(folder: Path) -> None:
    """With --min-score weaker passages are left out."""
    assert found("do you repair bicycles", "--kb", str(folder))[0]["score"] < 0.5
    assert found("do you repair bicycles", "--kb", str(folder), "--min-score", "0.5") == []
