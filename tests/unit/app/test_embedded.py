from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
import redis as redis_client

from app import embedded
from app.embedded import EmbeddedError
from app.run import ports


def value(url: str) -> str:
    with psycopg.connect(url) as conn:
        row = conn.execute("SHOW server_version").fetchone()
    return str(row[0]) if row else ""


def test_postgres_runs_for_the_length_of_a_block(folder_for_postgres: Path) -> None:
    """The embedded PostgreSQL is found while it runs and gone afterwards; its data stays."""
    folder = folder_for_postgres / "postgres"
    with embedded.running(embedded.postgres(folder)) as url:
        assert value(url).startswith("18")
        assert embedded.running_postgres(folder) == url
        with psycopg.connect(url) as conn:
            conn.execute("CREATE TABLE kept (id int)")
    assert embedded.running_postgres(folder) is None
    with embedded.running(embedded.postgres(folder)) as url, psycopg.connect(url) as conn:
        conn.execute("SELECT id FROM kept")


def test_deep_checkout(folder_for_postgres: Path) -> None:
    """A data folder too deep for a Unix socket gets a short socket elsewhere, closed to other users."""
    folder = folder_for_postgres / ("deep" * 20) / "postgres"
    server = embedded.postgres(folder)
    assert server.socket is not None
    assert len(server.socket) <= 107
    assert os.stat(Path(server.socket).parent).st_mode & 0o077 == 0
    with embedded.running(server) as url:
        assert value(url)
    Path(server.socket).parent.rmdir()


def test_stray_postgres_is_ended(folder_for_postgres: Path) -> None:
    """A PostgreSQL that nobody looks after is stopped; there being none is fine."""
    folder = folder_for_postgres / "postgres"
    assert not embedded.end_stray_postgres(folder)
    with embedded.running(embedded.postgres(folder)):
        assert embedded.end_stray_postgres(folder)
        assert embedded.running_postgres(folder) is None


def test_reused_pid_does_not_keep_postgres_from_starting(folder_for_postgres: Path) -> None:
    """A mark left by a killed server, with a pid that is another program's now, is no obstacle."""
    folder = folder_for_postgres / "postgres"
    embedded.postgres(folder)
    lines = [str(os.getpid()), str(folder), "1000000", "5432", str(folder), "", "0 0", "ready"]
    (folder / "postmaster.pid").write_text("\n".join(lines) + "\n")
    with embedded.running(embedded.postgres(folder)) as url:
        assert value(url)


def test_redis_keeps_its_port(folder_for_postgres: Path) -> None:
    """The embedded Redis listens on this machine alone, on the same port at every start."""
    first = embedded.redis(folder_for_postgres / "redis")
    with embedded.running(first) as url, redis_client.Redis.from_url(url) as client:
        assert client.ping()
    assert embedded.redis(folder_for_postgres / "redis").port == first.port
    assert "127.0.0.1" in first.command
    assert first.port is not None
    assert ports.is_free(first.port)


def test_failures_are_one_sentence(folder_for_postgres: Path) -> None:
    """A folder that cannot hold a database is told with the server's own reason."""
    (folder_for_postgres / "postgres").mkdir()
    (folder_for_postgres / "postgres" / "something").write_text("x")
    with pytest.raises(EmbeddedError, match="exists but is not empty"):
        embedded.postgres(folder_for_postgres / "postgres")
