"""The thresholds of `data/escalation.yml` that an action keeps."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

FILE = Path("data/escalation.yml")


@functools.cache
def unresolved() -> tuple[int, str]:
    """The unresolved turn in a row that asks for a person, and with which priority."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    rule = content["triggers"]["unresolved"]
    return int(rule["turns"]), str(rule["priority"])
