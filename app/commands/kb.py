"""`parley kb`: the articles the bot answers from."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from app import settings
from app.checkout import here
from app.commands import opening
from conversations import reports
from conversations.errors import ParleyError
from conversations.reports import Cited

app = typer.Typer(help="The articles the bot answers from.", no_args_is_help=True)


class NoAnswer(ParleyError):
    """The articles cannot be read or searched."""


@app.command()
def build() -> None:
    """Index the articles of kb/articles anew."""
    from kb import index, topics
    from kb.encoder import Encoder
    from kb.errors import KbError

    place = here()
    try:
        encoder = Encoder(place.encoder)
        index.build(place.articles, encoder, place.kb_index)
        topics.of(encoder)
    except KbError as error:
        raise NoAnswer(str(error)) from None
    typer.echo(
        f"Indexed {place.articles.relative_to(place.root)} into {place.kb_index.relative_to(place.root)}."
    )


@app.command()
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What a customer might ask.")],
    kb: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="Search these Markdown files, not kb/articles.",
        ),
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 5,
    least: Annotated[
        float,
        typer.Option("--min-score", min=0, max=1, help="Leave out weaker passages; 0.5 is the bot's limit."),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print [{article, section, score, text}].")] = False,
) -> None:
    """Show the passages nearest to TEXT, best first.

    A score is the estimated probability that the passage answers; below 0.5 the bot does not say it.
    """
    from kb.errors import KbError
    from kb.search import search_folder

    try:
        found = search_folder(kb or here().articles, text, k)
    except KbError as error:
        raise NoAnswer(str(error)) from None
    hits: list[dict[str, Any]] = [
        {"article": hit.article, "section": hit.section, "score": hit.score, "text": hit.text}
        for hit in found
        if hit.score >= least
    ]
    if as_json:
        typer.echo(json.dumps(hits, ensure_ascii=False, indent=1))
        return
    for hit in hits:
        typer.secho(f"{hit['score']:.3f}  {hit['article']} › {hit['section']}", bold=True)
        typer.echo(f"       {' '.join(hit['text'].split())[:300]}")
    if not hits:
        typer.echo("Nothing found.")


@app.command()
def affected(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Its file name without suffix.")],
    since: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day to look at (UTC).", metavar="DATE")
    ],
) -> None:
    """The conversations that were told something of ARTICLE that it no longer says.

    A line for each such answer: id, when, section, name.
    """
    told = asyncio.run(_cited(article, since.replace(tzinfo=UTC)))
    changed = outdated(told, _said_now(article))
    for each in changed:
        typer.echo(f"{each.conversation_id}  {each.at:%Y-%m-%d %H:%M}  {each.section}  {each.name or '-'}")
    if not changed:
        typer.echo(f"Nobody: of {len(told)} answers from {article} all still hold, word for word.")


def outdated(told: Sequence[Cited], said_now: set[str]) -> list[Cited]:
    """Those of the passages told whose words are gone. `said_now`: the digests and versions of today."""
    return [each for each in told if (each.digest or each.version) not in said_now]


def _said_now(article: str) -> set[str]:
    """Digests and versions of the article's passages; empty when there is no such article any more."""
    from kb import articles
    from kb.errors import KbError

    try:
        chunks = [chunk for chunk in articles.load(here().articles) if chunk.article == article]
    except KbError as error:
        raise NoAnswer(str(error)) from None
    return {articles.digest(chunk.text) for chunk in chunks} | {chunk.version for chunk in chunks}


async def _cited(article: str, since: datetime) -> list[Cited]:
    async with opening.connection(here(), settings.load()) as conn:
        try:
            return await reports.cited(conn, article, since)
        except psycopg.errors.UndefinedTable:
            return []
