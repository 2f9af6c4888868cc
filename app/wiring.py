"""The one place where Parley is put together from its settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import httpx
import procrastinate
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from app import jobs, notifications
from app.chat.live import Live
from app.console.presence import AtDesk
from app.order_facts import OrderFacts
from app.settings import Settings, SettingsError
from connectors.chat.client import CHANNEL as CHAT
from connectors.chat.client import WebChat
from connectors.rasa_server.client import RasaServer
from connectors.shop.client import ShopOrders
from connectors.shop.papers import Papers
from connectors.whatsapp.client import WhatsAppClient
from connectors.zendesk.client import ZendeskClient
from conversations import outbox, persona, turn
from conversations.hours_file import Kept
from conversations.messages import Template
from conversations.notices import ladder
from conversations.outbox import Pool
from conversations.patience import NORMAL, Patience
from conversations.ports import Channel, Jobs
from conversations.waiting.reception import Reception, now
from orders.papers.store import PostgresLinks
from orders.ports import Orders
from orders.store import PostgresOrders

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=60)


@dataclass(frozen=True, slots=True)
class Parley:
    """Everything a process needs, opened."""

    settings: Settings
    pool: Pool
    redis: Redis
    job_queue: procrastinate.App
    corridor: turn.Corridor
    channels: Mapping[str, Channel]
    helpdesk: ZendeskClient | None
    bot: RasaServer
    patience: Patience
    chats: Live
    """News of chats, for those who wait for them."""
    orders: Orders
    """Those the bot answers from: the shop's own service, else our tables."""

    papers: Papers
    """What the bot gives out to customers."""

    @property
    def jobs(self) -> Jobs:
        """Where work is deferred to."""
        return self.corridor.jobs

    @property
    def template(self) -> Template | None:
        """What tells a customer of a held reply."""
        return self.settings.template


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    pace: jobs.Pace = jobs.NORMAL,
    patience: Patience = NORMAL,
    clock: Callable[[], datetime] = now,
) -> AsyncIterator[Parley]:
    """Open every connection Parley needs, and close it at the end. `clock`: what time it is for the shop.

    Raises SettingsError when one of them has no address, InvalidNotifications for rules nobody can follow,
    HoursUnreadable without opening hours, PersonaUnreadable for a persona that cannot be.
    """
    whatsapp, zendesk = settings.whatsapp, settings.zendesk
    if whatsapp is None or settings.database_url is None or settings.redis_url is None:
        raise SettingsError(
            "This process needs DATABASE_URL, REDIS_URL and WHATSAPP_*; `parley run` sets them."
        )
    async with AsyncExitStack() as stack:
        check = AsyncConnectionPool.check_connection
        pool: Pool = AsyncConnectionPool(
            settings.database_url, min_size=2, max_size=20, check=check, open=False, **jobs.POOL
        )
        await stack.enter_async_context(pool)
        redis = Redis.from_url(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        http = await stack.enter_async_context(httpx.AsyncClient(limits=LIMITS))
        private = await stack.enter_async_context(httpx.AsyncClient(limits=LIMITS, trust_env=False))
        bot = RasaServer(private, settings.rasa_url or f"http://127.0.0.1:{settings.engine_port}")
        channels: Mapping[str, Channel] = {"whatsapp": WhatsAppClient(http, whatsapp), CHAT: WebChat()}
        helpdesk = ZendeskClient(zendesk) if zendesk else None
        if helpdesk:
            stack.callback(helpdesk.close)
        patience = replace(patience, held=settings.held_reply_days * 86_400)
        chats = Live(settings.database_url)
        stack.push_async_callback(chats.close)
        work = _Work()
        job_queue = jobs.build(settings.database_url, work.take, work.deliver, work.tell, pace)
        await stack.enter_async_context(job_queue.open_async())
        hours = Kept(settings.hours)
        queue, in_tickets = jobs.Queue(job_queue), replace(settings.in_tickets, hours=hours)
        orders = _orders(settings, http, pool)
        shop, colleagues = OrderFacts(orders), notifications.colleagues(settings, http)
        people = Reception(hours, AtDesk(redis), helpdesk is None, clock)
        voiced = persona.Voiced(bot, persona.load())
        corridor = turn.Corridor(
            pool, queue, voiced, channels, helpdesk, in_tickets, shop, colleagues, people
        )
        papers = Papers(PostgresLinks(pool), orders, http)
        outside = (channels, helpdesk, bot, patience, chats, orders, papers)
        work.parley = Parley(settings, pool, redis, job_queue, corridor, *outside)
        yield work.parley


def _orders(settings: Settings, http: httpx.AsyncClient, pool: Pool) -> Orders:
    if settings.orders_url:
        token = settings.orders_token
        return ShopOrders(http, settings.orders_url, token.get_secret_value() if token else None)
    return PostgresOrders(pool)


class _Work:
    """What the jobs call: set once everything is there, as the job queue is part of everything."""

    parley: Parley

    async def take(self, inbox_id: int, attempt: int, is_last: bool) -> None:
        await turn.take(self.parley.corridor, inbox_id, last_attempt=is_last, attempts=attempt)

    async def deliver(self, outbox_id: int) -> None:
        await outbox.deliver(self.parley.pool, self.parley, outbox_id, self.parley.patience)

    async def tell(self, notice_id: int) -> None:
        await ladder.tell(self.parley.pool, self.parley.jobs, self.parley.corridor.colleagues, notice_id)
