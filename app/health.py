"""Alive, ready, measured: what a monitor asks the web process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.request import parley_of
from app.wiring import Parley
from app.worker import DEAD_AFTER
from conversations import reports

router = APIRouter()
PATIENCE = 5.0
"""Seconds a part may take to answer before it counts as down."""

GAUGES = {
    "conversations": ("parley_conversations", "control", "Conversations by who has control."),
    "outbox": ("parley_outbox_rows", "exit_state", "Outbox rows by exit and state."),
    "jobs": ("parley_jobs", "status", "Jobs by status."),
    "turns": ("parley_turns", "outcome", "Turns of the bot by outcome."),
    "promises": ("parley_promises", "state", "Promises to customers by state; broken: due, and still owed."),
    "ages": (
        "parley_age_seconds",
        "what",
        "Age of the oldest unfinished arrival and of the longest wait for an agent.",
    ),
    "holds": (
        "parley_exit_held_seconds",
        "exit_why",
        "How long nothing has left by an exit: it refused us (an operator has to act), or limits us.",
    ),
}


@router.get("/healthz")
async def handle_alive() -> dict[str, str]:
    """This process runs."""
    return {"status": "ok"}


@router.get("/readyz")
async def handle_ready(request: Request) -> Response:
    """Every part Parley needs answers; 503 and the failing parts by name otherwise.

    Exits on hold are told, but change nothing: what comes in is still taken, and what goes out waits.
    """
    parley = parley_of(request)
    parts: dict[str, Awaitable[object]] = {
        "database": _database(parley),
        "redis": _redis(parley),
        "engine": parley.bot.ready(),
        "worker": _worker(parley),
    }
    results = await asyncio.gather(*(_checked(part) for part in parts.values()))
    failing = {name: why for name, why in zip(parts, results, strict=True) if why}
    status = {name: failing.get(name, "ok") for name in parts}
    held = {} if "database" in failing else await _held(parley)
    answer = {"ready": not failing, "parts": status, "held": held}
    return JSONResponse(answer, status_code=503 if failing else 200)


@router.get("/metrics")
async def handle_metrics(request: Request) -> Response:
    """The corridor in numbers, for Prometheus."""
    async with parley_of(request).pool.connection() as conn:
        counts = await reports.counts(conn)
    registry = CollectorRegistry()
    registry.register(_Counts(counts))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Counts(Collector):
    def __init__(self, counts: dict[str, dict[str, float]]):
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        for name, (metric, label, help) in GAUGES.items():
            family = GaugeMetricFamily(metric, help, labels=[label])
            for key, value in self._counts[name].items():
                family.add_metric([key], value)
            yield family


async def _checked(check: Awaitable[object]) -> str | None:
    """None when the check passes, else what is wrong, in a sentence."""
    try:
        await asyncio.wait_for(check, PATIENCE)
    except TimeoutError:
        return f"no answer within {PATIENCE:.0f} s"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


async def _database(parley: Parley) -> None:
    async with parley.pool.connection(timeout=PATIENCE) as conn:
        await reports.worker_age(conn)


async def _held(parley: Parley) -> dict[str, str]:
    """Why nothing leaves by which exit."""
    async with parley.pool.connection(timeout=PATIENCE) as conn:
        return {held.exit: str(held) for held in await reports.holds(conn)}


async def _redis(parley: Parley) -> None:
    await parley.redis.ping()


async def _worker(parley: Parley) -> None:
    async with parley.pool.connection(timeout=PATIENCE) as conn:
        age = await reports.worker_age(conn)
    if age is None or age > 2 * DEAD_AFTER:
        raise RuntimeError("no worker was seen lately" if age is None else f"last seen {age:.0f} s ago")
