"""Words as the lexical ranker reads them: folded, corrected, stemmed, and one word for one meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from math import log1p
from pathlib import Path
from typing import Any

import snowballstemmer  # type: ignore[import-untyped]
import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_STOP = frozenset(
    "a about again all also am an and any are as at be been being but by can could did do does doing don't"
    " for from get got had has have having he her here hey hi hello him his how i i'd i'll i'm i've if in"
    " into is it it's its just let like may me might my of on once or our ours please really s she should"
    " so some still t than thank thanks that that's the their them then there these they this those to too"
    " up us very was we were what what's when where which while who whom whose why will with would yes you"
    " your yours".split()
)
_SHORT = {
    "u": "you", "r": "are", "ur": "your", "pls": "please", "plz": "please", "thx": "thanks", "hw": "how",
    "wat": "what", "wen": "when", "wich": "which", "teh": "the", "bak": "back", "til": "till", "lng": "long",
    "smth": "something", "dont": "don't", "cant": "can't", "dosnt": "doesn't", "doesnt": "doesn't",
    "dint": "didn't", "didnt": "didn't", "wana": "want to", "wanna": "want to", "gonna": "going to",
    "im": "i'm", "nr": "number", "hasnt": "hasn't", "isnt": "isn't", "wont": "won't",
}  # fmt: skip
"""What people type on a phone and a distance between letters does not explain."""

RARE = 20_000
"""The place in a list of words by frequency that a word has which is in none."""


def words(text: str) -> list[str]:
    """The words of a text, lower case and without accents."""
    return _WORD.findall(fold(text))


def fold(text: str) -> str:
    """Lower case, without accents, with straight apostrophes."""
    flat = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    return "".join(letter for letter in flat if not unicodedata.combining(letter))


def terms(text: str) -> list[str]:
    """The terms of a text for the lexical ranker: stems without stop words, synonyms as one term."""
    return _meanings().read([stem(word) for word in words(text) if word not in _STOP])


def _stems(phrase: str) -> list[str]:
    parts = [word if word == "…" else fold(word) for word in phrase.split()]
    return [word if word == "…" else stem(word) for word in parts if word not in _STOP]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The English Snowball stem of one folded word."""
    return str(_stemmer().stemWord(word.removesuffix("'s")))


class Speller:
    """Replaces words that nothing knows by the nearest one that is known.

    `articles` are the words of the articles, `english` other known words, the most frequent first; those of
    shop_words.txt are known too. A correction is one slip of the fingers away, or two in a word of five
    letters or more (optimal string alignment: a swapped pair is one slip); a word of the articles is
    preferred. Short words are often names ("wifi", "iban"): one of three or four letters becomes a word of
    the articles, or one with the same consonants ("wrk").
    """

    def __init__(self, articles: Iterable[str], english: Iterable[str]) -> None:
        self._own = {word for word in articles if len(word) > 2 and word.isalpha()}
        self._english = {word: place for place, word in enumerate(english) if word.isascii()}
        self._english |= {word: RARE for word in _shop_words() if word not in self._english}
        self._all = [*self._own, *(word for word in self._english if word not in self._own and len(word) > 2)]
        self._stems = {stem(word) for word in (*self._all, *_meanings().singles)}
        self._correct = lru_cache(maxsize=10_000)(self._nearest)

    def correct(self, text: str) -> str:
        """The text, folded, with its misspelt words replaced."""
        return _WORD.sub(lambda match: _SHORT.get(match[0]) or self._correct(match[0]), fold(text))

    def _nearest(self, word: str) -> str:
        if len(word) < 3 or not word.isalpha() or self._knows(word):
            return word
        slips = 1 if len(word) < 5 else 2
        near = process.extract(word, self._all, scorer=OSA.distance, score_cutoff=slips, limit=50)
        likely = [
            (self._cost(word, other, int(far)), other)
            for other, far, _ in near
            if len(word) > 4 or other in self._own or _consonants(other) == _consonants(word)
        ]
        return min(likely)[1] if likely and min(likely)[0] < 2.5 else word

    def _knows(self, word: str) -> bool:
        return any(
            form in self._own or form in self._english or (stem(form) != form and stem(form) in self._stems)
            for form in _forms(word)
        )

    def _cost(self, word: str, other: str, slips: int) -> float:
        """Slips; more for another first letter, for a rare word and for none of the articles' words.

        Less when only vowels or doubled letters differ, as in "speek" for "speak".
        """
        foreign = 0.0 if other in self._own else 0.6 * slips
        first = 0.0 if other[0] == word[0] else 0.5 * slips
        sound = 0.4 if _consonants(other) == _consonants(word) else 0.0
        return slips + foreign + first - sound + log1p(self._english.get(other, RARE)) / 20


def _forms(word: str) -> list[str]:
    """The word, and what it may be made from: "charger" from "charge", "blender" from "blend"."""
    single = word.removesuffix("s")
    roots = [single[:-1], single[:-2]] if single.endswith("er") else []
    return [word, *(root for root in roots if len(root) > 3)]


def _consonants(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouy]", "", word))


class Meanings:
    """The groups of synonyms.yml, applied to stems; "…" in a phrase stands for up to three words."""

    def __init__(self, groups: Iterable[Iterable[str]]) -> None:
        self.singles: dict[str, str] = {}
        phrases: dict[str, str] = {}
        for group in groups:
            first, *others = filter(None, map(_stems, group))
            for phrase in (first, *others):
                target = self.singles if len(phrase) == 1 else phrases
                target[" ".join(phrase)] = "_".join(first)
        self._phrases = phrases
        longest = sorted(phrases, key=len, reverse=True)
        self._pattern = re.compile("|".join(rf"\b{_with_gap(phrase)}\b" for phrase in longest) or r"(?!)")

    def read(self, stems: list[str]) -> list[str]:
        """The stems with every phrase and word of a group replaced by the group's first."""
        text = self._pattern.sub(self._replace, " ".join(stems))
        return [self.singles.get(term, term) for term in text.split()]

    def _replace(self, match: re.Match[str]) -> str:
        found = match[0].split()
        for size in range(len(found), 1, -1):
            if meaning := self._phrases.get(" ".join(found[:size])):
                return " ".join((meaning, *found[size:]))
        return " ".join((self._phrases[f"{found[0]} … {found[-1]}"], *found[1:-1]))


def _with_gap(phrase: str) -> str:
    return re.escape(phrase).replace(r"\ …\ ", r"\ (?:\S+\ ){0,3}?").replace("\\ ", " ")


@cache
def _meanings() -> Meanings:
    return Meanings(yaml.safe_load(Path(__file__).with_name("synonyms.yml").read_text(encoding="utf-8")))


@cache
def _shop_words() -> frozenset[str]:
    text = Path(__file__).with_name("shop_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@cache
def _stemmer() -> Any:
    return snowballstemmer.stemmer("english")
