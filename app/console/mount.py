"""Puts the desk into the web process."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nicegui
from fastapi import FastAPI
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from nicegui import ui

from app.analytics import page as analytics
from app.console import media, sign_in
from app.console import page as console
from app.console.desk import Room, furnish
from app.console.gate import Gate

STATIC = Path(__file__).parent / "static"


def mount(app: FastAPI) -> None:
    """Add `/console` and `/analytics` to the application, and NiceGUI's start and stop to its life.

    The pages take Parley from `app.state.parley` when they are asked for.
    """
    app.include_router(sign_in.router)
    app.include_router(media.router)
    app.mount("/console/static", _Files(directory=STATIC), name="desk files")
    app.router.routes.append(Gate(_pages(), lambda: _room(app)))
    within = app.router.lifespan_context

    @asynccontextmanager
    async def beside_nicegui(application: FastAPI) -> AsyncIterator[Any]:
        async with nicegui.app.router.lifespan_context(nicegui.app), within(application) as state:
            yield state
            if hasattr(app.state, "room"):
                await app.state.room.live.close()

    app.router.lifespan_context = beside_nicegui


def _room(app: FastAPI) -> Room:
    """The room all pages of this process share, furnished when the first page is asked for."""
    if not hasattr(app.state, "room"):
        app.state.room = furnish(app.state.parley)
    room: Room = app.state.room
    return room


class _Files(StaticFiles):
    """Our own files; the browser asks each time whether they changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


@functools.cache
def _pages() -> FastAPI:
    """NiceGUI's application, of which a process has one, with our pages in it."""
    ui.run_with(
        FastAPI(),  # takes what NiceGUI would add to an application at its root; `Gate` gives it its place
        title="Parley",
        favicon=STATIC / "icon.svg",
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10,
    )
    console.register()
    analytics.register()
    return nicegui.app
