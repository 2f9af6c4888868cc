"""Which of the choices on the screen a customer means who types instead of tapping. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
FILLER = set("the one a an my please order option number it is that s i mean".split())
YES = re.compile(
    r"^\W*(y|yes|yeah|yep|yup|sure|ok|okay|correct|right|confirm|please do|go ahead|do it)\b", re.I
)
ASIDE = set("no not sorry thanks thank you for this here yes its was meant".split())
HESITANT = re.compile(r"\b(wait|hold on|hm+|not sure|unsure|maybe|perhaps|let me (think|check))\b", re.I)
ALL = re.compile(r"^\W*(both|all|every ?one|each|everything|show (me )?(both|all))\b", re.I)
COMMON = set("set pair pack case box card phone size colour color order item".split())
"""Words of titles that say too little by themselves: who writes "my phone" hardly means the phone case."""
FEW_WORDS = 5
PLAIN_NO = set("no nope nah n hm hmm oh ok sorry please thanks thank you not now".split())
NO = re.compile(r"^\W*(n|no|nope|nah|don'?t|do not|stop|keep|wrong)\b", re.I)
NO_WORRIES = re.compile(r"^\W*no\W+(worries|problem|prob|rush|hurry)\b", re.I)


def choice(text: str, buttons: Sequence[Mapping[str, str]]) -> Mapping[str, str] | None:
    """The one button that the text means: by place, by title, or by words of its description.

    None when it means none of them, or might mean several.
    """
    place = _place(text, len(buttons))
    if place is not None:
        return buttons[place]
    words = _words(text)
    if not words:
        return None
    exact = [each for each in buttons if _words(each["title"]) == words]
    partly = [each for each in buttons if words <= _words(f"{each['title']} {each.get('description', '')}")]
    found = exact or partly
    return found[0] if len(found) == 1 else None


def title(product: str | None, titles: Sequence[str]) -> str | None:
    """The one title that a customer's word for a product means ("shirts": "Linen shirt"), if it is one."""
    words = _stems(product or "")
    found = [each for each in titles if words and words <= _stems(each)]
    return found[0] if len(found) == 1 else None


def mentioned(text: str, titles: Sequence[str]) -> list[str]:
    """The titles that share most words with a message ("return the lamp": "Desk lamp"), if any do."""
    said = _stems(text)
    shared = {each: _stems(each) & said - FILLER for each in titles}
    telling = {each: len(words) for each, words in shared.items() if words - COMMON or len(words) > 1}
    most = max(telling.values(), default=0)
    return [each for each, count in telling.items() if count == most]


def everything(text: str) -> bool:
    """Does it pick all there is: "both", "all of them"?"""
    return bool(ALL.match(text)) and len(text.split()) <= FEW_WORDS


def only(text: str, number: str) -> bool:
    """Does the text say this number and nothing else of weight: "my order number is 10234"?"""
    return _words(text) - ASIDE <= {number}


def is_no(text: str) -> bool:
    """Is it a no and nothing else?"""
    words = set(re.findall(r"\w+", text.lower()))
    return bool(words & {"no", "nope", "nah", "n"}) and words <= PLAIN_NO


def payload(button: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The intent and the entities that tapping this button sends: `/inform{"order_number": "10234"}`."""
    name, brace, rest = button["payload"].removeprefix("/").partition("{")
    return name, json.loads(brace + rest) if brace else {}


def value(button: Mapping[str, str], entity: str) -> str | None:
    """What tapping this button says of an entity."""
    found = payload(button)[1].get(entity)
    return str(found) if found else None


def yes_or_no(text: str, intent: str | None) -> bool | None:
    """Whether the customer agreed. What the words say counts before what the classifier made of them.

    Who hesitates ("hmm wait") has not agreed.
    """
    if NO_WORRIES.match(text):
        return None
    if NO.match(text):
        return False
    if HESITANT.search(text):
        return None
    if YES.match(text) or "👍" in text:
        return True
    return {"affirm": True, "deny": False}.get(intent or "")


def _place(text: str, count: int) -> int | None:
    """The place in a list that "the second one", "2", "#2" or "last" names, from 0."""
    said = text.lower().strip(" .!#")
    words = set(re.findall(r"\w+", said))
    if said.isdigit() and 1 <= int(said) <= count:
        return int(said) - 1
    if len(words) > 5:
        return None
    if "last" in words and count:
        return count - 1
    named = [place for place, word in enumerate(ORDINALS[:count]) if word in words]
    named += [place for place in range(count) if _suffixed(place + 1) in words]
    return named[0] if len(named) == 1 else None


def _stems(text: str) -> set[str]:
    """Its words, in the singular."""
    words = re.findall(r"\w+", text.lower())
    return {re.sub(r"(?<=ss|ch|sh)es$|(?<=x)es$|(?<!s)s$", "", word) for word in words}


def _suffixed(number: int) -> str:
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"


def _words(text: str) -> set[str]:
    return set(re.findall(r"[\w$.]+", text.lower())) - FILLER
