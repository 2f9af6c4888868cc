"""Vectors kept on disk by what was encoded, so that only changed text is encoded again."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kb.encoder import DIMENSIONS, Encoder, Vectors


class Shelf:
    """The vectors of one knowledge base in `file` (.npz), by the hash of text and encoder.

    A missing, foreign or damaged file is an empty shelf: everything in it can be made again.
    """

    def __init__(self, file: Path, encoder: Encoder) -> None:
        self._file, self._encoder = file, encoder
        self._rows: dict[str, int] = {}
        self._vectors: Vectors = np.empty((0, DIMENSIONS), dtype=np.float32)
        self.encoded = 0
        """How many texts were encoded since the shelf was opened."""
        self._read()

    def get(self, texts: Sequence[str]) -> Vectors:
        """The vectors of the texts, shape (len(texts), 384); encodes what is not kept, keeps only these."""
        keys = [self._key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        fresh = self._encoder.encode(list(new.values()))
        self.encoded += len(new)
        rows = self._rows | {key: len(self._vectors) + place for place, key in enumerate(new)}
        vectors: Vectors = np.concatenate([self._vectors, fresh])[[rows[key] for key in keys]]
        changed = bool(new) or len(set(keys)) != len(self._rows)
        self._rows, self._vectors = {key: row for row, key in enumerate(keys)}, vectors
        if changed:
            self._write()
        return vectors

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._encoder.identity}\n{text}".encode()).hexdigest()

    def _read(self) -> None:
        try:
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                keys, vectors = [str(key) for key in kept["keys"]], kept["vectors"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return
        if vectors.shape == (len(keys), DIMENSIONS) and vectors.dtype == np.float32:
            self._rows, self._vectors = {key: row for row, key in enumerate(keys)}, vectors

    def _write(self) -> None:
        """Written beside and moved over, so that a reader in another process never sees half a file."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        keys = np.array(list(self._rows) or [], dtype="U64")
        handle, name = tempfile.mkstemp(dir=self._file.parent, suffix=".part")
        with os.fdopen(handle, "wb") as part:
            np.savez(part, keys=keys, vectors=self._vectors[list(self._rows.values())])
        os.replace(name, self._file)
