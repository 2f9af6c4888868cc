"""What the engine costs: `python -m benchmarks.engine` (or `make bench-engine`), about ten minutes.

In one run: a clean training, a training after one edited NLU file, the time until the engine is ready, the
median of /model/parse, memory, and what a turn costs late in a session beside early in it. The baseline of
the last is the same engine with Rasa's own SQLTrackerStore on the same PostgreSQL, its turns interleaved
with ours: ours through the turn channel, as in production, the baseline through Rasa's REST channel (the turn
channel asks for our store). `--turns-only` trains nothing and asks the shipped model. `--write` puts the
table into README.md.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import yaml

from benchmarks import engine_servers, readme
from benchmarks.engine_servers import Engine
from benchmarks.questions import question
from tests.services import ROOT

ANA = {"phone": "+15550100001", "name": "Ana Silva", "channel": "whatsapp"}
EARLY, LATE = 5, 150
PARSES = 300
Row = tuple[str, str, str, str]
"""What is measured, what came out, its baseline, its target."""
Ask = Callable[[str, int], float]
"""Conversation and number of the turn in; its seconds out."""


def trainings(folder: Path) -> Iterator[Row]:
    """From nothing, and with one example more in one NLU file; the second finds what the first one kept."""
    shutil.copytree(ROOT / "data", folder / "data")
    yield "clean training", f"{engine_servers.train(folder):.0f} s", "", "< 90 s"
    edited = folder / "data" / "nlu" / "invoice.yml"
    edited.write_text(edited.read_text(encoding="utf-8").rstrip() + "\n    - my invoice for the kettle\n")
    yield "training after one edited NLU file", f"{engine_servers.train(folder):.0f} s", "", "< 40 s"


def parses(engine: Engine, http: httpx.Client) -> Row:
    """Median of /model/parse over examples drawn with a fixed seed, after as many to warm up."""
    taken = []
    for text in _texts() * 2:
        begun = time.perf_counter()
        http.post(f"{engine.url}/model/parse", json={"text": text}).raise_for_status()
        taken.append(time.perf_counter() - begun)
    return "/model/parse, median", f"{statistics.median(taken[PARSES:]) * 1e3:.1f} ms", "", "< 10 ms"


def _texts() -> list[str]:
    files = sorted((ROOT / "data" / "nlu").glob("*.yml"))
    topics = [topic for file in files for topic in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]]
    lines = [line for topic in topics for line in topic["examples"].splitlines()]
    return random.Random(0).sample([line.removeprefix("- ") for line in lines], PARSES)


def turns(ours: Engine, theirs: Engine, http: httpx.Client, repeats: int) -> Iterator[Row]:
    """Ten turns around the 150th of one long session each, beside turns 5 of as many new sessions.

    Ours, theirs, early and late take turns, so that whatever else the machine does meets all alike.
    """
    asks = {"ours": own_door(ours, http), "theirs": rest_door(theirs, http)}
    long = {name: str(uuid.uuid4()) for name in asks}
    first = LATE - repeats // 2
    for name, ask in asks.items():
        print(f"leading one session to turn {first}: {name} …", flush=True)
        for number in range(1, first):
            ask(long[name], number)
    early: dict[str, list[float]] = {name: [] for name in asks}
    late: dict[str, list[float]] = {name: [] for name in asks}
    for repeat in range(repeats):
        for name, ask in asks.items():
            new = str(uuid.uuid4())
            early[name].append([ask(new, number) for number in range(1, EARLY + 1)][-1])
            late[name].append(ask(long[name], first + repeat))
    yield from _turn_rows(early, late)


def _turn_rows(early: dict[str, list[float]], late: dict[str, list[float]]) -> Iterator[Row]:
    for title, taken in ((f"turn {EARLY} of a session", early), (f"turn {LATE} of a session", late)):
        median = {name: f"{statistics.median(taken[name]) * 1e3:.0f} ms" for name in taken}
        yield title, median["ours"], median["theirs"], ""
    ratio = {name: f"{statistics.median(late[name]) / statistics.median(early[name]):.2f}" for name in early}
    yield f"turn {LATE} to turn {EARLY}", ratio["ours"], ratio["theirs"], "≤ 1.2"


def own_door(engine: Engine, http: httpx.Client) -> Ask:
    """Turns through the turn channel."""

    def ask(conversation: str, number: int) -> float:
        message = {"conversation_id": conversation, "message_id": f"{conversation}-{number}"}
        body = {**message, "text": question(number), "metadata": ANA}
        return _timed(http, f"{engine.url}/webhooks/turn/webhook", body)

    return ask


def rest_door(engine: Engine, http: httpx.Client) -> Ask:
    """Turns through Rasa's REST channel."""

    def ask(conversation: str, number: int) -> float:
        body = {"sender": conversation, "message": question(number), "metadata": ANA}
        return _timed(http, f"{engine.url}/webhooks/rest/webhook", body)

    return ask


def _timed(http: httpx.Client, url: str, body: Mapping[str, object]) -> float:
    begun = time.perf_counter()
    answer = http.post(url, json=body)
    taken = time.perf_counter() - begun
    answer.raise_for_status()
    if not answer.json():
        raise RuntimeError(f"{url} answered nothing")
    return taken


def costs(folder: Path, model: Path, repeats: int) -> Iterator[Row]:
    """Everything that is measured on running engines."""
    with engine_servers.stores_and_actions(folder) as environment, httpx.Client(timeout=60) as http:
        theirs_store = engine_servers.rasa_store(environment["DATABASE_URL"])
        own = engine_servers.own_store()
        with engine_servers.engine("ours", model, own, environment, folder) as ours:
            yield "until the engine is ready", f"{ours.seconds:.1f} s", "", "< 25 s"
            yield parses(ours, http)
            with engine_servers.engine("theirs", model, theirs_store, environment, folder) as theirs:
                yield from turns(ours, theirs, http, repeats)
                (now, peak), (their_now, their_peak) = ours.megabytes(), theirs.megabytes()
            yield "memory after all this", f"{now:.0f} MB", f"{their_now:.0f} MB", "< 900 MB"
            yield "memory at its peak", f"{peak:.0f} MB", f"{their_peak:.0f} MB", ""


def table(rows: list[Row]) -> str:
    """The result as Markdown."""
    heads = ("what", "ours", "with Rasa's SQLTrackerStore", "target")
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, ("---",) * 4, *rows])


def main() -> None:
    """Measure, print each number as it comes, and with `--write` put all into README.md."""
    parser = argparse.ArgumentParser(description="What the engine costs.")
    parser.add_argument("--repeats", type=int, default=40, help="turns measured of each kind")
    parser.add_argument("--turns-only", action="store_true", help="no training: ask the shipped model")
    parser.add_argument("--write", action="store_true", help="write the table into README.md")
    given = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="parley-bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        model = ROOT / "models" / "parley.tar.gz" if given.turns_only else folder / "models" / "bench.tar.gz"
        parts = [] if given.turns_only else [trainings(folder)]
        for part in [*parts, costs(folder, model, given.repeats)]:
            for row in part:
                print("  ".join(cell for cell in row if cell), flush=True)
                rows.append(row)
    print(table(rows))
    if given.write:
        readme.write("engine", f"The engine, `make bench-engine`:\n\n{table(rows)}")


if __name__ == "__main__":
    main()
