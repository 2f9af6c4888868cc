"""The pictures that the demo shop has of its goods."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "pictures"
PLACE = "/pictures/"
"""Begins the address of each of them, behind the web process's own."""
NAME = re.compile(r"[a-z_]+\.png")
MIME_TYPE = "image/png"


def read(name: str) -> bytes | None:
    """The picture of this name; None when there is none."""
    file = FOLDER / name
    return file.read_bytes() if NAME.fullmatch(name) and file.is_file() else None
