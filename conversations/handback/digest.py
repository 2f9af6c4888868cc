"""The hand-back digest: what an agent promised, what changed, what is still open. Pure.

From the log since the agent got control, and from what the shop said of the orders then and now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from conversations.handback import words
from conversations.rows import Entry

MOST = 6
"""Items of each kind that are kept, the newest."""

BEFORE = 2
"""Messages that the bot had answered before, on which an agent's promise or deed has the last word."""

Facts = Mapping[str, Mapping[str, str]]
"""What is said of each order, by its number: "status": "processing" and the like."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What the customer asked, and the agent's words on it."""

    asked: str
    answered: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What the bot has to know of an agent's spell. `by`: the agent's name, if it is known.

    `order_number`: the order it was about, and `email`: named by the customer meanwhile, so that nobody asks
    again.
    """

    by: str = ""
    promised: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    handled: tuple[Handled, ...] = ()
    order_number: str = ""
    email: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Digest:
        return cls(
            by=str(data.get("by") or ""),
            promised=tuple(data.get("promised", ())),
            changed=tuple(data.get("changed", ())),
            open=tuple(data.get("open", ())),
            handled=tuple(Handled(**each) for each in data.get("handled", ())),
            order_number=str(data.get("order_number") or ""),
            email=str(data.get("email") or ""),
        )

    def corrected(self, **lines: Iterable[str]) -> Digest:
        """With the agent's own `promised`, `changed` or `open`."""
        kept = {name: tuple(filter(None, map(words.short, texts)))[:MOST] for name, texts in lines.items()}
        return replace(self, **kept)  # type: ignore[arg-type]

    def about(self, slots: Mapping[str, Any]) -> Digest:
        """With the order that the bot was asked about before, where the customer has named no other since."""
        return replace(self, order_number=self.order_number or str(slots.get("order_number") or ""))


def write(entries: Sequence[Entry], changes: Sequence[str] = ()) -> Digest:
    """The digest of the agent's last spell. `entries`: the log so far; `changes`: those of the orders."""
    before, spell = _parts(entries)
    said = [entry for entry in spell if _is_said(entry)]
    agents = [entry for entry in said if entry.author == "agent"]
    customers = [entry.text for entry in said if entry.author == "customer"]
    return Digest(
        by=next((str(each.body["by"]) for each in reversed(agents) if each.body.get("by")), ""),
        promised=_newest(each for entry in agents for each in words.promises(entry.text)),
        changed=_newest([*(each for entry in agents for each in words.deeds(entry.text)), *changes]),
        open=_newest(words.short(each.text) for each in _unanswered(said) if _is_open(each)),
        handled=tuple(_handled(before, said))[-MOST:],
        order_number=_last(words.order_number, customers),
        email=_last(words.email, customers),
    )


def waits(entries: Sequence[Entry]) -> bool:
    """Whether the customer waits for words of the agent who has control."""
    before, spell = _parts(entries)
    return bool(_unanswered([entry for entry in (*before, *spell) if _is_said(entry)]))


def differences(before: Facts | None, now: Facts | None) -> list[str]:
    """What changed of the orders, a sentence each; nothing where either is unknown."""
    if before is None or now is None:
        return []
    found = []
    for number, facts in now.items():
        known = before.get(number, {})
        for name, value in facts.items():
            if value and value != known.get(name, ""):
                found.append(f"Order {number}: {name} is now {value}.")
    return found


def note(digest: Digest, why: str) -> str:
    """What stands in the ticket about the return to the bot."""
    lists = (("Promised", digest.promised), ("Changed", digest.changed), ("Still open", digest.open))
    parts = [f"{title}:\n" + "\n".join(f"- {each}" for each in lines) for title, lines in lists if lines]
    return "\n\n".join([f"{why[:1].upper()}{why[1:]}. The bot answers from here on.", *parts])


def _parts(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """What the customer had with the bot right before the agent's last spell, and the spell."""
    passed = [place for place, entry in enumerate(entries) if entry.kind == "control"]
    starts = [place for place in passed if entries[place].body.get("to") == "agent"]
    if not starts:
        return list(entries), []
    since = max((place for place in passed if place < starts[-1]), default=0)
    return list(entries[since : starts[-1]]), list(entries[starts[-1] :])


def _unanswered(said: Sequence[Entry]) -> list[Entry]:
    """The customer's messages since the agent's last words on anything; thanks and the like end nothing
    but what was no question.
    """
    agents = [place for place, entry in enumerate(said) if _is_answer(entry)]
    last = agents[-1] if agents else -1
    asked = bool(agents) and words.asks(said[last].text)
    since = [entry for entry in said[last + 1 :] if entry.author == "customer"]
    return [entry for entry in since if asked or not words.is_closing(entry.text)]


def _handled(before: Sequence[Entry], said: Sequence[Entry]) -> list[Handled]:
    """Each wish of the customer's with the lines the agent wrote right after it.

    What the bot had answered counts where the agent has settled something since; a question also where the
    agent has spoken of nothing else.
    """
    earlier, asked = _wishes(before)
    agents = [entry.text for entry in said if entry.author == "agent"]
    found = _pairs(earlier[-BEFORE:], [text for text in agents if words.settles(text)][:1])
    answered: list[str] = []
    for entry in said:
        if entry.author == "agent":
            answered += [entry.text] if words.answers(entry.text) else []
        elif entry.author == "customer":
            found += _pairs(asked, answered)
            asked, answered = ([entry.text] if answered else [*asked, entry.text]), []
    found += _pairs(asked, answered)
    newest = [text for text in earlier[-1:] if words.is_question(text)]
    return found or _pairs(newest, [text for text in agents if words.answers(text)])


def _wishes(before: Sequence[Entry]) -> tuple[list[str], list[str]]:
    """What the customer wrote before: what the bot has answered, and what it handed over instead."""
    said = [entry for entry in before if _is_said(entry)]
    while said and said[-1].author != "customer":
        said.pop()  # the bot's farewell
    asked: list[str] = []
    while said and said[-1].author == "customer":
        asked.insert(0, said.pop().text)
    return [entry.text for entry in said if entry.author == "customer"], asked


def _pairs(asked: Sequence[str], answered: Sequence[str]) -> list[Handled]:
    answer = words.short(" ".join(answered))
    return [Handled(words.short(text), answer) for text in asked if answer and words.is_wish(text)]


def _is_said(entry: Entry) -> bool:
    """Whether it is a line that the customer has, or will have before they write again."""
    reaches = entry.held or not entry.unsent
    return entry.kind == "message" and reaches and _kind(entry) not in ("reaction", "system")


def _is_answer(entry: Entry) -> bool:
    return entry.author == "agent" and (words.answers(entry.text) or words.asks(entry.text))


def _is_open(entry: Entry) -> bool:
    return entry.text != f"[{_kind(entry)}]" and words.is_open(entry.text)


def _kind(entry: Entry) -> str:
    return entry.body.get("kind") or "text"


def _newest(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[-MOST:]


def _last(find: Any, texts: Sequence[str]) -> str:
    return next((found for text in reversed(texts) if (found := find(text))), "")
