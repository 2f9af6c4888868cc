"""One conversation: read along, take over, reply, return it to the bot."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from app.console import thread, words
from app.console.desk import Desk
from conversations import handoff, inbox, reports, store
from conversations.errors import UnknownConversation
from conversations.rows import Conversation, TicketRow

LAST = 300
"""How many lines of the log are shown, the newest."""

LONGEST = 8000
"""Characters of a reply."""


class Thread(Element, component="conversation.js"):
    """The conversation at the middle of the desk. Every change it makes goes through the core."""

    def __init__(self, desk: Desk, id: UUID):
        super().__init__()
        self._desk = desk
        self._id = id
        self._shown: dict[str, Any] | None = None
        self._taken: list[str] = []
        self.props["began"] = round(time.time() * 1000)
        self.props["conversation"] = None
        self.props["longest"] = LONGEST
        self.props["busy"] = ""
        self.on("take", self._take)
        self.on("release", self._release)
        self.on("reply", self._reply)

    async def refresh(self) -> None:
        """Read the conversation anew; tell the browser when something changed."""
        async with self._desk.parley.pool.connection() as conn:
            try:
                conversation, log = await reports.show(conn, self._id, last=LAST)
            except UnknownConversation:
                self._show({"missing": True})
                return
            ticket = await store.latest_ticket(conn, self._id)
            replies = await reports.replies_to_come(conn, self._id)
        shown = thread.lines(log, replies)
        facts = self._facts(conversation, ticket)
        self._show({**facts, "lines": shown, "more": len(log) == LAST, "taken": self._taken[-20:]})

    def _show(self, shown: dict[str, Any]) -> None:
        if shown != self._shown:
            self._shown = shown
            self.props["conversation"] = shown

    def _facts(self, conversation: Conversation, ticket: TicketRow | None) -> dict[str, Any]:
        return {
            "id": str(conversation.id),
            "name": words.customer(conversation.name, conversation.wa_id),
            "phone": conversation.address.phone or "",
            "control": conversation.control,
            "since": words.stamp(conversation.control_since),
            "closes": words.stamp(words.window_ends(conversation.heard_at)),
            "ticket": ticket and {"id": ticket.id, "url": self._ticket_url(ticket), "solved": ticket.solved},
        }

    def _ticket_url(self, ticket: TicketRow) -> str:
        zendesk = self._desk.parley.settings.zendesk
        return f"{zendesk.base_url}/agent/tickets/{ticket.id}" if zendesk else ""

    async def _take(self) -> None:
        if self._session_over():
            return
        self.props["busy"] = "Waiting until the bot is silent…"
        try:
            pool, name = self._desk.parley.pool, self._desk.person.name
            silent = await handoff.take_and_hush(pool, self._id, f"{name} took over")
        finally:
            self.props["busy"] = ""
        await self.refresh()
        if not silent:
            ui.notify("A line of the bot was on its way already and may still arrive.", type="warning")

    async def _release(self) -> None:
        if self._session_over():
            return
        async with self._desk.parley.pool.connection() as conn:
            await handoff.release(conn, self._id, f"{self._desk.person.name} returned it")
        await self.refresh()

    async def _reply(self, event: GenericEventArguments) -> None:
        """Store the reply once, however often the page sends it, and tell the page what became of it.

        The id of a reply that was taken comes to the page together with the lines it is one of.
        """
        if self._session_over():
            return
        reply_id, text = str(event.args["id"]), str(event.args["text"]).strip()
        async with self._desk.parley.pool.connection() as conn:
            conversation = await store.conversation(conn, self._id)
            problem = _problem(conversation, reply_id, text)
            if problem is None:
                jobs, name = self._desk.parley.corridor.jobs, self._desk.person.name
                await inbox.receive_reply(conn, jobs, self._id, reply_id, name, text)
        if problem is None:
            self._taken.append(reply_id)
            await self.refresh()
        else:
            self.run_method("refused", reply_id, problem)

    def _session_over(self) -> bool:
        if self._desk.closed:
            ui.navigate.to("/console/sign-in")
        return self._desk.closed


def _problem(conversation: Conversation, reply_id: str, text: str) -> str | None:
    """Why this reply cannot be sent."""
    if words.window_ends(conversation.heard_at) <= datetime.now(UTC):
        return words.CLOSED
    if not text or not 8 <= len(reply_id) <= 64:
        return "There is nothing to send."
    if len(text) > LONGEST:
        return f"A reply has at most {LONGEST} characters."
    return None
