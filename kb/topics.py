"""What customers ask any shop: a question is read together with how policies put its topic.

Customers and policies use different words ("how can i reach you", "Talk to us: Mon-Fri 8-17"), and the
encoder knows little of shops. So a question also stands for the policy words of the topics of topics.yml
that it is near to: expansion by an outside collection (Diaz, Metzler, "Improving the Estimation of
Relevance Models Using Large External Corpora", SIGIR 2006), with vectors in place of words. Nothing in it
is of one shop.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from kb.encoder import Encoder, Vectors
from kb.vectors import Shelf

FILE = Path(__file__).with_name("topics.yml")
NEAREST = 3
"""Topics a question is read with: few questions are about one alone, and the nearest is not always right."""

SHARPNESS = 10
"""How much more the nearest weighs: e to this power for a cosine that is 1 higher."""


class Topics:
    """The topics, encoded; each is seen by what policies say and by what customers ask."""

    def __init__(self, encoder: Encoder, kept_in: Path | None = None) -> None:
        topics = read()
        sides = [[topic["said"], *topic["asked"]] for topic in topics]
        self._starts = np.cumsum([0, *(len(side) for side in sides[:-1])])
        texts = [text for side in sides for text in side]
        self._views = Shelf(kept_in, encoder).get(texts) if kept_in else encoder.encode(texts)

    def said(self, query: Vectors) -> Vectors:
        """How policies would put a question: the unit vector of its nearest topics' words, shape (384,)."""
        likeness = np.maximum.reduceat(self._views @ query, self._starts)
        nearest = np.argsort(-likeness, kind="stable")[:NEAREST]
        weights = np.exp(SHARPNESS * (likeness[nearest] - likeness[nearest[0]]))
        mixed: Vectors = weights @ self._views[self._starts[nearest]]
        return mixed / np.linalg.norm(mixed)


@cache
def read() -> list[dict[str, Any]]:
    """The topics of the file, each with `said` and `asked`."""
    topics: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return topics


@lru_cache(maxsize=2)
def of(encoder: Encoder) -> Topics:
    """The topics as an encoder sees them; their vectors are kept beside it, if it has a folder."""
    return Topics(encoder, encoder.folder / "topics.npz" if encoder.folder else None)
