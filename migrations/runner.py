"""Brings a database up to date: procrastinate's own schema first, then the numbered files here, each once."""

from __future__ import annotations

from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager

FOLDER = Path(__file__).parent
LOCK = 7275539  # one migration at a time, whoever starts first
JOBS = "0000_procrastinate"


async def migrate(database_url: str, folder: Path = FOLDER) -> list[str]:
    """Apply what is missing, in one transaction, and return the names applied, oldest first.

    Raises psycopg.Error when a file does not apply; nothing of the run is kept then.
    """
    async with await psycopg.AsyncConnection.connect(database_url) as conn:
        await conn.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        await conn.execute(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = await (await conn.execute("SELECT name FROM migrations")).fetchall()
        done = {row[0] for row in rows}
        missing = [(name, sql) for name, sql in _scripts(folder) if name not in done]
        for name, sql in missing:
            await conn.execute(sql.encode())
            await conn.execute("INSERT INTO migrations (name) VALUES (%s)", [name])
    return [name for name, _ in missing]


def _scripts(folder: Path) -> list[tuple[str, str]]:
    """Name and SQL of every migration, in order."""
    own = [(file.stem, file.read_text(encoding="utf-8")) for file in sorted(folder.glob("[0-9]*.sql"))]
    return [(JOBS, SchemaManager.get_schema()), *own]
