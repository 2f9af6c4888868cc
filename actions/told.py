"""What a customer has told a form, in the words a colleague reads on the ticket. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LABELS = {
    "payment_issue": {
        "payment_problem": "What happened",
        "payment_order": "Payment for order",
        "payment_amount": "Amount",
        "payment_when": "When",
    },
    "start_return": {
        "return_item": "Item to return",
        "return_reason": "Reason for the return",
        "return_condition": "Condition",
        "return_outcome": "Wanted instead",
        "return_exchange": "Exchange for",
    },
    "change_address": {"new_address": "New address"},
}
"""By topic: the form's slots that matter to a colleague, and what they are called."""


def facts(topic: str | None, slot: Callable[[str], Any]) -> dict[str, str]:
    """What the form of this topic knows by now; nothing where no form is open."""
    labels = LABELS.get(topic or "", {})
    return {label: str(slot(name)) for name, label in labels.items() if slot(name)}
