"""Vectors kept between trainings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.nlu import kept_vectors
from engine.nlu.encoder import DIMENSIONS, Encoder, Matrix


class FakeEncoder(Encoder):
    """Counts what it encodes; a text's vector is its length."""

    def __init__(self, identity: str = "one") -> None:
        self.identity = identity
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        lines = list(texts)
        self.encoded += lines
        return np.array([[len(line)] * DIMENSIONS for line in lines], dtype=np.float32).reshape(
            -1, DIMENSIONS
        )


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    """A second training encodes what it has not seen, and gives all vectors in order."""
    file = tmp_path / "folder" / "vectors.npz"
    kept_vectors.encode(FakeEncoder(), ["a", "bb"], file)
    encoder = FakeEncoder()
    vectors = kept_vectors.encode(encoder, ["ccc", "bb", "ccc"], file)
    assert encoder.encoded == ["ccc"]
    assert vectors[:, 0].tolist() == [3, 2, 3]


def test_another_encoder_means_other_vectors(tmp_path: Path) -> None:
    """Vectors of an encoder exported before are not used."""
    kept_vectors.encode(FakeEncoder("one"), ["a"], tmp_path / "v.npz")
    encoder = FakeEncoder("two")
    kept_vectors.encode(encoder, ["a"], tmp_path / "v.npz")
    assert encoder.encoded == ["a"]


def test_a_broken_file_only_costs_time(tmp_path: Path) -> None:
    """What cannot be read is encoded again and written anew."""
    file = tmp_path / "v.npz"
    file.write_bytes(b"PK broken")
    assert kept_vectors.encode(FakeEncoder(), ["a"], file).shape == (1, DIMENSIONS)
    encoder = FakeEncoder()
    kept_vectors.encode(encoder, ["a"], file)
    assert encoder.encoded == []


def test_no_place_to_keep_them_is_no_failure(tmp_path: Path) -> None:
    """Where nothing can be written the vectors are still given."""
    (tmp_path / "file").write_text("")
    assert len(kept_vectors.encode(FakeEncoder(), ["a"], tmp_path / "file" / "v.npz")) == 1


def test_no_texts_have_no_vectors(tmp_path: Path) -> None:
    """An empty list gives an empty matrix."""
    assert kept_vectors.encode(FakeEncoder(), [], tmp_path / "v.npz").shape == (0, DIMENSIONS)
