"""The web process: doors, health, metrics. Everything that answers an HTTP status stands in `app/`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.types import Lifespan

from app import health, papers, settings, wiring
from app.chat import mount as chat
from app.console.mount import mount
from app.logs import configure
from app.webhooks import whatsapp, zendesk
from app.wiring import Parley
from connectors.signature import SignatureMissing, SignatureWrong
from conversations.errors import BadPayload, ParleyError

log = structlog.get_logger(__name__)

STATUSES: dict[type[ParleyError], int] = {BadPayload: 400, SignatureMissing: 401, SignatureWrong: 403}


def create() -> FastAPI:
    """The application as uvicorn's factory: settings from the environment."""
    chosen = settings.load()
    configure(chosen.log_level)

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        async with wiring.build(chosen) as parley:
            app.state.parley = parley
            yield

    return assemble(opened, chosen.chat_origin_list)


def serve(parley: Parley) -> FastAPI:
    """The application around something already opened, for tests."""
    app = assemble(None, parley.settings.chat_origin_list)
    app.state.parley = parley
    return app


def assemble(lifespan: Lifespan[FastAPI] | None, origins: tuple[str, ...] = ()) -> FastAPI:
    """The routes, and the HTTP status of every refusal. Pages of `origins` may use the chat API."""
    app = FastAPI(title="Parley", lifespan=lifespan, docs_url="/api/docs", openapi_url="/api/openapi.json")
    for router in (whatsapp.router, zendesk.router, papers.router, health.router):
        app.include_router(router)
    for error in STATUSES:
        app.add_exception_handler(error, _refuse)
    for unreachable in (OperationalError, PoolTimeout):
        app.add_exception_handler(unreachable, _try_later)
    chat.mount(app, origins)
    mount(app)
    return app


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
    log.warning("refused", path=request.url.path, status=status, why=str(error))
    return JSONResponse({"error": str(error)}, status_code=status)


async def _try_later(request: Request, error: Exception) -> JSONResponse:
    """Without its database a door takes nothing. Both senders repeat after this; Zendesk not after a 500."""
    log.error("the database cannot be reached", path=request.url.path, why=str(error))
    answer = {"error": "The database cannot be reached; nothing was stored."}
    return JSONResponse(answer, status_code=503, headers={"Retry-After": "30"})
