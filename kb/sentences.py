"""Where a sentence ends."""

from __future__ import annotations

import re

_ABBREVIATIONS = ("e.g.", "i.e.", "No.", "no.", "approx.", "incl.", "Mr.", "Mrs.", "Dr.", "P.O.", "vs.")
_END = re.compile(
    "".join(rf"(?<!\b{re.escape(short)})" for short in _ABBREVIATIONS)
    + r"""(?:(?<=[.!?])|(?<=[.!?]["”')]))\s+(?=["“(]?[A-Z0-9•])"""
)


def split(text: str) -> list[str]:
    """The sentences of a plain text; a line (a list item, a table row) is at least one."""
    return [part.strip() for line in text.splitlines() for part in _END.split(line) if part.strip()]
