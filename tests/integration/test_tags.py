"""What customers are known as, from the desk and from the helpdesk, on a real Postgres."""

from __future__ import annotations

from conversations import handoff
from conversations.tags import store as tags
from tests.fakes.ports import says
from tests.integration.conftest import Core
from tests.integration.test_console import arrive


async def test_tags_of_both_sources_reach_the_bot(core: Core) -> None:
    """Without any, none; each source replaces only its own."""
    id = await arrive(core, "1")
    await core.drain()
    assert not core.bot.asked[-1].tags
    async with core.pool.connection() as conn:
        await tags.replace(conn, id, "helpdesk", ["wholesale", "vip"])
        await tags.replace(conn, id, "desk", [" VIP ", "late payer", ""])
        await tags.replace(conn, id, "desk", ["VIP"])
    await arrive(core, "1")
    await core.drain()
    assert core.bot.asked[-1].tags == ("vip", "wholesale")
    async with core.pool.connection() as conn:
        await tags.replace(conn, id, "desk", [])
        assert await tags.of(conn, id) == ["vip", "wholesale"]
        assert await tags.of(conn, id, "desk") == []


async def test_requester_known_to_the_helpdesk_is_known_to_the_bot(core: Core) -> None:
    """The tags come with the ticket, and are there when the bot answers again."""
    core.helpdesk.requester_tags = ("vip",)
    core.bot.replies.append(says("A colleague comes.", handoff="asked_for_person"))
    id = await arrive(core, "1")
    await core.drain()
    async with core.pool.connection() as conn:
        await handoff.release(conn, core.corridor.jobs, id, "Mia returned it")
    await arrive(core, "1")
    await core.drain()
    assert core.bot.asked[-1].tags == ("vip",)
