"""Questions about the rules of returning."""

from __future__ import annotations

from actions import articles
from actions.answering import WishAction
from actions.turn import Event, Turn


class ActionReturnPolicy(WishAction):
    def name(self) -> str:
        return "action_return_policy"

    async def answer(self, turn: Turn) -> list[Event]:
        return await articles.reply(turn, turn.wish or "How long do I have to return something?")
