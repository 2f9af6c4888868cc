"""Cutting text to WhatsApp's lengths where a reader would: at paragraphs, sentences and words.

Meta counts "characters" without saying which. UTF-16 units are never fewer than code points, so a text
that fits by them fits by any count. No cut falls inside a grapheme (a flag, a family, an accented letter)
unless one grapheme alone is longer than the limit, nor between WhatsApp's marks unless they are far apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import takewhile

import regex

TEXT_LIMIT = 4096
ELLIPSIS = "…"

_GRAPHEME = regex.compile(r"\X")
_NOT_JOINED = r"(?![\p{M}\u200c\u200d])"
_BREAKS = (
    regex.compile(r"\n[ \t]*\n"),
    regex.compile(r"\n" + _NOT_JOINED),
    regex.compile(r"(?<=[.!?…])\s" + _NOT_JOINED + r"|(?<=[。！？])" + _NOT_JOINED),
    regex.compile(r"\s" + _NOT_JOINED),
)
_FENCE = "```"
_OPENS = regex.compile(r"(?=```)|(?<!\w)(?=[*_~`]\S)")
_OPENS_ONE = regex.compile(r"(?<!\w)[*_~`](?=\S)")
_CLOSES = regex.compile(r"(?<=\S)[*_~`](?!\w)")
_MOST, _MOST_FENCED = 1000, 3000
"""Characters between marks. With more between them they may be cut apart: nothing else would fit."""


def size(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def truncate(text: str, limit: int) -> str:
    """The text without outer space, or its beginning with "…", in at most `limit` units (at least 3)."""
    text = text.strip()
    if size(text) <= limit:
        return text
    start = _head(text, limit - 1)
    if not text[len(start)].isspace():
        words = _last_break(text, start, _BREAKS[-1])
        start = start[:words] if words > len(start) // 2 else start
    return start.rstrip().rstrip(",;:-–") + ELLIPSIS


def split_text(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """The text in parts of at most `limit` units (at least 2), each without outer space; none if it is blank.

    Of the breaks in a part's second half a paragraph is preferred to a line, a line to a sentence, a
    sentence to a word. Nothing but space is lost.
    """
    parts, rest = [], text.strip()
    while size(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _cut(text: str, limit: int) -> int:
    window = _head(text, limit)
    for whole in (_marked(text, len(window)), []):
        for pattern in _BREAKS:
            least = 1 if pattern is _BREAKS[-1] else max(1, len(window) // 2)
            cut = _last_break(text, window, pattern, whole)
            if cut >= least:
                return cut
    return len(window)


def _marked(text: str, until: int) -> list[tuple[int, int]]:
    """Where words between marks begin and end, of those that begin before `until`."""
    text = text[: until + TEXT_LIMIT]
    closes = {
        mark: [found.start() for found in _CLOSES.finditer(text) if found[0] == mark] for mark in "*_~`"
    }
    spans: list[tuple[int, int]] = []
    places = (found.start() for found in _OPENS.finditer(text))
    for start in takewhile(lambda place: place < until, places):
        if not spans or start >= spans[-1][1]:
            end = _fence_end(text, start) or _mark_end(text, start, closes[text[start]])
            spans += [(start, end)] if end else []
    return spans


def _fence_end(text: str, start: int) -> int:
    """Where the fence that begins there ends; 0 if none does."""
    if not text.startswith(_FENCE, start):
        return 0
    inner = start + len(_FENCE)
    end = text.find(_FENCE, inner + 1, inner + _MOST_FENCED + len(_FENCE))
    return end + len(_FENCE) if end >= 0 else 0


def _mark_end(text: str, start: int, closes: Sequence[int]) -> int:
    """Where the words after the mark there end, by the places at which it may close; 0 if nowhere."""
    place = bisect_left(closes, start + 2)
    if not _OPENS_ONE.match(text, start) or place == len(closes):
        return 0
    end = closes[place]
    return end + 1 if end <= start + 1 + _MOST and "\n" not in text[start:end] else 0


def _last_break(
    text: str, window: str, pattern: regex.Pattern[str], whole: Sequence[tuple[int, int]] = ()
) -> int:
    """Where the pattern begins for the last time, at the window's end at the latest; 0 if nowhere.

    Not within the spans that are to stay whole.
    """
    ends = [found.start() for found in pattern.finditer(text, 0, len(window) + 2)]
    outside = (end for end in ends if not any(start < end < stop for start, stop in whole))
    return max((end for end in outside if end <= len(window)), default=0)


def _head(text: str, limit: int) -> str:
    """The longest beginning of whole graphemes in at most `limit` units."""
    end = used = 0
    for grapheme in _GRAPHEME.finditer(text):
        used += size(grapheme[0])
        if used > limit:
            break
        end = grapheme.end()
    return text[:end] or text[: limit // 2]
