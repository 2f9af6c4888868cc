"""`parley status`: which parts run, whether the whole is ready, how much work waits."""

from __future__ import annotations

import asyncio
import time

import httpx
import psycopg
import typer
from rich.console import Console
from rich.table import Table

from app import settings
from app.checkout import here
from app.commands import opening
from app.run.ledger import Ledger
from conversations import reports


def status() -> None:
    """Show what runs, whether it is ready, and what waits.

    Exit code 1 when Parley is not ready.
    """
    chosen = settings.load()
    entries, facts = Ledger(here().state).read()
    running = [(entry, entry.process()) for entry in entries]
    table = Table("part", "pid", "runs since", "memory", box=None)
    for entry, process in running:
        memory = f"{process.memory_info().rss / 1e6:.0f} MB" if process else ""
        age = f"{(time.time() - entry.created) / 60:.0f} min" if process else "does not run"
        table.add_row(entry.name, str(entry.pid), age, memory)
    console = Console(highlight=False)
    console.print(table if running else "Nothing was started here by `parley run`.")
    ready = _ready(facts.get("web") or f"http://127.0.0.1:{chosen.port}", console)
    if chosen.database_url or facts.get("database_url"):
        console.print("\n".join(asyncio.run(_waiting(chosen))))
    raise typer.Exit(0 if ready else 1)


def _ready(web: str, console: Console) -> bool:
    try:
        response = httpx.get(f"{web}/readyz", timeout=8, trust_env=False)
    except httpx.HTTPError:
        console.print(f"web: nobody answers at {web}")
        return False
    answer = response.json()
    for name, state in answer.get("parts", {}).items():
        console.print(f"{name}: {state}")
    for exit, why in answer.get("held", {}).items():
        console.print(f"! {exit}: {why}", style="bold yellow", markup=False)
    console.print("ready" if response.status_code == 200 else "not ready")
    return response.status_code == 200


async def _waiting(chosen: settings.Settings) -> list[str]:
    """What waits: jobs by status, and what customers were promised."""
    try:
        async with opening.connection(here(), chosen) as conn:
            counts = await reports.counts(conn)
    except (psycopg.Error, opening.NoDatabase):
        return ["jobs: the database does not answer"]
    jobs = ", ".join(f"{number:.0f} {state}" for state, number in counts["jobs"].items()) or "none"
    owed = counts["promises"]
    return [f"jobs: {jobs}", f"promises: {owed.get('open', 0):.0f} open, {owed.get('broken', 0):.0f} overdue"]
