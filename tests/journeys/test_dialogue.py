"""Conversations as customers lead them: over several turns, with corrections, and with second thoughts."""

from __future__ import annotations

from sandbox.whatsapp.state import Message
from tests.journeys.conftest import ANA, Journey


def everything(messages: list[Message]) -> str:
    return "\n".join(message.text for message in messages)


def titles(messages: list[Message]) -> list[str]:
    return [choice["title"] for message in messages for choice in message.choices]


async def test_the_order_is_kept_over_turns(journey: Journey) -> None:
    """ "And when does it arrive?" is about the order just told, "no, 10237" about that other one."""
    await journey.say("where is my order 10234?")
    assert "10234" in everything(await journey.say("and when does it arrive?"))
    corrected = everything(await journey.say("no, 10237"))
    assert "10237" in corrected
    assert "10234" not in corrected


async def test_both_orders_of_the_list(journey: Journey) -> None:
    """ "Both" in answer to a list is an answer for each."""
    await journey.say("where's my order?")
    told = everything(await journey.say("both"))
    assert "10234" in told
    assert "10237" in told


async def test_a_question_in_between_leads_back(journey: Journey) -> None:
    """A question, small talk and the wish once more are answered, and the list comes again each time."""
    await journey.say("where's my order?")
    for aside in ("what is your return policy?", "thank you", "where's my order?"):
        back = await journey.say(aside)
        assert "Order 10237" in titles(back)
    assert "10237" in everything(await journey.say("10237"))


async def test_a_no_leaves_the_form(journey: Journey) -> None:
    """Who says no to the list is not asked again, and the next wish is free."""
    await journey.say("where's my order?")
    assert "dropped" in everything(await journey.say("no"))
    assert "person" in everything(await journey.say("are you a bot?"))


async def test_the_third_time_a_person_is_offered(journey: Journey) -> None:
    """Asked again the bot is brief, the third time it offers a person, and a typed yes takes the offer."""
    first = everything(await journey.say("where is my order 10234?"))
    second = everything(await journey.say("where is my order 10234?"))
    assert len(second) < len(first)
    third = await journey.say("where is my order 10234?")
    assert "Talk to a person" in titles(third)
    await journey.say("yes")
    assert await journey.control() == "agent"


async def test_a_photo_that_was_asked_for_is_taken(journey: Journey) -> None:
    """A picture is an answer where the bot asked for one, and only there."""
    assert "type your question" in everything(await attach(journey))
    said = await journey.say("I want to return an item of order 10235, it arrived broken")
    while "photo" not in everything(said):
        assert titles(said), everything(said)
        said = await journey.tap(titles(said)[0])
    assert "type your question" not in everything(await attach(journey))
    slots = (await journey.conversation()).slots
    assert slots["return_photo"]
    assert slots["requested_slot"] != "return_photo"


async def attach(journey: Journey) -> list[Message]:
    """The customer sends a picture without a word; returns what came back."""
    before = len(journey.received())
    picture = journey.whatsapp.attachment("image")
    picture["image"].pop("caption", None)
    await journey.whatsapp.customer_sends(ANA, picture)
    await journey.settle()
    return journey.received()[before:]
