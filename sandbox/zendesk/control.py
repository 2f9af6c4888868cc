"""The agent page and the control paths (`/sandbox/...`) that it and other programs use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from sandbox import page
from sandbox.zendesk.records import Comment, Json, Ticket, User

if TYPE_CHECKING:
    from sandbox.zendesk.sandbox import ZendeskSandbox


class NewComment(BaseModel):
    """Something an agent writes, with files, or files alone. `uploads`: their tokens."""

    body: str = Field(default="", max_length=65_000)
    public: bool = True
    uploads: list[str] = []


class Work(BaseModel):
    """What an agent does to a ticket; what is not given stays."""

    agent_id: int
    comment: NewComment | None = None
    status: Literal["open", "pending", "hold", "solved", "closed"] | None = None
    priority: Literal["urgent", "high", "normal", "low"] | None = None
    tags: list[str] | None = None
    assignee_id: int | None = None


class Advance(BaseModel):
    """How far to move the clock."""

    seconds: float = Field(ge=0)


def add_routes(desk: ZendeskSandbox) -> None:
    """Put the page and its paths into the sandbox's app."""
    page.add_page(desk, "desk")
    page.add_faults(desk, desk.faults)
    router = APIRouter(prefix="/sandbox")
    control = _Control(desk)
    router.add_api_route("/state", control.state, methods=["GET"])
    router.add_api_route("/events", control.events, methods=["GET"])
    router.add_api_route("/tickets/{ticket_id}", control.ticket, methods=["GET"])
    router.add_api_route("/tickets/{ticket_id}", control.work, methods=["POST"])
    router.add_api_route("/uploads", control.upload, methods=["POST"])
    router.add_api_route("/clock", control.advance, methods=["POST"])
    desk.app.include_router(router)
    desk.app.add_api_route("/agent/tickets/{ticket_id}", _to_the_page, methods=["GET"])


async def _to_the_page(ticket_id: int) -> RedirectResponse:
    """Zendesk's own address of a ticket leads to it on the page."""
    return RedirectResponse(f"/#{ticket_id}")


class _Control:
    def __init__(self, desk: ZendeskSandbox) -> None:
        self._desk = desk

    async def state(self) -> Json:
        """Every ticket, latest change first, and the agents."""
        tickets = sorted(self._desk.tickets, key=lambda ticket: ticket.sequence, reverse=True)
        return {
            "agents": [{"id": agent.id, "name": agent.name} for agent in self._desk.state.agents],
            "tickets": [self._row(ticket) for ticket in tickets],
            "webhooks": [hook.about["endpoint"] for hook in self._desk.webhooks.all.values()],
        }

    async def events(self) -> Response:
        """A line at every change."""
        return page.event_stream(self._desk.changes.stream())

    async def ticket(self, ticket_id: int) -> Json:
        """One ticket with everything written in it."""
        ticket = self._find(ticket_id)
        requester = self._desk.state.users[ticket.requester_id]
        return self._row(ticket) | {
            "tags": ticket.tags,
            "external_id": ticket.external_id,
            "assignee_id": ticket.assignee_id,
            "phone": requester.phone,
            "comments": [self._comment(ticket, comment) for comment in ticket.comments],
        }

    async def work(self, ticket_id: int, work: Work) -> Json:
        """An agent replies, assigns, changes or closes."""
        agent = self._desk.state.users.get(work.agent_id)
        if agent not in self._desk.state.agents:
            raise HTTPException(404, "no such agent")
        wanted = work.model_dump(exclude={"agent_id"}, exclude_unset=True)
        if wanted.get("comment") is None:
            wanted.pop("comment", None)
        if wanted.get("status") is None:
            wanted.pop("status", None)
        self._desk.change(self._find(ticket_id), wanted, agent, "web")
        return await self.ticket(ticket_id)

    async def upload(self, request: Request, filename: str) -> Json:
        """Keep a file that the agent attaches, until a comment takes it."""
        kind = request.headers.get("Content-Type") or "application/octet-stream"
        file = self._desk.state.keep_file(filename, kind, await request.body())
        return {"token": self._desk.state.await_comment(file)}

    async def advance(self, step: Advance) -> Json:
        """Move the clock on: limits are earned back, keys are forgotten, search catches up."""
        self._desk.clock.advance(step.seconds)
        self._desk.changes.notify()
        return {"now": self._desk.clock.now().isoformat()}

    def _find(self, ticket_id: int) -> Ticket:
        return self._desk.state.ticket(ticket_id)

    def _row(self, ticket: Ticket) -> Json:
        users = self._desk.state.users
        assignee = users.get(ticket.assignee_id or 0)
        return {
            "id": ticket.id,
            "status": ticket.status,
            "subject": ticket.subject,
            "priority": ticket.priority,
            "requester": users[ticket.requester_id].name,
            "assignee": assignee.name if assignee else None,
            "updated_at": ticket.updated_at.isoformat(),
            "sequence": ticket.sequence,
            "last": ticket.comments[-1].body[:160] if ticket.comments else "",
        }

    def _comment(self, ticket: Ticket, comment: Comment) -> Json:
        author = self._desk.state.users[comment.author_id]
        return {
            "id": comment.id,
            "author": author.name,
            "side": self._side(ticket, author),
            "public": comment.public,
            "body": comment.body,
            "at": comment.created_at.isoformat(),
            "attachments": [_file(attachment) for attachment in comment.attachments],
        }

    def _side(self, ticket: Ticket, author: User) -> str:
        if author.id == ticket.requester_id and not author.is_staff:
            return "customer"
        return "app" if author is self._desk.state.bot else "agent"


def _file(attachment: Any) -> Json:
    return {
        "name": attachment.file_name,
        "type": attachment.content_type,
        "url": f"/attachments/token/{attachment.token}/",
    }
