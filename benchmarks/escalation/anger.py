"""The frustration score over which a message counts as angry: what each threshold finds."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from benchmarks.escalation import labelled
from benchmarks.escalation.labelled import Case

STEPS = tuple(step / 100 for step in range(30, 81, 5))


def table(url: str, http: httpx.Client, cases: Sequence[Case]) -> str:
    """Precision, recall and F1 of angry against calm messages by threshold, the shipped one marked."""
    kept = [case for case in cases if case.name in ("frustrated", "none")]
    scores = [_score(url, http, case.says[0]) for case in kept]
    angry = [case.name == "frustrated" for case in kept]
    over = labelled.anger()
    lines = [_line(step, over, scores, angry) for step in sorted({*STEPS, over})]
    return "\n".join(["| angry over | precision | recall | F1 |", "|---|---|---|---|", *lines])


def _score(url: str, http: httpx.Client, text: str) -> float:
    answer = http.post(f"{url}/model/parse", json={"text": text})
    answer.raise_for_status()
    return float(answer.json()["frustration"]["score"])


def _line(step: float, over: float, scores: Sequence[float], angry: Sequence[bool]) -> str:
    found = [score > step for score in scores]
    right = sum(one and other for one, other in zip(found, angry, strict=True))
    precision, recall = right / sum(found) if any(found) else 0.0, right / sum(angry)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    mark = " (shipped)" if step == over else ""
    return f"| {step:.2f}{mark} | {precision:.2f} | {recall:.2f} | {f1:.2f} |"
