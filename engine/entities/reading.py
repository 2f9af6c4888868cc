"""All entities of a message, each character in at most one: one spaCy pipeline, a reader per kind.

Where two kinds claim the same characters, the reader that comes first keeps them.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import spacy
from spacy.language import Language

from engine.entities import addresses, dates, emails, found, money, order_numbers, phrases
from engine.entities.found import Found
from engine.entities.tokens import ShopTokenizer

READERS = (emails, addresses, money, dates, order_numbers)
"""The surest first. Products and reasons, the EntityRuler's, take what these leave."""


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """The readers in their order and the EntityRuler; built once per process."""
    language = spacy.blank("en")
    language.tokenizer = ShopTokenizer(language.vocab)
    for reader in READERS:
        language.add_pipe(reader.NAME)
    phrases.add_to(language)
    return language


def find(text: str, today: date) -> list[Found]:
    """Entities in order of appearance; relative dates count from `today`."""
    doc = pipeline().make_doc(text)
    doc.user_data[dates.TODAY] = today
    return found.of(pipeline()(doc))
