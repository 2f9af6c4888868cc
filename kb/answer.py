"""Answers a question in the articles' own sentences, or not at all."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kb import articles, evidence, library, search, sentences, words
from kb.encoder import Encoder
from kb.library import Library
from kb.search import Passage

LONGEST = 400
"""Characters of an answer: what a phone shows without scrolling."""

_ROW = re.compile(r"^[^:;]+: [^;]+; [^:;]+: ")
"""A row of a table, as kb.markdown writes it."""


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
    """The sentences most like the question that fit, in the passage's order and on its lines.

    Of a table only the rows that the question names, if it names any.
    """
    lines = sentences.lines(passage.text)
    parts = [(row, part) for row, line in enumerate(lines) for part in line]
    vectors = encoder.encode([question, *(f"{passage.section}. {part}" for _, part in parts)])
    passed_over = _other_rows(question, [part for _, part in parts])
    chosen: list[int] = []
    for place in np.argsort(-(vectors[1:] @ vectors[0]), kind="stable").tolist():
        if place not in passed_over and len(_joined(parts, [*chosen, place])) <= room:
            chosen.append(place)
    return _joined(parts, chosen) if chosen else _shortened(parts[0][1], room)


def _other_rows(question: str, parts: list[str]) -> set[int]:
    """The table rows that the question does not name, when it names others by what only they have."""
    rows = {place: set(words.terms(part)) for place, part in enumerate(parts) if _ROW.search(part)}
    if len(rows) < 2:
        return set()
    common = set.intersection(*rows.values())
    named = {place for place, terms in rows.items() if terms & set(words.terms(question)) - common}
    return rows.keys() - named if named else set()


def _joined(parts: list[tuple[int, str]], places: list[int]) -> str:
    lines = itertools.groupby((parts[place] for place in sorted(places)), key=lambda part: part[0])
    return "\n".join(" ".join(text for _, text in line) for _, line in lines)


def _shortened(sentence: str, room: int) -> str:
    return sentence[: room - 2].rsplit(" ", 1)[0].rstrip(",;: ") + " …"
