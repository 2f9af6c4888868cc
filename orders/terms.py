"""The numbers of the shop's promises. They stand in one file, beside the articles that state them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import yaml

FACTS = Path(__file__).resolve().parent.parent / "kb" / "articles" / "facts.yml"


@dataclass(frozen=True, slots=True)
class Terms:
    """`return_window` runs from the day of delivery, that day not counted.

    `days_to_send_back`: to hand the parcel over, from the day the return was opened.
    """

    return_window: timedelta
    days_to_send_back: int
    warranty_years: int


def shop(file: Path = FACTS) -> Terms:
    """The terms as `facts.yml` has them now; read again only after a change.

    Raises OSError when the file is gone and KeyError or ValueError when a number is missing or none.
    """
    stat = file.stat()
    return _read(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read(file: Path, changed: int, size: int) -> Terms:
    facts = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Terms(
        return_window=timedelta(days=int(facts["return_window_days"])),
        days_to_send_back=int(facts["days_to_send_back"]),
        warranty_years=int(facts["warranty_years"]),
    )
