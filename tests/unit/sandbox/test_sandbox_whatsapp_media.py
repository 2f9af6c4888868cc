"""Files: uploaded, shown, fetched and deleted."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from sandbox.whatsapp.samples import silent_ogg
from sandbox.whatsapp.sandbox import WhatsAppSandbox

FORM = {"messaging_product": "whatsapp", "type": "image/jpeg"}


async def uploaded(graph: httpx.AsyncClient, data: bytes = b"jpeg") -> str:
    answer = await graph.post("media", data=FORM, files={"file": ("a.jpg", data, "image/jpeg")})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def test_upload_show_fetch_delete(graph: httpx.AsyncClient) -> None:
    """A file can be uploaded, looked at, fetched with the token and deleted."""
    media_id = await uploaded(graph)
    about = (await graph.get(f"http://graph.test/v25.0/{media_id}")).json()
    assert about["sha256"] == hashlib.sha256(b"jpeg").hexdigest()
    assert about["file_size"] == "4"
    assert about["messaging_product"] == "whatsapp"
    assert (await graph.get(about["url"])).content == b"jpeg"
    assert (await graph.delete(f"http://graph.test/v25.0/{media_id}")).json() == {"success": True}
    gone = await graph.get(f"http://graph.test/v25.0/{media_id}")
    assert gone.json()["error"]["error_subcode"] == 33


async def test_url_needs_the_token(graph: httpx.AsyncClient) -> None:
    """The URL alone opens nothing."""
    about = (await graph.get(f"http://graph.test/v25.0/{await uploaded(graph)}")).json()
    graph.headers.pop("Authorization")
    assert (await graph.get(about["url"])).status_code == 401


async def test_url_lives_five_minutes(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """A URL is gone after five minutes; a new one can be asked for."""
    media_id = await uploaded(graph)
    about = (await graph.get(f"http://graph.test/v25.0/{media_id}")).json()
    wa.clock.advance(301)
    assert (await graph.get(about["url"])).status_code == 404
    again = (await graph.get(f"http://graph.test/v25.0/{media_id}")).json()
    assert (await graph.get(again["url"])).status_code == 200


async def test_files_expire(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """Ours are kept for 30 days, a customer's for 7."""
    ours = await uploaded(graph)
    theirs = wa.attachment("image")["image"]["id"]
    wa.clock.advance(8 * 86_400)
    assert (await graph.get(f"http://graph.test/v25.0/{ours}")).status_code == 200
    assert (await graph.get(f"http://graph.test/v25.0/{theirs}")).status_code == 400
    wa.clock.advance(23 * 86_400)
    assert (await graph.get(f"http://graph.test/v25.0/{ours}")).status_code == 400


@pytest.mark.parametrize(
    ("kind", "size"), [("image/jpeg", 5 * 1024 * 1024 + 1), ("image/webp", 500 * 1024 + 1), ("text/html", 4)]
)
async def test_too_large_or_unknown(graph: httpx.AsyncClient, kind: str, size: int) -> None:
    """A file over its limit or of another type is refused."""
    form = FORM | {"type": kind}
    answer = await graph.post("media", data=form, files={"file": ("a", b"x" * size, kind)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


async def test_uploaded_file_can_be_sent(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """An uploaded id is taken in a send."""
    await wa.customer_says("15550100001", "hi")
    image = {"id": await uploaded(graph), "caption": "look"}
    body = {"messaging_product": "whatsapp", "to": "15550100001", "type": "image", "image": image}
    assert (await graph.post("messages", json=body)).status_code == 200
    assert wa.sent[0].text == "look"


def test_voice_note_is_a_real_file() -> None:
    """The sample voice note is Ogg Opus with a right checksum on its first page."""
    data = silent_ogg()
    assert data[:4] == b"OggS"
    assert b"OpusHead" in data[:64]
    assert data.count(b"OggS") == 3
