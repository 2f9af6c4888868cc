"""One system on one set, in a process of its own: `python -m benchmarks.nlu_run train|serve …`.

`benchmarks.nlu` starts it; run it alone to look closer. Training and serving are Rasa's own, in-process, the
same calls for both systems: `rasa.model_training.train_nlu` into an empty cache, `Agent.parse_message` one
message after another. Memory is the peak resident size of the serving process, Rasa and TensorFlow included.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
STEP = 500
WHOLE = 1000
"""Intents in the ranking, so that out_of_scope is always among them; DIET's configuration says the same."""


def train(config: Path, nlu: Path, model: Path) -> dict[str, float]:
    """Train a model; seconds of wall clock and of processor time, imports of Rasa not counted."""
    from rasa import model_training

    wall, processor = time.perf_counter(), time.process_time()
    name = model.name.removesuffix(".tar.gz")
    model_training.train_nlu(str(config), str(nlu), str(model.parent), fixed_model_name=name)
    return {"seconds": time.perf_counter() - wall, "processor_seconds": time.process_time() - processor}


def serve(model: Path, texts: list[str]) -> dict[str, Any]:
    """What the model makes of each text: readings, seconds per parse, megabytes at the peak."""
    import structlog
    from rasa.core.agent import Agent

    from engine.nlu import classifier

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    classifier.RANKING = WHOLE
    before = _megabytes()
    agent = Agent.load(model)
    readings, seconds = asyncio.run(_parse(agent, texts))
    return {"readings": readings, "seconds": seconds, "megabytes": _megabytes(), "megabytes_before": before}


async def _parse(agent: Any, texts: list[str]) -> tuple[list[dict[str, Any]], list[float]]:
    readings, seconds = [], []
    for text in texts:
        start = time.perf_counter()
        parse = await agent.parse_message(text)
        seconds.append(time.perf_counter() - start)
        readings.append(_reading(parse))
        if len(seconds) % STEP == 0:
            print(f"  read {len(seconds)} of {len(texts)}", file=sys.stderr, flush=True)
    return readings, seconds


def _reading(parse: dict[str, Any]) -> dict[str, Any]:
    """The decision, the best intent of ours with its confidence, and the confidence of out_of_scope."""
    ranking = parse["intent_ranking"] or [parse["intent"]]
    ours = [one for one in ranking if one["name"] not in (FALLBACK, OUT_OF_SCOPE)]
    nothing: dict[str, Any] = {"name": None, "confidence": 0.0}
    best = max(ours, key=lambda one: float(one["confidence"]), default=nothing)
    other = next((one["confidence"] for one in ranking if one["name"] == OUT_OF_SCOPE), 0.0)
    return {
        "intent": parse["intent"]["name"],
        "best": best["name"],
        "confidence": round(best["confidence"], 6),
        "out_of_scope": round(other, 6),
    }


def _megabytes() -> float:
    """Peak resident size of this process so far (Linux counts it in kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """The command line; the answer is a JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["train", "serve"])
    parser.add_argument("--config", type=Path)
    parser.add_argument("--nlu", type=Path)
    parser.add_argument("--texts", type=Path, help="JSON list of the messages to read")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--answer", type=Path, required=True)
    given = parser.parse_args()
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    if given.what == "train":
        with tempfile.TemporaryDirectory() as cache:
            os.environ["RASA_CACHE_DIRECTORY"] = cache
            answer: dict[str, Any] = train(given.config, given.nlu, given.model)
    else:
        answer = serve(given.model, json.loads(given.texts.read_text(encoding="utf-8")))
    given.answer.write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
