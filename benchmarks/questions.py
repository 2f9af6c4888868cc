"""What the benchmarks ask as Ana: each turn after another order, as who asks one thing again and again is
brought to a person (data/escalation.yml), and then the bot is silent.
"""

from __future__ import annotations

FIRST = 80_001
"""No order of the demo shop has this number or one after it, so every turn is answered alike."""


def question(number: int) -> str:
    """The question of this turn."""
    return f"where is my order {FIRST + number}?"
