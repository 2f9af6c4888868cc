"""An index is made once, and only what changed is encoded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb import index, search
from kb.articles import Chunk
from kb.encoder import DIMENSIONS, Encoder
from kb.errors import NoEncoderError
from kb.vectors import Shelf
from tests.unit.kb.conftest import FakeEncoder, Write


def test_a_second_build_encodes_nothing(
    folder: Path, write: Write, fake: FakeEncoder, tmp_path: Path
) -> None:
    """Vectors are kept from one process to the next."""
    write("a.md", "# A\n\n## Refund\nIt takes 3 days. Then it is there.\n")
    first = index.build(folder, fake, tmp_path)
    fake.seen.clear()

    second = index.build(folder, fake, tmp_path)

    assert fake.seen == []
    assert np.array_equal(first.vectors, second.vectors)


def test_only_changed_text_is_encoded(folder: Path, write: Write, fake: FakeEncoder, tmp_path: Path) -> None:
    """When one section changes, the others' vectors are used again."""
    write("a.md", "# A\n\n## Refund\nThree days.\n\n## Shipping\nFree.\n")
    index.build(folder, fake, tmp_path)
    fake.seen.clear()
    write("a.md", "# A\n\n## Refund\nFour days.\n\n## Shipping\nFree.\n")

    index.build(folder, fake, tmp_path)

    assert fake.seen == ["Refund. Four days."]


def test_another_encoder_encodes_everything(tmp_path: Path) -> None:
    """Vectors of two encoders are never mixed."""
    Shelf(tmp_path / "v.npz", FakeEncoder("one")).get(["text"])
    other = FakeEncoder("two")

    Shelf(tmp_path / "v.npz", other).get(["text"])

    assert other.seen == ["text"]


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04broken"])
def test_a_damaged_file_is_made_again(tmp_path: Path, fake: FakeEncoder, data: bytes) -> None:
    """What is kept can be lost without harm."""
    file = tmp_path / "v.npz"
    file.write_bytes(data)

    assert Shelf(file, fake).get(["text"]).shape == (1, DIMENSIONS)
    assert Shelf(file, FakeEncoder()).get(["text"]).shape == (1, DIMENSIONS)


def test_a_missing_encoder_is_an_error_that_says_so(tmp_path: Path) -> None:
    """Without the exported files, the folder is named."""
    with pytest.raises(NoEncoderError, match="encoder is missing in"):
        Encoder(tmp_path)


def test_a_large_index_finds_what_an_exact_one_finds(
    fake: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit the nearest lists are searched, and the best chunk is still the best."""
    chunks = [Chunk("a", "T", f"word{i}", (f"word{i}",), "1", f"word{i} thing{i}") for i in range(1_000)]
    texts = [view for chunk in chunks for view in index.views(chunk)]
    starts = np.arange(0, len(texts) + 1, 2)
    monkeypatch.setattr(index, "EXACT_UP_TO", 500)

    large = index.of_vectors(chunks, fake.encode(texts), starts, fake.words())

    assert search.rank(large, fake, "word77 thing77", k=1)[0].section == "word77"


def test_the_encoder_gives_unit_vectors_in_order(encoder: Encoder) -> None:
    """Batches are sorted by length inside, and the answer is in the order of the texts."""
    texts = ["A much longer sentence about returning a parcel to the shop.", "Hi", "Refund?"] * 12

    vectors = encoder.encode(texts)

    assert vectors.shape == (36, DIMENSIONS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[1], encoder.encode(["Hi"])[0], atol=1e-5)
    assert np.allclose(encoder.embed_query("Refund?"), vectors[2], atol=1e-5)
