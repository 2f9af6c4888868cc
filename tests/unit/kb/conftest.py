"""A folder of articles to write into, a fake encoder, and the real one."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from kb import library, words
from kb.encoder import DIMENSIONS, Encoder, Vectors
from kb.library import Library

Write = Callable[[str, str], Path]


class FakeEncoder(Encoder):
    """Texts that share words get similar vectors. Remembers in `seen` what it was asked to encode."""

    def __init__(self, identity: str = "fake") -> None:
        self.identity = identity
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        vectors = np.full((len(texts), DIMENSIONS), 1e-6, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in words.words(text):
                vectors[row, zlib.crc32(word.encode()) % DIMENSIONS] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def words(self) -> list[str]:
        return ["the", "is", "when", "how", "money", "what"]


@pytest.fixture
def fake() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "articles"
    place.mkdir()
    return place


@pytest.fixture
def write(folder: Path) -> Write:
    """Writes an article, named with its suffix."""

    def write_file(name: str, text: str) -> Path:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write_file


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return library.encoder()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Library:
    """The shop's own articles, with vectors of their own, apart from models/kb."""
    return Library(library.ARTICLES, encoder, tmp_path_factory.mktemp("kb"))
