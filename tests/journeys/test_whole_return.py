"""A return from the first word to the number, with its label, and called off again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox.whatsapp.state import Message
from tests.journeys.conftest import ANA, ENGINE_DATABASE, Journey, travel
from tests.services import in_database


@pytest.fixture
async def journey(postgres: str, redis_url: str, engine: str) -> AsyncIterator[Journey]:
    """Parley on the bot's own database, as in a shop: papers are drawn from the orders that the bot knows."""
    async with travel(in_database(postgres, ENGINE_DATABASE), redis_url, engine) as journey:
        yield journey


def told(messages: list[Message]) -> str:
    return "\n".join(message.text for message in messages)


def choice(messages: list[Message], title: str) -> str:
    """The id of the choice with this title."""
    return next(str(each["id"]) for message in messages for each in message.choices if each["title"] == title)


def document(journey: Journey, message: Message) -> tuple[str, bytes]:
    """Name and bytes of the document that the customer got."""
    assert message.type == "document"
    return message.content["filename"], journey.whatsapp.library.get(message.content["id"]).data


async def test_item_reason_photo_exchange_label_and_back(journey: Journey) -> None:
    """Asked question by question, read back, opened with a label as a document, and cancelled in the end."""
    asked = await journey.say("I want to send back the phone case from order 10235")
    assert "Phone case" in told(asked)
    photo = await journey.tap(choice(asked, "It arrived damaged"))
    assert "send me a photo" in told(photo)
    before = len(journey.received())
    await journey.whatsapp.customer_attaches(ANA, "image")
    await journey.settle()
    wish = journey.received()[before:]
    back = await journey.tap(choice(wish, "Exchange"))
    assert "Phone case from order 10235, damaged or faulty, for an exchange" in told(back)
    opened = await journey.tap(choice(back, "Yes, open it"))
    assert "return number R-10235-" in told(opened)
    name, data = document(journey, opened[0])
    assert name.startswith("Return label R-10235-")
    assert data.startswith(b"%PDF-")
    number = name.removeprefix("Return label ").removesuffix(".pdf")
    sure = await journey.say("changed my mind, please cancel that return")
    assert number in told(sure)
    done = await journey.tap(choice(sure, "Yes, cancel it"))
    assert f"return {number} is cancelled" in told(done)
    again = await journey.say(f"cancel {number}")
    assert "already cancelled" in told(again)
    assert await journey.control() == "bot"


async def test_the_invoice_comes_as_a_document_of_its_owners_only(journey: Journey) -> None:
    """Ana gets hers as a PDF; from her phone nobody else's."""
    [mine] = await journey.say("send me the invoice for order 10235")
    name, data = document(journey, mine)
    assert name == "Invoice 10235.pdf"
    assert b"%PDF-" in data
    assert "invoice for order 10235" in mine.text
    theirs = await journey.say("and the invoice for 10301 please")
    assert [message.type for message in theirs if message.type == "document"] == []
    assert "can't find" in told(theirs)


async def test_a_return_goes_on_after_a_person(journey: Journey) -> None:
    """What was told before the person came is not asked again, once the customer goes on with it."""
    await journey.say("I want to send back the phone case from order 10235")
    await journey.say("it is too small")
    await journey.say("I want to talk to a person")
    ticket = journey.zendesk.tickets[-1]
    await journey.zendesk.agent_replies(ticket.id, "Hello Ana, please go on with the return here.")
    await journey.settle()
    await journey.zendesk.agent_solves(ticket.id)
    await journey.settle()
    asked = told(await journey.say("I want to return the phone case from order 10235"))
    assert asked.startswith("What state is it in: Phone case?")
