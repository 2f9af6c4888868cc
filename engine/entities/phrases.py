"""Products and reasons of return, by spaCy's EntityRuler over word patterns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

from engine.entities.found import Found

FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """A blank English pipeline with one EntityRuler; built once per process."""
    language = spacy.blank("en")
    ruler: Any = language.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns([*_products(), *_reasons()])
    return language


def find(text: str) -> Iterator[Found]:
    """Products in the customer's words, lower case; reasons as the codes of `reasons.txt`."""
    for span in pipeline()(text).ents:
        value = span.ent_id_ or span.text.lower()
        yield Found(span.start_char, span.end_char, span.label_, value)


def _products() -> Iterator[dict[str, Any]]:
    for name in _lines(FOLDER / "products.txt"):
        for form in {name, _plural(name)}:
            yield {"label": "product", "pattern": form}


def _plural(name: str) -> str:
    if name.endswith("s"):
        return name
    return name + ("es" if name.endswith(("x", "ch", "sh")) else "s")


def _reasons() -> Iterator[dict[str, Any]]:
    """Lines "code: words"; "..." stands for up to two words between."""
    for line in _lines(FOLDER / "reasons.txt"):
        code, words = line.split(":", 1)
        yield {"label": "reason", "id": code.strip(), "pattern": _tokens(words)}


def _tokens(words: str) -> list[dict[str, Any]]:
    tokens: list[dict[str, Any]] = []
    for word in words.split():
        if word == "...":
            tokens += [{"IS_PUNCT": False, "OP": "?"}, {"IS_PUNCT": False, "OP": "?"}]
        else:
            tokens.append({"LOWER": {"IN": word.split("|")}})
    return tokens


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
