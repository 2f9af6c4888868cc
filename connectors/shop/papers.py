"""Papers and pictures that the bot gives out, as bytes for a channel."""

from __future__ import annotations

import re

import httpx

from conversations.errors import Refused, TryLater
from conversations.messages import File
from orders.papers import pictures
from orders.papers.issue import Document, issue
from orders.papers.ports import Links
from orders.ports import Orders

PICTURE = re.compile(r"/pictures/([a-z_]+\.png)$")
OURS = re.compile(r"/papers/([\w-]{43})$")
LARGEST = 16 * 1024 * 1024
"""Bytes of a file at the shop's own address; an invoice has a few thousand."""
SECONDS = 10.0


class Papers:
    """Implements the core's `Papers`: papers of ours, and files at an address of the shop's own.

    The HTTP client stays its owner's to close.
    """

    def __init__(self, links: Links, orders: Orders, http: httpx.AsyncClient):
        self._links, self._orders, self._http = links, orders, http

    async def open(self, word: str) -> Document | None:
        """The paper behind the secret word of a link."""
        return await issue(self._links, self._orders, word)

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file the bot named. Raises Refused or TryLater."""
        if drawn := PICTURE.search(file.url):
            return _picture(drawn[1])
        ours = OURS.search(file.url)
        if ours is None:
            return await self._download(file.url)
        found = await self.open(ours[1])
        if found is None:
            raise Refused("the link opens no paper", code="no_paper")
        return found.data

    async def _download(self, url: str) -> bytes:
        try:
            async with self._http.stream("GET", url, timeout=SECONDS, follow_redirects=True) as response:
                if response.status_code != httpx.codes.OK:
                    gone = response.status_code < 500
                    raise (Refused if gone else TryLater)(f"its address answered HTTP {response.status_code}")
                data = bytearray()
                async for chunk in response.aiter_bytes():
                    data += chunk
                    if len(data) > LARGEST:
                        raise Refused(f"it is larger than {LARGEST} bytes", code="size")
                return bytes(data)
        except httpx.InvalidURL as error:
            raise Refused(f"its address cannot be used: {error}", code="url") from error
        except httpx.HTTPError as error:
            raise TryLater(f"it cannot be fetched: {type(error).__name__}", code="no_answer") from error


def _picture(name: str) -> bytes:
    found = pictures.read(name)
    if found is None:
        raise Refused("there is no such picture", code="no_picture")
    return found
