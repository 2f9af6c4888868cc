"""The bridge against a Zendesk that fails in every way its contract allows: each word once, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import cast

import pytest
from pydantic import SecretStr

from connectors.zendesk import errors
from connectors.zendesk.client import ZendeskClient
from conversations.bridge import bundles, reconcile
from conversations.errors import ConnectorError
from tests.fakes import hostile
from tests.fakes.hostile import AGENT, FRIEND, GONE, LIGHT, US, HostileZendesk
from tests.fakes.ports import FakeHelpdesk
from tests.integration.conftest import Core
from tests.integration.test_bridge import arrive, handed_off, message

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
    zendesk = HostileZendesk(seed=request.param)
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
