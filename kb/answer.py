"""Answers a question in the articles' own sentences, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kb import articles, evidence, library, search, sentences
from kb.encoder import Encoder
from kb.library import Library
from kb.search import Passage

LONGEST = 400
"""Characters of an answer: what a phone shows without scrolling."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say, and the passages it was taken from, best first."""

    text: str
    passages: tuple[Passage, ...]
    written_by: str | None = None
    """The language model that wrote the text; None when it is the passages' own."""

    @property
    def sources(self) -> tuple[Mapping[str, Any], ...]:
        """Each passage's article, section, version, score and digest, and who wrote, for the turn's log."""
        author = {"written_by": self.written_by} if self.written_by else {}
        return tuple(
            {
                "article": p.article,
                "section": p.section,
                "version": p.version,
                "score": p.score,
                "digest": articles.digest(p.text),
                **author,
            }
            for p in self.passages
        )


def answer(text: str, shop: Library | None = None, threshold: float = evidence.THRESHOLD) -> Answer | None:
    """The answer of the articles (the shop's own unless given) to a question.

    None when their best passage is weaker evidence than `threshold`. The answer is at most 400 characters,
    consists of sentences of that passage in their order, and ends with the article's title.
    """
    shelf = shop or library.shop()
    found = passages(text, shelf, threshold, k=1)
    return Answer(_compose(text, found[0], shelf.encoder), found) if found else None


def passages(text: str, shelf: Library, threshold: float, k: int) -> tuple[Passage, ...]:
    """The k best passages for a question, best first, without those of weaker evidence than `threshold`."""
    found = search.rank(shelf.index, shelf.encoder, text, k)
    return tuple(passage for passage in found if passage.score >= threshold)


def source(used: Iterable[Passage]) -> str:
    """The end of an answer: which articles it is from."""
    return f"\n\nSource: {', '.join(dict.fromkeys(passage.title for passage in used))}"


def _compose(question: str, passage: Passage, encoder: Encoder) -> str:
    ending = source([passage])
    room = LONGEST - len(ending)
    if len(passage.text) <= room:
        return passage.text + ending
    return _fitting(question, passage, encoder, room) + ending


def _fitting(question: str, passage: Passage, encoder: Encoder, room: int) -> str:
    """The sentences most like the question that fit, in the passage's order."""
    parts = sentences.split(passage.text)
    vectors = encoder.encode([question, *(f"{passage.section}. {part}" for part in parts)])
    chosen: list[int] = []
    for place in np.argsort(-(vectors[1:] @ vectors[0]), kind="stable").tolist():
        if len(_joined(parts, [*chosen, place])) <= room:
            chosen.append(place)
    return _joined(parts, chosen) if chosen else _shortened(parts[0], room)


def _joined(parts: list[str], places: list[int]) -> str:
    text = ""
    for place in sorted(places):
        separator = "\n" if parts[place].startswith("• ") else " "
        text += (separator if text else "") + parts[place]
    return text


def _shortened(sentence: str, room: int) -> str:
    return sentence[: room - 2].rsplit(" ", 1)[0].rstrip(",;: ") + " …"
