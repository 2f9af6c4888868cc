"""A customer waits, colleagues are told step by step, somebody takes it: through the whole of Parley."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conversations import handoff
from conversations.notices import ladder
from tests.journeys.conftest import Journey


async def minutes_later(journey: Journey, minutes: float) -> None:
    """What the worker does so long after now."""
    async with journey.parley.pool.connection() as conn:
        await ladder.climb(conn, journey.parley.jobs, datetime.now(UTC) + timedelta(minutes=minutes))
    await journey.settle()


async def test_nobody_takes_it_then_somebody_does(journey: Journey) -> None:
    """Slack at once, the lead's mail ten minutes later, and nothing more once an agent has it."""
    await journey.say("I want a refund for order 10235")
    [post] = journey.whatsapp.posts
    assert post.text == "High: Customer demands a refund. Somebody is needed."
    facts = [each["text"] for each in post.blocks[1]["elements"]]
    assert facts == ["Waiting: less than a minute", "Customer: WhatsApp …001", "Skill: payments"]
    id = (await journey.conversation()).id
    assert f"/console/{id}|Open the conversation>" in post.blocks[0]["text"]["text"]
    assert journey.whatsapp.mails == []
    await minutes_later(journey, 9)
    assert journey.whatsapp.mails == []
    await minutes_later(journey, 10.1)
    [mail] = journey.whatsapp.mails
    assert (mail.to, mail.subject) == ("lead@example.com", "High: Customer demands a refund")
    assert "Nobody has taken it yet." in mail.text
    assert not any(secret in f"{post}{mail}" for secret in ("15550100001", "10235", "Ana"))


async def test_once_taken_nobody_is_told_any_more(journey: Journey) -> None:
    """An urgent one would have reached three groups."""
    await journey.say("I will call my lawyer")
    assert len(journey.whatsapp.posts) == 1
    assert [mail.to for mail in journey.whatsapp.mails] == ["lead@example.com"]
    id = (await journey.conversation()).id
    await handoff.take_and_hush(journey.parley.pool, journey.parley.jobs, id, "Mia took over")
    await minutes_later(journey, 60)
    assert (len(journey.whatsapp.posts), len(journey.whatsapp.mails)) == (1, 1)
