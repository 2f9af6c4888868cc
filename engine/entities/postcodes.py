"""Postcodes: digits that say where, not which order. They are no entity, only not order numbers."""

from __future__ import annotations

import re

_NAME = r"zip(?:\s?code)?|post\s?codes?|postal(?:\s?code)?|pin\s?code|pincode|cep|plz"
_STATES = (
    r"AK|AZ|AR|CA|CT|FL|GA|IL|IA|KS|KY|MD|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|"
    r"WI|WY|DC|ca|ny|tx|fl|nj|az|nc"
)
_STATES_LIKE_WORDS = r"AL|CO|DE|HI|ID|IN|LA|MA|ME|OH|OK|OR|PA"
STATE = re.compile(rf"\b(?:{_STATES}),?\s+$|,\s*(?:{_STATES_LIKE_WORDS})\s+$")
NAMED = re.compile(rf"\b(?:{_NAME})\b(?![^.!?\d]*\b(?:of|on|for)\s*#?$)[^.!?\d]{{0,15}}$", re.IGNORECASE)
NAMED_AFTER = re.compile(
    rf"^\s*(?:is|'?s|=|es|é)?\s*(?:my|the|our|mi|meu|o)?\s*(?:{_NAME})\b"
    r"|^\s+(?:mein|mei|me|par|pe)\b[^.!?]*\b(?:deliver|ship|bhej)",
    re.IGNORECASE,
)
_GOING = (
    r"deliver(?:y|ed|ing|s|ies)?|ship(?:s|ped|ping|ments?)?|send|sent|come|courier|service|available|live|living|"
    r"stay|staying|mov(?:e|ed|ing)|located|based|area|location|city|town|env[ií]\w*|entreg\w+|vivo|moro"
)
_TOWN = (
    r"(?!(?:me|my|us|you|your|home|work|the|a|this|that|him|her|them|order|orders|no|number)\b)"
    r"[^\W\d]+[\s,.-]+"
)
PLACED = re.compile(
    rf"\b(?:{_GOING})\b[^.!?\d]{{0,25}}\b(?:to|in|at|near|till|until|a|en|em|para|no|na)\s+(?:{_TOWN}){{0,3}}$"
    r"|\b(?:area|location|city|town|address)\s*(?:is|:|code)?\s*$",
    re.IGNORECASE,
)
BEFORE_AN_ORDER = re.compile(
    r"(?:^|[#:(\n.,!?]|\b(?:is|its|it'?s|of|for|about|cancel|return|refund|track|check|find|status|where|wheres|where's|"
    r"and|or|y|e|not|no|with|my|this|that|number|the|on|from|regarding|re|de|do|da|para|hi|hello|hey|was|are|mera|meri))"
    r"[\s#]*$",
    re.IGNORECASE,
)
SIX_DIGITS = re.compile(r"\d{6}")
"""As many as an Indian postcode has: a town often stands before it without a word that says so."""


def is_one(before: str, run: str, after: str) -> bool:
    """Whether the digits of `run` are a postcode, going by the text on both sides."""
    beside = STATE.search(before) or NAMED.search(before) or NAMED_AFTER.match(after) or PLACED.search(before)
    return bool(beside or (SIX_DIGITS.fullmatch(run) and not BEFORE_AN_ORDER.search(before)))
