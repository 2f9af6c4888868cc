"""What the writing of a message itself shows of its writer's mood, whatever it is about."""

from __future__ import annotations

import re

_TIMES = r"(?:third|3rd|fourth|4th|fifth|5th|tenth|10th|hundredth|100th|nth|millionth)"
_VEZ = r"(?:tercera|terceira|cuarta|quarta|quinta|d[eé]cima|en[eé]sima)"
_SAID = r"(?:asked|told|called|written|wrote|contacted|emailed|messaged|explained|said)"

ATTEMPTS = (
    rf"\b{_TIMES} time\b|\bhow many times\b|\bfor the last time\b|\b{_VEZ} vez\b"
    r"|\b(?:cu[aá]ntas veces|quantas vezes|(?:teesri|chauthi|kitni) baar)\b"
    rf"|\b{_SAID}\b[^.!?]{{0,25}}\b(?:three|four|five|six|ten|\d+|many|several) times\b"
)
IMPATIENCE = (
    r"\b(?:again and again|over and over|yet again|still (?:no|not|nothing|waiting)|"
    r"i (?:already |just )?said)\b"
)
PROFANITY = (
    r"\b(?:f+u+c+k\w*|f\*+\w*|wtf|stfu|sh[i1]+t\w*|bullsh\w*|bs|crap\w*|damn\w*|bastards?|idiots?|morons?|"
    r"stupid|dumb|useless|pathetic|asshole\w*|bitch\w*|mierda|joder|merda|porra|caralho|chutiya|bakwas|bewakoof)\b"
)
THREATS = (
    r"\b(?:sue|suing|lawyer|attorney|legal action|court|police|chargeback|dispute (?:the|this|my)|"
    r"consumer (?:court|protection|forum)|trading standards|report(?:ing)? you|social media|twitter|"
    r"trustpilot|one star|1 star|bad review|abogado|denuncia\w*|procon|advogado)\b"
)
ACCUSATIONS = r"\b(?:scam\w*|thie(?:f|ves)|fraud\w*|liars?|lying|ladr\w+|golpe|estafa\w*)\b"
SARCASM = (
    r"\bthank(?:s| you)[^.!?]{0,20} for (?:absolutely )?(?:nothing|ruining|wasting|stealing|lying)\b"
    r"|\b(?:great|good|nice|well|fantastic|amazing|brilliant) (?:job|work|done)\b[^.!?]*"
    r"\b(?:again|los(?:t|ing)|wrong|late|broken|nothing)\b"
    r"|\b(?:great|lovely|wonderful|fantastic|brilliant|perfect|congrat\w*)\b[^.!?]{0,25}"
    r"\b(?:another (?:delay|excuse|mistake)|late again|wrong again|lost (?:it|my))"
)
FED_UP = (
    r"(?<!not )(?<!no estoy )\b(?:fed up|sick (?:and tired )?of|tired of|los(?:ing|t) (?:my |all )?patience|"
    r"(?:so|very|really|extremely|getting) (?:angry|annoy(?:ed|ing)|disappointed|frustrat(?:ed|ing)|upset)|"
    r"furious|livid|(?:where|what|why|when|how) the (?:hell|heck)|hart[oa]|fart[oa] de|cansad[oa] de|gussa)\b"
)
SAID_THRICE = (
    r"\b(?!(?:ha|he|hi|bye|yes|yeah|ok|thanks?|thank you|very|so|please|love|hello)\b)"
    r"([^\W\d]+(?:\s+[^\W\d]+){0,4})(?:\W+\1\b){2,}"
)
CALM = (
    r"\b(?:(?:sorry|hate|excuse me|apolog\w+)[^.!?]{0,12}\b(?:bother|disturb|ask|writ)\w*|"
    r"no (?:rush|hurry|worries)|when(?:ever)? you (?:have|get|can)|take your time|lol|haha\w*|"
    r"(?:not|no estoy) (?:\w+ )?(?:angry|annoyed|upset|fed up|mad|enojad[oa]|hart[oa]))\b"
)

STEPS: list[tuple[re.Pattern[str], float]] = [
    (re.compile(pattern, re.I), step)
    for pattern, step in (
        (ATTEMPTS, 1.6),
        (IMPATIENCE, 0.7),
        (PROFANITY, 1.6),
        (THREATS, 1.4),
        (ACCUSATIONS, 1.4),
        (SARCASM, 1.4),
        (SAID_THRICE, 3.0),
        (FED_UP, 2.5),
        (r"\b(?:the hell|go to hell|ffs|shame on you|kidding me)\b", 0.8),
        ("[😡🤬😠👿💢🖕]", 2.5),
        (
            r"\b(?:or else|right now|manager|supervisor|vergüenza|vergonha|palhaçada|absurdo|ridiculous)\b",
            0.8,
        ),
        (r"[!?]{3,}", 0.5),
        (r"([a-z])\1{3,}", 0.3),
        (CALM, -1.5),
    )
]
"""How far each sign moves the log-odds of being upset. Small where calm people write so too."""
CAPITALS = 0.8
SHOUTED = re.compile(r"\b[^\W\d_a-z]{3,}\b")


def of(text: str) -> float:
    """How far the writing itself moves the log-odds; 0 for plain text, less for what calms."""
    found = sum(step for pattern, step in STEPS if pattern.search(text))
    words = re.findall(r"[^\W\d_]{2,}", text)
    shouted = sum(1 for word in words if SHOUTED.fullmatch(word))
    return found + (CAPITALS if shouted >= 2 and shouted > len(words) / 2 else 0.0)
