"""What `benchmarks.nlu` measures on: public data sets and the bot's own examples, to train on and to ask.

Both systems get the same files. A file whose set is not in the data folder leaves that set out.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

OUT_OF_SCOPE = "out_of_scope"
EXAMPLES = Path("data/nlu")
SHOTS = 10
DRAWS = 5
Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """A message of the test, and the intents that are right for it, any of them."""

    text: str
    accept: tuple[str, ...]

    @property
    def ours(self) -> bool:
        return OUT_OF_SCOPE not in self.accept


@dataclass(frozen=True)
class Split:
    """One data set: `train` is its rows, or None for the bot's own examples.

    `draw` is the seed of the few examples per intent; DIET is only trained on draw 0.
    """

    name: str
    train: Rows | None
    test: list[Asked]
    draw: int = 0

    def write(self, folder: Path) -> Path:
        """The training examples as a file Rasa reads (JSON: texts stay as they are, brackets too)."""
        if self.train is None:
            return EXAMPLES
        examples = [{"text": text, "intent": intent, "entities": []} for text, intent in self.train]
        path = folder / "nlu.json"
        path.write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}), encoding="utf-8")
        return path


def splits(data: Path, wanted: list[str]) -> Iterator[Split]:
    """The splits of the wanted sets (shop, banking, shots, clinc) that are in the folder."""
    if "shop" in wanted and (data / "intents_dev.jsonl").exists():
        yield Split("shop", None, _messages(data / "intents_dev.jsonl"))
    if (data / "banking77_train.csv").exists():
        train, test = (_csv(data / f"banking77_{part}.csv") for part in ("train", "test"))
        if "banking" in wanted:
            yield Split("banking", train, _asked(test))
        if "shots" in wanted:
            yield from (Split("shots", _draw(train, seed), _asked(test), seed) for seed in range(DRAWS))
    if "clinc" in wanted and (data / "clinc150.json").exists():
        yield _clinc(data / "clinc150.json")


def _clinc(path: Path) -> Split:
    """CLINC150, its 100 `oos_train` examples as out_of_scope; the validation parts stay unread."""
    sets = json.loads(path.read_text(encoding="utf-8"))
    others = [(text, OUT_OF_SCOPE) for text, _ in sets["oos_train"]]
    unknown = [(text, OUT_OF_SCOPE) for text, _ in sets["oos_test"]]
    train = [(text, intent) for text, intent in sets["train"]]
    test = [(text, intent) for text, intent in sets["test"]]
    return Split("clinc", train + others, _asked(test + unknown))


def _messages(path: Path) -> list[Asked]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Asked(line["text"].lstrip("/ "), tuple(line["accept"])) for line in lines]


def _csv(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"].strip(), row["category"]) for row in csv.DictReader(file)]


def _asked(rows: Rows) -> list[Asked]:
    return [Asked(text, (intent,)) for text, intent in rows]


def _draw(rows: Rows, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    by_intent: dict[str, Rows] = {}
    for row in rows:
        by_intent.setdefault(row[1], []).append(row)
    return [group[i] for group in by_intent.values() for i in rng.permutation(len(group))[:SHOTS]]
