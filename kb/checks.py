"""What a language model's answer must pass before a customer sees it: pure functions, no model involved.

They hold whatever the model was told, by us, by the customer or by an article: they read nothing but the
answer and the passages. An answer that fails is not repaired: the articles' own sentences are sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence

from kb import facts, sentences, words
from kb.search import Passage

SUPPORT = 0.6
"""The least share of a sentence's terms (kb.words) that the passages must have."""

_UNWANTED = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "So", "Sk"})
"""Unicode's categories of control, format and private characters, and of symbols."""

_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'll|i'd|me|my|mine|myself)\b")
_PEOPLE = re.compile(
    r"\b(?:humans?|persons?|people|someone|somebody|agents?|advisers?|advisors?|colleagues?|representatives?|staff"
    r"|employees?|managers?|specialists?|supervisors?|teams?|real)\b"
)
_DEEDS = re.compile(
    r"\b(?:we've|has|have|had|was|were|is|are|it's|that's|we'll|will)"
    r"(?: (?:been|being|be|just|now|already))+ ?\w*"
    r"|\bwe (?:just |now |already |have |has )?(?:\w+ed|sent|made|gave)\b"
)
_MARKUP = re.compile(r"[<>{}\[\]|`*~#\\^]|(?<!\w)_|_(?!\w)|\n\s*\n")
_MACHINERY = re.compile(
    r"\b(?:system (?:prompt|message)|prompts?|instructed|language model|llm|chat ?gpt|openai|anthropic"
    r"|(?:my|these|those|previous|prior|above|secret|hidden|your) instructions|passages?|json|as an? ai"
    r"|developer mode|jailbr\w+|ignor(?:e|ed|ing)|disregard\w*|overrid\w+)\b|\bsource:"
)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}"
    r"\b(?:instruction|rule|prompt|polic|above|previous|prior|everything)"
    r"|\bsystem prompt\b|\byou are now\b|\bpretend (?:to be|you|that)\b|\bact as\b|\bdeveloper mode\b"
    r"|\b(?:reply|respond|answer|say) (?:only|exactly|with the words)\b"
    r"|\brepeat (?:after me|the words|your)\b|\bas an ai\b|\bjailbr|</?\s*(?:system|assistant|user)\b",
    re.DOTALL,
)


def fault(
    text: str, cited: Sequence[str], passages: Sequence[Passage], longest: int, order: str = ""
) -> str | None:
    """The first thing that is wrong with an answer, as a word for the log; None when nothing is.

    `longest` is in characters; `cited` are the ids of the articles that the answer names as its source.
    `order`: what is known of the customer's order, which the answer may tell of as well.
    """
    if citing := _citing(cited, {passage.article for passage in passages}):
        return citing
    if not text.strip():
        return "empty"
    if len(text) > longest:
        return "too long"
    given = f"{_given([passage for passage in passages if passage.article in cited])}\n{order}"
    return next((name for name, fails in CHECKS.items() if fails(text, given)), None)


def gives_orders(text: str) -> bool:
    """Does a text talk to a language model rather than to the shop? Such a text is not shown to one."""
    return _ORDERS.search(_flat(text)) is not None


def _citing(cited: Collection[str], given: Collection[str]) -> str | None:
    if not cited:
        return "cites nothing"
    return None if set(cited) <= set(given) else "cites what it was not given"


def _given(passages: Sequence[Passage]) -> str:
    return "\n".join(f"{passage.title}.\n{passage.section}.\n{passage.text}" for passage in passages)


def _hidden(text: str, given: str) -> bool:
    """Invisible letters, private ones, and signs (emoji) that the passages do not have."""
    bad = {letter for letter in text if unicodedata.category(letter) in _UNWANTED}
    return not bad - {"\n"} <= set(given)


def _markup(text: str, given: str) -> bool:
    for link in facts.links_of(text):
        text = text.lower().replace(link, "")
    return _MARKUP.search(text) is not None


def _machinery(text: str, given: str) -> bool:
    return gives_orders(text) or _MACHINERY.search(_flat(text)) is not None


def _person(text: str, given: str) -> bool:
    """Speaks as "I", or of people whom the passages do not mention."""
    flat = _flat(text)
    return _FIRST_PERSON.search(flat) is not None or not _phrases(_PEOPLE, flat) <= _phrases(
        _PEOPLE, _flat(given)
    )


def _deed(text: str, given: str) -> bool:
    """Says that something was done, or will be, in words that the passages do not have."""
    return not _phrases(_DEEDS, _flat(text)) <= _phrases(_DEEDS, _flat(given))


def _made_up(text: str, given: str) -> bool:
    return not facts.facts(text) <= facts.facts(given)


def _unsupported(text: str, given: str) -> bool:
    """A sentence whose words are mostly not the passages'."""
    known = set(words.terms(given))
    return any(_share(words.terms(part), known) < SUPPORT for part in sentences.split(text))


def _share(terms: Sequence[str], known: Collection[str]) -> float:
    return sum(term in known for term in terms) / len(terms) if terms else 1.0


def _phrases(pattern: re.Pattern[str], text: str) -> set[str]:
    return {found[0].strip().removesuffix("s") for found in pattern.finditer(text)}


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).lower().replace("’", "'").split())


CHECKS: dict[str, Callable[[str, str], bool]] = {
    "hidden letters or signs": _hidden,
    "markup": _markup,
    "talks of its instructions": _machinery,
    "speaks as or of a person": _person,
    "claims a deed": _deed,
    "a fact that nothing it was given has": _made_up,
    "words that nothing it was given has": _unsupported,
}
"""Each takes the answer and what it may be from (cited passages, the order), and is true when it fails."""
