"""`python -m tests.race [--plays 1000] [--first 0] [--seed N]`: play them all, print what came of it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psycopg
import structlog
from rich.console import Console
from rich.table import Table

from app import embedded
from migrations import runner
from tests.race.check import broken
from tests.race.play import Play, Stage, stage
from tests.services import in_database

PROMISES = {
    "talked over": "bot messages after a takeover had returned",
    "lost": "customer messages lost",
    "answered twice": "messages answered by both",
    "unexplained": "lines dropped without a reason in the log",
    "unfinished": "things left undone",
    "failed": "plays that did not come to an end",
}


async def play(on: Stage, seed: int) -> tuple[Play, dict[str, list[str]]]:
    """Play one seed; what it broke, by promise."""
    one = Play(on, seed)
    try:
        await one.run()
    except Exception as error:
        last = f"last job repeated for {one.last_retry}"
        return one, {"failed": [f"{type(error).__name__}: {error}", last, traceback.format_exc()]}
    return one, await broken(one)


async def play_all(
    database_url: str, seeds: list[int]
) -> tuple[Counter[str], dict[int, dict[str, list[str]]]]:
    """Play these seeds one after another: what happened in all, and what each seed broke."""
    figures: Counter[str] = Counter()
    failures = {}
    async with stage(database_url) as on:
        for seed in seeds:
            one, found = await play(on, seed)
            figures.update(_figures(one))
            if found:
                failures[seed] = found
    return figures, failures


def _figures(one: Play) -> dict[str, int]:
    return {
        "plays": 1,
        "moves": one.schedule.now,
        "customer messages": len(one.said),
        "takeovers": one.takeovers,
        "releases": one.releases,
        "agents' replies": len(one.replies),
        "messages sent": len(one.channel.sent),
        "tickets": len(one.helpdesk.cases) if one.helpdesk else 0,
        "workers killed": one.kills,
        "jobs repeated": one.retries,
    }


def _in_process(database_url: str, seeds: list[int]) -> tuple[Counter[str], dict[int, dict[str, list[str]]]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    return asyncio.run(play_all(database_url, seeds))


def main() -> int:
    """Exit code 1 when a promise was broken."""
    options = argparse.ArgumentParser(prog="make race")
    options.add_argument("--plays", type=int, default=1000)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--seed", type=int, help="play this one alone")
    given = options.parse_args()
    first, plays = (given.seed, 1) if given.seed is not None else (given.first, given.plays)
    started = time.monotonic()
    figures, failures = _play_side_by_side(list(range(first, first + plays)))
    _tell(figures, failures, time.monotonic() - started)
    return 1 if failures else 0


def _play_side_by_side(seeds: list[int]) -> tuple[Counter[str], dict[int, dict[str, list[str]]]]:
    hands = min(len(seeds), os.cpu_count() or 1, 4)
    figures: Counter[str] = Counter()
    failures: dict[int, dict[str, list[str]]] = {}
    with tempfile.TemporaryDirectory(prefix="parley-race-") as folder:
        with embedded.running(embedded.postgres(Path(folder) / "data")) as server:
            urls = [_database(server, f"race_{hand}") for hand in range(hands)]
            with ProcessPoolExecutor(hands) as pool:
                shares = [seeds[hand::hands] for hand in range(hands)]
                for some, broke in pool.map(_in_process, urls, shares):
                    figures.update(some)
                    failures.update(broke)
    return figures, failures


def _database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    url = in_database(server, name)
    asyncio.run(runner.migrate(url))
    return url


def _tell(figures: Counter[str], failures: dict[int, dict[str, list[str]]], seconds: float) -> None:
    console = Console(highlight=False, soft_wrap=True, width=100)
    table = Table("what", "number", box=None)
    for name, number in figures.items():
        table.add_row(name, f"{number:,}")
    for promise, words in PROMISES.items():
        number = sum(len(broke.get(promise, ())) for broke in failures.values())
        table.add_row(words, f"[bold]{number}[/]")
    console.print(table)
    for seed in sorted(failures)[:20]:
        console.print(f"\nseed {seed} (alone: make race SEED={seed})", markup=False)
        for promise, what in failures[seed].items():
            console.print(f"  {promise}: {'; '.join(what)}", markup=False)
    verdict = f"{len(failures)} of {figures['plays']} plays broke a promise" if failures else "all kept"
    console.print(f"\n{verdict}, in {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
