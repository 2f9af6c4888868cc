"""A search gives sections, best first, with evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import index, search
from kb.index import Index
from tests.unit.kb.conftest import FakeEncoder, Write


@pytest.fixture
def made(folder: Path, write: Write, fake: FakeEncoder, tmp_path: Path) -> Index:
    long = " ".join(f"Refund sentence number {number} of a long section." for number in range(60))
    write(
        "refunds.md",
        f"---\nversion: 7\n---\n# Refunds\n\n## Refund time\n{long}\n\n## Cards\nCards are fine.\n",
    )
    write("delivery.md", "# Delivery\n\n## Express delivery\nExpress takes a day.\n")
    return index.build(folder, fake, tmp_path / "out")


def test_the_best_section_comes_first(made: Index, fake: FakeEncoder) -> None:
    """Passages are sorted by score, which is a probability."""
    found = search.rank(made, fake, "how fast is express delivery?", k=3)

    assert (found[0].article, found[0].section) == ("delivery", "Express delivery")
    assert 1 >= found[0].score >= found[1].score >= found[2].score >= 0


def test_a_section_is_found_once(made: Index, fake: FakeEncoder) -> None:
    """Of a long section's parts only the best one is given."""
    found = search.rank(made, fake, "refund sentence", k=10)

    assert len(made.chunks) > 3
    assert [p.section for p in found].count("Refund time") == 1


def test_k_is_a_limit(made: Index, fake: FakeEncoder) -> None:
    """At most k passages come back."""
    assert len(search.rank(made, fake, "refund", k=1)) == 1


@pytest.mark.parametrize("text", ["", "  ", "?!", "👍"])
def test_nothing_asked_is_nothing_found(made: Index, fake: FakeEncoder, text: str) -> None:
    """A question without a word has no passages."""
    assert search.rank(made, fake, text, k=3) == []


@pytest.mark.parametrize(
    "text", ["где мой заказ", "訂單在哪裡", "x" * 100_000, "refund " * 20_000, "\x00'\";--"]
)
def test_any_text_may_be_asked(made: Index, fake: FakeEncoder, text: str) -> None:
    """Other scripts, endless texts and odd characters are searched like any other."""
    search.rank(made, fake, text, k=3)


def test_misspelt_questions_find_their_section(made: Index, fake: FakeEncoder) -> None:
    """Spelling is corrected before the rankers read the question."""
    assert search.rank(made, fake, "expres delivry", k=1)[0].section == "Express delivery"


def test_a_passage_is_plain_data(made: Index, fake: FakeEncoder) -> None:
    """Everything of a passage can be printed as JSON."""
    passage = search.rank(made, fake, "cards", k=1)[0]

    assert passage.to_json() == {
        "article": "refunds", "title": "Refunds", "section": "Cards", "version": "7",
        "score": passage.score, "text": "Cards are fine.",
    }  # fmt: skip
