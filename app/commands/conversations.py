"""`parley conversations`: what was said."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

import psycopg
import typer

from app import settings
from app.checkout import here
from app.commands import opening
from conversations import reports
from conversations.rows import Conversation

app = typer.Typer(help="What was said, by whom, and what became of it.", no_args_is_help=True)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those an agent has, longest wait first.")
    ] = False,
) -> None:
    """The conversations heard from last.

    A line each: id, when heard, who has control, ticket, number of messages, name, last message.
    """
    rows = asyncio.run(_list(limit, waiting))
    for row in rows:
        ticket = f"#{row.ticket_id}" if row.ticket_id else "-"
        name, last = (row.name or "-")[:20], " ".join((row.last_text or "").split())[:60]
        where = f"{row.heard_at:%Y-%m-%d %H:%M}  {row.control:<5}  {ticket:<8}"
        typer.echo(f"{row.id}  {where}  {row.messages:>4}  {name:<20}  {last}")
    if not rows:
        typer.echo("No conversations yet.")


@app.command()
def show(conversation: Annotated[UUID, typer.Argument(metavar="ID", help="Its id, from `list`.")]) -> None:
    """One conversation in order, with intents, handoffs and deliveries."""
    whole, lines = asyncio.run(_show(conversation))
    typer.secho(f"{whole.channel}, {whole.name or 'no name'}, control: {whole.control}", bold=True)
    for line in lines:
        state = f"  [{line.state}{': ' + line.why if line.why else ''}]" if line.state else ""
        typer.echo(f"{line.at:%Y-%m-%d %H:%M:%S}  {line.author:<8}  {line.kind:<8}  {_told(line)}{state}")


def _told(line: reports.Line) -> str:
    """A line's text; for a turn what the bot made of it."""
    if line.kind != "turn":
        return line.text
    names = ("intent", "confidence", "action", "error", "latency_ms", "model_id")
    facts = {name: line.body[name] for name in names if line.body.get(name)}
    return " ".join(f"{name}={_short(value)}" for name, value in facts.items())


def _short(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


async def _list(limit: int, waiting: bool) -> list[reports.Summary]:
    async with opening.connection(here(), settings.load()) as conn:
        try:
            return await reports.list_conversations(conn, limit, waiting_only=waiting)
        except psycopg.errors.UndefinedTable:
            return []


async def _show(conversation: UUID) -> tuple[Conversation, list[reports.Line]]:
    async with opening.connection(here(), settings.load()) as conn:
        return await reports.show(conn, conversation)
