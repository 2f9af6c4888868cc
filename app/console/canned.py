"""Ready replies with variables, from one file that operators edit (`READY_REPLIES`)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "replies.yml"
VARIABLE = re.compile(r"\{(\w+)\}")
GAP = re.compile(r"⟨\w+⟩")
"""What stands for a variable that nobody filled; a text with one in it is never sent."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Canned:
    """A ready reply: its title in the list, and its text with variables in braces."""

    title: str
    text: str


class Replies:
    """The file's replies as they are now; a file that cannot be read leaves the last good ones."""

    def __init__(self, file: Path = FILE):
        self._file = file
        self._changed = 0.0
        self._replies: list[Canned] = []

    def all(self) -> list[Canned]:
        """Every reply, in the file's order."""
        try:
            changed = self._file.stat().st_mtime
            if changed != self._changed:
                self._replies = read(self._file.read_text(encoding="utf-8"))
                self._changed = changed
        except (OSError, ValueError, yaml.YAMLError) as error:
            logger.warning("%s cannot be read, the last good replies stay: %s", self._file, error)
        return self._replies


def read(text: str) -> list[Canned]:
    """The replies of such a file. Raises ValueError or yaml.YAMLError when it is none."""
    loaded = yaml.safe_load(text) or []
    if not isinstance(loaded, list):
        raise ValueError("not a list of replies")
    return [_one(entry) for entry in loaded]


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """The text with its variables filled in; one without a value becomes a visible gap: ⟨order⟩."""
    return VARIABLE.sub(lambda found: values.get(found[1]) or f"⟨{found[1]}⟩", text)


def _one(entry: object) -> Canned:
    if not isinstance(entry, dict) or not {"title", "text"} <= entry.keys():
        raise ValueError("a reply has a title and a text")
    return Canned(str(entry["title"]).strip(), str(entry["text"]).strip())
