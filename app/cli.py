"""The `parley` command."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from app import server, settings
from app.checkout import here
from app.commands import conversations, database, engine, kb, status, stories
from app.run.terminal import Terminal
from conversations.errors import ParleyError

app = typer.Typer(
    name="parley",
    help="A customer-support desk for WhatsApp: a Rasa bot, and people who take over unnoticed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def run(
    tethered: Annotated[bool, typer.Option("--tethered", hidden=True)] = False,
) -> None:
    """Start everything and keep it running; Ctrl-C stops it.

    What a start needs is made first when it is missing or stale: sentence encoder, model, kb index.
    A part that dies is started again. Logs are in .parley/logs.
    """
    from app import notifications
    from app.run import start

    notifications.RulesFile(notifications.file())
    sys.exit(start.run(here(), settings.load(), Terminal(), tethered=tethered))


@app.command()
def train(
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Only when data/, domain.yml or config.yml changed.")
    ] = False,
) -> None:
    """Train the bot from data/, domain.yml and config.yml.

    A running engine gets the new model at once.
    """
    from app.commands import training

    asyncio.run(training.train(here(), Terminal(), if_changed=if_changed))


@app.command("setup")
def set_up() -> None:
    """Make what a start needs: sentence encoder, kb index, model.

    Only what is missing or stale is made.
    """
    from app.commands import training

    asyncio.run(training.prepare(here(), Terminal()))


@app.command()
def web() -> None:
    """Serve webhooks, health and metrics in the foreground."""
    os.execv(sys.executable, server.command(settings.load()))  # noqa: S606


@app.command()
def worker() -> None:
    """Take turns and deliver in the foreground."""
    os.execv(sys.executable, [sys.executable, "-m", "app.worker"])  # noqa: S606


app.command("status")(status.status)
app.command("stories")(stories.stories)
app.add_typer(kb.app, name="kb")
app.add_typer(database.app, name="db")
app.add_typer(conversations.app, name="conversations")
app.command("engine", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(
    engine.engine
)


def main() -> None:
    """The program: an error of ours is one sentence and exit code 1, never a traceback."""
    try:
        app()
    except ParleyError as error:
        Terminal().fail(str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
