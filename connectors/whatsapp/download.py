"""Files customers sent: opened at WhatsApp and passed on as they come (CONTRACTS A10)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from pydantic import SecretStr

from conversations.errors import Refused, TryLater

TIMEOUT = httpx.Timeout(20.0, connect=5.0)


class FileGone(Refused):
    """WhatsApp has the file no longer (it keeps a customer's for 7 days), or never had it."""


class Source(Protocol):
    """Where files are fetched: base address, version and token of a WhatsApp number."""

    @property
    def base_url(self) -> str: ...
    @property
    def api_version(self) -> str: ...
    @property
    def access_token(self) -> SecretStr: ...


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file on its way. `chunks` gives its bytes once and closes the connection at the end."""

    mime_type: str
    _response: httpx.Response

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.aiter_bytes():
                yield chunk
        finally:
            await self._response.aclose()


async def open_file(http: httpx.AsyncClient, source: Source, media_id: str) -> OpenFile:
    """Open a file by its id. Raises FileGone, or TryLater when WhatsApp does not answer.

    The address WhatsApp names lives 5 minutes and needs the token too, so it is asked for each time.
    """
    if not (media_id.isascii() and media_id.isalnum()):
        raise FileGone("this is not the id of a file", code="media")
    described = await _get(http, source, f"{source.base_url}/{source.api_version}/{media_id}")
    await described.aread()
    about: Any = described.json()
    file = await _get(http, source, str(about["url"]))
    return OpenFile(str(about.get("mime_type") or file.headers.get("content-type", "")), file)


async def _get(http: httpx.AsyncClient, source: Source, url: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {source.access_token.get_secret_value()}"}
    request = http.build_request("GET", url, headers=headers, timeout=TIMEOUT)
    try:
        response = await http.send(request, stream=True, follow_redirects=True)
    except httpx.HTTPError as error:
        raise TryLater(f"WhatsApp cannot be reached: {type(error).__name__}", code="unreachable") from error
    if response.status_code == httpx.codes.OK:
        return response
    await response.aclose()
    if response.status_code in (400, 404, 410):
        raise FileGone("WhatsApp has this file no longer", code="media")
    raise TryLater(f"WhatsApp answered {response.status_code}", code=str(response.status_code))
