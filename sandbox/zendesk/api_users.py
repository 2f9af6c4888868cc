"""The API's paths for users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from sandbox.zendesk import search, shapes, user_rules
from sandbox.zendesk.pagination import base_url, paginate
from sandbox.zendesk.records import User
from sandbox.zendesk.requests import read

if TYPE_CHECKING:
    from sandbox.zendesk.sandbox import ZendeskSandbox

Json = dict[str, Any]


class UsersApi:
    """Create, find, show and change users and their identities."""

    def __init__(self, desk: ZendeskSandbox) -> None:
        self._desk = desk

    def router(self) -> APIRouter:
        """The routes, under /api/v2."""
        router = APIRouter(prefix="/api/v2")
        for method, path, endpoint in (
            ("GET", "/users", self.list),
            ("POST", "/users", self.create),
            ("POST", "/users/create_or_update", self.create_or_update),
            ("GET", "/users/search", self.search),
            ("GET", "/users/show_many", self.show_many),
            ("GET", "/users/me", self.me),
            ("GET", "/users/{user_id:int}", self.show),
            ("PUT", "/users/{user_id:int}", self.update),
            ("GET", "/users/{user_id:int}/identities", self.identities),
            ("POST", "/users/{user_id:int}/identities", self.add_identity),
            ("GET", "/users/{user_id:int}/tickets/requested", self.requested),
        ):
            router.add_api_route(path, endpoint, methods=[method], response_model=None)
        return router

    async def list(self, request: Request) -> Json:
        """Everybody, or those with a role."""
        roles = [*request.query_params.getlist("role"), *request.query_params.getlist("role[]")]
        users = [user for user in self._desk.state.users.values() if not roles or user.role in roles]
        return paginate(request, "users", users, self._show(request))

    async def create(self, request: Request) -> JSONResponse:
        """A new user."""
        user = user_rules.create(self._desk.state, await read(request, "user"))
        return self._one(request, user, 201)

    async def create_or_update(self, request: Request) -> JSONResponse:
        """The user with this external id or e-mail; 201 when there was none."""
        user, new = user_rules.create_or_update(self._desk.state, await read(request, "user"))
        return self._one(request, user, 201 if new else 200)

    async def search(self, request: Request) -> Json:
        """By external id at once, or by a query as the search index knows it."""
        state, params = self._desk.state, request.query_params
        if external_id := params.get("external_id"):
            found = user_rules.by_external_id(state, {"external_id": external_id})
            return paginate(request, "users", [found] if found else [], self._show(request))
        known = state.indexed(self._desk.faults.search_delay)
        hits = search.find(params.get("query", ""), (pair for pair in known if pair[0] == "user"))
        users = [state.users[hit["id"]] for hit in hits]
        return paginate(request, "users", users, self._show(request))

    async def show_many(self, request: Request) -> Json:
        """The users with these ids."""
        wanted = {int(i) for i in request.query_params.get("ids", "").split(",") if i.strip().isdigit()}
        users = [user for user in self._desk.state.users.values() if user.id in wanted]
        return paginate(request, "users", users, self._show(request))

    async def me(self, request: Request) -> JSONResponse:
        """Who we are signed in as."""
        return self._one(request, self._desk.state.bot, 200)

    async def show(self, request: Request, user_id: int) -> JSONResponse:
        """One user."""
        return self._one(request, self._desk.state.user(user_id), 200)

    async def update(self, request: Request, user_id: int) -> JSONResponse:
        """Change a user."""
        user = self._desk.state.user(user_id)
        user_rules.update(self._desk.state, user, await read(request, "user"))
        return self._one(request, user, 200)

    async def identities(self, request: Request, user_id: int) -> Json:
        """The ways to reach a user."""
        identities = self._desk.state.user(user_id).identities
        return paginate(request, "identities", identities, lambda identity: dict(identity))

    async def add_identity(self, request: Request, user_id: int) -> JSONResponse:
        """One more way to reach a user."""
        user, wanted = self._desk.state.user(user_id), await read(request, "identity")
        return JSONResponse({"identity": user_rules.add_identity(self._desk.state, user, wanted)}, 201)

    async def requested(self, request: Request, user_id: int) -> Json:
        """The tickets of a user."""
        user, base = self._desk.state.user(user_id), base_url(request)
        tickets = [ticket for ticket in self._desk.state.present() if ticket.requester_id == user.id]
        return paginate(request, "tickets", tickets, lambda ticket: shapes.ticket(ticket, base))

    def _show(self, request: Request) -> Any:
        base = base_url(request)
        return lambda user: shapes.user(user, base)

    def _one(self, request: Request, user: User, status: int) -> JSONResponse:
        headers = {"Location": f"{base_url(request)}/api/v2/users/{user.id}.json"} if status == 201 else {}
        return JSONResponse({"user": self._show(request)(user)}, status, headers)
