"""Puts measured numbers into README.md, between the marks of their name."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def write(name: str, text: str, readme: Path = README) -> None:
    """Replace what stands between `<!-- measured:name -->` and its end. Raises LookupError without marks."""
    begin, end = f"<!-- measured:{name} -->", f"<!-- /measured:{name} -->"
    page = readme.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
    if not pattern.search(page):
        raise LookupError(f"{readme.name} has no place for {name!r}")
    readme.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", page), encoding="utf-8")
