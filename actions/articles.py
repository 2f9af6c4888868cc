"""Answering from the shop's articles, or saying honestly that they do not say."""

from __future__ import annotations

import logging
import re

from actions import again
from actions.desk import Passage
from actions.turn import Event, Turn

logger = logging.getLogger(__name__)

NOT_SAID = "I don't have a reliable answer to that. Would you like to talk to a person from our team?"
SENTENCE = re.compile(r"(?<!^\d\.)(?<=[.!?])\s")
"""Where a sentence ends; not after the number of a list's first item."""


async def reply(turn: Turn, question: str) -> list[Event]:
    """Answer the question from the articles; where they say nothing, offer a person."""
    passage = await ask(turn, question)
    if passage:
        cite(turn, passage)
    else:
        turn.say(NOT_SAID, again.ASK_PERSON)
        turn.admit()
    return []


def cite(turn: Turn, passage: Passage) -> None:
    """Answer in the article's words, the second time in its first ones, with the evidence."""
    again.tell(turn, passage.text, _short(passage.text))
    turn.prove(passage)


async def ask(turn: Turn, question: str) -> Passage | None:
    """What the articles say. An index that is missing or broken says nothing; the log says why."""
    try:
        return await turn.desk.ask_kb(question)
    except Exception:
        logger.exception("The kb could not be asked")
        return None


def _short(text: str) -> str:
    body, _, source = text.partition("\n\n")
    return "\n\n".join(part for part in (f"In short: {SENTENCE.split(body, maxsplit=1)[0]}", source) if part)
