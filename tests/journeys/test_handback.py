"""After a person: the bot knows what was promised, and says nothing against it."""

from __future__ import annotations

from conversations import handoff
from tests.journeys.conftest import Journey
from tests.journeys.test_dialogue import everything, titles


async def test_bot_keeps_to_what_the_agent_said(journey: Journey) -> None:
    """Promise and answer come in the agent's words, new wishes are answered, nothing known is asked."""
    await journey.say("where is my refund for order 10236?")
    await journey.say("I want to talk to a person")
    [ticket] = journey.zendesk.tickets
    await journey.zendesk.agent_replies(ticket.id, "Hello Ana, I'll refund the kettle by Friday.")
    await journey.settle()
    await journey.zendesk.agent_solves(ticket.id)
    await journey.settle()
    assert await journey.control() == "bot"
    promised = everything(await journey.say("what did your colleague promise?"))
    assert "promised:\n• I'll refund the kettle by Friday." in promised
    again = await journey.say("where is my refund?")
    assert "I'll refund the kettle by Friday." in everything(again)
    assert "Talk to a person" in titles(again)
    assert "10236" in everything(await journey.say("where is my order?"))
    assert "return window" in everything(await journey.say("can I return something after 30 days?")).lower()


async def test_what_the_agent_found_out_is_not_contradicted(journey: Journey) -> None:
    """The question that the bot had answered before gets the agent's words now; other orders do not."""
    await journey.say("where is my order 10234?")
    await journey.say("I want to talk to a person")
    [ticket] = journey.zendesk.tickets
    found = "I checked with DHL: your parcel is stuck at customs in Lisbon."
    await journey.zendesk.agent_replies(ticket.id, found)
    await journey.settle()
    await journey.zendesk.agent_solves(ticket.id)
    await journey.settle()
    for question in ("where is my order 10234?", "so where is my parcel?"):
        assert found in everything(await journey.say(question))
    other = everything(await journey.say("where is order 10237?"))
    assert "processing" in other
    assert "customs" not in other


async def test_return_from_the_desk_solves_the_ticket(journey: Journey) -> None:
    """The ticket gets a private note of what was left, is solved, and its echo changes nothing."""
    await journey.say("I want to talk to a person")
    [ticket] = journey.zendesk.tickets
    id = (await journey.conversation()).id
    async with journey.parley.pool.connection() as conn:
        await handoff.release(conn, journey.parley.jobs, id, "Mia returned it")
    await journey.settle()
    assert ticket.status == "solved"
    assert ticket.comments[-1].body.startswith("Mia returned it.")
    assert not ticket.comments[-1].public
    assert await journey.control() == "bot"
    changes = [line.text for line in (await journey.shown())[1] if line.kind == "control"]
    assert changes == ["asked_for_person", "Mia returned it"]
