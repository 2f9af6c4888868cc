"""A piece of a message that means something by itself, and how the pipeline's readers pass it on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spacy.tokens import Doc, Span


@dataclass(frozen=True, order=True)
class Found:
    """`kind` as in domain.yml; `start` and `end` are character positions in the message."""

    start: int
    end: int
    kind: str
    value: str

    def overlaps(self, others: Iterable[Found]) -> bool:
        """Whether it shares a character with any of `others`."""
        return any(self.start < other.end and other.start < self.end for other in others)


def mark(doc: Doc, candidates: Iterable[Found]) -> Doc:
    """The document with the candidates as entities, but for those whose tokens are taken already.

    An entity's label is the kind, its id the value.
    """
    taken = list(doc.ents)
    for found in candidates:
        span = doc.char_span(found.start, found.end, found.kind, alignment_mode="expand")
        if all(span.end <= other.start or other.end <= span.start for other in taken):
            taken.append(Span(doc, span.start, span.end, found.kind, span_id=found.value))
    doc.ents = taken
    return doc


def of(doc: Doc) -> list[Found]:
    """The entities of a read document, in order of appearance."""
    return [Found(one.start_char, one.end_char, one.label_, one.id_ or one.text.lower()) for one in doc.ents]
