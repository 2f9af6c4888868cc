"""Trouble with a payment, from the first word to the ticket."""

from __future__ import annotations

from sandbox.whatsapp.state import Message
from tests.journeys.conftest import Journey


def told(messages: list[Message]) -> str:
    return "\n".join(message.text for message in messages)


def choice(messages: list[Message], title: str) -> str:
    """The id of the choice with this title."""
    return next(str(each["id"]) for message in messages for each in message.choices if each["title"] == title)


async def test_the_agent_sees_what_the_form_has_collected(journey: Journey) -> None:
    """Tapped, typed, corrected and interrupted: at the end the ticket holds every answer."""
    asked = await journey.say("there is a problem with my payment")
    assert "What happened?" in told(asked)
    which = await journey.tap(choice(asked, "Charged twice"))
    assert "Which order" in told(which)
    amount = await journey.say("10235")
    between = await journey.say("what is your return policy?")
    assert "30 days" in told(between)
    assert "Which amount" in told(between)
    await journey.say("no sorry, it was order 10234")
    when = await journey.tap(choice(await journey.say("asdf"), "$129.00"))
    assert "Which amount" in told(amount)
    assert "On which day" in told(when)
    said = await journey.tap(choice(when, "Yesterday"))
    assert "Charged twice; order 10234; $129.00; yesterday" in told(said)
    assert await journey.control() == "agent"
    [ticket] = journey.zendesk.tickets
    comment = ticket.comments[0].body
    for line in (
        "Reason: Trouble with a payment",
        "What happened: Charged twice",
        "Payment for order: 10234",
        "Amount: $129.00",
        "When: yesterday, ",
        "The order says: $129.00, paid by card, out for delivery",
    ):
        assert f"\n{line}" in comment
    assert ticket.priority == "high"


async def test_never_mind_leaves_no_ticket(journey: Journey) -> None:
    """Who drops it is asked nothing more, and nobody is called."""
    await journey.say("i was charged twice")
    assert "dropped" in told(await journey.say("never mind"))
    assert await journey.control() == "bot"
    assert journey.zendesk.tickets == []
