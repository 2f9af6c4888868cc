"""The API's paths for search, uploads and webhooks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from sandbox.clock import stamp
from sandbox.zendesk import search, shapes
from sandbox.zendesk.errors import ApiError, NotFound
from sandbox.zendesk.pagination import base_url, paginate
from sandbox.zendesk.requests import read
from sandbox.zendesk.webhooks import Webhook

if TYPE_CHECKING:
    from sandbox.zendesk.sandbox import ZendeskSandbox

Json = dict[str, Any]
MOST_RESULTS = 1000
UPLOAD_DAYS = 3
LARGEST_UPLOAD = 50 * 1024 * 1024


class MoreApi:
    """Search with its delayed index, uploads, and webhooks with their secrets."""

    def __init__(self, desk: ZendeskSandbox) -> None:
        self._desk = desk

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter()
        for method, path, endpoint in (
            ("GET", "/api/v2/search", self.search),
            ("GET", "/api/v2/search/count", self.count),
            ("GET", "/api/v2/search/export", self.search_export),
            ("POST", "/api/v2/uploads", self.upload),
            ("GET", "/attachments/token/{token}/", self.content),
            ("GET", "/api/v2/webhooks", self.webhooks),
            ("POST", "/api/v2/webhooks", self.create_webhook),
            ("GET", "/api/v2/webhooks/{webhook_id}", self.webhook),
            ("PUT", "/api/v2/webhooks/{webhook_id}", self.change_webhook),
            ("PATCH", "/api/v2/webhooks/{webhook_id}", self.change_webhook),
            ("DELETE", "/api/v2/webhooks/{webhook_id}", self.delete_webhook),
            ("GET", "/api/v2/webhooks/{webhook_id}/signing_secret", self.secret),
            ("POST", "/api/v2/webhooks/{webhook_id}/signing_secret", self.reset_secret),
        ):
            router.add_api_route(path, endpoint, methods=[method], response_model=None)
        return router

    async def search(self, request: Request) -> Json:
        """Tickets and users that meet the query, at most 1000 of them."""
        params = request.query_params
        found = search.ordered(self._found(request), params.get("sort_by"), params.get("sort_order"))
        page, size = int(params.get("page", 1)), int(params.get("per_page", 100))
        if page * size > MOST_RESULTS and page > 1:
            description = "Requested response size was greater than Search Response Limits"
            raise ApiError(422, {"error": "invalid", "description": description})
        return {"facets": None} | paginate(request, "results", found[:MOST_RESULTS], dict)

    async def count(self, request: Request) -> Json:
        """How many meet the query."""
        return {"count": len(self._found(request))}

    async def search_export(self, request: Request) -> Json:
        """All that meet the query, by cursor; there is no way back."""
        answer = paginate(request, "results", self._found(request), dict)
        if "links" in answer:
            answer["links"]["prev"] = None
        return answer

    def _found(self, request: Request) -> list[Json]:
        params, base = request.query_params, base_url(request)
        kind = params.get("filter[type]")
        known = [pair for pair in self._desk.state.indexed(self._desk.faults.search_delay)]
        hits = search.find(params.get("query", ""), (pair for pair in known if kind in (None, pair[0])))
        return [hit | {"url": base + hit["url"]} for hit in hits]

    async def upload(self, request: Request) -> JSONResponse:
        """Keep raw bytes until a comment takes them by their token."""
        data = await request.body()
        if len(data) > LARGEST_UPLOAD:
            raise ApiError(413, {"error": "AttachmentTooLarge", "description": "The file is too large"})
        params = request.query_params
        kind = request.headers.get("Content-Type", "application/octet-stream")
        name = params.get("filename", "file").rpartition("/")[2]
        file = self._desk.state.keep_file(name, kind, data)
        token = self._desk.state.await_comment(file, params.get("token"))
        base = base_url(request)
        shown = [shapes.attachment(each, base) for each in self._desk.state.uploads[token]]
        upload = {"token": token, "expires_at": self._in_days(UPLOAD_DAYS), "attachment": shown[-1]}
        return JSONResponse({"upload": upload | {"attachments": shown}}, 201)

    def _in_days(self, days: int) -> str:
        return stamp(self._desk.clock.now() + timedelta(days=days))

    async def content(self, token: str) -> Response:
        """The bytes of an attachment."""
        file = self._desk.state.files.get(token)
        if file is None:
            raise NotFound
        return Response(file.data, media_type=file.content_type)

    async def webhooks(self) -> Json:
        """Every webhook."""
        return {
            "webhooks": [self._shown(webhook) for webhook in self._desk.webhooks.all.values()],
            "meta": {"has_more": False, "after_cursor": None, "before_cursor": None},
            "links": {"prev": None, "next": None},
        }

    async def create_webhook(self, request: Request) -> JSONResponse:
        """A new webhook; its credentials are not shown again."""
        webhook = self._desk.webhooks.create(await read(request, "webhook"))
        return JSONResponse({"webhook": self._shown(webhook)}, 201)

    async def webhook(self, webhook_id: str) -> Json:
        """One webhook."""
        return {"webhook": self._shown(self._desk.webhooks.get(webhook_id))}

    async def change_webhook(self, request: Request, webhook_id: str) -> Response:
        """Change a webhook."""
        self._desk.webhooks.change(webhook_id, await read(request, "webhook"))
        return Response(status_code=204)

    async def delete_webhook(self, webhook_id: str) -> Response:
        """Delete a webhook."""
        self._desk.webhooks.delete(webhook_id)
        return Response(status_code=204)

    async def secret(self, webhook_id: str) -> Json:
        """The secret its events are signed with."""
        return _secret(self._desk.webhooks.get(webhook_id))

    async def reset_secret(self, webhook_id: str) -> JSONResponse:
        """A new secret."""
        return JSONResponse(_secret(self._desk.webhooks.reset_secret(webhook_id)), 201)

    def _shown(self, webhook: Webhook) -> Json:
        return webhook.shown | {"created_by": str(self._desk.state.bot.id)}


def _secret(webhook: Webhook) -> Json:
    return {"signing_secret": {"algorithm": "SHA256", "secret": webhook.secret}}
