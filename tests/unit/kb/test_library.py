"""An open folder is searched as it is now."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb import library, search
from kb.errors import NoArticlesError
from kb.library import Library
from tests.unit.kb.conftest import FakeEncoder, Write


@pytest.fixture
def opened(
    folder: Path, write: Write, fake: FakeEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Library:
    """A library of one article that looks for changes at every question."""
    monkeypatch.setattr(library, "CHECKING_SHARE", float("inf"))
    write("a.md", "# Delivery\n\nIt takes 3 days.\n")
    return Library(folder, fake, tmp_path / "out")


def texts(opened: Library) -> list[str]:
    return [chunk.text for chunk in opened.index.chunks]


def test_a_changed_article_counts_at_once(opened: Library, write: Write) -> None:
    """No restart is needed."""
    write("a.md", "# Delivery\n\nIt takes 40 days.\n")

    assert texts(opened) == ["It takes 40 days."]


def test_added_and_removed_articles_count_at_once(opened: Library, write: Write, folder: Path) -> None:
    """The folder's files are the knowledge base."""
    write("b.md", "More.")
    assert texts(opened) == ["It takes 3 days.", "More."]

    (folder / "a.md").unlink()
    assert texts(opened) == ["More."]


def test_changed_facts_count_at_once(opened: Library, write: Write) -> None:
    """A new number in facts.yml changes every article that states it."""
    write("a.md", "Within {{ days }} days.")
    write("facts.yml", "days: 30")
    assert texts(opened) == ["Within 30 days."]

    write("facts.yml", "days: 100")
    assert texts(opened) == ["Within 100 days."]


def test_a_new_time_alone_encodes_nothing(opened: Library, folder: Path, fake: FakeEncoder) -> None:
    """A file that was only touched is looked at and not encoded."""
    opened.index  # noqa: B018
    fake.seen.clear()
    os.utime(folder / "a.md", (1, 1))

    assert texts(opened) == ["It takes 3 days."]
    assert fake.seen == []


def test_the_last_good_index_stays(opened: Library, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """When the articles are gone, the bot goes on with what it knew, and the log says so."""
    (folder / "a.md").unlink()

    assert texts(opened) == ["It takes 3 days."]
    assert "cannot be indexed" in caplog.text


def test_an_empty_folder_cannot_be_opened(folder: Path, fake: FakeEncoder, tmp_path: Path) -> None:
    """At first there must be something to know."""
    with pytest.raises(NoArticlesError):
        Library(folder, fake, tmp_path)


def test_looking_for_changes_takes_a_small_share_of_time(
    folder: Path, write: Write, fake: FakeEncoder, tmp_path: Path
) -> None:
    """After a look, the folder is left alone for a while that grows with the look's cost."""
    write("a.md", "One.")
    opened = Library(folder, fake, tmp_path)
    opened.index  # noqa: B018
    opened._next_look += 3600
    write("a.md", "Two.")

    assert texts(opened) == ["One."]


def test_any_folder_is_searched_and_kept(
    folder: Path, write: Write, tmp_path: Path, fake: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another shop's policies are indexed into the cache folder and searched."""
    monkeypatch.setattr(library, "encoder", lambda: fake)
    write("policy.md", "# Policy\n\n## Helmets\nHelmets cannot come back.\n\n## Bikes\nBikes can.\n")

    found = search.search_folder(folder, "helmets", k=2, cache=tmp_path / "cache")

    assert [(p.article, p.section) for p in found] == [("policy", "Helmets"), ("policy", "Bikes")]
    assert list((tmp_path / "cache").glob("*/vectors.npz"))
