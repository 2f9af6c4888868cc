"""The results of `benchmarks.nlu` as lines for the terminal and a table for README.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Result = dict[str, Any]

NAMES = {
    "shop": "Shop messages",
    "banking": "BANKING77",
    "shots": "BANKING77, 10 examples per intent",
    "clinc": "CLINC150",
}
QUALITY = [
    ("shop", "accepted_right", "in scope, accepted and right", "≥ 88 %"),
    ("shop", "rejected", "out of scope, rejected", "≥ 80 %"),
    ("banking", "right", "accuracy", "≥ 94 %"),
    ("shots", "right", "accuracy", "≥ 86 %"),
    ("clinc", "right", "in-scope accuracy", "≥ 96.5 %"),
    ("clinc", "auroc", "scope, AUROC", "≥ 0.97"),
    ("clinc", "recall", "out-of-scope recall at 95 % accepted", ""),
]
COSTS = [
    ("training_seconds", "training", "s", 0),
    ("training_processor_seconds", "training, processor time", "s", 0),
    ("parse_milliseconds", "parse, median", "ms", 1),
    ("megabytes", "serving, peak memory", "MB", 0),
]
BUSY = 1.2
"""Load per core, over fifteen minutes, from which the benchmark was not alone."""
EPOCHS = 100
"""Of DIET as Rasa's default recipe trains it."""
HEADS = ["set", "measure", "DIET", "ours", "ratio", "target"]


@dataclass(frozen=True)
class Pair:
    """Both systems' results of a set on the same draw; None where it was not measured."""

    diet: Result | None
    ours: Result | None

    def values(self, key: str) -> tuple[float | None, float | None]:
        return (self.diet or {}).get(key), (self.ours or {}).get(key)


def line(result: Result) -> str:
    """One part as it comes."""
    shares = [f"{key} {result[key]:.3f}" for _, key, _, _ in QUALITY if key in result]
    costs = [f"{name} {result[key]:.{digits}f} {unit}" for key, name, unit, digits in COSTS]
    found = list(dict.fromkeys(shares)) + costs
    return f"  {result['set']} · {result['system']} · draw {result['draw']}: " + ", ".join(found)


def table(results: list[Result]) -> str:
    """Markdown. A share's ratio is of errors, ours to DIET's; a cost's is of the costs."""
    rows = [HEADS, ["---"] * len(HEADS), *_rows(results)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def page(results: list[Result]) -> str:
    """The README's part."""
    return f"{_about(results)}\n\n{table(results)}\n\n{_notes(results)}"


def _rows(results: list[Result]) -> Iterator[list[str]]:
    for name, title in NAMES.items():
        pair = _pair(results, name)
        if not (pair.diet or pair.ours):
            continue
        for _, key, measure, target in (one for one in QUALITY if one[0] == name):
            shown = "{:.3f}" if key == "auroc" else "{:.1%}"
            yield [title, measure, *_cells(pair.values(key), shown, errors=True), target]
        for key, measure, unit, digits in COSTS:
            yield [title, measure, *_cells(pair.values(key), f"{{:.{digits}f}} {unit}", errors=False), ""]


def _cells(values: tuple[float | None, float | None], shown: str, errors: bool) -> list[str]:
    diet, ours = values
    cells = ["not measured" if one is None else shown.format(one).replace("%", " %") for one in values]
    if diet is None or ours is None:
        return [*cells, ""]
    ratio = (1 - ours) / (1 - diet) if errors else ours / diet
    return [*cells, f"{ratio:.2f}" + (" of its errors" if errors else "")]


def _pair(results: list[Result], name: str) -> Pair:
    found = {one["system"]: one for one in results if one["set"] == name and one["draw"] == 0}
    return Pair(found.get("diet"), found.get("ours"))


def _about(results: list[Result]) -> str:
    return (
        "Intents, `make bench-nlu`: Rasa's default DIET pipeline beside ours, trained on the same examples, "
        "reading the same messages. The shop's messages are a development set; both learn from `data/nlu`."
    )


def _notes(results: list[Result]) -> str:
    """What the numbers of the table leave out: the other draws, and when each system was measured."""
    draws = [one["right"] for one in results if one["set"] == "shots" and one["system"] == "ours"]
    notes = []
    if len(draws) > 1:
        low, mean, high = min(draws), statistics.mean(draws), max(draws)
        spread = f"{mean:.1%} ({low:.1%} to {high:.1%})".replace("%", " %")
        notes.append(
            f"Ten examples are drawn anew; ours over {len(draws)} draws: {spread}, DIET on the first only."
        )
    cut = {NAMES[one["set"]]: one["epochs"] for one in results if one.get("epochs", EPOCHS) < EPOCHS}
    notes += [f"On {name} DIET learnt for {epochs} of its {EPOCHS} epochs." for name, epochs in cut.items()]
    for system, title in (("diet", "DIET"), ("ours", "ours")):
        times = sorted(one["measured"] for one in results if one["system"] == system)
        if times:
            notes.append(f"Measured, {title}: {times[0]} to {times[-1]} UTC.")
    busiest = max((one.get("load", 0.0) for one in results), default=0.0)
    if busiest > BUSY:
        notes.append(f"The machine did other work too (load {busiest:.1f} per core): times are too long.")
    return " ".join(notes)
