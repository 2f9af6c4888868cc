"""What every action promises: it answers within seconds, and never fails in silence."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import desk as desks
from actions import proof, second_wish, which_order
from actions.desk import Desk
from actions.turn import Event, Turn
from orders.model import Order

logger = logging.getLogger(__name__)

SECONDS = 8
"""Rasa's conversation lock lives 60 s; a customer looks at the phone for far less."""
SORRY = "I'm sorry, something went wrong on our side. I'm passing this on to a person from our team."
MORE = 4
"""Further orders that one message may ask about."""


class DeskAction(Action, ABC):  # type: ignore[misc] # rasa_sdk has no types
    """An action that works at a desk. Without one it takes the server's own, when it is first needed."""

    def __init__(self, desk: Desk | None = None) -> None:
        self._desk = desk

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """The events of this turn. Never raises: what fails becomes an apology and a handoff."""
        desk = self._desk or desks.default()
        return await safely(Turn(tracker, dispatcher, desk), self.conclude, self.name())

    async def conclude(self, turn: Turn) -> list[Event]:
        """Everything this action does in the turn."""
        return await self.answer(turn)

    @abstractmethod
    async def answer(self, turn: Turn) -> list[Event]:
        """Say what there is to say; return the events that follow from it."""


class WishAction(DeskAction):
    """An action that settles a wish. A second wish of the same message is taken up after it."""

    async def conclude(self, turn: Turn) -> list[Event]:
        return second_wish.after(turn, self.name(), await self.answer(turn))


class OrderAction(WishAction):
    """An action about the order that a form has found."""

    plural: ClassVar[bool] = False
    """Can it answer for several orders at once?"""

    async def answer(self, turn: Turn) -> list[Event]:
        number = turn.slot("order_number")
        order = await proof.find(turn, number) if number else None
        if order is None:
            return proof.say_unknown(turn)
        events = await self.about(turn, order)
        if self.plural:
            await self._tell_more(turn, order.number)
        return events

    async def _tell_more(self, turn: Turn, told: str) -> None:
        """The other orders that the message names beside the one told; a one-time code names none."""
        if turn.numbers and told not in turn.numbers:
            return
        numbers = [number for number in await which_order.all_meant(turn) if number != told]
        for number in numbers[:MORE]:
            order = await proof.find(turn, number)
            if order:
                await self.about(turn, order)
            else:
                proof.say_another_unknown(turn, number)

    @abstractmethod
    async def about(self, turn: Turn, order: Order) -> list[Event]:
        """Answer for this order, which is the customer's own."""


async def safely(turn: Turn, work: Callable[[Turn], Awaitable[list[Event]]], name: str) -> list[Event]:
    """The work's events, or those of a handoff when it failed or took too long."""
    try:
        async with asyncio.timeout(SECONDS):
            return await work(turn)
    except Exception:
        logger.exception("%s failed; the conversation is handed to a person", name)
        turn.dispatcher.messages.clear()
        return turn.hand_off(SORRY, "action_failed", "high", f"{name} failed")
