"""Finding phrases in a message: whole words, in any spelling a phone produces, in several languages. Pure.

How a phrase is written:

    refund me            these words, next to each other
    refund*              a word with any ending (refunds, refunded, refunding)
    8#                   a number: # is any digit
    want|need my money   any one of these words
    want a? refund       a word that may be missing
    want ... refund      up to four words between, of the same sentence
    = human please?      the whole message

Capitals, accents, apostrophes and drawn-out letters make no difference. Words that are listed for it are also
found with one slip in them (a letter missing, doubled, wrong or swapped), unless the slip makes another word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

TOKEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u0900-\u0903\u093a-\u094f]|['’`´](?=\w))*|[.!?;\n]+")
"""A word, with its accents, vowel signs and apostrophes; or the end of a sentence."""
APOSTROPHES = re.compile(r"['’`´]")
DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
STOP = "."
ENDING = r"\w{0,4}"
GAP = r"(?:(?!\. )\S+ ){0,4}"


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a phrase stands in a reading's line, and the customer's own words for it."""

    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Reading:
    """A message as one line of plain words, each followed by a space; sentences are parted by ".".

    `places`: where each of them begins in the line; `spans`: where it stands in `text`.
    """

    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    @cached_property
    def line(self) -> str:
        return "".join(f"{word} " for word in self.words)

    @cached_property
    def places(self) -> list[int]:
        found, place = [], 0
        for word in self.words:
            found.append(place)
            place += len(word) + 1
        return found

    def quoted(self, start: int, end: int) -> str:
        """The customer's own words for a stretch of the line."""
        first = bisect_right(self.places, start) - 1
        last = bisect_right(self.places, max(start, end - 1)) - 1
        return self.text[self.spans[first][0] : self.spans[last][1]]


def plain(word: str) -> str:
    """A word without capitals, accents, apostrophes and drawn-out letters."""
    letters = unicodedata.normalize("NFKD", APOSTROPHES.sub("", word.casefold()))
    bare = "".join(letter for letter in letters if not unicodedata.category(letter).startswith("M"))
    return DRAWN_OUT.sub(r"\1", bare)


class Phrases:
    """A list of phrases to look for."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._written = tuple(phrases)
        found = "|".join(_pattern(phrase) for phrase in self._written)
        self._pattern = re.compile(rf"(?<!\S)(?:{found})") if found else None

    def find(self, reading: Reading) -> list[Hit]:
        """Where the phrases stand, first to last; they do not overlap."""
        matches = self._pattern.finditer(reading.line) if self._pattern else ()
        return [Hit(*match.span(), reading.quoted(*match.span())) for match in matches]


class Speller:
    """Reads messages, taking a word with one slip in it for one of `words`.

    `never`: words that look like one of them and are none ("policy" is no "police").
    """

    def __init__(self, words: Iterable[str], never: Iterable[str] = ()) -> None:
        meant = {plain(word) for word in words}
        self._right = meant | {plain(word) for word in never}
        self._by_slip: dict[str, set[str]] = {}
        for word in meant:
            for slip in {word, *_without_one(word)}:
                self._by_slip.setdefault(slip, set()).add(word)
        self.meant = lru_cache(maxsize=4096)(self._meant)

    def read(self, text: str) -> Reading:
        """The message's words as they were meant."""
        tokens = list(TOKEN.finditer(text))
        words = tuple(self.meant(token[0]) for token in tokens)
        spans = tuple(token.span() for token in tokens)
        return _trimmed(text, words, spans)

    def _meant(self, token: str) -> str:
        if not token[0].isalnum():
            return STOP
        word = plain(token)
        if word in self._right:
            return word
        near = {each for slip in {word, *_without_one(word)} for each in self._by_slip.get(slip, ())}
        close = sorted(each for each in near if each[0] == word[0] and _one_slip(word, each))
        return close[0] if close else word


def _trimmed(text: str, words: tuple[str, ...], spans: tuple[tuple[int, int], ...]) -> Reading:
    """Without the marks at the ends, so that a whole message can be told."""
    first = next((place for place, word in enumerate(words) if word != STOP), len(words))
    last = next((place for place in range(len(words), first, -1) if words[place - 1] != STOP), first)
    return Reading(text, words[first:last], spans[first:last])


def _pattern(phrase: str) -> str:
    parts = phrase.split()
    whole = parts[:1] == ["="]
    body = "".join(_part(part) for part in parts[whole:])
    return f"^{body}$" if whole else body


def _part(part: str) -> str:
    if part == "...":
        return GAP
    options = "|".join(_option(option) for option in part.rstrip("?").split("|"))
    return f"(?:(?:{options}) )?" if part.endswith("?") else f"(?:{options}) "


def _option(option: str) -> str:
    word = re.escape(plain(option.rstrip("*"))).replace(r"\#", r"\d")
    return f"{word}{ENDING}" if option.endswith("*") else word


def _without_one(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _one_slip(word: str, meant: str) -> bool:
    """Do they differ by one letter missing, added or wrong, or by two neighbours swapped?"""
    if len(word) != len(meant):
        longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
        return shorter in _without_one(longer)
    apart = [place for place in range(len(word)) if word[place] != meant[place]]
    if len(apart) == 2:
        first, second = apart
        return second == first + 1 and word[first] == meant[second] and word[second] == meant[first]
    return len(apart) <= 1
