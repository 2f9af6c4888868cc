"""The bridge against a Zendesk that fails in every way its contract allows: each word once, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
from pydantic import SecretStr

from connectors.zendesk import errors
from connectors.zendesk.client import ZendeskClient
from conversations import handoff, store
from conversations.bridge import bundles, reconcile
from conversations.bridge import store as bridge
from conversations.errors import ConnectorError
from conversations.messages import Address, CustomerMessage
from conversations.tickets import store as tickets
from tests.fakes import hostile
from tests.fakes.hostile import AGENT, FRIEND, GONE, LIGHT, US, HostileZendesk
from tests.fakes.outside import Answer, Json
from tests.fakes.ports import FakeHelpdesk, says
from tests.integration.conftest import Core
from tests.integration.test_bridge import arrive, handed_off, message
from tests.integration.test_exits import alarms, held

SEEDS = (1, 2, 3)
LONG = "An answer of many words. " * 2400


@dataclass(frozen=True)
class Account:
    base_url: str
    email: str | None = "bot@example.com"
    api_token: SecretStr | None = None
    oauth_token: SecretStr | None = None


@dataclass
class Stage:
    """The core with a real client, and the Zendesk that it talks to."""

    core: Core
    client: ZendeskClient
    zendesk: HostileZendesk

    async def look(self) -> None:
        """Look at the tickets until it has gone well, and do what follows."""
        while True:
            try:
                await reconcile.look(self.core.pool, self.core.jobs, self.client, every=0)
                break
            except ConnectorError:
                await asyncio.sleep(0.01)
        await self.core.drain(60)

    async def look_until(self, replies: int) -> None:
        """Look again and again until so many replies have reached the customer."""
        end = time.monotonic() + 60
        while len(self.replies) < replies:
            assert time.monotonic() < end, self.replies
            await self.look()
        await self.look()

    @property
    def replies(self) -> list[str]:
        """What the customer got from agents."""
        return [text for text in self.core.channel.texts if text.startswith("reply")]


@pytest.fixture(params=SEEDS)
async def stage(
    core: Core, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """An agent has control; what takes a minute takes a second."""
    monkeypatch.setattr(errors, "SLOW", 2 * hostile.SLOW)
    monkeypatch.setattr(bundles, "SPACING", ((bundles.MOST, 0.0),))
    monkeypatch.setattr(bundles, "WINDOW", 5.0)
    async with staged(core, request.param) as stage:
        yield stage


@pytest.fixture
async def calm(core: Core) -> AsyncIterator[Stage]:
    """A Zendesk that does nothing worse than what the test says."""
    async with staged(core, 1) as stage:
        yield stage


@asynccontextmanager
async def staged(core: Core, seed: int) -> AsyncIterator[Stage]:
    """The core with a real client and a Zendesk of this seed."""
    zendesk = HostileZendesk(seed=seed)
    with hostile.served(zendesk) as url:
        client = ZendeskClient(Account(url, api_token=SecretStr("token")), timeout=hostile.SLOW / 2)
        core.helpdesk = cast(FakeHelpdesk, client)
        core.corridor = replace(core.corridor, helpdesk=client)
        yield Stage(core, client, zendesk)
        client.close()


async def test_customers_words_reach_the_ticket_once_and_in_order(stage: Stage) -> None:
    """One ticket, and every message in it, though four calls of ten fail before the work or after it."""
    stage.zendesk.unkind = 40
    await handed_off(stage.core)
    for start in range(0, 20, 4):
        await arrive(stage.core, *(message(f"h{n}", f"line {n}") for n in range(start, start + 4)))
        await stage.core.drain(120)
    assert len(stage.zendesk.tickets) == 1
    said = "\n\n".join(stage.zendesk.updates).split("\n\n")
    assert said == [f"line {n}" for n in range(20)]
    assert set(stage.zendesk.done) & set(hostile.BREAKS)
    assert set(stage.zendesk.done) & set(hostile.REFUSALS)


async def test_agents_words_reach_the_customer_once_and_in_order(stage: Stage) -> None:
    """No webhook comes, and a quarter of what is asked fails: what is for the customer arrives, no more."""
    await handed_off(stage.core)
    [ticket] = stage.zendesk.tickets
    stage.zendesk.unkind = 25
    said = []
    for number in range(12):
        stage.zendesk.agent_writes(ticket, AGENT, f"reply {number}")
        stage.zendesk.agent_writes(ticket, LIGHT, f"reply by a light agent {number}", public=False)
        stage.zendesk.agent_writes(ticket, FRIEND, f"reply by a copied friend {number}")
        stage.zendesk.agent_writes(ticket, US, f"reply by ourselves {number}")
        said.append(f"reply {number}")
        if number % 4 == 3:
            await stage.look_until(len(said))
    assert stage.replies == said


async def test_odd_comments(stage: Stage) -> None:
    """Words only in HTML, no words, no author any more, very many words: nothing of it stops the rest."""
    await handed_off(stage.core)
    [ticket] = stage.zendesk.tickets
    write = stage.zendesk.agent_writes
    write(
        ticket, AGENT, None, html_body="<div class='zd-comment'><p>reply in <b>bold</b> &amp; HTML</p></div>"
    )
    write(ticket, AGENT, None)
    write(ticket, GONE, "reply of somebody deleted")
    write(ticket, AGENT, f"reply {LONG}", metadata=None, via=None, attachments=[None, {"id": 1}])
    write(ticket, AGENT, "reply at the end", created_at=None)
    stage.zendesk.unkind = 25
    await stage.look_until(3)
    assert "reply in *bold* & HTML" in stage.replies
    assert f"reply {LONG}".strip() in [text.strip() for text in stage.replies]
    assert "reply at the end" in stage.replies
    assert len(stage.replies) == len(set(stage.replies))


BO = Address("whatsapp", "106540352242922", "DE.2222", "4915112345678")


def from_bo(id: str, text: str) -> CustomerMessage:
    return replace(message(id, text), address=BO, name="Bo")


async def two_handed_off(core: Core) -> None:
    """Ana has ticket 1, Bo ticket 2."""
    await handed_off(core)
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    await arrive(core, from_bo("b0", "person"))
    await core.drain()


def written(stage: Stage, ticket: int) -> list[tuple[str, bool, int]]:
    """The ticket's comments: words, whether they are public, and whose they are."""
    return [(each["body"], each["public"], each["author_id"]) for each in stage.zendesk.comments[ticket]]


