"""Customers' files, fetched from WhatsApp: stale addresses, files that are gone, too large or broken off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from connectors.whatsapp import media
from connectors.whatsapp.client import WhatsAppClient
from connectors.whatsapp.download import FileGone
from conversations.errors import NeedsOperator, Refused, TryLater
from conversations.messages import Media
from tests.unit.connectors.test_whatsapp_client import Graph, client, graph, graph_error

__all__ = ["client", "graph"]
PHOTO = Media("image", "2762702990552401", "image/jpeg")
ADDRESS = "https://lookaside.test/attachments/?mid=1"


class Broken(httpx.AsyncByteStream):
    """Some bytes, and then the connection is lost."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"\xff\xd8"
        raise httpx.ReadError("reset")


def about(url: object = ADDRESS) -> httpx.Response:
    return httpx.Response(200, json={"url": url, "mime_type": "image/jpeg", "id": PHOTO.id})


def found(data: bytes = b"\xff\xd8 photo") -> httpx.Response:
    return httpx.Response(200, content=data)


async def test_a_file_is_read_with_our_token(client: WhatsAppClient, graph: Graph) -> None:
    """Its address is asked for first, and both calls are signed."""
    graph.answers += [about(), found()]
    assert await client.fetch(PHOTO) == b"\xff\xd8 photo"
    assert [str(request.url) for request in graph.requests] == [
        f"http://graph.test/v25.0/{PHOTO.id}",
        ADDRESS,
    ]
    assert {request.headers["Authorization"] for request in graph.requests} == {"Bearer token"}


async def test_a_stale_address_is_asked_for_anew(client: WhatsAppClient, graph: Graph) -> None:
    """An address lives five minutes, and its 404 does not mean that the file is gone."""
    graph.answers += [about(), httpx.Response(404), about(), found()]
    assert await client.fetch(PHOTO) == b"\xff\xd8 photo"


async def test_our_token_is_shown_to_no_other_host(client: WhatsAppClient, graph: Graph) -> None:
    """The address may lead on to a store of files."""
    moved = httpx.Response(302, headers={"Location": "https://store.test/1"})
    graph.answers += [about(), moved, found()]
    assert await client.fetch(PHOTO) == b"\xff\xd8 photo"
    assert "Authorization" not in graph.requests[-1].headers


def refusals() -> Iterator[tuple[list[httpx.Response | Exception], type[Exception]]]:
    gone = graph_error(100, 400)
    yield [gone, gone], FileGone
    yield [about(), httpx.Response(404), about(), httpx.Response(404)], FileGone
    yield [about(None)], Refused
    yield [about("file:///etc/passwd")], Refused
    yield [about(), httpx.Response(403)], Refused
    yield [about(), httpx.Response(503)], TryLater
    yield [about(), httpx.ConnectError("refused")], TryLater
    yield [about(), httpx.Response(200, stream=Broken())], TryLater
    yield [httpx.ReadTimeout("slow")], TryLater
    yield [graph_error(190, 401)], NeedsOperator
    yield [about(), found(b"x" * 11)], Refused


@pytest.mark.parametrize(("answers", "kind"), list(refusals()))
async def test_files_that_cannot_be_had(
    client: WhatsAppClient,
    graph: Graph,
    answers: list[httpx.Response | Exception],
    kind: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What may pass is tried again, what is gone or too large is told."""
    monkeypatch.setattr(media, "LARGEST", 10)
    graph.answers += answers
    with pytest.raises(kind):
        await client.fetch(PHOTO)


@pytest.mark.parametrize("id", ["", "../messages", "1/2", "1?x=y"])
async def test_what_is_no_id_is_not_asked_for(client: WhatsAppClient, graph: Graph, id: str) -> None:
    """An id comes from outside and becomes part of an address."""
    with pytest.raises(FileGone):
        await client.fetch(Media("image", id, "image/jpeg"))
    assert not graph.requests
