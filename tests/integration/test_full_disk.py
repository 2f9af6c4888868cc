"""A full disk: nothing is acknowledged that was not stored, and everything goes on once there is room."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app import embedded
from app.embedded import EmbeddedError
from app.wiring import Parley
from migrations import runner
from tests.integration.test_doors import client, envelope, parley, post, stored, text
from tests.services import redis_url

__all__ = ["client", "parley", "redis_url"]

SIZE = "160m"
"""Room for an empty PostgreSQL and little more."""


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of its own; making one takes root's rights, so elsewhere the test is left out."""
    folder = Path("/tmp") / f"parley-disk-{os.getpid()}"
    folder.mkdir()
    command = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture
def database_url(disk: Path) -> Iterator[str]:
    """A PostgreSQL whose data lie on the small disk."""
    with embedded.running(embedded.postgres(disk / "data")) as url:
        asyncio.run(runner.migrate(url))
        yield url


def fill(disk: Path, leave: int) -> Path:
    """A file that leaves so many bytes free."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - leave)
    return ballast


async def test_full_disk_acknowledges_nothing_and_loses_nothing(
    client: httpx.AsyncClient, parley: Parley, disk: Path
) -> None:
    """503 with Retry-After while the disk is full; the same webhooks are taken once there is room."""
    ballast = fill(disk, leave=1_000_000)
    bodies = [envelope({"messages": [text(f"m{n}", body=os.urandom(20_000).hex())]}) for n in range(100)]
    refused = [body for body in bodies if not await taken(client, body)]
    assert refused, "the disk never was full"
    assert not await taken(client, refused[0])
    ballast.unlink()
    end = time.monotonic() + 60
    while left := [body for body in refused if not await taken(client, body)]:
        assert time.monotonic() < end, f"{len(left)} webhooks are still refused"
    assert await stored(parley) == len(bodies)


def test_full_disk_is_one_sentence_at_the_start(disk: Path) -> None:
    """No room for a database: said so, with what to do."""
    fill(disk, leave=2_000_000)
    said = re.escape("the disk is full. Free some room and start again.")
    with pytest.raises(EmbeddedError, match=said):
        embedded.postgres(disk / "data")


async def taken(client: httpx.AsyncClient, body: bytes) -> bool:
    """Whether a webhook is acknowledged; if not, the sender is asked to come again."""
    answer = await post(client, body)
    if answer.status_code != 200:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    return answer.status_code == 200