async def until(condition: Callable[[], object]) -> None:
    """Let others work until it is so."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_ticket_we_may_not_change_holds_up_its_customer_alone(
    calm: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """403 on one ticket: all the others go on, an alarm tells of it once, and it drains once allowed."""
    core, zendesk = calm.core, calm.zendesk
    await two_handed_off(core)
    zendesk.refuse = forbids("PUT", "/api/v2/tickets/1.json")
    core.patience = replace(core.patience, hold=60)
    await arrive(core, message("m1", "for the forbidden"))
    working = asyncio.create_task(core.drain(30))
    await until(lambda: zendesk.refused > 1)
    for number in range(3):
        await arrive(core, from_bo(f"b{number + 1}", f"line {number}"))
    await until(lambda: len(zendesk.updates) == 3)
    assert await held(core) == []
    assert len(alarms(caplog)) == 1
    zendesk.refuse = HostileZendesk.refuse
    await working
    assert zendesk.updates == ["line 0", "line 1", "line 2", "for the forbidden"]


@pytest.mark.parametrize("status", [500, 403])
async def test_ticket_that_cannot_be_read_stops_no_other(calm: Stage, status: int) -> None:
    """The replies in other tickets are found, the list of changes is read on, and nothing of it is lost."""
    core, zendesk = calm.core, calm.zendesk
    await two_handed_off(core)
    await solve_here(core, 1)
    zendesk.refuse = forbids("GET", "/api/v2/tickets/1/comments.json", status)
    for ticket in (1, 2):
        zendesk.agent_writes(ticket, AGENT, f"reply in {ticket}")
    for _ in range(3):
        await calm.look()
    assert calm.replies == ["reply in 2"]
    async with core.pool.connection() as conn:
        assert await bridge.cursor_of(conn, reconcile.CHANGES) == "c1"
    zendesk.refuse = HostileZendesk.refuse
    await calm.look()
    assert calm.replies == ["reply in 2", "reply in 1"]


async def test_follow_up_begins_with_the_customers_words(calm: Stage) -> None:
    """After a closed ticket the words open a new one in the customer's name and in public, like the next."""
    await handed_off(calm.core)
    calm.zendesk.tickets[1]["status"] = "closed"
    await arrive(calm.core, message("m1", "my parcel is wet"), message("m2", "and torn"))
    await calm.core.drain()
    ana = calm.zendesk.tickets[2]["requester_id"]
    assert written(calm, 2) == [("my parcel is wet", True, ana), ("and torn", True, ana)]


