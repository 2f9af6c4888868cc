"""What every API request passes first: paths, faults, sign-in, rate limits."""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.serve import drop_connection
from sandbox.zendesk.errors import TooMany

if TYPE_CHECKING:
    from sandbox.zendesk.sandbox import ZendeskSandbox

API = "/api/v2"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
ERRORS = {
    401: {"error": "Couldn't authenticate you"},
    403: {"error": {"title": "Forbidden", "message": "You do not have access to this page."}},
    409: {"error": "UpdateConflict", "description": "A fault switch of the sandbox is on."},
    429: {"error": "APIRateLimitExceeded", "description": "A fault switch of the sandbox is on."},
}


class Gate:
    """ASGI middleware around the API's paths; everything else passes untouched."""

    def __init__(self, app: ASGIApp, desk: ZendeskSandbox) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        scope["sandbox.path"] = scope["path"]
        scope["path"] = scope["path"].removesuffix(".json")
        await asyncio.sleep(self._desk.faults.latency)
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, self._with_headers(send))
        elif scope["method"] in WRITES and self._desk.faults.take("reset_times"):
            await self._app(scope, receive, _swallow)
            await drop_connection(scope)
        else:
            await self._app(scope, receive, self._with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        faults, now = self._desk.faults, self._desk.clock.timestamp()
        told = faults.error_status is not None and (scope["method"] in WRITES or not faults.writes_only)
        if told and faults.take("error_times"):
            return self._fault(faults.error_status or 500)
        if not self._signed_in(Headers(scope=scope).get("Authorization", "")):
            return JSONResponse(ERRORS[401], 401)
        limit = self._desk.limits.account
        if faults.rate_limits and not limit.take(now):
            error = TooMany(limit.resets(now), "Number of allowed API requests per minute exceeded")
            return JSONResponse(error.body, error.status, error.headers)
        return None

    def _fault(self, status: int) -> Response:
        after = self._desk.faults.retry_after
        headers = {"Retry-After": str(after)} if after is not None and status in (429, 503) else {}
        if status in ERRORS:
            return JSONResponse(ERRORS[status], status, headers)
        return HTMLResponse(BAD_GATEWAY.replace("502 Bad Gateway", f"{status} Error"), status, headers)

    def _signed_in(self, header: str) -> bool:
        scheme, _, given = header.partition(" ")
        settings = self._desk.settings
        if scheme.lower() == "bearer":
            return hmac.compare_digest(given.encode(), settings.oauth_token.encode())
        wanted = base64.b64encode(f"{settings.email}/token:{settings.api_token}".encode())
        return scheme.lower() == "basic" and hmac.compare_digest(given.encode(), wanted)

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._limit_headers().items():
                    headers.setdefault(name, value)
            await send(message)

        return sending

    def _limit_headers(self) -> dict[str, str]:
        limit, now = self._desk.limits.account, self._desk.clock.timestamp()
        total, remaining = str(limit.total), str(limit.remaining(now))
        return {
            "x-rate-limit": total,
            "x-rate-limit-remaining": remaining,
            "ratelimit-limit": total,
            "ratelimit-remaining": remaining,
            "ratelimit-reset": str(limit.resets(now)),
            "x-zendesk-api-version": "v2",
            "x-request-id": secrets.token_hex(16),
        }


async def _swallow(message: Message) -> None:
    """The answer to a write whose connection is going to be dropped."""
