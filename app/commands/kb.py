"""`parley kb`: the articles the bot answers from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.checkout import here
from conversations.errors import ParleyError

app = typer.Typer(help="The articles the bot answers from.", no_args_is_help=True)


class NoAnswer(ParleyError):
    """The articles cannot be read or searched."""


@app.command()
def build() -> None:
    """Index the articles of kb/articles anew."""
    from kb import index
    from kb.errors import KbError

    place = here()
    try:
        index.build(place.articles, place.encoder, place.kb_index)
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
    as_json: Annotated[bool, typer.Option("--json", help="Print [{article, section, score, text}].")] = False,
) -> None:
    """Show the passages nearest to TEXT, best first."""
    from kb.errors import KbError
    from kb.search import search_folder

    try:
        found = search_folder(kb or here().articles, text, k)
    except KbError as error:
        raise NoAnswer(str(error)) from None
    hits: list[dict[str, Any]] = [
        {"article": hit.article, "section": hit.section, "score": hit.score, "text": hit.text}
        for hit in found
    ]
    if as_json:
        typer.echo(json.dumps(hits, ensure_ascii=False, indent=1))
        return
    for hit in hits:
        typer.secho(f"{hit['score']:.3f}  {hit['article']} › {hit['section']}", bold=True)
        typer.echo(f"       {' '.join(hit['text'].split())[:300]}")
    if not hits:
        typer.echo("Nothing found.")
