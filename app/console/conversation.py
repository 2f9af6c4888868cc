"""One conversation: read along, take over, reply, note, pass on, return it to the bot."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments
from redis.exceptions import RedisError

from app.console import canned, owed, presence, thread, words
from app.console.about import about, ticket_url
from app.console.acts import LEFT, LONGEST, Acts
from app.console.desk import Desk, people
from app.console.users import may_speak
from conversations import reports
from conversations.bridge import window
from conversations.desk import reports as desk_reports
from conversations.desk import store as desk_store
from conversations.desk.holding import HeldByAnother
from conversations.errors import UnknownConversation
from conversations.handback import idle
from conversations.handback import store as hand_backs
from conversations.promises import store as promises
from conversations.rows import Conversation, TicketRow
from conversations.store import Conn
from conversations.tags import store as tags
from conversations.tickets import store as tickets

LAST = 300
"""How many lines of the log are shown, the newest; so many more each time somebody asks for earlier ones."""

ABOUT_KEPT = 30.0
"""Seconds before the orders and the history beside a conversation that changes are read anew."""

SOURCES: tuple[tags.Source, ...] = ("desk", "helpdesk")

READS_ALONG = "Trainers read along; they do not write to customers."


class Thread(Element, component="conversation.js"):
    """The conversation at the middle of the desk. Every change it makes goes through the core."""

    def __init__(self, desk: Desk, id: UUID):
        super().__init__()
        self._desk = desk
        self._id = id
        self._acts = Acts(desk, id)
        self._number = -1
        self._shown: dict[str, Any] | None = None
        self._last = LAST
        self._taken: list[str] = []
        self._about: dict[str, Any] = {"orders": [], "earlier": []}
        self._about_at = 0.0
        self._about_of: object = None
        self.props["began"] = round(time.time() * 1000)
        self.props["conversation"] = None
        self.props["longest"] = LONGEST
        self.props["busy"] = ""
        self.props["me"] = {"name": desk.person.name, "speaks": desk.may_speak, "wrests": desk.may_wrest}
        self.props["people"] = [p.name for p in people(desk.parley.settings).values() if may_speak(p)]
        events: dict[str, Callable[[GenericEventArguments], Awaitable[None]]] = {
            "take": self._take, "leave": self._leave, "release": self._release, "keep": self._keep,
            "reply": self._reply, "note": self._note, "give": self._give, "suggest": self._suggest,
            "typing": self._typing, "judge": self._judge, "settle": self._settle, "tag": self._tag,
            "earlier": self._earlier,
        }  # fmt: skip
        for name, handler in events.items():
            self.on(name, handler)

    async def look(self) -> None:
        """Read the conversation anew if something of it changed."""
        number = self._desk.room.live.number(str(self._id))
        if number != self._number:
            await self.refresh()
            self._number = number

    async def beat(self, *, typing: bool = False) -> None:
        """Let colleagues see that it is open here, and whether somebody writes."""
        redis, name = self._desk.parley.redis, self._desk.person.name
        with suppress(RedisError):
            await presence.touch(redis, str(self._id), name, typing=typing)

    async def refresh(self) -> None:
        """Read the conversation anew; tell the browser when something changed."""
        async with self._desk.parley.pool.connection() as conn:
            try:
                conversation, log = await reports.show(conn, self._id, last=self._last)
            except UnknownConversation:
                self._show({"missing": True})
                return
            ticket = await tickets.latest(conn, self._id)
            replies = await reports.replies_to_come(conn, self._id)
            notes = await desk_reports.notes(conn, self._id)
            held = await desk_store.holding(conn, self._id)
            promised = await promises.of_conversation(conn, self._id)
            back = await self._goes_back(conn)
            tagged = {source: await tags.of(conn, self._id, source) for source in SOURCES}
            judge = await desk_reports.warning_to_judge(conn, self._id, self._desk.person.name)
        await self._look_beside(conversation, ticket)
        lines = thread.lines(log, replies, notes)
        self._show({
            **self._facts(conversation, ticket, held), "back": words.stamp(back),
            "lines": lines, "more": len(log) == self._last,
            "taken": self._taken[-20:], "about": self._about, "canned": self._canned(conversation),
            "others": await self._others(), "judge": [words.RISKS.get(code, code) for code in judge or ()],
            "promises": owed.rows(promised), "tags": tagged,
        })  # fmt: skip

    def _show(self, shown: dict[str, Any]) -> None:
        if shown != self._shown:
            self._shown = shown
            self.props["conversation"] = shown

    def _facts(
        self, conversation: Conversation, ticket: TicketRow | None, held: desk_store.Holding
    ) -> dict[str, Any]:
        url = ticket_url(self._desk.room, ticket.id) if ticket else ""
        return {
            "id": str(conversation.id),
            "name": words.customer(conversation.channel, conversation.name, conversation.wa_id),
            "phone": conversation.address.phone or "",
            "control": conversation.control,
            "holder": held.holder or "",
            "heldIn": held.held_in or "",
            "since": words.stamp(conversation.control_since),
            "closes": words.stamp(window.closes(conversation.channel, conversation.heard_at)),
            "nudges": self._desk.parley.template is not None,
            "ticket": ticket and {"id": ticket.id, "url": url, "solved": ticket.solved},
        }

    async def _goes_back(self, conn: Conn) -> datetime | None:
        """When it returns to the bot by itself; None while nobody was warned of that."""
        timer = self._desk.parley.settings.idle_timer
        found = await hand_backs.idle(conn, datetime.now(UTC), self._id) if timer else []
        return idle.returns_at(found[0], timer) if found and timer else None

    async def _look_beside(self, conversation: Conversation, ticket: TicketRow | None) -> None:
        """Orders and history: with another order or hand-over at once, else now and then."""
        of = (conversation.slots.get("order_number"), conversation.epoch, ticket)
        if of != self._about_of or time.monotonic() - self._about_at > ABOUT_KEPT:
            self._about = await about(self._desk.room, conversation)
            self._about_of, self._about_at = of, time.monotonic()

    def _canned(self, conversation: Conversation) -> list[dict[str, str]]:
        orders = self._about["orders"] or []
        only = orders[0]["number"] if len(orders) == 1 else None
        values = {
            "name": (conversation.name or "").split(" ")[0],
            "order": str(conversation.slots.get("order_number") or only or ""),
            "agent": self._desk.person.name,
        }
        replies = self._desk.room.replies.all()
        return [{"title": reply.title, "text": canned.fill(reply.text, values)} for reply in replies]

    # --- who else is here ---

    async def _others(self) -> list[dict[str, Any]]:
        """Without Redis nobody is seen; the desk works all the same."""
        try:
            there = await presence.others(self._desk.parley.redis, str(self._id), self._desk.person.name)
        except RedisError:
            return []
        return [
            {"name": one.name, "until": round(one.until * 1000), "typing": round(one.typing_until * 1000)}
            for one in there
        ]

    async def _earlier(self, event: GenericEventArguments) -> None:
        self._last += LAST
        await self.refresh()

    async def _typing(self, event: GenericEventArguments) -> None:
        if event.args:
            await self.beat(typing=True)
            if self._shown and self._shown.get("back") and self._desk.may_speak:
                await self._acts.keep()
            return
        redis, name = self._desk.parley.redis, self._desk.person.name
        with suppress(RedisError):
            await presence.leave(redis, str(self._id), name, only_typing=True)

    # --- what an agent does ---

    async def _settle(self, event: GenericEventArguments) -> None:
        """Called, done, or not needed any more."""
        if self._may_act():
            await owed.settle(self._desk, self._id, event.args)

    async def _take(self, event: GenericEventArguments) -> None:
        if not self._may_act():
            return
        self.props["busy"] = "Waiting until the bot is silent…"
        try:
            silent = await self._acts.take(wrest=bool(event.args))
        except HeldByAnother as error:
            ui.notify(str(error), type="warning")
            return
        finally:
            self.props["busy"] = ""
        await self.refresh()
        if not silent:
            ui.notify("A line of the bot was on its way already and may still arrive.", type="warning")

    async def _leave(self, event: GenericEventArguments) -> None:
        """Show what the bot would be left with, to be corrected before the return."""
        if not self._may_act():
            return
        try:
            found = await self._acts.to_leave()
        except HeldByAnother as error:
            ui.notify(str(error), type="warning")
            return
        self.run_method("leaving", {name: list(getattr(found, name)) for name in LEFT})

    async def _release(self, event: GenericEventArguments) -> None:
        if not self._may_act():
            return
        try:
            await self._acts.release(event.args if isinstance(event.args, dict) else {})
        except HeldByAnother as error:
            ui.notify(str(error), type="warning")
        await self.refresh()

    async def _tag(self, event: GenericEventArguments) -> None:
        if self._may_act():
            await self._acts.tag(str(event.args or ""))
            await self.refresh()

    async def _keep(self, event: GenericEventArguments) -> None:
        if self._may_act():
            await self._acts.keep()
            await self.refresh()

    async def _give(self, event: GenericEventArguments) -> None:
        to = str(event.args or "") or None
        if not self._may_act() or (to and to not in self.props["people"]):
            return
        try:
            await self._acts.give(to)
        except HeldByAnother as error:
            ui.notify(str(error), type="warning")
        await self.refresh()

    async def _reply(self, event: GenericEventArguments) -> None:
        """The id of a reply that was taken comes to the page together with the lines it is one of."""
        id, text = str(event.args["id"]), str(event.args["text"]).strip()
        if self._may_act():
            await self._done(id, await self._acts.reply(id, text))
        else:
            self.run_method("refused", id, READS_ALONG)

    async def _note(self, event: GenericEventArguments) -> None:
        if self._session_over():
            return
        id, text = str(event.args["id"]), str(event.args["text"]).strip()
        await self._done(id, await self._acts.note(id, text))

    async def _done(self, id: str, problem: str | None) -> None:
        if problem is None:
            self._taken.append(id)
            await self.refresh()
        else:
            self.run_method("refused", id, problem)

    async def _suggest(self, event: GenericEventArguments) -> None:
        """What the articles say goes into the text field; the agent sends it or not."""
        try:
            found = await self._acts.suggestion()
        except Exception as error:
            ui.notify(f"The articles cannot be searched: {type(error).__name__}.", type="warning")
            found = None
        self.run_method("suggested", found.text if found else "", found.source if found else "")

    async def _judge(self, event: GenericEventArguments) -> None:
        if not self._session_over():
            await self._acts.judge(bool(event.args))
            await self.refresh()

    def _may_act(self) -> bool:
        if self._session_over():
            return False
        if not self._desk.may_speak:
            ui.notify(READS_ALONG, type="warning")
        return self._desk.may_speak

    def _session_over(self) -> bool:
        if self._desk.closed:
            ui.navigate.to("/console/sign-in")
        return self._desk.closed
