"""E-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.entities.found import Found

EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+%-]*\s?(?:@|\(at\)|\[at\])\s?(?:[A-Za-z0-9-]+\s?\.\s?)+[A-Za-z]{2,24}(?![\w@])"
)
TIGHT = re.compile(r"\s|\(at\)|\[at\]")


def find(text: str) -> Iterator[Found]:
    """Addresses, in lower case, without the spaces that a phone keyboard puts around "@" and "."."""
    for match in EMAIL.finditer(text):
        value = TIGHT.sub(lambda gap: "@" if "at" in gap[0] else "", match[0]).lower()
        if ".." not in value and not value.startswith("."):
            yield Found(match.start(), match.end(), "email", value)
