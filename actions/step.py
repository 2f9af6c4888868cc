"""What a form makes of one message: what became known, and what to ask next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actions.turn import Attached, Button

Known = Mapping[str, Any]
"""The form's own slots, all None when it starts or when the order has changed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What became known, and what to ask next; with `ask` None the form is complete.

    `pictures` are shown before the question, each with its name, the first time that it is asked.
    """

    slots: dict[str, Any] = field(default_factory=dict)
    ask: str | None = None
    question: str = ""
    choices: Sequence[Button] = ()
    pictures: Sequence[Attached] = ()
