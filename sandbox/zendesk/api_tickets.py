"""The API's paths for tickets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from sandbox.clock import stamp
from sandbox.zendesk import shapes
from sandbox.zendesk.errors import BadRequest, TooMany
from sandbox.zendesk.pagination import base_url, decode_cursor, encode_cursor, paginate
from sandbox.zendesk.records import Ticket
from sandbox.zendesk.requests import Answer, read
from sandbox.zendesk.ticket_rules import Change

if TYPE_CHECKING:
    from sandbox.zendesk.sandbox import ZendeskSandbox

Json = dict[str, Any]
EXPORT_AGE = 60
EXPORT_SIZE = 1000


class TicketsApi:
    """Create, show, list, update, comment, tag, delete and export tickets."""

    def __init__(self, desk: ZendeskSandbox) -> None:
        self._desk = desk

    def router(self) -> APIRouter:
        """The routes, under /api/v2."""
        router = APIRouter(prefix="/api/v2")
        for method, path, endpoint in (
            ("POST", "/tickets", self.create),
            ("GET", "/tickets", self.list),
            ("GET", "/tickets/count", self.count),
            ("GET", "/tickets/show_many", self.show_many),
            ("POST", "/tickets/create_many", self.create_many),
            ("GET", "/incremental/tickets/cursor", self.export),
            ("GET", "/tickets/{ticket_id:int}", self.show),
            ("PUT", "/tickets/{ticket_id:int}", self.update),
            ("DELETE", "/tickets/{ticket_id:int}", self.delete),
            ("GET", "/tickets/{ticket_id:int}/comments", self.comments),
            ("GET", "/tickets/{ticket_id:int}/audits", self.audits),
            ("GET", "/tickets/{ticket_id:int}/tags", self.tags),
            ("POST", "/tickets/{ticket_id:int}/tags", self.change_tags),
            ("PUT", "/tickets/{ticket_id:int}/tags", self.change_tags),
            ("DELETE", "/tickets/{ticket_id:int}/tags", self.change_tags),
        ):
            router.add_api_route(path, endpoint, methods=[method], response_model=None)
        return router

    async def create(self, request: Request) -> JSONResponse:
        """A new ticket, once per Idempotency-Key."""
        wanted = await read(request, "ticket")
        self._limit("create", None, "Too many tickets created")

        async def make() -> Answer:
            await asyncio.sleep(self._desk.faults.slow_creates)
            change = self._desk.change(None, wanted, self._desk.state.bot)
            shown = self._changed(request, change)
            return 201, shown, {"Location": shown["ticket"]["url"]}

        conflict = self._desk.faults.conflict_on_same_key
        return await self._desk.keys.once(request, make, conflict_in_flight=conflict)

    async def create_many(self, request: Request) -> Json:
        """Several at once; answers with a finished job."""
        tickets = (await request.json()).get("tickets")
        if not isinstance(tickets, list):
            raise BadRequest("Parameter tickets is required")
        changes = [self._desk.change(None, wanted, self._desk.state.bot) for wanted in tickets]
        results = [
            {"index": i, "id": c.ticket.id, "action": "create", "success": True}
            for i, c in enumerate(changes)
        ]
        job: Json = {"id": str(self._desk.state.new_id()), "status": "completed", "total": len(results)}
        job |= {"url": f"{base_url(request)}/api/v2/job_statuses/{job['id']}.json", "progress": len(results)}
        return {"job_status": job | {"message": "Completed", "results": results}}

    async def list(self, request: Request) -> Json:
        """Tickets by id, all or those with an external id."""
        external_id = request.query_params.get("external_id")
        tickets = [t for t in self._desk.state.present() if external_id in (None, t.external_id)]
        return paginate(request, "tickets", tickets, self._show(request))

    async def count(self) -> Json:
        """How many tickets there are."""
        total = len(self._desk.state.present())
        return {"count": {"value": total, "refreshed_at": stamp(self._desk.clock.now())}}

    async def show_many(self, request: Request) -> Json:
        """The tickets with these ids; those that do not exist are left out."""
        wanted = {int(i) for i in request.query_params.get("ids", "").split(",") if i.strip().isdigit()}
        tickets = [ticket for ticket in self._desk.state.present() if ticket.id in wanted]
        page = paginate(request, "tickets", tickets, self._show(request))
        people = [id for ticket in page["tickets"] for id in (ticket["requester_id"], ticket["assignee_id"])]
        return page | self._users(request, people)

    async def show(self, request: Request, ticket_id: int) -> Json:
        """One ticket."""
        return {"ticket": self._show(request)(self._desk.state.ticket(ticket_id))}

    async def update(self, request: Request, ticket_id: int) -> Json:
        """Change a ticket, at most 30 times in 10 minutes."""
        ticket = self._desk.state.ticket(ticket_id)
        wanted = await read(request, "ticket")
        self._limit("update", None, "Too many ticket updates")
        self._limit("ticket", (ticket_id, self._desk.state.bot.id), "Too many updates of this ticket")
        return self._changed(request, self._desk.change(ticket, wanted, self._desk.state.bot))

    async def delete(self, ticket_id: int) -> Response:
        """Delete a ticket."""
        self._desk.delete(self._desk.state.ticket(ticket_id), self._desk.state.bot)
        return Response(status_code=204)

    async def comments(self, request: Request, ticket_id: int) -> Json:
        """What was written, oldest first unless asked otherwise."""
        base, comments = base_url(request), list(self._desk.state.ticket(ticket_id).comments)
        if _newest_first(request):
            comments.reverse()
        page = paginate(request, "comments", comments, lambda comment: shapes.comment(comment, base))
        return page | self._users(request, [comment["author_id"] for comment in page["comments"]])

    def _users(self, request: Request, ids: Iterable[int | None]) -> Json:
        """The users of a list, each once, where they are asked for beside it."""
        if "users" not in request.query_params.get("include", "").split(","):
            return {}
        base, users = base_url(request), self._desk.state.users
        return {"users": [shapes.user(users[id], base) for id in dict.fromkeys(ids) if id is not None]}

    async def audits(self, request: Request, ticket_id: int) -> Json:
        """Every update, oldest first unless asked otherwise."""
        base, ticket = base_url(request), self._desk.state.ticket(ticket_id)
        audits = ticket.audits[::-1] if _newest_first(request) else list(ticket.audits)
        comments = {comment.id: comment for comment in ticket.comments}
        return paginate(request, "audits", audits, lambda audit: shapes.audit(audit, comments, base))

    async def tags(self, ticket_id: int) -> Json:
        """The tags of a ticket."""
        return {"tags": self._desk.state.ticket(ticket_id).tags}

    async def change_tags(self, request: Request, ticket_id: int) -> JSONResponse:
        """PUT adds, POST sets, DELETE removes."""
        ticket = self._desk.state.ticket(ticket_id)
        tags = (await request.json()).get("tags", [])
        name = {"PUT": "additional_tags", "POST": "tags", "DELETE": "remove_tags"}[request.method]
        self._desk.change(ticket, {name: tags}, self._desk.state.bot)
        return JSONResponse({"tags": ticket.tags}, 201 if request.method == "POST" else 200)

    async def export(self, request: Request) -> Json:
        """Tickets in the order they changed, deleted ones too; each call goes on from its cursor."""
        self._limit("export", None, "Too many export requests")
        after = self._export_start(request)
        tickets = sorted(self._desk.state.tickets.values(), key=lambda ticket: ticket.sequence)
        waiting = [ticket for ticket in tickets if ticket.sequence > after]
        page = waiting[: min(EXPORT_SIZE, int(request.query_params.get("per_page", EXPORT_SIZE)))]
        cursor = encode_cursor({"sequence": page[-1].sequence if page else after})
        return {
            "tickets": [self._show(request)(ticket) for ticket in page],
            "after_url": f"{base_url(request)}/api/v2/incremental/tickets/cursor.json?cursor={cursor}",
            "after_cursor": cursor,
            "before_url": None,
            "before_cursor": None,
            "end_of_stream": len(page) == len(waiting),
        }

    def _export_start(self, request: Request) -> int:
        """The sequence after which to begin: from the cursor, or from a start time in Unix seconds."""
        if cursor := request.query_params.get("cursor"):
            return int(decode_cursor(cursor).get("sequence", 0))
        start = request.query_params.get("start_time", "")
        if not start.isdigit():
            raise BadRequest("Parameter start_time is required")
        if int(start) > self._desk.clock.timestamp() - EXPORT_AGE:
            raise BadRequest("start_time must be at least one minute ago", "StartTimeTooRecent")
        tickets = self._desk.state.tickets.values()
        return max((t.sequence for t in tickets if t.updated_at.timestamp() < int(start)), default=0)

    def _show(self, request: Request) -> Any:
        base = base_url(request)

        def show(ticket: Ticket) -> Json:
            return shapes.ticket(ticket, base)

        return show

    def _changed(self, request: Request, change: Change) -> Json:
        base = base_url(request)
        comments = {comment.id: comment for comment in change.ticket.comments}
        ticket = shapes.ticket(change.ticket, base)
        return {"ticket": ticket, "audit": shapes.audit(change.audit, comments, base)}

    def _limit(self, name: str, key: object, description: str) -> None:
        limit, now = getattr(self._desk.limits, name), self._desk.clock.timestamp()
        if self._desk.faults.rate_limits and not limit.take(now, key):
            raise TooMany(limit.resets(now, key), description)


def _newest_first(request: Request) -> bool:
    params = request.query_params
    return params.get("sort", "").startswith("-") or params.get("sort_order") == "desc"
