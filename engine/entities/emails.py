"""E-mail addresses, typed, mistyped and spoken."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from engine.entities.found import Found, mark

NAME = "emails"

_AT = r"\s?(?:@{1,2}|\(at\)|\[at\])\s?"
_DOT = r"\s?(?:\.|\(dot\)|\[dot\])\s?"
TYPED = re.compile(rf"(?<![\w.+-])[A-Za-z0-9][\w.+%-]*{_AT}(?:[A-Za-z0-9-]+{_DOT})+[A-Za-z]{{2,24}}(?![\w@])")
COMMA = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+%-]*@[A-Za-z0-9-]+,(?:com|net|org|co|in|es|pt|br|mx|uk)\b(?![\w@])"
)
_NAME = r"[A-Za-z0-9](?:[\w+-]|\.(?=\w)|\s(?:dot|punto|ponto)\s(?=\w))*"
SPOKEN = re.compile(
    rf"(?<![\w.+-]){_NAME}\s(?:at|arroba)\s(?!(?:the|a|my|your|this|our)\b)"
    r"(?:[A-Za-z0-9-]+(?:\.|\s(?:dot|punto|ponto)\s))*[A-Za-z0-9-]+\s(?:dot|punto|ponto)\s"
    r"(?:com|net|org|co|in|edu|io|es|pt|br|mx|uk|de|fr|it)\b(?![\w@])",
    re.IGNORECASE,
)
AT = re.compile(r"\s*(?:@+|\(at\)|\[at\])\s*|\s(?:at|arroba)\s", re.IGNORECASE)
DOT = re.compile(r"\s*(?:\(dot\)|\[dot\]|\s(?:dot|punto|ponto)\s|,)\s*", re.IGNORECASE)


@Language.component(NAME)
def read(doc: Doc) -> Doc:
    """Mark what is found."""
    return mark(doc, find(doc.text))


def find(text: str) -> Iterator[Found]:
    """Addresses, in lower case, without the spaces that a phone keyboard puts around "@" and ".".

    "ana at example dot com" and "ana arroba example punto com" are read too, and a comma typed for the dot.
    """
    taken: list[Found] = []
    for pattern in (TYPED, COMMA, SPOKEN):
        for match in pattern.finditer(text):
            found = Found(match.start(), match.end(), "email", _tidy(match[0]))
            if ".." not in found.value and not found.overlaps(taken):
                taken.append(found)
    yield from taken


def _tidy(written: str) -> str:
    return re.sub(r"\s", "", AT.sub("@", DOT.sub(".", written), count=1)).lower()
