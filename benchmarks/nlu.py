"""Intents, ours beside Rasa's default: `python -m benchmarks.nlu --data FOLDER` (or `make bench-nlu`).

Runs in the engine's environment and imports the engine, as the engine's own tests do. Both systems are
trained from the same files and read the same messages, both through Rasa's graph (benchmarks/nlu_run.py),
each in a process of its own, so that times and memory are measured the same way.

DIET is the pipeline that Rasa's default recipe ships (read from the installed Rasa): whitespace tokenizer,
regex, lexical-syntactic and count-vector features (words, and character 1-4-grams within words),
DIETClassifier with 100 epochs (`--epochs` trains fewer, and the table says so), EntitySynonymMapper,
FallbackClassifier at 0.3. Left out: ResponseSelector, which decides nothing here. Added: the whole ranking,
and a random seed. Ours is config.yml up to its intent classifier; for the shop's messages it is the shipped
model, and training means all of config.yml's pipeline.

shop     intents_dev.jsonl, both trained on data/nlu: in scope accepted and right, out of scope rejected
         (out_of_scope or nlu_fallback)
banking  BANKING77, all examples
shots    BANKING77, ten examples per intent; ours over five draws, DIET on the first one only
clinc    CLINC150 with its 100 out-of-scope examples: accuracy of the best in-scope intent on in-scope
         messages; scope by the better of two scores, the confidence of the best in-scope intent and that
         it is not out_of_scope

The whole run takes an hour or more on two slow cores, nearly all of it DIET's training. Results go to
benchmarks/results/nlu.json, part by part (`--only`, `--sets` repeat parts; `--sets` without a name measures
nothing and shows what is there); `--write` makes README's table of it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from benchmarks import nlu_scores, nlu_table, readme
from benchmarks.nlu_sets import Split, splits

SETS = ["shop", "banking", "shots", "clinc"]
SYSTEMS = ["diet", "ours"]
FEATURIZER = "engine.nlu.featurizer.SentenceFeaturizer"
RESULTS = Path(__file__).parent / "results" / "nlu.json"
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def pipeline(system: str, split: Split, folder: Path, epochs: int = nlu_table.EPOCHS) -> list[dict[str, Any]]:
    """The components of a system; ours keeps vectors in `folder`, so that each training is a first one.

    `epochs` are DIET's.
    """
    if system == "ours":
        recipe = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))
        ours: list[dict[str, Any]] = recipe["pipeline"]
        classifier = next(i for i, one in enumerate(ours) if one["name"].endswith("IntentClassifier"))
        kept = {FEATURIZER: {"kept": str(folder / "vectors.npz")}}
        chosen = ours if split.train is None else ours[: classifier + 1]
        return [{**one, **kept.get(one["name"], {})} for one in chosen]
    shipped = resources.files("rasa.engine.recipes.config_files") / "default_config.yml"
    default = yaml.safe_load(shipped.read_text(encoding="utf-8"))["pipeline"]
    diet = {"ranking_length": 0, "random_seed": 0, "epochs": epochs}
    return [
        {**one, **(diet if one["name"] == "DIETClassifier" else {})}
        for one in default
        if one["name"] != "ResponseSelector"
    ]


def measure(system: str, split: Split, shipped: Path, epochs: int) -> dict[str, Any]:
    """Train and serve one system on one split; raises CalledProcessError when either fails."""
    Path(".parley").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=".parley") as place:
        folder, config = Path(place), Path(place, "config.yml")
        recipe: dict[str, Any] = {"recipe": "default.v1", "assistant_id": "bench", "language": "en"}
        recipe["pipeline"] = pipeline(system, split, folder, epochs)
        config.write_text(yaml.safe_dump(recipe), encoding="utf-8")
        model = folder / "model.tar.gz"
        trained = _run("train", model, config=config, nlu=split.write(folder))
        texts = folder / "texts.json"
        texts.write_text(json.dumps([one.text for one in split.test]), encoding="utf-8")
        served = _run("serve", shipped if system == "ours" and split.train is None else model, texts=texts)
    return {
        "set": split.name,
        "system": system,
        "draw": split.draw,
        **({"epochs": epochs} if system == "diet" else {}),
        "measured": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "load": round(os.getloadavg()[2] / (os.cpu_count() or 1), 1),
        **nlu_scores.of(split, served["readings"]),
        "training_seconds": round(trained["seconds"], 1),
        "training_processor_seconds": round(trained["processor_seconds"], 1),
        "parse_milliseconds": round(statistics.median(served["seconds"]) * 1000, 2),
        "megabytes": round(served["megabytes"]),
        "megabytes_before": round(served["megabytes_before"]),
    }


def _run(what: str, model: Path, **paths: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        answer = Path(place, "answer.json")
        named = {"model": model, "answer": answer, **paths}
        words = [word for name, path in named.items() for word in (f"--{name}", str(path))]
        command = [sys.executable, "-m", "benchmarks.nlu_run", what, *words]
        subprocess.run(command, check=True, env={**os.environ, **QUIET})
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def keep(result: dict[str, Any], path: Path = RESULTS) -> list[dict[str, Any]]:
    """Put a result in the file in place of an earlier one of its kind; all results."""
    path.parent.mkdir(exist_ok=True)
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    kind = [result[key] for key in ("set", "system", "draw")]
    others = [one for one in known if [one[key] for key in ("set", "system", "draw")] != kind]
    results = sorted([*others, result], key=lambda one: (SETS.index(one["set"]), one["system"], one["draw"]))
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return results


def tasks(data: Path, sets: list[str], systems: list[str]) -> Iterator[tuple[str, Split]]:
    """Every system on every split; DIET on the first draw of several only."""
    for split in splits(data, sets):
        yield from ((system, split) for system in systems if system == "ours" or split.draw == 0)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Intents, ours beside Rasa's default.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data sets")
    parser.add_argument("--sets", nargs="*", choices=SETS, default=SETS)
    parser.add_argument("--only", choices=SYSTEMS, help="measure this system alone, keep the other's results")
    parser.add_argument(
        "--epochs", type=int, default=nlu_table.EPOCHS, help="DIET's, where 100 take too long"
    )
    parser.add_argument("--model", type=Path, default=Path("models/parley.tar.gz"), help="the shipped model")
    parser.add_argument("--write", action="store_true", help="write the table into README.md")
    given = parser.parse_args()
    if not given.model.exists():
        parser.error(f"no model at {given.model}: `make train` first")
    for system, split in tasks(given.data, given.sets, [given.only] if given.only else SYSTEMS):
        print(f"{split.name}, {system}, draw {split.draw}: {len(split.test)} messages to read …", flush=True)
        result = measure(system, split, given.model, given.epochs)
        keep(result)
        print(nlu_table.line(result), flush=True)
    if RESULTS.exists():
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
        print(nlu_table.table(results))
        if given.write:
            readme.write("nlu", nlu_table.page(results))


if __name__ == "__main__":
    main()
