"""What an agent does with a conversation. Every change goes through the core, which says what hinders it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.console import canned, suggest
from app.console.desk import Desk
from app.console.suggest import Suggestion
from conversations import handoff, inbox, reports, shop, store
from conversations.desk import holding
from conversations.desk import store as desk_store
from conversations.desk.holding import HeldByAnother
from conversations.handback import changes, digest
from conversations.handback import store as hand_backs
from conversations.handback.digest import Digest
from conversations.notices import ladder
from conversations.package import Orders
from conversations.tags import store as tags

LONGEST = 8000
"""Characters of a reply or a note."""

LONGEST_TAGS = 200
"""Characters of all the tags of a customer."""

LEFT = ("promised", "changed", "open")
"""What the agent may correct of what the bot is left."""


@dataclass(frozen=True, slots=True)
class Acts:
    """One conversation, in the name of the person at this desk."""

    desk: Desk
    id: UUID

    @property
    def _name(self) -> str:
        return self.desk.person.name

    async def take(self, *, wrest: bool) -> bool:
        """Hold it, silence the bot; False when a line of the bot may still arrive. Raises HeldByAnother."""
        pool = self.desk.parley.pool
        async with pool.connection() as conn:
            await holding.take(
                conn, self.desk.parley.jobs, self.id, self._name, wrest=wrest and self.desk.may_wrest
            )
        return await handoff.take_and_hush(pool, self.desk.parley.jobs, self.id, f"{self._name} took over")

    async def keep(self) -> None:
        """Say that it is still being worked on, where it would go back to the bot by itself."""
        async with self.desk.parley.pool.connection() as conn:
            await hand_backs.keep_on(conn, self.id)

    async def tag(self, text: str) -> None:
        """Know the customer by these tags, with commas between them, beside those of the helpdesk."""
        async with self.desk.parley.pool.connection() as conn:
            await tags.replace(conn, self.id, "desk", text[:LONGEST_TAGS].split(","))

    async def to_leave(self) -> Digest:
        """What the bot would be left with. Raises HeldByAnother."""
        await self._check_holder()
        corridor = self.desk.parley.corridor
        changed = await changes.since_hand_over(corridor.pool, corridor.shop, self.id)
        async with corridor.pool.connection() as conn:
            return digest.write(await store.entries(conn, self.id), changed)

    async def release(self, corrected: Mapping[str, Any]) -> None:
        """Return it to the bot with the digest as the agent left it. Raises HeldByAnother."""
        found = await self.to_leave()
        lines = {name: str(corrected[name]).splitlines() for name in LEFT if name in corrected}
        async with self.desk.parley.pool.connection() as conn:
            why = f"{self._name} returned it"
            await handoff.release(conn, self.desk.parley.jobs, self.id, why, digest=found.corrected(**lines))

    async def give(self, to: str | None) -> None:
        """Pass it on to the colleague named, or to nobody. Raises HeldByAnother."""
        corridor, wrest = self.desk.parley.corridor, self.desk.may_wrest
        orders = await self._orders() if to is None else None
        async with corridor.pool.connection() as conn:
            await holding.give(conn, corridor.jobs, self.id, self._name, to, wrest=wrest)
            if to is None:
                await ladder.put_back(conn, corridor.jobs, corridor.colleagues, self.id, corridor.setup)
                await handoff.put_back(conn, corridor.jobs, self.id, self._name, corridor.in_tickets, orders)

    async def reply(self, reply_id: str, text: str) -> str | None:
        """Store the reply once, however often the page sends it; or say why not."""
        problem = _problem(reply_id, text)
        if problem:
            return problem
        jobs = self.desk.parley.jobs
        try:
            async with self.desk.parley.pool.connection() as conn:
                await holding.take(conn, jobs, self.id, self._name)
                await inbox.receive_reply(conn, jobs, self.id, reply_id, self._name, text)
        except HeldByAnother:
            return "Your reply was not sent."  # who has it stands beside it
        return None

    async def note(self, note_id: str, text: str) -> str | None:
        """Keep a note for colleagues once, however often the page sends it; or say why not."""
        if not (0 < len(text) <= LONGEST and 8 <= len(note_id) <= 64):
            return "There is nothing to note."
        async with self.desk.parley.pool.connection() as conn:
            jobs = self.desk.parley.jobs
            await holding.note(conn, jobs, self.id, self._name, text, f"note:{note_id}")
        return None

    async def suggestion(self) -> Suggestion | None:
        """What the articles say to the customer's last question. Raises what the kb raises."""
        async with self.desk.parley.pool.connection() as conn:
            _, log = await reports.show(conn, self.id, last=60)
        asked = suggest.question(log)
        return await suggest.suggest(asked) if asked else None

    async def judge(self, useful: bool) -> None:
        """Was the warning that led here useful?"""
        async with self.desk.parley.pool.connection() as conn:
            await desk_store.judge_last(conn, self.id, self._name, useful)

    async def _orders(self) -> Orders | None:
        """What the shop says of the customer's orders; asked outside of any transaction."""
        corridor = self.desk.parley.corridor
        async with corridor.pool.connection() as conn:
            conversation = await store.conversation(conn, self.id)
        return await shop.orders(corridor.shop, conversation, conversation.slots)

    async def _check_holder(self) -> None:
        if not self.desk.may_wrest:
            async with self.desk.parley.pool.connection() as conn:
                await holding.check(conn, self.id, self._name)


def _problem(reply_id: str, text: str) -> str | None:
    """Why this reply cannot be sent."""
    if not text or not 8 <= len(reply_id) <= 64:
        return "There is nothing to send."
    if gap := canned.GAP.search(text):
        return f"Fill in {gap[0]} first."
    if len(text) > LONGEST:
        return f"A reply has at most {LONGEST} characters."
    return None
