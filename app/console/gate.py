"""Lets NiceGUI have its own paths and nothing else, and lets only signed-in people through to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.console.desk import SCOPE, Room, open_desk
from app.console.origin import is_ours
from app.console.users import UsersUnreadable

PAGE = re.compile(r"/(console(/[0-9a-f-]{36})?|analytics)/?")
LIVE = re.compile(r"/_nicegui_ws/.*")
FILE = re.compile(r"/_nicegui/.*|/favicon\.ico")

HEADERS = {
    # NiceGUI's start-up script stands in the page and Vue compiles templates; nothing comes from elsewhere.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def is_page(path: str) -> bool:
    """Whether this is the path of a page that needs a signed-in person."""
    return PAGE.fullmatch(path) is not None


class Gate(Mount):
    """NiceGUI's place among the routes: its pages, its files and its live connection."""

    def __init__(self, nicegui: ASGIApp, room: Callable[[], Room]):
        super().__init__("", app=_Guard(nicegui, room), name="desk")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] not in ("http", "websocket"):
            return Match.NONE, {}
        path = _path(scope)
        ours = any(pattern.fullmatch(path) for pattern in (PAGE, LIVE, FILE))
        return super().matches(scope) if ours else (Match.NONE, {})


class _Guard:
    """Asks who is there; files alone are for everybody."""

    def __init__(self, inner: ASGIApp, room: Callable[[], Room]):
        self._inner = inner
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _path(scope)
        if FILE.fullmatch(path):
            await self._inner(scope, receive, send)
            return
        try:
            desk = open_desk(self._room(), scope)
        except UsersUnreadable:
            desk = None  # the sign-in page says what is wrong
        if desk is None or (LIVE.fullmatch(path) and not is_ours(Headers(scope=scope))):
            await _turn_away(path, scope, receive, send)
            return
        await self._inner({**scope, SCOPE: desk}, receive, _with_headers(send) if is_page(path) else send)


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


async def _turn_away(path: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    asked = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
    if is_page(path):
        await RedirectResponse(f"/console/sign-in?next={quote(asked, safe='')}", 303)(scope, receive, send)
    else:
        await PlainTextResponse("Sign in first.", 403)(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sending
