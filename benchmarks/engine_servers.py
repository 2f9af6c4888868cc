"""What `benchmarks.engine` starts: trainings, and engines with the stores and actions behind them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import yaml

from app import embedded
from migrations import runner
from orders import demo
from tests.services import ROOT, free_port

RASA = ROOT / "engine" / ".venv" / "bin" / "rasa"
FEATURIZER = "engine.nlu.featurizer.SentenceFeaturizer"
PATIENCE = 240.0
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
DOORS: dict[str, dict[str, Any]] = {"engine.turn_channel.TurnChannel": {}, "rest": {}}


@dataclass(frozen=True)
class Engine:
    """A running engine: its address, its process, and the seconds until it answered /status with a model."""

    url: str
    process: psutil.Process
    seconds: float

    def megabytes(self) -> tuple[float, float]:
        """Resident memory now, and at its peak so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return self.process.memory_info().rss / 2**20, int(peak.split()[1]) / 1024


def train(folder: Path) -> float:
    """Seconds of one `rasa train`, its start included, of the data in `folder`; into its `models`.

    Rasa's cache and the engine's kept vectors are in `folder` too. Raises CalledProcessError.
    """
    command = [str(RASA), "train", "--fixed-model-name", "bench", "--data", str(folder / "data")]
    command += ["--out", str(folder / "models"), "--config", str(_config(folder))]
    begun = time.perf_counter()
    environment = {**os.environ, **QUIET, "RASA_CACHE_DIRECTORY": str(folder / "cache")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begun


def _config(folder: Path) -> Path:
    """config.yml with the kept vectors in `folder`."""
    recipe = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    for component in recipe["pipeline"]:
        if component["name"] == FEATURIZER:
            component["kept"] = str(folder / "vectors.npz")
    path = folder / "config.yml"
    path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return path


@contextlib.contextmanager
def stores_and_actions(folder: Path) -> Iterator[dict[str, str]]:
    """PostgreSQL with the demo shop, Redis, and the action server; the environment that names them."""
    with (
        embedded.running(embedded.postgres(folder / "postgres")) as database,
        embedded.running(embedded.redis(folder / "redis")) as redis,
    ):
        asyncio.run(_fill(database))
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        environment = {**os.environ, **QUIET, "DATABASE_URL": database, "REDIS_URL": redis}
        environment |= {"ACTIONS_URL": address, "SANIC_HOST": "127.0.0.1"}
        command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", str(port)]
        with _process(command, environment, folder / "actions.log") as process:
            _wait(lambda: httpx.get(f"{address}/health").status_code == 200, process)
            yield environment


async def _fill(database: str) -> None:
    await runner.migrate(database)
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await demo.load(connection, datetime.datetime.now(datetime.UTC).date())


@contextlib.contextmanager
def engine(
    name: str, model: Path, store: Mapping[str, Any], environment: dict[str, str], folder: Path
) -> Iterator[Engine]:
    """`rasa run` with this tracker store, once it is ready; both Rasa's and our own door are open."""
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    (folder / f"{name}.endpoints.yml").write_text(yaml.safe_dump({**endpoints, "tracker_store": dict(store)}))
    (folder / "credentials.yml").write_text(yaml.safe_dump(DOORS))
    port = free_port()
    command = [str(RASA), "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "-m", str(model)]
    command += ["--endpoints", str(folder / f"{name}.endpoints.yml")]
    command += ["--credentials", str(folder / "credentials.yml")]
    url, begun = f"http://127.0.0.1:{port}", time.perf_counter()
    with _process(command, environment, folder / f"{name}.log") as process:
        _wait(lambda: httpx.get(f"{url}/status").status_code == 200, process)
        yield Engine(url, psutil.Process(process.pid), time.perf_counter() - begun)


def own_store() -> dict[str, Any]:
    """The tracker store of endpoints.yml."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    return dict(found["tracker_store"])


def rasa_store(database: str) -> dict[str, Any]:
    """Rasa's SQLTrackerStore on the same PostgreSQL, which listens on a Unix socket."""
    socket = database.partition("?host=")[2]
    return {
        "type": "SQL",
        "dialect": "postgresql",
        "db": "postgres",
        "username": "postgres",
        "query": {"host": socket},
    }


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(answers: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Until it answers; raises RuntimeError when it ends or takes too long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if answers():
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} did not get ready")
