"""Whether a part answers already. A check returns None when it does, else what is missing in a few words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx

Check = Callable[[], Awaitable[str | None]]


async def alive() -> str | None:
    """Enough for a part without a door: it runs."""
    return None


def listens(port: int, host: str = "127.0.0.1") -> Check:
    """Ready when somebody accepts a connection."""

    async def check() -> str | None:
        return await _connects(asyncio.open_connection(host, port), f"nothing listens on port {port} yet")

    return check


def listens_at(path: str) -> Check:
    """Ready when somebody accepts a connection on this Unix socket."""

    async def check() -> str | None:
        return await _connects(asyncio.open_unix_connection(path), "its socket is not open yet")

    return check


def answers(url: str) -> Check:
    """Ready when a GET gives a status below 400; until then the reason the answer names, if any."""

    async def check() -> str | None:
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                response = await client.get(url)
        except httpx.HTTPError:
            return "it does not answer yet"
        return None if response.status_code < 400 else _reason(response)

    return check


async def _connects(
    connecting: Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]], otherwise: str
) -> str | None:
    try:
        _, writer = await asyncio.wait_for(connecting, 5)
    except (OSError, TimeoutError):
        return otherwise
    writer.close()
    return None


def _reason(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return f"it answers {response.status_code}"
    if not isinstance(body, dict):
        return f"it answers {response.status_code}"
    if parts := body.get("parts"):
        return "; ".join(f"{name}: {state}" for name, state in parts.items() if state != "ok")
    return str(body.get("message") or body.get("error") or f"it answers {response.status_code}")
