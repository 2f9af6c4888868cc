"""The handoff package as Zendesk's own client library reads it: every part that an agent is promised."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import zenpy

from tests.journeys.conftest import ANA, Journey, load_demo, travel

NAMES = ("reason", "order_number", "intent", "frustration", "conversation")
FIELDS = {name: 36001 + place for place, name in enumerate(NAMES)}


def client(journey: Journey) -> Any:
    """zenpy as anybody uses it; Parley has pointed it at the sandbox."""
    settings = journey.zendesk.settings
    return zenpy.Zenpy(subdomain="parley", email=settings.email, token=settings.api_token, disable_cache=True)


def read(zendesk: Any) -> tuple[Any, list[Any], Any, list[dict[str, Any]]]:
    """The only ticket with its comments, requester and audits."""
    [ticket] = list(zendesk.tickets())
    comments = list(zendesk.tickets.comments(ticket=ticket.id))
    audits = [audit.to_dict() for audit in zendesk.tickets.audits(ticket=ticket.id)]
    return ticket, comments, zendesk.users(id=ticket.requester_id), audits


async def test_the_ticket_tells_all(database_url: str, redis_url: str, engine: str) -> None:
    """Summary, reason, priority, wish, order, deeds, mood, times, link, tags, fields, ids and key."""
    fields = ",".join(f"{name}:{id}" for name, id in FIELDS.items())
    desk = "https://desk.example"
    await load_demo(database_url)
    async with travel(database_url, redis_url, engine, ticket_fields=fields, public_url=desk) as journey:
        await journey.say("where is my order 10234?")
        await journey.say("this is unacceptable, my parcel arrived broken")
        conversation = await journey.conversation()
        ticket, comments, requester, audits = await asyncio.to_thread(read, client(journey))

    summary, facts, *talk = comments[0].body.split("\n\n")
    who, wants, state = summary.splitlines()
    assert who == "Ana Silva: Grave words: injury, fraud, law or the like."
    wish = "this is unacceptable, my parcel arrived broken"
    assert wants == f"Wants: “where is my order 10234?” → “{wish}”"
    assert state.startswith("Order 10234 (Wireless headphones; out for delivery; ")
    assert "The bot's last step: order status: “Order 10234" in state
    told = dict(line.partition(": ")[::2] for line in facts.splitlines())
    assert "unacceptable" in told["Reason"]
    assert told["Priority"] == "urgent"
    assert "status: out for delivery" in told["Order 10234"]
    assert "total: " in told["Order 10234"]
    assert told["Tried"].startswith("order status: “Order 10234")
    assert "frustration" in told["Mood"]
    assert " → " in told["Mood"]
    assert told["Owed"].startswith("an answer by")
    link = f"https://desk.example/console/{conversation.id}"
    assert told["Conversation"] == link
    today = f"[{datetime.now(UTC):%Y-%m-%d}"
    lines = [line for line in "\n".join(talk).splitlines() if line.startswith(today)]
    assert "Ana Silva: where is my order 10234?" in lines[0]
    assert "Parley: Order 10234" in lines[1]
    assert "this is unacceptable" in lines[-2]
    assert "taking this seriously" in lines[-1]
    assert not comments[0].public

    assert ticket.priority == "urgent"
    assert {"parley", "whatsapp", "grave"} <= set(ticket.tags)
    assert ticket.external_id == f"whatsapp:{conversation.id}"
    values = {field["id"]: field["value"] for field in ticket.custom_fields}
    assert values[FIELDS["reason"]] == "grave"
    assert values[FIELDS["order_number"]] == "10234"
    assert values[FIELDS["conversation"]] == link
    assert float(values[FIELDS["frustration"]]) > 0
    assert values[FIELDS["intent"]]
    assert requester.external_id == f"whatsapp:{conversation.user_id or ANA}"
    assert (requester.name, requester.phone) == ("Ana Silva", f"+{ANA}")
    [key] = {audit["metadata"]["custom"]["parley"] for audit in audits if audit["metadata"].get("custom")}
    assert key.startswith(f"parley-{conversation.id}-")


async def test_the_same_key_makes_one_ticket(journey: Journey) -> None:
    """The answer to the create is lost: the request is repeated with its key, and there is one ticket."""
    journey.zendesk.faults.change(reset_times=1)
    await journey.say("human please")
    await journey.settle()
    ticket, comments, requester, _ = await asyncio.to_thread(read, client(journey))
    assert ticket.requester_id == requester.id
    assert len(comments) == 1
