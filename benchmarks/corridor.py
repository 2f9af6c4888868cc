"""How long the corridor takes: `python -m benchmarks.corridor` (or `make bench-corridor`).

A black-box client with its own Graph API and its own Zendesk plays a customer against `parley run`, one
message at a time. Measured: seconds from posting a webhook to its 200, and to the Graph call with the
answer. Baseline, in the same run: the same questions asked of the same engine and actions directly over the
turn channel, which is the least any corridor around it could take. Prints a table; `--write` puts it into
README.md.
"""

from __future__ import annotations

import argparse
import statistics
import time
import uuid

import httpx

from benchmarks import readme
from benchmarks.questions import question
from tests.fakes.outside import BlackBox, outside
from tests.services import running

ANA = "15550100001"


def through_the_corridor(box: BlackBox, turns: int) -> list[float]:
    """Seconds from each webhook to the Graph call with its answer."""
    taken = []
    for number in range(turns):
        box.graph.sent.clear()
        begun = box.write(ANA, question(number))
        box.wait(lambda: box.graph.sent)
        taken.append(box.graph.sent[0][0] - begun)
    return taken


def engine_alone(url: str, turns: int) -> list[float]:
    """Seconds the engine and its actions take for the same questions."""
    conversation, taken = str(uuid.uuid4()), []
    metadata = {"phone": f"+{ANA}", "name": "Ana Silva", "channel": "whatsapp"}
    with httpx.Client(timeout=30) as http:
        for number in range(turns):
            asked = {
                "conversation_id": conversation,
                "message_id": f"{conversation}-{number}",
                "text": question(number),
                "metadata": metadata,
            }
            begun = time.perf_counter()
            http.post(f"{url}/webhooks/turn/webhook", json=asked).raise_for_status()
            taken.append(time.perf_counter() - begun)
    return taken


def table(acks: list[float], corridor: list[float], engine: list[float]) -> str:
    """The result as Markdown; times in milliseconds, ratios of medians to the engine alone."""
    base = statistics.median(engine)
    rows = [
        ("engine alone (baseline)", engine),
        ("webhook to Graph call", corridor),
        ("webhook to 200", acks),
    ]
    lines = ["| what | median | p95 | ratio to the baseline |", "|---|---|---|---|"]
    for name, taken in rows:
        median, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[18]
        lines.append(f"| {name} | {median * 1e3:.0f} ms | {p95 * 1e3:.0f} ms | {median / base:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and with `--write` put the result into README.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=100, help="messages to measure, after ten to warm up")
    parser.add_argument("--write", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    with (
        outside() as (graph, zendesk, settings),
        running(settings) as parley,
        httpx.Client(timeout=30) as http,
    ):
        box = BlackBox(parley.url, graph, zendesk, http)
        through_the_corridor(box, 10)
        box.acks.clear()
        corridor = through_the_corridor(box, options.turns)
        engine = engine_alone(parley.engine_url, options.turns)
    result = table(box.acks, corridor, engine)
    print(result)
    if options.write:
        about = f"The corridor, `make bench-corridor`, {options.turns} messages one after another:"
        readme.write("corridor", f"{about}\n\n{result}")


if __name__ == "__main__":
    main()
