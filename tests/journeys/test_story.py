"""The story of the README, through the real contracts: signed webhook in, Graph API call out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from conversations import handoff
from sandbox.whatsapp import inbound
from sandbox.whatsapp.state import Message
from tests.journeys.conftest import ANA, BEN, Journey, travel


def everything(messages: list[Message]) -> str:
    """The texts the customer received, joined."""
    return "\n".join(message.text for message in messages)


async def test_order_status(journey: Journey) -> None:
    """Ana asks for her order by number and reads status, date, carrier and tracking link."""
    answer = everything(await journey.say("where is my order 10234?"))
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert "10234" in answer
    assert "out for delivery" in answer.lower()
    assert "DHL" in answer
    assert "https://" in answer
    assert "tomorrow" in answer.lower() or str(tomorrow.day) in answer
    [turn] = [line for line in (await journey.shown())[1] if line.kind == "turn"]
    assert turn.body["intent"] == "order_status"
    assert turn.body["model_id"]
    assert turn.body["escalated"] is False


async def test_open_orders_come_as_a_list_and_the_pick_is_understood(journey: Journey) -> None:
    """Without a number Parley lists the open orders; tapping one tells its status."""
    [offer] = await journey.say("where's my order?")
    assert offer.content["type"] == "list"
    titles = " ".join(choice["title"] for choice in offer.choices)
    assert "10234" in titles
    assert "10237" in titles
    assert "10235" not in titles
    picked = everything(await journey.tap(next(c["id"] for c in offer.choices if "10237" in c["title"])))
    assert "10237" in picked
    assert "10234" not in picked


async def test_choice_can_be_typed(journey: Journey) -> None:
    """Who types the number instead of tapping is understood just as well."""
    await journey.say("where's my order?")
    assert "10237" in everything(await journey.say("10237"))


async def test_anothers_order_is_unknown_in_the_same_words(journey: Journey) -> None:
    """Ben's order asked from Ana's number reads exactly like an order that does not exist."""
    of_ben = everything(await journey.say("where is 10301"))
    of_nobody = everything(await journey.say("where is 99999"))
    assert of_ben.replace("10301", "#") == of_nobody.replace("99999", "#")
    assert "delay" not in of_ben.lower()
    assert "10301" in everything(await journey.say("where is 10301", BEN))


async def test_policy_answer_names_its_article(journey: Journey) -> None:
    """A policy question is answered from the kb, with the article's name and the evidence in the log."""
    answer = everything(await journey.say("can I return something after 30 days?"))
    assert "30" in answer
    assert "return window" in answer.lower()
    [turn] = [line for line in (await journey.shown())[1] if line.kind == "turn"]
    assert turn.body["sources"][0]["article"] == "return_window"


async def test_handoff_and_back(journey: Journey) -> None:
    """A wish for a person makes one ticket; the agent's reply arrives; solving gives the bot back."""
    await journey.say("where is my order 10234?")
    farewell = everything(await journey.say("I want to talk to a person"))
    assert "passing you on" in farewell
    [ticket] = journey.zendesk.tickets
    assert "where is my order 10234?" in ticket.comments[0].body
    assert not ticket.comments[0].public
    assert await journey.control() == "agent"
    assert await journey.say("are you there?") == []
    assert [comment.body for comment in ticket.comments[1:]] == ["are you there?"]
    assert ticket.comments[1].public
    await journey.zendesk.agent_replies(ticket.id, "Hello Ana, this is Ines. How can I help?")
    await journey.settle()
    assert journey.received()[-1].text == "Hello Ana, this is Ines. How can I help?"
    await journey.zendesk.agent_replies(ticket.id, "she sounds tired", public=False)
    await journey.settle()
    assert "tired" not in everything(journey.received())
    await journey.zendesk.agent_solves(ticket.id)
    await journey.settle()
    assert await journey.control() == "bot"
    assert "10234" in everything(await journey.say("where is my order 10234?"))
    assert len(journey.zendesk.tickets) == 1


