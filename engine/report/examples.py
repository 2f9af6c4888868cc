"""The training examples with their places in the files, and which of them say nearly the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Rows = npt.NDArray[np.int_]

NEAR = 0.85
"""Cosine similarity of embeddings from which two examples count as saying the same."""
BLOCK = 1000
WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Example:
    """One line of a training file; `place` is `file:line`, the file alone where the line is not found."""

    text: str
    intent: str
    place: str


def load(folder: Path) -> list[Example]:
    """All examples under `folder`, as Rasa reads them."""
    from rasa.shared.nlu.training_data.loading import load_data

    found = []
    for file in sorted(folder.rglob("*.yml")):
        lines = _lines(file)
        for message in load_data(str(file)).intent_examples:
            text, intent = message.get("text"), message.get("intent")
            if text:
                place = f"{file}:{lines[text]}" if text in lines else str(file)
                found.append(Example(text, intent, place))
    return found


def _lines(file: Path) -> dict[str, int]:
    """The first line of each example, by its text."""
    numbered: dict[str, int] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        numbered.setdefault(line.strip().removeprefix("- ").strip(), number)
    return numbered


def near_pairs(texts: Sequence[str], vectors: Floats, near: float = NEAR) -> list[tuple[int, int, float]]:
    """Rows (a, b) with a < b whose similarity is at least `near`, with it, the nearest first.

    Texts without a letter or digit are left out: to the encoder all emoji are the same.
    """
    rows = np.flatnonzero([bool(WORD.search(text)) for text in texts])
    pairs: list[tuple[int, int, float]] = []
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        similar = vectors[block] @ vectors[rows].T
        for i, j in zip(*np.nonzero(similar >= near), strict=True):
            if block[i] < rows[j]:
                pairs.append((int(block[i]), int(rows[j]), float(similar[i, j])))
    return sorted(pairs, key=lambda pair: -pair[2])


def groups(count: int, pairs: Sequence[tuple[int, int, float]]) -> Rows:
    """A group number per row: rows joined by pairs, directly or through others, share theirs."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    a, b = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    graph = csr_matrix((np.ones(len(pairs)), (a, b)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])
