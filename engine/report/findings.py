"""What the verdicts say of each intent and of single examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.report.examples import Example, Rows
from engine.report.judge import FALLBACK, Verdict

FEWEST = 60
"""Examples an intent needs that do not say nearly the same."""
LOWEST = 0.8
"""F1 below which an intent is not to be trusted."""
SURE = 0.6
"""Confidence in another intent from which an example is put up for checking."""


@dataclass(frozen=True)
class IntentScore:
    """An intent, held out; shares between 0 and 1. A message put to nlu_fallback counts as not recalled.

    `distinct` counts groups of similar examples, `taken_for` names the intents most often decided instead.
    """

    name: str
    examples: int
    distinct: int
    precision: float
    recall: float
    fallback: float
    taken_for: tuple[tuple[str, int], ...]

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def scores(examples: Sequence[Example], verdicts: Sequence[Verdict], groups: Rows) -> list[IntentScore]:
    """One score per intent, the weakest first."""
    intents = np.array([example.intent for example in examples])
    decided = np.array([verdict.decided for verdict in verdicts])
    found = [_score(str(name), intents == name, decided, groups) for name in np.unique(intents)]
    return sorted(found, key=lambda score: score.f1)


def _score(name: str, own: npt.NDArray[np.bool_], decided: npt.NDArray[np.str_], groups: Rows) -> IntentScore:
    claimed = decided == name
    right = int((own & claimed).sum())
    instead = Counter(str(one) for one in decided[own & ~claimed] if one != FALLBACK)
    return IntentScore(
        name=name,
        examples=int(own.sum()),
        distinct=len(np.unique(groups[own])),
        precision=right / max(int(claimed.sum()), 1),
        recall=right / int(own.sum()),
        fallback=float((decided[own] == FALLBACK).mean()),
        taken_for=tuple(instead.most_common(2)),
    )


def thin(found: Sequence[IntentScore]) -> list[tuple[IntentScore, str]]:
    """The intents not to be trusted yet, and why."""
    doubted = []
    for score in found:
        reasons = []
        if score.distinct < FEWEST:
            reasons.append(f"{score.distinct} different examples; {FEWEST} are the least")
        if score.f1 < LOWEST:
            reasons.append(f"F1 {score.f1:.2f}; {LOWEST} is the least")
        if reasons:
            doubted.append((score, "; ".join(reasons)))
    return doubted


def mislabelled(examples: Sequence[Example], verdicts: Sequence[Verdict]) -> list[tuple[Example, Verdict]]:
    """Examples whose held-out reading is confidently another intent, the surest disagreement first.

    Ordered by the margin between the other intent and the example's own (Northcutt et al., 2021, "Confident
    learning").
    """
    doubted = [
        (example, verdict)
        for example, verdict in zip(examples, verdicts, strict=True)
        if verdict.best != example.intent and verdict.confidence >= SURE
    ]
    return sorted(doubted, key=lambda pair: pair[1].own - pair[1].confidence)


def across(
    examples: Sequence[Example], pairs: Sequence[tuple[int, int, float]]
) -> list[tuple[Example, Example, float]]:
    """The pairs that stand under different intents."""
    return [
        (examples[a], examples[b], near) for a, b, near in pairs if examples[a].intent != examples[b].intent
    ]


def confusion(
    examples: Sequence[Example], verdicts: Sequence[Verdict]
) -> tuple[list[str], list[str], npt.NDArray[np.int_]]:
    """Intents (rows), decisions (columns, nlu_fallback last) and how many examples of each went where."""
    rows = sorted({example.intent for example in examples})
    columns = [*rows, FALLBACK]
    counts = np.zeros((len(rows), len(columns)), dtype=int)
    for example, verdict in zip(examples, verdicts, strict=True):
        counts[rows.index(example.intent), columns.index(verdict.decided)] += 1
    return rows, columns, counts
