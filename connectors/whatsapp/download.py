"""Files customers sent, opened at WhatsApp (CONTRACTS A9.2): passed on as they come, or read whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx

from connectors.whatsapp import errors
from connectors.whatsapp.media import MB
from conversations.errors import Refused, TryLater

TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class FileGone(Refused):
    """WhatsApp has the file no longer (it keeps a customer's for 7 days), or never had it."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file on its way. Its bytes are given once, and the connection is closed at their end."""

    mime_type: str
    _response: httpx.Response

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.aiter_bytes():
                yield chunk
        finally:
            await self._response.aclose()

    async def read(self, most: int) -> bytes:
        """All of it. Raises Refused when it is larger than `most` bytes, TryLater when it breaks off."""
        data = bytearray()
        try:
            async for chunk in self._response.aiter_bytes():
                data += chunk
                if len(data) > most:
                    raise Refused(f"the file is larger than {most // MB} MB", code="size")
        except httpx.HTTPError as error:
            raise _not_fetched(error) from error
        finally:
            await self._response.aclose()
        return bytes(data)


async def open_address(
    http: httpx.AsyncClient, address: str, headers: Mapping[str, str], mime_type: str
) -> OpenFile:
    """Open a file at the address WhatsApp names for it, which lives 5 minutes and needs the token too.

    Raises FileGone for an address that is stale, or TryLater or Refused.
    """
    request = http.build_request("GET", address, headers=dict(headers), timeout=TIMEOUT)
    try:
        response = await http.send(request, stream=True, follow_redirects=True)
    except httpx.HTTPError as error:
        raise _not_fetched(error) from error
    if response.status_code == httpx.codes.OK:
        return OpenFile(mime_type or response.headers.get("content-type", ""), response)
    await response.aclose()
    if response.status_code in (404, 410):
        raise FileGone("the file is no longer at WhatsApp", code=str(response.status_code))
    raise errors.from_download(response.status_code)


def _not_fetched(error: httpx.HTTPError) -> TryLater:
    return TryLater(f"the file could not be fetched: {type(error).__name__}", code="no_answer")
