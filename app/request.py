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


async def read_body(request: Request, largest: int = LARGEST) -> bytes:
    """The raw body. Answers 413 as soon as it is longer than `largest` bytes."""
    size = f"{largest // 1024**2} MB" if largest >= 1024**2 else f"{largest // 1024} KB"
    too_large = HTTPException(413, f"The body is larger than {size}.")
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > largest:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise too_large
    return bytes(body)
