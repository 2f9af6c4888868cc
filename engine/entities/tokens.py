"""Words as the entity readers need them: digits apart from letters, every sign by itself.

spaCy's English tokenizer keeps "order#10234" and "Rs.500" together, so that no entity could begin inside.
"""

from __future__ import annotations

import re

from spacy.tokens import Doc
from spacy.util import get_words_and_spaces
from spacy.vocab import Vocab

TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)*|\S")


class ShopTokenizer:
    """Makes a document of a message; "doesn't" is one word."""

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab

    def __call__(self, text: str) -> Doc:
        words, spaces = get_words_and_spaces(TOKEN.findall(text), text)
        return Doc(self._vocab, words=words, spaces=spaces)
