"""A chat as its customer sees it: what is new after a cursor."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.chat import shapes
from app.wiring import Parley
from connectors.chat import store
from connectors.chat.store import State

MOST = 200
"""Lines of one answer."""

LOOK = 1.0
"""Seconds between two looks whether whoever waits is still there."""

CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})\.(bot|agent)\.([01])\.(\d{1,18})", re.ASCII)


START = State()


@dataclass(frozen=True, slots=True)
class Cursor:
    """How much of a conversation somebody knows: log ids of both sides' last lines, and how it stood."""

    theirs: int = 0
    ours: int = 0
    state: State = START

    def __str__(self) -> str:
        state = self.state
        return f"{self.theirs}.{self.ours}.{state.control}.{state.typing:d}.{state.seen}"


def parse(text: str) -> Cursor:
    """The cursor; the beginning for an empty one. Raises ValueError."""
    if not text:
        return Cursor()
    found = CURSOR.fullmatch(text)
    if found is None:
        raise ValueError("after is not a cursor of ours")
    theirs, ours, control, typing, seen = found.groups()
    return Cursor(int(theirs), int(ours), State(control, typing == "1", int(seen)))


async def read(parley: Parley, id: UUID, after: Cursor) -> shapes.History:
    """What is new now."""
    async with parley.pool.connection() as conn:
        state = await store.state(conn, id)
        found = await store.lines(conn, id, (after.theirs, after.ours), MOST + 1)
    new = found[:MOST]
    theirs = max((line.id for line in new if line.author == "customer"), default=after.theirs)
    ours = max((line.id for line in new if line.author != "customer"), default=after.ours)
    return shapes.History(
        lines=[_line(line) for line in new],
        cursor=str(Cursor(theirs, ours, state)),
        more=len(found) > MOST,
        control=state.control,
        typing=state.typing,
        seen=state.seen,
    )


async def wait(
    parley: Parley, id: UUID, after: Cursor, seconds: float, has_gone: Callable[[], Awaitable[bool]]
) -> shapes.History:
    """What is new, as soon as anything is; after so many seconds in any case, or once the asker has gone."""
    end = asyncio.get_running_loop().time() + seconds
    with parley.chats.watch(id) as changed:
        while True:
            changed.clear()
            news = await read(parley, id, after)
            if news.cursor != str(after):
                return news
            while not changed.is_set():
                left = end - asyncio.get_running_loop().time()
                if left <= 0 or await has_gone():
                    return news
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), min(left, LOOK))


def _line(line: store.Line) -> shapes.Line:
    content = line.content or {}
    return shapes.Line(
        id=line.id,
        at=line.at,
        author=line.author,
        text=content.get("text", line.text),
        choices=[shapes.Choice(**_choice(choice)) for choice in content.get("choices") or ()],
        choices_label=content.get("choices_label") or "",
        file=_file(content.get("file")),
        client_id=line.external_id.partition(":")[2] if line.external_id else None,
        state=line.state,
    )


def _file(file: Mapping[str, Any] | None) -> shapes.File | None:
    """Without the address, which is the helpdesk's."""
    return shapes.File(name=file["name"], type=file["mime_type"], size=file["size"]) if file else None


def _choice(choice: dict[str, str]) -> dict[str, str]:
    return {name: choice.get(name, "") for name in ("id", "title", "description")}
