"""The view of conversations that need a person soon: every reason, out of real turns, orders and clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.console import words
from app.console.board import Board
from app.console.live import Live
from app.console.orders import OrderBook
from conversations import inbox
from conversations.desk import risk
from conversations.messages import Address, Answer, Content, CustomerMessage
from orders import demo
from orders.store import PostgresOrders
from tests.fakes.ports import says
from tests.integration.conftest import Core
from tests.integration.test_desk import live, redis

__all__ = ["live", "redis"]

ANA, BEN = "15550100001", "15550100002"
PARDON = Answer((Content("Pardon?"),), intent="nlu_fallback")
CALM, CROSS = (Answer((Content("Yes."),), intent="greet", frustration=score) for score in (0.1, 0.8))
VAIN = Answer((Content("I found nothing about that."),), intent="faq", no_evidence=True)
ORDER = says("It is on its way.")


@pytest.fixture
async def board(core: Core, live: Live) -> Board:
    """The desk's lists, with the demo shop behind them: Ben's order is two weeks late."""
    async with core.pool.connection() as conn:
        await demo.load(conn, datetime.now(UTC).date(), 5)
    return Board(core.pool, live, OrderBook(PostgresOrders(core.pool)))


async def writes(core: Core, wa_id: str, text: str, answer: Answer | None, *, hours_ago: float = 0) -> None:
    """The customer writes, and the bot answers so, or not at all yet."""
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    message = CustomerMessage(
        uuid4().hex, Address("whatsapp", "1", None, wa_id), "text", text, at, words=text
    )
    async with core.pool.connection() as conn:
        await inbox.receive(conn, core.jobs, [message])
    if answer:
        core.bot.replies.append(answer)
        await core.drain()


@pytest.mark.parametrize(
    ("code", "wa_id", "talk", "hours_ago"),
    [
        (risk.RISING, ANA, [("good morning", CALM), ("this is taking ages", CROSS)], 0),
        (risk.FALLBACKS, ANA, [("blurb", PARDON), ("blah", PARDON)], 0),
        (risk.AGAIN, ANA, [("where is my parcel now", CALM), ("where is my parcel", CALM)], 0),
        (risk.NO_EVIDENCE, ANA, [("do you repair bicycles", VAIN)], 0),
        (risk.LATE, BEN, [("where is 10301?", ORDER)], 0),
        (risk.CLOSING, ANA, [("hello?", None)], 22.5),
    ],
)
async def test_every_reason_is_shown(
    core: Core,
    board: Board,
    code: str,
    wa_id: str,
    talk: list[tuple[str, Answer | None]],
    hours_ago: float,
) -> None:
    """What the customer wrote and the bot answered leads to this reason, and to no other."""
    for text, answer in talk:
        await writes(core, wa_id, text, answer, hours_ago=hours_ago)
    [row] = await board.at_risk()
    assert (row["codes"], row["why"]) == ([code], [words.RISKS[code]])


async def test_nothing_is_at_risk_without_a_reason(core: Core, board: Board) -> None:
    """Understood, calm, answered from the shop's orders, none of them late: nobody is needed."""
    await writes(core, ANA, "where is 10234?", ORDER)
    await writes(core, ANA, "thank you very much", CALM)
    assert await board.at_risk() == []


def test_every_reason_has_words() -> None:
    """No reason code reaches the desk without a sentence."""
    assert set(words.RISKS) == set(risk.CODES)
