"""Products in the customer's words, reasons of return as codes: spaCy's EntityRuler over word patterns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spacy.language import Language

FOLDER = Path(__file__).parent


def add_to(language: Language) -> None:
    """Put the EntityRuler, with the patterns of `products.txt` and `reasons.txt`, at the pipeline's end."""
    ruler: Any = language.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns([*_products(), *_reasons()])


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
            tokens.append({"LOWER": {"IN": [*word.split("|"), *word.replace("'", "’").split("|")]}})
    return tokens


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
