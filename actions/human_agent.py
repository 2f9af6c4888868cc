"""A person, please."""

from __future__ import annotations

from actions import escalate
from actions.answering import DeskAction
from actions.turn import Event, Turn

CONNECTING = "I'm passing you on to a person from our team, who will answer right here."
ASKED = "asked_for_person"


class ActionHumanAgent(DeskAction):
    """Hands the conversation over: the policy found the wish in the words, or the choice was tapped."""

    def name(self) -> str:
        return "action_human_agent"

    async def answer(self, turn: Turn) -> list[Event]:
        step = escalate.decided(turn)
        mine = step.get("act") == "call" and step.get("reason") == ASKED
        return turn.hand_off(CONNECTING, ASKED, "high", str(step.get("evidence")) if mine else "")
