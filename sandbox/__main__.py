"""`python -m sandbox`: both servers in one process, set up from the environment."""

from __future__ import annotations

import asyncio
import os
import sys

from sandbox.serve import HOST, serve_all
from sandbox.service import Service
from sandbox.whatsapp.sandbox import WhatsAppSandbox
from sandbox.whatsapp.settings import WhatsAppSettings
from sandbox.zendesk.sandbox import ZendeskSandbox
from sandbox.zendesk.settings import ZendeskSettings


def chosen() -> list[tuple[Service, int]]:
    """The sandboxes to run and their ports; `SANDBOX_ONLY` may name one of them."""
    only = os.environ.get("SANDBOX_ONLY", "")
    sandboxes: list[tuple[Service, int]] = []
    if only in ("", "whatsapp"):
        whatsapp = WhatsAppSettings.from_environment(os.environ)
        sandboxes.append((WhatsAppSandbox(whatsapp), whatsapp.port))
    if only in ("", "zendesk"):
        zendesk = ZendeskSettings.from_environment(os.environ)
        sandboxes.append((ZendeskSandbox(zendesk), zendesk.port))
    if not sandboxes:
        raise ValueError(f"SANDBOX_ONLY is {only!r}; it can be whatsapp or zendesk")
    return sandboxes


def main() -> int:
    """Run until told to stop. Returns the exit status."""
    try:
        sandboxes = chosen()
        host = os.environ.get("SANDBOX_HOST") or HOST
        addresses = " and ".join(f"http://{host}:{port}/" for _, port in sandboxes)
        asyncio.run(serve_all(sandboxes, lambda: print(f"sandbox at {addresses}", flush=True), host))  # noqa: T201
    except (OSError, ValueError) as error:
        sys.stderr.write(f"The sandbox cannot start: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
