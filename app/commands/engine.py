"""`parley engine`: Rasa's own commands, in the engine's environment."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from app import settings
from app.checkout import here
from app.run.plan import Plan
from conversations.errors import ParleyError

NOWHERE = {"DATABASE_URL": "postgresql://127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}


class NoEngine(ParleyError):
    """The engine's environment was not made yet."""


def engine(
    command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND…", help="For example: -- rasa data validate")
    ],
) -> None:
    """Run Rasa's own commands: parley engine -- rasa shell.

    Any program of the engine's environment (rasa, python) runs with the addresses it needs set.
    """
    place = here()
    program = place.engine_bin / command[0]
    if not program.exists():
        raise NoEngine(f"The engine's environment has no {command[0]}: run `make setup` first.")
    chosen = Plan(place, settings.load(), settings.foreign_environment(), {})
    environment = chosen.inner_environment(*_stores(chosen)) | {"PATH": _path(chosen)}
    os.chdir(place.root)
    os.execve(program, [str(program), *command[1:]], environment)  # noqa: S606


def _stores(chosen: Plan) -> tuple[str, str]:
    """PostgreSQL and Redis: the ones set, the embedded ones while they run, or an address where nobody is."""
    from app import embedded

    state = chosen.checkout.state
    running = embedded.running_postgres(state / "postgres")
    port = state / "redis" / "port"
    redis = f"redis://127.0.0.1:{port.read_text().strip()}/0" if running and port.exists() else None
    return (
        chosen.settings.database_url or running or NOWHERE["DATABASE_URL"],
        chosen.settings.redis_url or redis or NOWHERE["REDIS_URL"],
    )


def _path(chosen: Plan) -> str:
    return os.pathsep.join([str(chosen.checkout.engine_bin), chosen.outer.get("PATH", os.defpath)])
