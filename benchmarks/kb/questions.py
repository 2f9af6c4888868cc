"""The questions that the kb is measured with: ours, and those of other shops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kb import articles, library

OWN = Path(__file__).with_name("questions.yml")
SHOPS = Path(__file__).parents[1] / "shops"
UNSEEN = Path(__file__).parents[1] / "unseen"
"""Shops that nothing was tuned or fitted on; keep it so."""
OF_A_SHOP = "questions.yml"

Gold = tuple[str, str]
"""The article and section that answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """`gold` is None when no article answers; `held_out` was never tuned on."""

    text: str
    kind: str
    gold: Gold | None
    held_out: bool


def own() -> list[Question]:
    """Our questions, in the order of their file; every second of a kind is held out."""
    known = articles.facts(library.ARTICLES)
    kinds = yaml.safe_load(articles.fill(OWN.read_text(encoding="utf-8"), known))
    asked = [one for kind in ("paraphrased", "misspelt") for one in _answerable(kind, kinds[kind])]
    asked += [("unanswerable", text, None) for text in kinds["unanswerable"]]
    return [
        Question(text, kind, gold, held_out=place % 2 == 1) for place, (kind, text, gold) in enumerate(asked)
    ]


def shops(place: Path) -> list[Path]:
    """The folders of other shops, each with its articles and its questions.yml."""
    return sorted(file.parent for file in place.glob(f"*/{OF_A_SHOP}"))


def of_shop(folder: Path) -> list[Question]:
    """What is asked of another shop; nothing of it is held out, as a whole shop is."""
    kinds = yaml.safe_load((folder / OF_A_SHOP).read_text(encoding="utf-8"))
    asked = _answerable("answerable", kinds["answerable"])
    asked += [("unanswerable", text, None) for text in kinds["unanswerable"]]
    return [Question(text, kind, gold, held_out=False) for kind, text, gold in asked]


def _answerable(kind: str, by_article: Mapping[str, Any]) -> list[tuple[str, str, Gold | None]]:
    return [
        (kind, text, (article, section))
        for article, sections in by_article.items()
        for section, texts in sections.items()
        for text in texts
    ]
