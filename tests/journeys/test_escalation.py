"""A person is called, or offered, through the whole of Parley."""

from __future__ import annotations

from conversations.tags import store as tags
from sandbox.whatsapp.state import Message
from tests.journeys.conftest import Journey


def text_of(messages: list[Message]) -> str:
    return "\n".join(message.text for message in messages)


async def decisions(journey: Journey) -> list[object]:
    """What the log of the newest conversation says about a person, turn by turn."""
    _, lines = await journey.shown()
    return [line.body.get("escalation") for line in lines if line.kind == "turn"]


async def test_a_demand_for_money_reaches_a_person_at_once(journey: Journey) -> None:
    """One ticket of high priority; the log keeps reason and evidence; the bot is silent."""
    said = await journey.say("I want a refund for order 10235")
    assert "order 10235" in text_of(said)
    assert await journey.control() == "agent"
    assert [ticket.priority for ticket in journey.zendesk.tickets] == ["high"]
    assert await decisions(journey) == [
        {"act": "handoff", "reason": "refund_demanded", "priority": "high", "evidence": "“want a refund”"}
    ]
    assert await journey.say("hello?") == []


async def test_a_grave_word_in_the_middle_of_a_form_is_urgent(journey: Journey) -> None:
    """The open form does not get the message."""
    await journey.say("cancel order 10237")
    said = await journey.say("I will call my lawyer")
    assert "taking this seriously" in text_of(said)
    assert [ticket.priority for ticket in journey.zendesk.tickets] == ["urgent"]


async def test_anger_is_answered_then_offered_a_colleague_and_yes_brings_one(journey: Journey) -> None:
    """The answer comes first; a tap on yes opens the ticket."""
    said = await journey.say("WHERE THE HELL IS MY ORDER 10234??? third time I'm asking!!!")
    assert "out for delivery" in text_of(said[:1])
    assert "Shall I bring a colleague?" in text_of(said[-1:])
    assert await journey.control() == "bot"
    await journey.tap(next(each["id"] for each in said[-1].choices if each["title"] == "Yes, please"))
    assert await journey.control() == "agent"
    assert [ticket.priority for ticket in journey.zendesk.tickets] == ["high"]


async def test_near_misses_stay_with_the_bot(journey: Journey) -> None:
    """ "I am human" and the like call nobody."""
    for text in ("I am human", "return policy for agents", "police station delivery address?"):
        assert await journey.say(text)
        assert await journey.control() == "bot"


async def test_a_problem_of_a_vip_reaches_a_person_at_once(journey: Journey) -> None:
    """Tagged, a customer gets a person for what the bot would otherwise have answered."""
    await journey.say("hi")
    id = (await journey.conversation()).id
    async with journey.parley.pool.connection() as conn:
        await tags.replace(conn, id, "desk", ["vip"])
    await journey.say("where is my order 10234?")
    assert await journey.control() == "bot"
    await journey.say("my order 10234 never arrived")
    assert await journey.control() == "agent"
    assert [ticket.priority for ticket in journey.zendesk.tickets] == ["high"]
