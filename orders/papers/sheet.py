"""A sheet of paper to write on, and what all papers share. Pure."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

FONT = "helvetica"
INK, SOFT = (20, 20, 20), (110, 110, 110)


class Sheet(FPDF):
    """Letter or label size in millimetres, with one typeface. `made_on` dates it, so that it repeats."""

    def __init__(self, title: str, made_on: date, size: tuple[float, float] | str = "letter") -> None:
        super().__init__(unit="mm", format=size)
        self.set_title(plain(title))
        self.set_creator("Parley")
        self.set_creation_date(datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC))
        self.set_margin(18)
        self.set_auto_page_break(True, margin=18)
        self.add_page()

    def line_(self, text: str, size: float = 10, *, bold: bool = False, soft: bool = False) -> None:
        """A line of text over the whole width, broken where it is too long."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*(SOFT if soft else INK))
        self.multi_cell(0, size * 0.5, plain(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def gap(self, millimetres: float) -> None:
        """Nothing, so many millimetres high."""
        self.set_y(self.get_y() + millimetres)

    def bytes_(self) -> bytes:
        """The finished PDF."""
        return bytes(self.output())


def plain(text: str) -> str:
    """The text in the characters that every PDF reader has; accents stay, others become their nearest.

    What has no near one (another script) becomes a question mark.
    """
    for fancy, simple in {"–": "-", "—": "-", "’": "'", "“": '"', "”": '"', "…": "...", "€": "EUR "}.items():
        text = text.replace(fancy, simple)
    return "".join(_letter(letter) for letter in text)


def _letter(letter: str) -> str:
    if letter.isascii() or letter.encode("latin-1", "ignore"):
        return letter
    near = unicodedata.normalize("NFKD", letter).encode("latin-1", "ignore").decode("latin-1")
    return near or ("" if unicodedata.combining(letter) else "?")
