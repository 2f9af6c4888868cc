"""Opens the articles when the action server starts, so that the first question does not wait for them.

Opening takes seconds on a small machine, so it happens beside the server, which answers from the start.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

import pluggy

from actions import desk

hookimpl = pluggy.HookimplMarker("rasa_sdk")
logger = logging.getLogger(__name__)


@hookimpl
def attach_sanic_app_extensions(app: Any) -> None:
    """rasa-sdk's hook, called for every process of the server before it starts."""
    app.register_listener(begin, "after_server_start")


async def begin(app: Any, loop: Any) -> None:
    """Start opening the articles; the server does not wait for it."""
    app.add_task(open_articles(), name="open_articles")


async def open_articles() -> None:
    """Ask the articles something, and open the language models, if any, without asking them.

    Where there are no articles, the first question will say so, and the log does.
    """
    try:
        await desk.ask_articles("How long do I have to return something?")
    except Exception as error:
        logger.warning("The articles cannot be opened yet: %s", error)
    if names := desk.language_models(os.environ):
        await asyncio.to_thread(desk.open_writer, names)
