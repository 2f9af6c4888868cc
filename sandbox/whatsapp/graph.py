"""The Graph API's paths: messages, media, the number itself, and subscriptions."""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from sandbox.serve import drop_connection
from sandbox.whatsapp.errors import BadToken, GraphError, UnknownObject, trace_id
from sandbox.whatsapp.media import File
from sandbox.whatsapp.validation import check_product

if TYPE_CHECKING:
    from sandbox.whatsapp.sandbox import WhatsAppSandbox

OLDEST_VERSION = 20
JSON_TYPE = "application/json"


def add_routes(wa: WhatsAppSandbox) -> None:
    """Put the Graph API into the sandbox's app."""
    router = _Graph(wa).router()
    wa.app.include_router(router)

    @wa.app.exception_handler(GraphError)
    async def refuse(request: Request, error: GraphError) -> JSONResponse:
        headers = {"x-fb-trace-id": trace_id()}
        if error.code == 190:
            headers["WWW-Authenticate"] = 'OAuth "Facebook Platform" "invalid_token"'
        return JSONResponse(error.body, error.status, headers)


class _Graph:
    def __init__(self, wa: WhatsAppSandbox) -> None:
        self._wa = wa

    def router(self) -> APIRouter:
        router = APIRouter()
        for path, method, endpoint in (
            ("/{owner}/messages", "POST", self.send),
            ("/{owner}/media", "POST", self.upload),
            ("/{owner}/subscribed_apps", "POST", self.subscribe),
            ("/{object_id}", "GET", self.show),
            ("/{object_id}", "POST", self.configure),
            ("/{object_id}", "DELETE", self.delete),
        ):
            router.add_api_route("/v{version}.0" + path, endpoint, methods=[method])
        router.add_api_route("/whatsapp_business/attachments/", self.download, methods=["GET"])
        return router

    async def send(self, request: Request, version: str, owner: str) -> Response:
        """Send, or mark as read. Its faults come where the real one's do: before anything is taken."""
        number = self._admit(request, version)
        self._own(owner, self._wa.settings.phone_number_id)
        await asyncio.sleep(self._wa.faults.latency)
        self._fail_if_told()
        body = await _json(request)
        if "status" in body:
            check_product(body)
            self._wa.outbound.mark(body)
            return JSONResponse({"success": True}, headers=_headers(number))
        answer = self._wa.outbound.accept(body, number)
        if self._wa.faults.take("reset_times"):
            await drop_connection(request.scope)
        return JSONResponse(answer, headers=_headers(number))

    async def upload(self, request: Request, version: str, owner: str) -> Response:
        """Keep a file of ours: multipart with messaging_product, type and file."""
        number = self._admit(request, version)
        self._own(owner, self._wa.settings.phone_number_id)
        async with request.form() as form:
            check_product(dict(form))
            file = form.get("file")
            if file is None or isinstance(file, str):
                raise GraphError(100, "file is required")
            kind = str(form.get("type") or file.content_type or "")
            kept = self._wa.library.upload(await file.read(), kind, file.filename or "")
        return JSONResponse({"id": kept.id}, headers=_headers(number))

    async def show(self, request: Request, version: str, object_id: str) -> Response:
        """Our number, or a file with a fresh URL."""
        number = self._admit(request, version)
        if object_id == self._wa.settings.phone_number_id:
            return JSONResponse(self._number(), headers=_headers(number))
        file = self._wa.library.get(object_id)
        owner = request.query_params.get("phone_number_id", self._wa.settings.phone_number_id)
        self._own(owner, self._wa.settings.phone_number_id)
        return JSONResponse(self._file(request, file), headers=_headers(number))

    async def download(self, request: Request, mid: str = "", hash: str = "") -> Response:
        """A file by the URL handed out for it; 404 when it is older than five minutes."""
        self._check_token(request)
        file = self._wa.library.open_url(mid, hash)
        if file is None:
            return PlainTextResponse("URL expired", 404)
        return Response(file.data, media_type=file.mime_type)

    async def delete(self, request: Request, version: str, object_id: str) -> Response:
        """Forget a file."""
        self._admit(request, version)
        self._wa.library.delete(object_id)
        return JSONResponse({"success": True})

    async def subscribe(self, request: Request, version: str, owner: str) -> Response:
        """Set the callback of the account, after it has answered the verification."""
        self._admit(request, version)
        self._own(owner, self._wa.settings.business_account_id)
        return await self._register(await _json(request) if await request.body() else {})

    async def configure(self, request: Request, version: str, object_id: str) -> Response:
        """Set the callback of the number, after it has answered the verification."""
        self._admit(request, version)
        self._own(object_id, self._wa.settings.phone_number_id)
        return await self._register((await _json(request)).get("webhook_configuration") or {})

    async def _register(self, wanted: dict[str, Any]) -> Response:
        url, token = wanted.get("override_callback_uri"), wanted.get("verify_token")
        if url and not await self._wa.webhooks.register(str(url), str(token)):
            raise GraphError(100, "The callback URL did not answer the verification.")
        return JSONResponse({"success": True})

    def _admit(self, request: Request, version: str) -> int:
        """The version as a number. Raises BadToken, or GraphError for a version that is gone."""
        self._check_token(request)
        if not version.isdigit() or int(version) < OLDEST_VERSION:
            raise GraphError(100, f"v{version}.0 is not a version that is still served")
        return int(version)

    def _check_token(self, request: Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        wanted = self._wa.settings.access_token
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), wanted.encode()):
            raise BadToken

    @staticmethod
    def _own(given: str, ours: str) -> None:
        if given != ours:
            raise UnknownObject(given)

    def _fail_if_told(self) -> None:
        faults = self._wa.faults
        if faults.error_code is not None and faults.take("error_times"):
            raise GraphError(faults.error_code, "A fault switch of the sandbox is on.")

    def _number(self) -> dict[str, str]:
        settings = self._wa.settings
        return {
            "id": settings.phone_number_id,
            "display_phone_number": f"+{settings.display_phone_number}",
            "verified_name": "Parley Shop",
            "quality_rating": "GREEN",
        }

    def _file(self, request: Request, file: File) -> dict[str, str]:
        query = self._wa.library.new_url_query(file)
        return {
            "messaging_product": "whatsapp",
            "url": f"{request.base_url}whatsapp_business/attachments/?{query}",
            "mime_type": file.mime_type,
            "sha256": file.sha256,
            "file_size": str(len(file.data)),
            "id": file.id,
        }


def _headers(version: int) -> dict[str, str]:
    return {"facebook-api-version": f"v{version}.0", "x-fb-trace-id": trace_id()}


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise GraphError(100, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise GraphError(100, "The body must be a JSON object.")
    return body
