"""`parley kb affected`: which answers an article no longer gives."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from app.commands.kb import outdated
from conversations.reports import Cited


def told(digest: str | None, version: str = "2") -> Cited:
    return Cited(uuid4(), "Ana", datetime.now(UTC), "How long", version, digest)


def test_an_answer_is_affected_when_its_words_are_gone() -> None:
    """What was told word for word as it stands today is not listed; older logs go by the version."""
    same, gone, old_same, old_gone = told("aa"), told("bb"), told(None, "3"), told(None, "2")
    assert outdated([same, gone, old_same, old_gone], {"aa", "3"}) == [gone, old_gone]
