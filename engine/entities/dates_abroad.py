"""Relative and named dates in Spanish, Portuguese and romanised Hindi; mixed messages have them too."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

Reader = Callable[[re.Match[str], date, bool], date | None]

DAYS = ("lun", "mar", "mie", "jue", "vie", "sab", "dom"), ("seg", "ter", "qua", "qui", "sex", "sab", "dom")
MONTHS = (
    "ene jan",
    "feb fev",
    "mar",
    "abr",
    "may mai",
    "jun",
    "jul",
    "ago",
    "sep set",
    "oct out",
    "nov",
    "dic dez",
)
NUMBERS = {
    "un": 1, "una": 1, "um": 1, "uma": 1, "ek": 1, "dos": 2, "dois": 2, "duas": 2, "do": 2, "tres": 3,
    "teen": 3, "cuatro": 4, "quatro": 4, "char": 4, "cinco": 5, "paanch": 5, "diez": 10, "dez": 10, "das": 10,
}  # fmt: skip
UNITS = {"d": 1, "s": 7, "h": 7, "m": 30, "a": 365}
"""By first letter: dia, din; semana; hafta; mes, mahina; año."""
PLAIN = str.maketrans("áâãéêíóôúñ", "aaaeeiooun")
NEAR = {"hoy": 0, "hoje": 0, "aaj": 0, "ayer": -1, "ontem": -1, "mañana": 1, "amanhã": 1}
TWO_DAYS = {"kal": 1, "parso": 2, "parson": 2}
"""Hindi says one word for both directions; the verb decides."""

_COUNT = rf"(\d{{1,3}}|{'|'.join(NUMBERS)}|três)"
_UNIT = r"(d[ií]as?|din|semanas?|haf?te?a?|m[eê]s(?:es)?|mahine|a[nñ]os?)"
_DAY = (
    r"(lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo|"
    r"segunda|ter[cç]a|quarta|quinta|sexta)(?:[- ]feira)?"
)
_WHEN = r"((?:el|na|no|este|esta|pr[oó]xim[oa]) )"
_AFTER = r"( (?:passad[oa]|pasad[oa]|que v(?:iene|em)))"
_MONTH = (
    r"(enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre|janeiro|"
    r"fevereiro|mar[cç]o|maio|junho|julho|setembro|outubro|novembro|dezembro)"
)


def _near(match: re.Match[str], today: date, ahead: bool) -> date:
    return today + timedelta(days=NEAR[match[0].lower()])


def _either(match: re.Match[str], today: date, ahead: bool) -> date:
    days = TWO_DAYS[match[0].lower()]
    return today + timedelta(days=days if ahead else -days)


def _before_yesterday(match: re.Match[str], today: date, ahead: bool) -> date:
    return today - timedelta(days=2)


def _ago(match: re.Match[str], today: date, ahead: bool) -> date:
    word = match[1].lower().translate(PLAIN)
    return today - timedelta(
        days=(int(word) if word.isdigit() else NUMBERS[word]) * UNITS[match[2][0].lower()]
    )


def _last_unit(match: re.Match[str], today: date, ahead: bool) -> date:
    return today - timedelta(days=UNITS[match[1][0].lower()])


def _next_unit(match: re.Match[str], today: date, ahead: bool) -> date:
    return today + timedelta(days=UNITS[match[1][0].lower()])


def _this_unit(match: re.Match[str], today: date, ahead: bool) -> date:
    return today


def _weekday(match: re.Match[str], today: date, ahead: bool) -> date:
    """The latest one, or the next one when the message says so or looks ahead."""
    start = match[2].lower().translate(PLAIN).replace("ç", "c")[:3]
    day = next(names.index(start) for names in DAYS if start in names)
    said = f"{match[1] or ''}{match[3] or ''}".lower()
    if "pas" not in said and (ahead or "que v" in said or "xim" in said):
        return today + timedelta(days=(day - today.weekday()) % 7 or 7)
    return today - timedelta(days=(today.weekday() - day) % 7 or 7)


def _named(match: re.Match[str], today: date, ahead: bool) -> date:
    month = next(i for i, names in enumerate(MONTHS, 1) if match[2][:3].lower() in names.split())
    if match[3]:
        return date(int(match[3]), month, int(match[1]))
    day = date(today.year, month, int(match[1]))
    return (
        day
        if (day >= today) == ahead or day == today
        else date(today.year + (1 if ahead else -1), month, day.day)
    )


PATTERNS: list[tuple[str, Reader]] = [
    (rf"(\d{{1,2}})º?\s+de\s+{_MONTH}(?:,?\s+(?:de|del)\s+((?:19|20)\d\d))?", _named),
    (r"antes de ayer|anteayer|antier|anteontem", _before_yesterday),
    (r"hoy|hoje|aaj|ayer|ontem|(?<!la )mañana|amanhã", _near),
    (r"kal|parson?", _either),
    (rf"(?:hace|h[aá]|faz)\s+{_COUNT}\s+{_UNIT}", _ago),
    (rf"{_COUNT}\s+{_UNIT}\s+(?:pehle|pahle|atr[aá]s)", _ago),
    (r"(?:la |el |na |no )?(semana|mes|m[eê]s|a[nñ]o) pass?ad[oa]", _last_unit),
    (r"(?:la |el |na |no )?(semana|mes|m[eê]s|a[nñ]o) que v(?:iene|em)", _next_unit),
    (r"(?:la |el |na |no )?(?:pr[oó]xim[oa]|agle) (semana|mes|m[eê]s|a[nñ]o|haf?te|mahine)", _next_unit),
    (r"(?:pichh?le|pichh?li) (haf?te|mahine)", _last_unit),
    (r"est[aeé] (?:semana|mes|m[eê]s|a[nñ]o)|(?:is|iss) (?:haf?te|mahine)", _this_unit),
    (rf"{_WHEN}?{_DAY}{_AFTER}", _weekday),
    (rf"{_WHEN}{_DAY}()", _weekday),
]
