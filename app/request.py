"""What a request handler needs of the request: Parley itself, and a body of a sane size."""

from __future__ import annotations

from typing import cast

from fastapi import HTTPException, Request

from app.wiring import Parley

LARGEST = 3 * 1024 * 1024
"""Bytes; Meta sends up to 3 MB (CONTRACTS A4)."""


def parley_of(request: Request) -> Parley:
    """The Parley this web process serves."""
    return cast(Parley, request.app.state.parley)


async def read_body(request: Request) -> bytes:
    """The raw body. Answers 413 as soon as it is longer than `LARGEST`."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > LARGEST:
        raise HTTPException(413, "The body is larger than 3 MB.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413, "The body is larger than 3 MB.")
    return bytes(body)