async def test_nonsense_is_clarified_then_handed_off(journey: Journey) -> None:
    """One clarifying question with options; after three unresolved turns a person is asked for."""
    [first] = await journey.say("blorf wibble zanthor")
    assert first.choices
    assert await journey.control() == "bot"
    await journey.say("quux frobnicate the snorkel")
    assert await journey.control() == "bot"
    await journey.say("hjkl asdf qwertz")
    assert await journey.control() == "agent"
    assert len(journey.zendesk.tickets) == 1


async def test_slash_is_only_text(journey: Journey) -> None:
    """A customer who types one of Rasa's commands does not reach into the engine."""
    await journey.say("where's my order?")
    for command in ("/restart", "/session_start", "/back"):
        assert await journey.say(command)
    intents = [line.body["intent"] for line in (await journey.shown())[1] if line.kind == "turn"]
    assert not {"restart", "session_start", "back"} & set(intents)


async def test_files_and_places_are_answered_kindly(journey: Journey) -> None:
    """What the bot cannot read is answered with a wish for words."""
    await journey.whatsapp.customer_attaches(ANA, "sticker")
    await journey.settle()
    assert "type" in everything(journey.received())


async def test_batch_is_answered_whole(journey: Journey) -> None:
    """Three messages of two customers, spread over entries and changes of one webhook, get three answers."""
    wa = journey.whatsapp
    batch = [wa.compose(ANA, inbound.text("hi")), wa.compose(BEN, inbound.text("hello"))]
    batch.append(wa.compose(ANA, inbound.text("where is my order 10234?")))
    delivery = await wa.deliver_batch(batch)
    assert delivery.accepted
    await wa.deliver_again(delivery, 3)
    await journey.settle()
    assert "DHL" in everything(journey.received(ANA))
    assert len(journey.received(BEN)) == 1


async def test_ambiguous_send_reaches_the_customer_once(journey: Journey) -> None:
    """WhatsApp took the message but its answer was lost: the receipt settles it, nothing is repeated."""
    journey.whatsapp.faults.change(reset_times=1)
    await journey.say("where is my order 10234?")
    assert len(journey.received()) == 1


async def test_ambiguous_ticket_is_opened_once(journey: Journey) -> None:
    """Zendesk created the ticket but its answer was lost: there is still one."""
    journey.zendesk.faults.change(reset_times=1)
    await journey.say("I want to talk to a person")
    assert len(journey.zendesk.tickets) == 1
    await journey.say("hello?")
    assert journey.zendesk.tickets[0].comments[-1].body == "hello?"


async def test_engine_down_is_a_handoff_and_loses_nothing(database_url: str, redis_url: str) -> None:
    """With no engine at all the customer is told, and a person gets the message."""
    async with travel(database_url, redis_url, "http://127.0.0.1:9") as journey:
        told = everything(await journey.say("where is my order 10234?"))
        assert told.startswith(handoff.APOLOGY.text)
        [ticket] = journey.zendesk.tickets
        assert "where is my order 10234?" in ticket.comments[0].body
        await journey.say("hello?")
        assert ticket.comments[-1].body == "hello?"


async def test_takeover_during_a_turn_silences_the_bot(journey: Journey) -> None:
    """Takeover returned means silence, whatever the bot was about to say."""
    await journey.say("hello")
    conversation = await journey.conversation()
    before = len(journey.received())
    await journey.whatsapp.customer_says(ANA, "where is my order 10234?")
    await asyncio.gather(
        journey.settle(),
        handoff.take_and_hush(journey.parley.pool, journey.parley.corridor.jobs, conversation.id, "test"),
    )
    after = len(journey.received())
    await journey.settle()
    assert len(journey.received()) == after
    assert after - before <= 1


async def test_emptied_redis_loses_nothing(journey: Journey) -> None:
    """Redis holds only what may be lost: emptied in the middle of a conversation, it is not missed."""
    await journey.say("where's my order?")
    await journey.parley.redis.flushall()
    assert "10237" in everything(await journey.say("10237"))