async def test_follow_up_is_not_doubled_where_no_metadata_is_kept(
    calm: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the follow-up was opened: its first comment is known by its words."""
    calm.zendesk.keeps_metadata = False
    calm.zendesk.clock = hostile.BEHIND
    await handed_off(calm.core)
    calm.zendesk.tickets[1]["status"] = "closed"
    settle, killed = store.settle_row, list[int]()

    async def dies_once(conn: store.Conn, id: int, state: str, **more: Any) -> bool:
        if not killed:
            killed.append(id)
            raise RuntimeError("killed")
        return await settle(conn, id, state, **more)

    monkeypatch.setattr(store, "settle_row", dies_once)
    await arrive(calm.core, message("m1", "my parcel is wet"))
    await calm.core.drain()
    assert killed
    assert [body for body, _, _ in written(calm, 2)] == ["my parcel is wet"]


async def test_merging_that_nothing_told_of_is_found_by_the_customers_words(calm: Stage) -> None:
    """The customer writes before a webhook or a look: the words go to the other ticket, and replies come."""
    await two_handed_off(calm.core)
    async with calm.core.pool.connection() as conn:
        await conn.execute("DELETE FROM tickets WHERE id = 2")
    calm.zendesk.merge(1, into=2)
    await arrive(calm.core, message("m1", "hello?"))
    await calm.core.drain()
    assert list(calm.zendesk.tickets) == [1, 2]
    assert written(calm, 2)[-1][0] == "hello?"
    calm.zendesk.agent_writes(2, AGENT, "reply in the other")
    await calm.look()
    assert calm.replies == ["reply in the other"]


async def test_ticket_that_may_not_be_solved_gets_the_note_all_the_same(calm: Stage) -> None:
    """A field is required to solve it: the note says that it stays open, and so does the next handoff."""
    core, zendesk = calm.core, calm.zendesk
    id = await handed_off(core)
    text = "Product: is required when solving a ticket"
    zendesk.refuse = lambda method, path, body: (
        hostile.invalid("base", text) if body.get("ticket", {}).get("status") == "solved" else None
    )
    async with core.pool.connection() as conn:
        await handoff.release(conn, core.jobs, id, "returned to the bot")
    await core.drain()
    [note] = [body for body, public, _ in written(calm, 1)[1:] if not public]
    assert text in note
    core.bot.replies.append(says("Connecting you…", handoff="asked_for_person"))
    await arrive(core, message("m9", "person again"))
    await core.drain()
    assert list(zendesk.tickets) == [1]


def forbids(method: str, path: str, status: int = 403) -> Callable[[str, str, Json], Answer | None]:
    """Every such call gets this status, all others their answer."""
    answer = status, {"error": {"title": "Forbidden", "message": "You do not have access to this page"}}
    return lambda verb, where, body: answer if (verb, where) == (method, path) else None


async def solve_here(core: Core, ticket: int) -> None:
    """We know of the ticket as solved, so that only the list of changes tells of it."""
    async with core.pool.connection() as conn:
        await tickets.set_solved(conn, ticket, True)
        await conn.execute("UPDATE conversations SET control = 'bot' WHERE name = 'Ana'")
