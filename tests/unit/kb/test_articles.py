"""Folders of Markdown, tidy and untidy, become chunks."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import articles
from kb.errors import BrokenFactsError, NoArticlesError, NoFolderError
from tests.unit.kb.conftest import Write


def test_a_section_is_a_chunk(folder: Path, write: Write) -> None:
    """Each section becomes a chunk that knows its article, title, heading and version."""
    write(
        "returns.md",
        "---\ntitle: Returns\nversion: 3\n---\n# Returns\n\n## How long\n30 days.\n\n## Cost\nFree.\n",
    )

    long, cost = articles.load(folder)

    assert (long.article, long.title, long.section, long.version) == ("returns", "Returns", "How long", "3")
    assert (long.text, cost.section, cost.text) == ("30 days.", "Cost", "Free.")


def test_text_before_the_first_heading_belongs_to_the_title(folder: Path, write: Write) -> None:
    """Without a heading, a section is called by the article's title."""
    write("gift_cards.md", "They last 3 years.")

    (chunk,) = articles.load(folder)

    assert (chunk.article, chunk.title, chunk.section) == ("gift_cards", "Gift cards", "Gift cards")


def test_the_version_is_the_content_when_nobody_wrote_one(folder: Path, write: Write) -> None:
    """Without front matter, the version changes with the text."""
    write("a.md", "One.")
    before = articles.load(folder)[0].version
    write("a.md", "Two.")

    assert articles.load(folder)[0].version != before


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("First\n=====\nText.\n\nSecond\n------\nMore.\n", ["First", "Second"]),
        ("# A #\nText.\n\n### B ###\nMore.\n", ["A", "B"]),
        ("<h2>Costs &amp; <b>times</b></h2>\n<p>Text.</p>\n", ["Costs & times"]),
        (
            "# Questions\n\n**May I return it?**\n\nYes.\n\n**And this?**\nNo.\n",
            ["May I return it?", "And this?"],
        ),
        ("# A\n```\n# not a heading\n```\n", ["A"]),
        ("# A\r\n\r\nText.\r\n\r\n## B\r\nMore.\r\n", ["A", "B"]),
        ("# A\n\n**Sale items cannot be returned.**\n", ["A"]),
    ],
)
def test_headings_come_in_many_forms(folder: Path, write: Write, text: str, sections: list[str]) -> None:
    """Underlined, closed, HTML and bold headings open sections; code and bold sentences do not."""
    write("a.md", text)

    assert [chunk.section for chunk in articles.load(folder)] == sections


def test_nested_headings_are_kept(folder: Path, write: Write) -> None:
    """A section knows the headings above it."""
    write("a.md", "# Shop\n## Returns\n### Cost\nFree.\n")

    (chunk,) = articles.load(folder)

    assert (chunk.section, chunk.heading) == ("Cost", "Shop – Returns – Cost")


def test_a_long_section_is_split_between_sentences(folder: Path, write: Write) -> None:
    """No chunk is longer than the encoder reads, no sentence is cut, nothing is lost."""
    sentences = [f"Sentence number {number} says something of its own." for number in range(100)]
    write("a.md", "# A\n## Long\n" + " ".join(sentences))

    chunks = articles.load(folder)

    assert len(chunks) > 1
    assert {chunk.section for chunk in chunks} == {"Long"}
    assert max(len(chunk.text) for chunk in chunks) <= articles.CHUNK_CHARACTERS
    assert " ".join(chunk.text for chunk in chunks) == " ".join(sentences)


def test_facts_are_filled_in(folder: Path, write: Write) -> None:
    """A number of facts.yml stands wherever an article names it; unknown names stay."""
    write("facts.yml", "days: 30\n")
    write("a.md", "# A\n## After {{ days }} days\nWithin {{days}} days, {{ nobody }}.\n")

    (chunk,) = articles.load(folder)

    assert (chunk.section, chunk.text) == ("After 30 days", "Within 30 days, {{ nobody }}.")


def test_asked_questions_are_read_and_not_shown(folder: Path, write: Write) -> None:
    """The comment of asked questions belongs to its section and is not part of its text."""
    write("a.md", "# A\n## B\n<!-- asked: is it free? | what does\nit cost -->\nFree.\n")

    (chunk,) = articles.load(folder)

    assert chunk.asked == ("is it free?", "what does it cost")
    assert chunk.text == "Free."


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Café – 30 €".encode("cp1252"), "Café – 30 €"),
        ("Café".encode("utf-16"), "Café"),
        ("\ufeff# T\n\nCafé".encode(), "Café"),
    ],
)
def test_odd_encodings_are_read(folder: Path, data: bytes, text: str) -> None:
    """UTF-8 with and without a mark, UTF-16 and Windows-1252 are understood."""
    (folder / "a.md").write_bytes(data)

    assert articles.load(folder)[0].text == text


@pytest.mark.parametrize("head", ["---\ntitle: [open\nx: : y\n---\n", "---\n\n---\n", "---\n- a list\n---\n"])
def test_broken_front_matter_is_no_reason_to_fail(folder: Path, write: Write, head: str) -> None:
    """The body is read even when the block above it is not front matter."""
    write("a.md", head + "# T\n\nThe body.\n")

    assert articles.load(folder)[-1].text == "The body."


def test_empty_files_hidden_folders_and_other_files_are_passed_over(folder: Path, write: Write) -> None:
    """Only Markdown with text counts, also in folders below."""
    write("empty.md", "")
    write("only.md", "---\ntitle: Nothing\n---\n")
    write(".git/x.md", "Hidden.")
    write("notes.txt", "No Markdown.")
    write("sub/UPPER.MD", "Text.")

    assert [chunk.article for chunk in articles.load(folder)] == ["sub/UPPER"]


def test_a_folder_without_text_is_an_error_that_says_so(folder: Path, write: Write) -> None:
    """No Markdown, or only empty files, is told with the folder's name."""
    write("empty.md", " \n")

    with pytest.raises(NoArticlesError, match=r"no Markdown text in .*articles"):
        articles.load(folder)


def test_what_is_not_a_folder_is_an_error_that_says_so(folder: Path, write: Write) -> None:
    """A file, or a name that is nowhere, is told as such."""
    with pytest.raises(NoFolderError, match=r"a\.md is not a folder"):
        articles.load(write("a.md", "Text."))


@given(st.binary(max_size=300) | st.text(alphabet="#-=*|`<>! \n\tab1.{}[]:_", max_size=200).map(str.encode))
def test_no_file_is_too_odd(data: bytes) -> None:
    """Whatever a file holds, it is read or passed over."""
    with tempfile.TemporaryDirectory() as place:
        Path(place, "odd.md").write_bytes(data)
        Path(place, "good.md").write_text("Good.", encoding="utf-8")

        assert articles.load(Path(place))[0].text == "Good."


@pytest.mark.parametrize("text", ["days: [", "- 30\n- 40\n", "thirty"])
def test_broken_facts_are_an_error_that_says_so(folder: Path, write: Write, text: str) -> None:
    """The file is named: articles without their numbers would be wrong."""
    write("a.md", "Within {{ days }} days.")
    write("facts.yml", text)
    with pytest.raises(BrokenFactsError, match=r"facts\.yml cannot be read: \S"):
        articles.load(folder)
