"""What both pages need: their files, their fault switches, and lines that say that something changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import HTTPException
from fastapi.responses import FileResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import ValidationError

from sandbox.faults import Switches
from sandbox.service import Service

FOLDER = Path(__file__).parent / "pages"
NO_STORE = {"Cache-Control": "no-store"}


def add_page(sandbox: Service, name: str) -> None:
    """Serve `pages/{name}/index.html` at `/`, and its files and the shared ones under `/pages/`."""

    async def page() -> FileResponse:
        return FileResponse(FOLDER / name / "index.html", headers=NO_STORE)

    sandbox.app.add_api_route("/", page, methods=["GET"], include_in_schema=False)
    sandbox.app.mount("/pages", StaticFiles(directory=FOLDER), name="pages")


def add_faults(sandbox: Service, faults: Switches) -> None:
    """Serve the fault switches: GET shows, PATCH sets, DELETE resets them."""

    async def show() -> dict[str, Any]:
        return {"values": faults.model_dump(), "switches": faults.described()}

    async def change(values: dict[str, Any]) -> dict[str, Any]:
        try:
            faults.change(**values)
        except ValidationError as error:
            raise HTTPException(422, [problem["msg"] for problem in error.errors()]) from None
        sandbox.changes.notify()
        return faults.model_dump()

    async def reset() -> dict[str, Any]:
        faults.reset()
        sandbox.changes.notify()
        return faults.model_dump()

    for method, endpoint in (("GET", show), ("PATCH", change), ("DELETE", reset)):
        sandbox.app.add_api_route("/sandbox/faults", endpoint, methods=[method])


def event_stream(changes: AsyncIterator[bool]) -> StreamingResponse:
    """Server-sent events: `changed` for True, a comment that keeps the line open for False."""

    async def lines() -> AsyncIterator[str]:
        async for changed in changes:
            yield "data: changed\n\n" if changed else ": quiet\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers=NO_STORE)
