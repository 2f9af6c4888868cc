"""Vectors of training examples kept on disk, so that only new examples are encoded at the next training."""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.nlu import writing
from engine.nlu.encoder import DIMENSIONS, Encoder, Matrix

logger = logging.getLogger(__name__)


def encode(encoder: Encoder, texts: Sequence[str], file: Path) -> Matrix:
    """As `encoder.encode`, with the vectors of `file` where it has them; then `file` holds these texts'.

    A file that cannot be read or written costs time, nothing else.
    """
    keys = [_key(encoder, text) for text in texts]
    kept = _read(file)
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
    kept.update(zip(new, encoder.encode(list(new.values())), strict=True))
    vectors = np.array([kept[key] for key in keys], dtype=np.float32).reshape(len(keys), DIMENSIONS)
    if new:
        _write(file, keys, vectors)
    return vectors


def _key(encoder: Encoder, text: str) -> str:
    return hashlib.sha256(f"{encoder.identity}\n{writing.plain(text)}".encode()).hexdigest()[:32]


def _read(file: Path) -> dict[str, Matrix]:
    try:
        with np.load(file) as stored:
            return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _write(file: Path, keys: list[str], vectors: Matrix) -> None:
    draft = file.with_name(f".{os.getpid()}-{file.name}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as out:
            np.savez(out, keys=np.array(keys), vectors=vectors)
        draft.replace(file)
    except OSError as error:
        logger.warning("The examples' vectors are not kept for the next training: %s", error)
