"""What the actions need from outside, built once and only when first needed."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import httpx
from psycopg_pool import AsyncConnectionPool

from connectors.mail.message import Mailer
from connectors.mail.sandbox import SandboxMailer
from connectors.mail.smtp import SmtpMailer
from connectors.shop.client import ShopOrders
from connectors.sms.message import Texter
from connectors.sms.sandbox import SandboxTexter
from orders import terms
from orders.identity.ports import Codes
from orders.identity.store import PostgresCodes
from orders.papers.ports import Links
from orders.papers.store import PostgresLinks
from orders.ports import Orders
from orders.store import PostgresOrders
from orders.terms import Terms

if TYPE_CHECKING:
    from kb.writing import Writer

CONNECT_SECONDS = 4


@dataclass(frozen=True, slots=True)
class Passage:
    """What the articles say: a text for the customer, and the evidence, best first."""

    text: str
    sources: tuple[Mapping[str, Any], ...]

    @property
    def score(self) -> float:
        """How strong the best evidence is."""
        return float(self.sources[0].get("score") or 0.0) if self.sources else 0.0


LookUp = Callable[[], Awaitable[str]]
"""Looks up what the shop knows of the order that is talked about: lines of plain words, empty for none."""

AskKb = Callable[[str, LookUp], Awaitable[Passage | None]]
"""A question in, what the articles say about it out; None when they say nothing.

Who puts it in words of their own may look the order up; the articles' own sentences need no order.
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """The shop's orders, the articles, today's date, and what the shop promises.

    `codes`: who keeps the one-time codes that prove an order, and `mailer` and `texter` who send them; None
    where no code can be delivered that way, or none is wanted. `links`: who keeps the links to papers at
    `public_url`; None where the shop has papers of its own.
    """

    orders: Orders
    ask_kb: AskKb
    today: Callable[[], date]
    terms: Callable[[], Terms] = terms.shop
    codes: Codes | None = None
    mailer: Mailer | None = None
    texter: Texter | None = None
    links: Links | None = None
    public_url: str = ""
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this without letting the customer wait for it."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Return when nothing is done beside any more."""
        while self._under_way:
            await asyncio.gather(*self._under_way)


@functools.cache
def default() -> Desk:
    """The desk of the running action server, from its environment and the kb in `models/`."""
    return build(os.environ, httpx.AsyncClient())


def build(environment: Mapping[str, str], http: httpx.AsyncClient) -> Desk:
    """The desk that these settings ask for. Raises ValueError when a code is wanted that cannot be sent."""
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        environment["DATABASE_URL"],
        min_size=1,
        max_size=8,
        timeout=CONNECT_SECONDS,
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    mailer = _mailer(environment, http)
    wanted = environment.get("IDENTITY_CODE") or ("on" if mailer else "off")
    if wanted == "on" and mailer is None:
        raise ValueError("IDENTITY_CODE is on, but without SMTP_URL no code can be sent.")
    codes = PostgresCodes(pool) if wanted == "on" else None
    orders, ask_kb = _orders(environment, pool, http), _ask_kb(environment)
    texter = _texter(environment, http) if codes else None
    url = environment.get("PUBLIC_URL", "").rstrip("/")
    links = PostgresLinks(pool) if url and not environment.get("ORDERS_URL") else None
    return Desk(
        orders, ask_kb, _today, codes=codes, mailer=mailer, texter=texter, links=links, public_url=url
    )


def _today() -> date:
    return datetime.now(UTC).date()


def _orders(
    environment: Mapping[str, str], pool: AsyncConnectionPool[Any], http: httpx.AsyncClient
) -> Orders:
    """The shop's own service with `ORDERS_URL`, else our tables."""
    if url := environment.get("ORDERS_URL"):
        return ShopOrders(http, url, environment.get("ORDERS_TOKEN"))
    return PostgresOrders(pool)


def _mailer(environment: Mapping[str, str], http: httpx.AsyncClient) -> Mailer | None:
    """Mails by `SMTP_URL`, else into the sandbox's mailbox, else none."""
    if url := environment.get("SMTP_URL"):
        return SmtpMailer(url, environment.get("MAIL_FROM"))
    url = environment.get("SANDBOX_MAIL_URL")
    return SandboxMailer(http, url) if url else None


def _texter(environment: Mapping[str, str], http: httpx.AsyncClient) -> Texter | None:
    """Text messages into the sandbox's mailbox, else none."""
    url = environment.get("SANDBOX_MAIL_URL")
    return SandboxTexter(http, url) if url else None


def _ask_kb(environment: Mapping[str, str]) -> AskKb:
    """The articles' own sentences; with `LLM_PROVIDERS` a language model's, where they pass the checks."""
    names = language_models(environment)
    return functools.partial(ask_models, names) if names else ask_articles


def language_models(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names in `LLM_PROVIDERS`, in order; empty for none."""
    return tuple(name.strip() for name in environment.get("LLM_PROVIDERS", "").split(",") if name.strip())


@functools.cache
def open_writer(names: tuple[str, ...]) -> Writer:
    """The models of these names, opened once: that takes seconds."""
    from kb import writing  # LangChain is heavy: loaded only where a model is wanted

    return writing.open_writer(names)


async def no_order() -> str:
    """Looks nothing up: no order is talked about."""
    return ""


async def ask_models(names: tuple[str, ...], question: str, order: LookUp) -> Passage | None:
    """What the shop's articles say, in a language model's words where they can be trusted."""
    writer = await asyncio.to_thread(open_writer, names)
    found = await writer.answer(question, order=order)
    return Passage(found.text, found.sources) if found else None


async def ask_articles(question: str, order: LookUp = no_order) -> Passage | None:
    """What the shop's articles say. Raises what the kb raises, when it is not built for example."""
    from kb import answer  # the index is heavy: loaded with the first question, not with the server

    found = await asyncio.to_thread(answer.answer, question)
    return Passage(found.text, tuple(found.sources)) if found else None
