"""The local Zendesk as one object: its web app, its state, and everything tests do with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from sandbox.deliveries import Delivery
from sandbox.faults import ZendeskFaults
from sandbox.service import Service
from sandbox.zendesk import control, events
from sandbox.zendesk.api_more import MoreApi
from sandbox.zendesk.api_tickets import TicketsApi
from sandbox.zendesk.api_users import UsersApi
from sandbox.zendesk.errors import ApiError
from sandbox.zendesk.gate import Gate
from sandbox.zendesk.limits import Limits
from sandbox.zendesk.records import Comment, Json, Ticket, User
from sandbox.zendesk.requests import IdempotencyKeys
from sandbox.zendesk.settings import ZendeskSettings
from sandbox.zendesk.state import State
from sandbox.zendesk.ticket_rules import Change, Changer
from sandbox.zendesk.webhooks import Webhooks, retry_rule


class ZendeskSandbox(Service):
    """A Zendesk account with one admin (whom the app writes as) and two agents at a desk.

    All methods may be awaited from any event loop while the sandbox runs.
    """

    def __init__(self, settings: ZendeskSettings | None = None) -> None:
        settings = settings or ZendeskSettings()
        super().__init__(
            speed=settings.speed,
            rule=retry_rule,
            timeout=settings.webhook_timeout,
            transport=settings.transport,
        )
        self.settings = settings
        self.faults = ZendeskFaults()
        self.state = State(settings, self.clock)
        self.limits = Limits(settings.requests_per_minute)
        self.keys = IdempotencyKeys(self.clock)
        self.webhooks = Webhooks(settings, self.faults, self.courier, self.clock, self.background)
        self._changer = Changer(self.state)
        self.app.add_middleware(Gate, desk=self)
        self.app.add_exception_handler(ApiError, _refuse)
        for api in (TicketsApi(self), UsersApi(self), MoreApi(self)):
            self.app.include_router(api.router())
        control.add_routes(self)

    @property
    def tickets(self) -> list[Ticket]:
        """Every ticket that was not deleted, oldest first."""
        return self.state.present()

    def agent(self, name: str | None = None) -> User:
        """The agent whose name begins like this, or the first. Raises LookupError."""
        for agent in self.state.agents:
            if name is None or agent.name.casefold().startswith(name.casefold()):
                return agent
        raise LookupError(f"no agent is called {name!r}")

    def change(self, ticket: Ticket | None, wanted: Json, actor: User, channel: str = "api") -> Change:
        """Create (ticket None) or update, and tell whoever is subscribed. Raises ApiError. Own loop only."""
        if ticket is None:
            change = self._changer.create(wanted, actor, channel)
        else:
            change = self._changer.update(ticket, wanted, actor, channel)
        return self._announce(change)

    def delete(self, ticket: Ticket, actor: User) -> Change:
        """Delete a ticket softly and tell whoever is subscribed. Own loop only."""
        return self._announce(self._changer.delete(ticket, actor))

    def _announce(self, change: Change) -> Change:
        self.webhooks.announce(events.of_change(change, self.state.users, self.settings))
        self.changes.notify()
        return change

    async def agent_updates(self, ticket_id: int, agent: str | None = None, **wanted: Any) -> Change:
        """Anything an agent can change, in the words of the REST API. Raises ApiError."""

        async def work() -> Change:
            return self.change(self.state.ticket(ticket_id), wanted, self.agent(agent), "web")

        return await self.run(work())

    async def agent_opens(self, subject: str, text: str, agent: str | None = None) -> Ticket:
        """A ticket of an agent's own, with nothing to do with the app."""

        async def work() -> Change:
            wanted = {"subject": subject, "comment": {"body": text}}
            return self.change(None, wanted, self.agent(agent), "web")

        return (await self.run(work())).ticket

    async def agent_replies(
        self, ticket_id: int, text: str, *, markup: str = "", files: Sequence[tuple[str, str, bytes]] = (),
        public: bool = True, agent: str | None = None, **wanted: Any,
    ) -> Comment:  # fmt: skip
        """A public reply, or a private note; `wanted` may change the ticket with it (status="solved").

        `markup` instead of a text: a formatted reply. `files`: name, type and bytes of each attachment.
        """
        words = {"html_body": markup} if markup else {"body": text}
        tokens = [self.state.await_comment(self.state.keep_file(*file)) for file in files]
        comment = {**words, "public": public, **({"uploads": tokens} if tokens else {})}
        change = await self.agent_updates(ticket_id, agent, comment=comment, **wanted)
        return change.ticket.comments[-1]

    async def agent_solves(self, ticket_id: int, agent: str | None = None) -> None:
        """The ticket is solved."""
        await self.agent_updates(ticket_id, agent, status="solved")

    async def agent_closes(self, ticket_id: int, agent: str | None = None) -> None:
        """The ticket is closed for good."""
        await self.agent_updates(ticket_id, agent, status="closed")

    async def agent_takes(self, ticket_id: int, agent: str | None = None) -> None:
        """The agent assigns the ticket to himself."""
        await self.agent_updates(ticket_id, agent, assignee_id=self.agent(agent).id)

    async def agent_merges(self, ticket_id: int, into: int, agent: str | None = None) -> None:
        """The ticket is closed, and goes on in the other. Raises Closed."""

        async def work() -> list[Change]:
            tickets = self.state.ticket(ticket_id), self.state.ticket(into)
            return [self._announce(change) for change in self._changer.merge(*tickets, self.agent(agent))]

        await self.run(work())

    async def agent_deletes(self, ticket_id: int, agent: str | None = None) -> None:
        """The ticket is deleted."""

        async def work() -> Change:
            return self.delete(self.state.ticket(ticket_id), self.agent(agent))

        await self.run(work())

    async def deliver(self, event: Json) -> list[Delivery]:
        """Any event at all, to every webhook, past the faults of lateness and loss."""
        hooks = list(self.webhooks.all.values())
        return [await self.run(self.webhooks.bring(webhook, event)) for webhook in hooks]

    async def deliver_again(self, delivery: Delivery) -> Delivery:
        """The same bytes and headers once more."""
        again = Delivery(delivery.url, delivery.body, dict(delivery.headers), delivery.ids)
        return await self.run(self.courier.deliver(again))

    async def wait_for_tickets(
        self, count: int = 1, *, external_id: str | None = None, timeout: float = 5.0
    ) -> list[Ticket]:
        """Wait until there are `count` tickets (of one conversation). Raises TimeoutError."""

        def enough() -> list[Ticket]:
            found = [ticket for ticket in self.tickets if external_id in (None, ticket.external_id)]
            return found if len(found) >= count else []

        return await self.until(enough, timeout, f"ticket number {count}")

    async def wait_for_comment(self, ticket_id: int, text: str, timeout: float = 5.0) -> Comment:
        """Wait until a comment of the ticket contains `text`. Raises TimeoutError."""

        def found() -> Comment | None:
            comments = self.state.ticket(ticket_id).comments
            return next((comment for comment in comments if text in comment.body), None)

        comment = await self.until(found, timeout, f"a comment with {text!r}")
        if comment is None:
            raise TimeoutError(text)
        return comment


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ApiError):
        raise error
    return JSONResponse(error.body, error.status, error.headers)
