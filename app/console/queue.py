"""The list at the side: who waits for an agent, whom agents have, whom the bot has, and who is at risk."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from app.console.board import WITH_BOT
from app.console.desk import Desk
from conversations import handoff
from conversations.desk import holding, risk
from conversations.desk import store as desk_store
from conversations.desk.holding import HeldByAnother


class Queue(Element, component="queue.js"):
    """The list; a row leads to its conversation, a warning to one that is taken over."""

    def __init__(self, desk: Desk):
        super().__init__()
        self._desk = desk
        self._rows: list[dict[str, Any]] | None = None
        self._risk: list[dict[str, Any]] | None = None
        self.props["began"] = round(time.time() * 1000)
        self.props["most"] = WITH_BOT
        self.props["warning"] = round(desk.parley.settings.return_warning_minutes * 60_000)
        self.props["open"] = ""
        self.props["rows"] = []
        self.props["risk"] = []
        self.props["me"] = {"name": desk.person.name, "speaks": desk.may_speak, "wrests": desk.may_wrest}
        self.on("take", self._take)
        self.on("judge", self._judge)

    async def refresh(self) -> None:
        """Show the lists as they are now; tell the browser only when something changed."""
        rows = await self._desk.room.board.queue()
        if rows is not self._rows and rows != self._rows:
            self.props["rows"] = rows
        self._rows = rows
        at_risk = await self._desk.room.board.at_risk()
        if at_risk is not self._risk and at_risk != self._risk:
            self.props["risk"] = at_risk
        self._risk = at_risk

    def highlight(self, conversation_id: str) -> None:
        """Show which conversation is open; none for an empty id."""
        self.props["open"] = conversation_id

    async def _take(self, event: GenericEventArguments) -> None:
        """Take over a conversation at risk, remember why, and open it."""
        found = self._warned(event.args)
        if found is None:
            return
        pool, jobs, name = self._desk.parley.pool, self._desk.parley.jobs, self._desk.person.name
        id, codes = found["uuid"], found["codes"]
        try:
            async with pool.connection() as conn:
                await holding.take(conn, jobs, id, name)
                await desk_store.act_on_warning(conn, id, name, codes)
            await handoff.take_and_hush(pool, jobs, id, f"{name} took over")
        except HeldByAnother as error:
            ui.notify(str(error), type="warning")
            return
        ui.navigate.to(f"/console/{id}")

    async def _judge(self, event: GenericEventArguments) -> None:
        """Was this warning useful? Asked on the card itself."""
        found = self._warned(event.args)
        if found is None:
            return
        useful = bool(event.args.get("useful"))
        async with self._desk.parley.pool.connection() as conn:
            name = self._desk.person.name
            await desk_store.judge_warning(conn, found["uuid"], name, found["codes"], useful)
        ui.notify("Thank you: that is counted.", type="positive")

    def _warned(self, args: dict[str, Any]) -> dict[str, Any] | None:
        """The conversation the page means, with the reasons that the page showed."""
        if self._desk.closed:
            ui.navigate.to("/console/sign-in")
            return None
        if not self._desk.may_speak:
            ui.notify("Trainers read along.", type="warning")
            return None
        codes = [code for code in args.get("codes", ()) if code in risk.CODES]
        return {"uuid": UUID(str(args["id"])), "codes": codes} if codes else None
