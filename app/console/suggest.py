"""What the articles would answer: put before the agent, never sent by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from conversations.reports import Line

SHORTEST = 2
"""Words a message must have to be a question worth asking the articles."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to begin from, and where it comes from."""

    text: str
    source: str


def question(log: Sequence[Line]) -> str:
    """The customer's last message that has enough words; empty when there is none."""
    said = [line.text for line in log if line.kind == "message" and line.author == "customer"]
    return next((text for text in reversed(said) if len(text.split()) >= SHORTEST), "")


async def suggest(text: str) -> Suggestion | None:
    """The articles' answer to this; None when they have none. Raises what the kb raises."""
    from kb import answer  # the index is heavy: loaded with the first question, not with the process

    found = await asyncio.to_thread(answer.answer, text)
    if found is None:
        return None
    words, _, _ = found.text.partition("\n\nSource:")
    best = found.passages[0]
    return Suggestion(words.strip(), f"{best.title}, {best.section}")
