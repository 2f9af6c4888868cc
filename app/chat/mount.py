"""Puts the chat API and the chat page into the web process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, RedirectResponse, Response
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from app.chat import api, page
from conversations.desk.holding import HeldByAnother

log = structlog.get_logger(__name__)

PATH = "/api/v1"
ABOUT = (
    "The chat of a website, answered by the same bot and the same agents as WhatsApp. "
    "An integrator's server opens a session with its API key and gives the session's token to the customer's "
    "browser, which writes, reads and waits for news with it."
)

TryLater = Callable[[Request, Exception], Awaitable[Response]]


def mount(app: FastAPI, origins: tuple[str, ...]) -> None:
    """Add `/api/v1` with its documentation, and `/chat`; pages of these origins may call the API."""
    app.mount(PATH, _api(app, origins), name="chat api")
    app.include_router(page.router)
    app.mount("/chat/static", page.Files(directory=page.STATIC), name="chat files")


def _api(app: FastAPI, origins: tuple[str, ...]) -> FastAPI:
    inner = FastAPI(title="Parley chat API", version="1", description=ABOUT)
    inner.state = app.state
    inner.include_router(api.router)
    inner.add_api_route("/", _to_documentation, include_in_schema=False)
    inner.add_exception_handler(HTTPException, _refuse)
    inner.add_exception_handler(RequestValidationError, _not_understood)
    inner.add_exception_handler(HeldByAnother, _taken)
    for unreachable in (OperationalError, PoolTimeout):
        inner.add_exception_handler(unreachable, _try_later)
    if origins:
        inner.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Retry-After"],
            max_age=3600,
        )
    return inner


def api_of(app: FastAPI) -> FastAPI:
    """The chat API within the application."""
    return next(route.app for route in app.routes if isinstance(route, Mount) and route.path == PATH)  # type: ignore[return-value]


async def _to_documentation() -> Response:
    return RedirectResponse(f"{PATH}/docs")


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  (what it is registered for)
    log.info("chat refused", path=request.url.path, status=error.status_code)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _taken(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": str(error)}, 409)


async def _not_understood(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    problems = [(".".join(map(str, part["loc"][1:])), part["msg"]) for part in error.errors()]
    said = "; ".join(f"{where}: {what}" if where else what for where, what in problems)
    return JSONResponse({"error": said}, 422)


async def _try_later(request: Request, error: Exception) -> JSONResponse:
    log.error("the database cannot be reached", path=request.url.path, why=str(error))
    answer = {"error": "The database cannot be reached; nothing was stored."}
    return JSONResponse(answer, 503, {"Retry-After": "5"})
