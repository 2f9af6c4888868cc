"""Answering from the shop's articles, or saying honestly that they do not say."""

from __future__ import annotations

import asyncio
import functools
import logging
import re

from actions import again, proof
from actions.desk import Passage
from actions.turn import Event, Turn
from orders import facts

logger = logging.getLogger(__name__)

NOT_SAID = "I don't have a reliable answer to that. Would you like to talk to a person from our team?"
ORDER_SECONDS = 1.0
"""To look the order up: the models have 5.5 of the 8 seconds of an action."""
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
        return await turn.desk.ask_kb(question, functools.partial(_order, turn))
    except Exception:
        logger.exception("The kb could not be asked")
        return None


async def _order(turn: Turn) -> str:
    """What the shop knows of the customer's own order that is talked about; empty when it takes long."""
    try:
        async with asyncio.timeout(ORDER_SECONDS):
            number = turn.slot("order_number")
            order = await proof.find(turn, number) if number else None
    except Exception:
        logger.exception("The order could not be looked up for an answer")
        return ""
    return facts.lines(order, turn.today, turn.desk.terms()) if order else ""


def _short(text: str) -> str:
    body, _, source = text.partition("\n\n")
    return "\n\n".join(part for part in (f"In short: {SENTENCE.split(body, maxsplit=1)[0]}", source) if part)
