"""The database for one command: the one set, the embedded one that runs, or the embedded one for a moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg

from app import embedded
from app.checkout import Checkout
from app.run.ledger import Ledger
from app.settings import Settings
from conversations.errors import ParleyError


class NoDatabase(ParleyError):
    """The database does not answer."""


@contextmanager
def database(checkout: Checkout, settings: Settings) -> Iterator[str]:
    """The address of a PostgreSQL that answers while the block runs."""
    folder = checkout.state / "postgres"
    if url := settings.database_url or embedded.running_postgres(folder):
        yield url
        return
    book = Ledger(checkout.state)
    book.lock()  # nobody may start it beside us
    try:
        with embedded.running(embedded.postgres(folder)) as url:
            yield url
    finally:
        book.unlock()


@asynccontextmanager
async def connection(checkout: Checkout, settings: Settings) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection to it. Raises NoDatabase."""
    with database(checkout, settings) as url:
        try:
            conn = await psycopg.AsyncConnection.connect(url, connect_timeout=5)
        except psycopg.OperationalError as error:
            raise NoDatabase(f"The database does not answer: {str(error).strip().splitlines()[0]}") from None
        async with conn:
            yield conn
