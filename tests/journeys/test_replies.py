"""An agent's formatted reply with files, from the ticket to the phone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from app import web
from sandbox.whatsapp.samples import sample
from tests.journeys.conftest import ANA, Journey, travel
from tests.services import free_port

MARKUP = """<div class="zd-comment" dir="auto"><p>Hi <b>Ana</b>, please:</p>
<ol><li>print the label</li><li>see <a href="https://shop.example/boxes">how to pack</a></li></ol>
<div class="signature"><p>-- <br>Ines, Support</p></div></div>"""
KEY = "an-integrators-key-of-the-shop"
PDF = b"%PDF-1.4 label"
PICTURE = b"\x89PNG\r\n\x1a\n picture"


@pytest.fixture
async def journey(database_url: str, redis_url: str) -> AsyncIterator[Journey]:
    """Parley without an engine, so that everybody is handed over at once."""
    async with travel(database_url, redis_url, f"http://127.0.0.1:{free_port()}") as journey:
        yield journey


async def test_words_list_link_and_files_arrive_in_order(journey: Journey) -> None:
    """The phone shows words in WhatsApp's marks, label and picture; the agent is told of the rest."""
    await journey.say("I need a person")
    [ticket] = await journey.zendesk.wait_for_tickets(1)
    await journey.zendesk.agent_replies(
        ticket.id,
        "",
        markup=MARKUP,
        files=[
            ("label.pdf", "application/pdf", PDF),
            ("design.psd", "image/vnd.adobe.photoshop", b"8BPS"),
            ("box.png", "image/png", PICTURE),
        ],
    )
    await journey.settle()
    words, label, picture = journey.received()[-3:]
    assert words.text == (
        "Hi *Ana*, please:\n\n1. print the label\n2. see how to pack (https://shop.example/boxes)"
    )
    assert (label.type, label.content["filename"]) == ("document", "label.pdf")
    assert picture.type == "image"
    notes = [comment.body for comment in ticket.comments if not comment.public]
    assert any("design.psd" in note and "does not carry" in note for note in notes)


async def test_files_reach_the_chat_on_a_website_too(database_url: str, redis_url: str) -> None:
    """The customer's browser gets a picture's bytes with its token, and never Zendesk's address."""
    nobody = f"http://127.0.0.1:{free_port()}"
    async with (
        travel(database_url, redis_url, nobody, chat_api_keys=SecretStr(f"shop:{KEY}")) as journey,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(web.serve(journey.parley)), base_url="http://parley/api/v1/chat/"
        ) as http,
    ):
        session = (await http.post("sessions", headers={"Authorization": f"Bearer {KEY}"})).json()
        mine = {"Authorization": f"Bearer {session['token']}"}
        await http.post(f"{session['id']}/messages", json={"text": "I need a person"}, headers=mine)
        await journey.settle()
        [ticket] = await journey.zendesk.wait_for_tickets(1)
        files = [("box.png", "image/png", PICTURE)]
        await journey.zendesk.agent_replies(ticket.id, "Like this:", files=files)
        await journey.settle()
        lines = (await http.get(f"{session['id']}/history", headers=mine)).json()["lines"]
        assert [line["text"] for line in lines[-2:]] == ["Like this:", ""]
        assert lines[-1]["file"] == {"name": "box.png", "type": "image/png", "size": len(PICTURE)}
        picture = await http.get(f"{session['id']}/files/{lines[-1]['id']}", headers=mine)
        assert (picture.status_code, picture.content) == (200, PICTURE)


async def test_conversation_goes_on_in_the_ticket_it_was_merged_into(journey: Journey) -> None:
    """Neither the customer nor the agent notices: words go both ways, and nothing of the merging is said."""
    zendesk = journey.zendesk
    await journey.say("I need a person")
    [ticket] = await zendesk.wait_for_tickets(1)
    other = await zendesk.agent_opens("Ana called about her parcel", "Notes of the call")
    await zendesk.agent_replies(other.id, "Written before, to somebody else")
    await zendesk.agent_merges(ticket.id, other.id)
    await journey.settle()
    await journey.say("are you there?")
    assert other.comments[-1].body == "are you there?"
    await zendesk.agent_replies(other.id, "Yes, here I am")
    await journey.settle()
    assert journey.received()[-1].text == "Yes, here I am"
    assert await journey.control() == "agent"
    said = " ".join(message.text for message in journey.received())
    assert "merged" not in said
    assert "Written before" not in said
    await zendesk.agent_solves(other.id)
    await journey.settle()
    assert await journey.control() == "bot"


async def test_customers_files_are_attached_to_the_ticket(journey: Journey) -> None:
    """Photo, voice note and document, each with its comment, in order, byte for byte."""
    await journey.say("I need a person")
    [ticket] = await journey.zendesk.wait_for_tickets(1)
    kinds = ("image", "audio", "document")
    for kind in kinds:
        await journey.whatsapp.customer_attaches(ANA, kind)
    await journey.settle()
    await journey.say("that is all")
    *brought, last = ticket.comments[-4:]
    assert last.body == "that is all"
    assert all(comment.public and comment.author_id == ticket.requester_id for comment in brought)
    files = [file for comment in brought for file in comment.attachments]
    assert [file.content_type.partition("/")[0] for file in files] == ["image", "audio", "application"]
    assert [file.data for file in files] == [sample(kind).data for kind in kinds]
