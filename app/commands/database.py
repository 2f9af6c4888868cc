"""`parley db`: the database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import typer

from app import settings
from app.checkout import here
from app.commands import opening

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    from migrations import runner

    with opening.database(here(), settings.load()) as url:
        try:
            applied = asyncio.run(runner.migrate(url))
        except psycopg.Error as error:
            raise opening.NoDatabase(f"The database was not changed: {str(error).strip()}") from None
    typer.echo(f"Applied {', '.join(applied)}." if applied else "Already up to date.")


@app.command()
def demo() -> None:
    """Load the demo shop, dated from today; loading it again starts it afresh."""
    typer.echo(f"{asyncio.run(_load_demo())} orders loaded.")


async def _load_demo() -> int:
    from orders import demo as shop

    async with opening.connection(here(), settings.load()) as conn:
        return await shop.load(conn, datetime.now(UTC).date())
