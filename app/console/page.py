"""`/console`: the queue, and beside it the conversation that is open."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from fastapi import Request
from nicegui import ui
from redis.exceptions import RedisError

from app.console import presence
from app.console.conversation import Thread
from app.console.desk import Desk, desk_of
from app.console.frame import every, frame
from app.console.queue import Queue

LOOK = 0.2
"""Seconds between two looks, in memory, whether something changed; the database is read only when it did."""


def register() -> None:
    """Tell NiceGUI of the page."""
    ui.page("/console", title="Conversations · Parley")(show)
    ui.page("/console/{id}", title="Conversations · Parley")(show)


async def show(request: Request) -> None:
    """The page; opening another conversation changes only the part beside the queue."""
    desk = desk_of(request)
    with frame(desk, "/console"), ui.element("div").classes("panes") as panes:
        await _sit(desk)
        ui.timer(presence.BEAT, lambda: _sit(desk))
        queue = Queue(desk)
        await queue.refresh()
        every(LOOK, desk, queue.refresh)
        with ui.element("main").classes("pane"):

            def nothing() -> None:
                panes.classes(remove="reading")
                queue.highlight("")
                ui.label("Choose a conversation to read it.").classes("empty")

            def conversation(id: str) -> None:
                panes.classes(add="reading")
                queue.highlight(id)
                _conversation(desk, id)

            ui.sub_pages({"/console": nothing, "/console/{id}": conversation})


async def _sit(desk: Desk) -> None:
    """Somebody who may answer is at the desk. Without Redis nobody is seen."""
    if desk.may_speak and not desk.closed:
        with suppress(RedisError):
            await presence.sit(desk.parley.redis, desk.person.name)


def _conversation(desk: Desk, id: str) -> None:
    try:
        thread = Thread(desk, UUID(id))
    except ValueError:
        ui.label("There is no such conversation.").classes("empty")
        return
    every(LOOK, desk, thread.look)
    ui.timer(presence.BEAT, thread.beat)
