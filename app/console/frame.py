"""What every page of the desk stands in: the bar at the top, the style, and what happens again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import psycopg
from nicegui import ui
from psycopg_pool import PoolTimeout

from app.console.desk import Desk

PLACES = {"/console": "Conversations", "/analytics": "Analytics"}
AGAIN = 2.0
"""Seconds to wait before a database that did not answer is asked again."""

HELD = 3.0
"""Seconds between two looks for what does not leave."""

LOST = "The database does not answer. What you see may be old; trying again."

logger = logging.getLogger(__name__)


@contextmanager
def frame(desk: Desk, place: str) -> Iterator[None]:
    """The bar, with `place` as the present one, and room for the page below it."""
    ui.add_head_html('<link rel="stylesheet" href="/console/static/desk.css">')
    with ui.element("div").classes("desk"):
        with ui.element("header").classes("bar"):
            ui.label("Parley").classes("brand")
            with ui.element("nav").props('aria-label="Main"'):
                for path, title in PLACES.items():
                    link = ui.link(title, path).classes("place")
                    if path == place:
                        link.props('aria-current="page"')
            with ui.element("form").props('method=post action="/console/sign-out"').classes("who"):
                ui.label(desk.person.name).classes("one-line").props(f'title="{desk.person.role}"')
                ui.element("input").props('type=submit value="Sign out"').classes("quiet")
        with ui.element("div").classes("standing"):
            _standing(desk)
        yield


def _standing(desk: Desk) -> None:
    """By which way nothing leaves, and why, for as long as that lasts."""
    with ui.element("div").classes("held").props("role=alert") as held:
        said = ui.label()
    held.set_visibility(False)

    async def look() -> None:
        said.text = " ".join(await desk.room.board.held())
        held.set_visibility(bool(said.text))

    every(HELD, desk, look)


def every(seconds: float, desk: Desk, refresh: Callable[[], Awaitable[None]]) -> ui.timer:
    """Call `refresh` while the page is open. Says when the database is away; leaves with the session."""
    with ui.element("div").classes("alarm").props("role=alert") as alarm:
        ui.label(LOST)
    alarm.set_visibility(False)

    async def once() -> None:
        if desk.closed:
            ui.navigate.to("/console/sign-in")
            return
        try:
            await refresh()
        except (psycopg.OperationalError, PoolTimeout) as error:
            if not alarm.visible:
                logger.warning("the desk cannot read: %s", type(error).__name__)
            alarm.set_visibility(True)
            await asyncio.sleep(AGAIN)
        else:
            alarm.set_visibility(False)

    return ui.timer(seconds, once)
