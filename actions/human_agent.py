"""A person, please."""

from __future__ import annotations

from actions.answering import DeskAction
from actions.turn import Event, Turn

CONNECTING = "I'm connecting you with a person from our team. They will answer right here."


class ActionHumanAgent(DeskAction):
    """Hands the conversation over: because the customer asked, or because a policy saw frustration."""

    def name(self) -> str:
        return "action_human_agent"

    async def answer(self, turn: Turn) -> list[Event]:
        if turn.intent == "human_agent" or not turn.frustrated:
            return turn.hand_off(CONNECTING, "asked_for_person")
        return turn.hand_off(CONNECTING, "frustrated", "high")
