"""How the web process is started: by `parley web` in the foreground, by `parley run` beside the others."""

from __future__ import annotations

import sys

from app.settings import Settings


def command(settings: Settings) -> list[str]:
    """The command line of the web process."""
    return [
        *(sys.executable, "-m", "uvicorn", "app.web:create", "--factory", "--no-access-log"),
        *("--host", settings.host, "--port", str(settings.port)),
        *("--forwarded-allow-ips", settings.forwarded_allow_ips),
        *("--loop", "uvloop", "--http", "httptools"),
    ]
