"""A customer's words about being called back, in English and some Spanish, Portuguese and Hindi. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conversations.messages import Choice
from conversations.waiting import phone as phones

YES, NO = "callback:yes", "callback:no"
CHOICES = (Choice(YES, "Yes, call me back"), Choice(NO, "No, thanks"))

_THANKS = r"thanks|thank you|thx|gracias|obrigad[oa]"
_PLEASE = r"please|pls|por favor|porfa"
_POLITE = rf"(?:[\s,.!🙏🏻-🏿]|\b(?:{_PLEASE}|{_THANKS})\b)*"
_AGREES = re.compile(
    r"\s*(?:(?:(?:y|ye+s+|yea+h*|yep|yup|ya|sure|ok|okay|of course|definitely|go ahead|please do"
    rf"|gladly|s[ií]|sim|claro|haa?n|ji)\b|[👍👌✅]){_POLITE})+"
    r"(?:(?:do|that would be (?:great|good|nice)|(?:you can )?call(?: me)?(?: back)?|(?:call )?kar(?:o|na|do)"
    r"|pode (?:me )?ligar|me lig(?:ue|a)|pueden? llamar(?:me)?|ll[aá]m[ae]n?me)\b)?"
    rf"{_POLITE}",
    re.IGNORECASE,
)
_DAY = (
    r"today|tomorrow|tonight|morning|noon|afternoon|evening|any ?time|later"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|ma[nñ]ana|amanh[aã]|tarde|noche|noite|hoy|hoje"
)
_WHEN = re.compile(
    rf"(?=.*(?:\d|\b(?:{_DAY})\b))(?:(?:{_DAY}|{_PLEASE}|{_THANKS}|\d{{1,2}}(?:[:.h]\d\d)?|[ap]\.?m|h|o'?clock"
    r"|but|only|best|better|ideally|not|before|after|around|about|between|and|or|until|till|from|to|at|by|on|in"
    r"|the|this|next|work|lunch|is|fine|call|me|despu[eé]s|depois|antes|de|da|das|a|à|às|las?|por|pela|mas|pero)"
    r"(?:[\s,.!-]+|(?<=\d)(?=[aph])|$))+",
    re.IGNORECASE,
)
"""Words that say nothing but when to call."""

_DECLINES = re.compile(
    r"\s*(?:no|nope|nah|not needed|n[aã]o|nahi)\b"
    rf"(?:[\s,.!]|\b(?:need|{_PLEASE}|{_THANKS}|just|only|better|text|write|message|e-?mail|me|here|it'?s|fine|ok)\b)*",
    re.IGNORECASE,
)
_VERB = r"(?:call|phone|ring)"
_NO_CALL = re.compile(
    r"(?<!\byou )(?<!\bthey )(?<!\bpeople )\b(?:don'?t|do not|(?:please|better|rather) not(?: be)?|stop)"
    rf" {_VERB}(?:ing|ed)?(?: (?:me|us)\b(?! (?:back )?(?:before|after|until|till|at|on|in|from|too)\b)"
    rf"|(?<!ring)(?: back)?(?=\W*$|[,.;!]| (?:{_PLEASE}|any ?more|again|but|just)\b))"
    r"|\b(?:no need to|needn'?t|need not|cancel (?:the|my)"
    rf"|(?:don'?t|do not|no longer) (?:need|want)(?: (?:a|any|the|(?:you )?to(?: be)?))?) {_VERB}"
    r"|(?:^|[,.;!]\s*|\bplease )no (?:need for a )?call(?:s|[ -]?back)?"
    rf"(?=\W*$|[,.;!]| (?:{_PLEASE}|{_THANKS}|needed)\b)"
    r"|\bno me llam(?:e|es|en)\b|\bn[aã]o (?:precisa )?(?:me )?(?:ligue|ligar)\b"
    r"|\bcall mat kar|\bmat (?:kar\w* )?call\b",
    re.IGNORECASE,
)
"""A call refused: not one that did not come, nor one that is only wanted at another time."""

_CALL = re.compile(
    rf"\b{_VERB} me\b|\bcall\s?-?back\b|\b(?:give me|like|want|need) a (?:call|ring)\b"
    r"|\bll[aá]m[ae]n?me\b|\bme lig(?:ue|a)\b|\bcall kar(?:o|na|do)\b",
    re.IGNORECASE,
)
_WISH = re.compile(rf"\bplease\b|(?:{_CALL.pattern})(?: back)?", re.IGNORECASE)
_ANOTHER = re.compile(
    r"\b(?:call|phone|ring|reach|mobile|cell|whatsapp|number|n[uú]mero|instead|better)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reply:
    """Whether a call is wanted. `phone`: the number given for it; `when`: what was added about the time."""

    wanted: bool
    phone: str | None = None
    when: str = ""


def read(words: str, payload: str | None, *, offered: bool, owed: bool = False) -> Reply | None:
    """What a message says about a call; None when it is about something else.

    A bare yes, no or phone number means something only while a call-back is `offered`; while one is `owed`,
    another number does, if it shows that it is one.
    """
    if payload in (YES, NO):
        return Reply(payload == YES)
    words = words.replace("’", "'")
    phone, rest = phones.find(words)
    if phone is None and _NO_CALL.search(words):
        return Reply(False)
    if offered and (reply := _answer(rest, phone)):
        return reply
    asks = any(_CALL.search(each) and not phones.OTHERS.search(each) for each in phones.CLAUSE.split(words))
    another = owed and phone and (phone.startswith("+") or _ANOTHER.search(words))
    return Reply(True, phone, _when(rest)) if asks or another else None


def _when(rest: str) -> str:
    """What the words say of the time, where they ask for a call and say nothing else."""
    left = " ".join(_WISH.sub("", rest).split()).strip(" ,.!?")
    return left if _WHEN.fullmatch(left) else ""


def _answer(rest: str, phone: str | None) -> Reply | None:
    """Yes or no to the offer of a call, or a number for it; `rest`: the words without the number."""
    if agrees := _AGREES.match(rest):
        when = " ".join(rest[agrees.end() :].split())
        if not when or _WHEN.fullmatch(when):
            return Reply(True, phone, when)
    if _DECLINES.fullmatch(rest):
        return Reply(False)
    return Reply(True, phone) if phone and len(rest.split()) <= 5 else None
