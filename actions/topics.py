"""The wishes the bot knows: what they are called, and what they begin with. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A wish of the customer, named as its intent.

    `title` fits a button (20 characters), `phrase` follows "do you want to". `form`: it begins with its
    form. `changes`: answering it may change something, or calls a person, so it is never begun unasked.
    """

    title: str
    phrase: str
    form: bool = True
    changes: bool = False


TOPICS = {
    "order_status": Topic("Track an order", "track an order"),
    "start_return": Topic("Return an item", "return an item", changes=True),
    "cancel_return": Topic("Cancel a return", "cancel a return", changes=True),
    "cancel_order": Topic("Cancel an order", "cancel an order", changes=True),
    "change_address": Topic("Change an address", "change a delivery address", changes=True),
    "return_policy": Topic("Return rules", "know the return rules", form=False),
    "refund_request": Topic("Get a refund", "get a refund", changes=True),
    "refund_status": Topic("Track a refund", "track a refund"),
    "delivery_info": Topic("Delivery times", "ask about delivery", form=False),
    "payment_issue": Topic("Payment problem", "report a payment problem", changes=True),
    "invoice": Topic("Get an invoice", "get an invoice"),
    "complaint": Topic("Make a complaint", "make a complaint", form=False, changes=True),
    "human_agent": Topic("Talk to a person", "talk to a person", form=False, changes=True),
}


def action(intent: str) -> str:
    """The form or action that an intent begins with."""
    if intent in TOPICS and TOPICS[intent].form:
        return f"{intent}_form"
    return {"inform": "order_status_form", "deny": "action_listen"}.get(intent, f"action_{intent}")
