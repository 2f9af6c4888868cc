"""An agent's formatted comment as text for a chat, in the marks that WhatsApp shows.

Bold is *bold*, italics _italics_, struck ~struck~, code `code` or ```code```; a quote begins with "> ", an
item of a list with "- " or a number (Meta: "How to format your messages"). A link is words and address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

MARKS = {
    **dict.fromkeys(("b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"), "*"),
    **dict.fromkeys(("i", "em"), "_"),
    **dict.fromkeys(("s", "del", "strike"), "~"),
    "code": "`",
}
PARAGRAPHS = frozenset({"p", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
LINES = frozenset({"div", "li", "tr", "section", "article", "header", "footer"})
UNSEEN = frozenset({"script", "style", "head", "title", "template"})
EMPTY = frozenset({"br", "hr", "img", "wbr", "input", "meta", "link", "col", "source"})

_LONG_GAP = re.compile(r"\n{3,}")
_SPACE = re.compile(r"[^\S\u202f]+")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that stands between the words."""

    url: str
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """What the comment says: its words, and its pictures in their order."""

    text: str
    pictures: tuple[Picture, ...]


def read(markup: str) -> Written:
    """The comment's words and pictures, without the signature that Zendesk puts under it.

    Never fails: what is no HTML is taken for text.
    """
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return Written(reader.text(), tuple(reader.pictures))


@dataclass(slots=True)
class _Run:
    """A piece of a line and the marks around it, the outermost first."""

    text: str
    marks: tuple[str, ...] = ()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pictures: list[Picture] = []
        self._lines: list[str] = []
        self._line: list[_Run] = []
        self._open: list[str] = []
        self._unseen_from: int | None = None
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []

    def text(self) -> str:
        """Everything read so far."""
        self._end_line()
        return _LONG_GAP.sub("\n\n", "\n".join(self._lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        if tag not in EMPTY:
            self._open.append(tag)
        if self._unseen_from is not None:
            return
        if tag in UNSEEN or "signature" in about.get("class", "").split():
            self._unseen_from = len(self._open)
            return
        self._break_before(tag)
        if tag in ("ul", "ol"):
            self._lists.append(_number(about.get("start", "1")) if tag == "ol" else None)
        elif tag == "li":
            self._begin_item()
        elif tag == "a":
            self._links.append((about.get("href", "").strip(), len(self._line)))
        elif tag in ("td", "th") and self._has_words():
            self._line.append(_Run(" | "))
        elif tag == "img" and about.get("src"):
            self.pictures.append(Picture(about["src"], about.get("alt", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open:
            closed = self._open[-1]
            self._close(closed)
            self._open.pop()
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._unseen_from is not None:
            return
        if "pre" in self._open:
            first, *rest = data.split("\n")
            self._line.append(_Run(first))
            for line in rest:
                self._end_line()
                self._line.append(_Run(line))
        else:
            marks = tuple(dict.fromkeys(MARKS[tag] for tag in self._open if tag in MARKS))
            self._line.append(_Run(_SPACE.sub(" ", data), marks))

    def _break_before(self, tag: str) -> None:
        if tag == "br":
            self._end_line(even_empty=True)
        elif tag in PARAGRAPHS or tag in LINES or tag == "hr":
            self._end_line()
            if tag in PARAGRAPHS and not self._lists:
                self._lines.append("")
        if tag == "pre":
            self._lines.append("```")

    def _close(self, tag: str) -> None:
        if self._unseen_from is not None:
            if len(self._open) == self._unseen_from:
                self._unseen_from = None
            return
        if tag == "a" and self._links:
            self._end_link(*self._links.pop())
        if tag in PARAGRAPHS or tag in LINES:
            self._end_line()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        if tag == "pre":
            self._lines.append("```")
        if tag in PARAGRAPHS and not self._lists:
            self._lines.append("")

    def _begin_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        indent = "  " * (len(self._lists) - 1)
        self._line.append(_Run(f"{indent}- " if number is None else f"{indent}{number}. "))
        if number is not None:
            self._lists[-1] = number + 1

    def _end_link(self, address: str, start: int) -> None:
        """A link's address after its words, unless the words are the address."""
        words = "".join(run.text for run in self._line[start:]).strip()
        scheme, _, place = address.partition(":")
        if not words or scheme.lower() not in ("http", "https", "mailto", "tel"):
            return
        shown = address if scheme.lower().startswith("http") else place.partition("?")[0]
        if _bare(shown) != _bare(words):
            self._line.append(_Run(f" ({shown})"))

    def _has_words(self) -> bool:
        return any(run.text.strip() for run in self._line)

    def _end_line(self, *, even_empty: bool = False) -> None:
        line = _joined(self._line)
        if "pre" not in self._open:
            indent = line[: len(line) - len(line.lstrip())] if self._lists else ""
            line = indent + _SPACE.sub(" ", line).strip()
        if line.strip() or even_empty:
            quote = "> " if "blockquote" in self._open else ""
            self._lines.append(quote + line)
        self._line = []


def _joined(runs: Sequence[_Run]) -> str:
    """The runs as one line. Marks inside a word would be shown as they are, so there they are left out."""
    merged: list[_Run] = []
    for run in runs:
        if merged and merged[-1].marks == run.marks:
            merged[-1].text += run.text
        else:
            merged.append(_Run(run.text, run.marks))
    texts = ["", *(run.text for run in merged), ""]
    return "".join(
        _marked(run, inside=texts[at - 1][-1:].isalnum() or texts[at + 1][:1].isalnum())
        for at, run in enumerate(merged, 1)
    )


def _marked(run: _Run, *, inside: bool) -> str:
    words = run.text.strip()
    touches = inside and run.text == words
    if not run.marks or not words or touches:
        return run.text
    before, _, after = run.text.partition(words)
    return before + "".join(run.marks) + words + "".join(reversed(run.marks)) + after


def _bare(address: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", address.strip().lower()).rstrip("/")


def _number(start: str) -> int:
    return int(start) if start.isdecimal() and len(start) < 6 else 1
