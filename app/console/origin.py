"""Keeps other sites from acting in a signed-in person's name."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_ours(headers: Headers) -> bool:
    """Whether a browser says that the request comes from a page of this host; other programs say nothing.

    Browsers send `Origin` with every POST and with every live connection, and pages cannot change it.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc == headers.get("x-forwarded-host", headers.get("host", ""))


async def refuse_strangers(request: HTTPConnection) -> None:
    """Answer 403 to a request that changes something and comes from another site."""
    if request.scope.get("method", "GET") not in SAFE and not is_ours(request.headers):
        raise HTTPException(403, "This was sent from another site.")
