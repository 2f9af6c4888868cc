"""Where a sentence ends."""

from __future__ import annotations

import re

_ABBREVIATIONS = ("e.g.", "i.e.", "No.", "no.", "approx.", "incl.", "Mr.", "Mrs.", "Dr.", "P.O.", "vs.")
_END = re.compile(
    "".join(rf"(?<!\b{re.escape(short)})" for short in _ABBREVIATIONS)
    + r"""(?:(?<=[.!?])|(?<=[.!?]["”')]))\s+(?=["“(]?[A-Z0-9•])"""
)


_NUMBER = re.compile(r"\s*\d{1,2}\.\s+")
"""What opens an item of a numbered list."""


def split(text: str) -> list[str]:
    """The sentences of a plain text; a line (a list item, a table row) is at least one."""
    return [sentence for line in lines(text) for sentence in line]


def lines(text: str) -> list[list[str]]:
    """The sentences of each line that has any."""
    found = ([part.strip() for part in _parts(line) if part.strip()] for line in text.splitlines())
    return [line for line in found if line]


def _parts(line: str) -> list[str]:
    number = match[0] if (match := _NUMBER.match(line)) else ""
    first, *others = _END.split(line[len(number) :])
    return [number + first, *others]
