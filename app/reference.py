"""Writes the reference pages that come out of the code: `python -m app.reference` (or `make docs`).

A test checks that the pages in the checkout are what this writes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic_core import PydanticUndefined

from app import health, settings, web
from app.chat import mount as chat
from app.checkout import here
from app.cli import app

GROUPS = {
    "HOST": "The process",
    "DATABASE_URL": "Stores and inner parts: unset means embedded, or started here",
    "SANDBOX": "The sandbox",
    "WHATSAPP_BASE_URL": "WhatsApp: the last four together, or none",
    "ZENDESK_BASE_URL": "Zendesk: an address, a webhook secret, and e-mail with API token or an OAuth token",
    "SLACK_WEBHOOK_URL": "Notifications, language models, console, chat",
}


def settings_page() -> str:
    """docs/reference/settings.md."""
    lines = [
        "# Settings",
        "",
        "Set them in the environment or in a file `.env` at the root of the checkout; the environment wins. "
        "An empty value counts as not set. Parley refuses to start when a group is half given.",
    ]
    for name, field in settings.names():
        if name in GROUPS:
            lines += ["", f"## {GROUPS[name]}", "", "| name | default | meaning |", "|---|---|---|"]
        lines.append(f"| `{name}` | {_default(field)} | {field.description} |")
    return "\n".join(lines) + "\n"


def environment_example() -> str:
    """.env.example: every setting, commented out."""
    lines = [
        "# Copy to .env and set what you need; everything works without. See docs/reference/settings.md."
    ]
    for name, field in settings.names():
        if name in GROUPS:
            lines += ["", f"# ---- {GROUPS[name]}"]
        lines += ["", f"# {field.description}", f"#{name}={_plain(field.default)}"]
    return "\n".join(lines) + "\n"


def cli_page() -> str:
    """docs/reference/cli.md."""
    lines = [
        "# The `parley` command",
        "",
        "In the checkout it is `.venv/bin/parley`; `make` wraps the most used ones.",
    ]
    for path, command in _commands(typer.main.get_command(app), "parley"):
        context = typer.Context(command, info_name=path, terminal_width=100, max_content_width=100)
        lines += ["", f"## `{path}`", "", "```", command.get_help(context).strip(), "```"]
    return "\n".join(lines) + "\n"


def routes_page() -> str:
    """docs/reference/routes.md."""
    lines = [
        "# Routes and metrics of the web process",
        "",
        "The machine-readable form is at `/api/openapi.json`, with pages to read at `/api/docs`; of the chat "
        "API at `/api/v1/openapi.json` and `/api/v1/docs`.",
        "",
        "| method | path | what it does |",
        "|---|---|---|",
    ]
    application = web.assemble(None)
    lines += _routes(application.openapi())
    lines += _routes(chat.api_of(application).openapi(), chat.PATH)
    lines += [
        "| GET | `/chat` | The chat page, and `/chat/static/embed.js` to put it on a website. |",
        "| GET | `/console` | The desk: the queue and the conversations, for agents who have signed in. |",
        "| GET | `/analytics` | The figures of the last days, for the same people. |",
        "",
        "## Metrics",
        "",
        "| metric | label | meaning |",
        "|---|---|---|",
    ]
    lines += [f"| `{name}` | `{label}` | {about} |" for name, label, about in health.GAUGES.values()]
    return "\n".join(lines) + "\n"


PAGES = {
    "docs/reference/settings.md": settings_page,
    "docs/reference/cli.md": cli_page,
    "docs/reference/routes.md": routes_page,
    ".env.example": environment_example,
}


def main() -> int:
    """Write every page; returns the exit code."""
    for path, page in PAGES.items():
        target = here().root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page(), encoding="utf-8")
    return 0


def _routes(documented: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for path, methods in documented["paths"].items():
        for method, operation in methods.items():
            about = operation.get("description", "").split("\n\n")[0].replace("\n", " ")
            yield f"| {method.upper()} | `{prefix}{path}` | {about} |"


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{path} {name}")


def _default(field: Any) -> str:
    shown = _plain(field.default)
    choices = (
        f" (of {', '.join(get_args(field.annotation))})" if get_origin(field.annotation) is Literal else ""
    )
    return f"`{shown}`{choices}" if shown else ""


def _plain(default: Any) -> str:
    return "" if default is None or default is PydanticUndefined else str(default)


if __name__ == "__main__":
    sys.exit(main())
