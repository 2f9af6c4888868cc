"""The report as Markdown whose tables are aligned, so that the terminal shows the same text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.report.examples import NEAR, Example
from engine.report.findings import FEWEST, LOWEST, SURE, IntentScore
from engine.report.judge import FOLDS, Verdict

LINES = 40
"""Lines a list of the page shows; the terminal shows fewer."""
WIDTH = 70


def write(
    found: Sequence[IntentScore],
    doubted: Sequence[tuple[IntentScore, str]],
    labels: Sequence[tuple[Example, Verdict]],
    pairs: Sequence[tuple[Example, Example, float]],
    picture: str,
    lines: int = LINES,
) -> str:
    """The whole report; lists longer than `lines` end with how many are left."""
    parts = [
        f"# The examples under the lens\n\n{_summary(found)}",
        f"## Intents, the weakest first\n\n{_intents(found)}",
        f"![Confusion matrix]({picture})",
        f"## Too thin to trust\n\nFewer than {FEWEST} different examples, or F1 below {LOWEST}.\n\n"
        + _thin(doubted),
        f"## Perhaps under the wrong intent\n\nRead as another one with confidence of at least {SURE}.\n\n"
        + _labels(labels, lines),
        f"## Nearly the same under two intents\n\nSimilarity of at least {NEAR}.\n\n{_pairs(pairs, lines)}",
    ]
    return "\n\n".join(parts) + "\n"


def _summary(found: Sequence[IntentScore]) -> str:
    examples = sum(score.examples for score in found)
    mean = sum(score.f1 for score in found) / len(found)
    right = sum(score.recall * score.examples for score in found) / examples
    return (
        f"{examples} examples of {len(found)} intents, each read by a classifier that has not seen it "
        f"({FOLDS} folds, similar examples on the same side): {right:.1%} right, mean F1 {mean:.3f}."
    )


def _intents(found: Sequence[IntentScore]) -> str:
    heads = ["intent", "examples", "different", "precision", "recall", "F1", "fallback", "taken for"]
    rows = [
        [
            score.name,
            str(score.examples),
            str(score.distinct),
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.f1:.3f}",
            f"{score.fallback:.1%}",
            ", ".join(f"{name} ({count})" for name, count in score.taken_for),
        ]
        for score in found
    ]
    return table(heads, rows)


def _thin(doubted: Sequence[tuple[IntentScore, str]]) -> str:
    return table(["intent", "why"], [[score.name, why] for score, why in doubted]) if doubted else "None."


def _labels(labels: Sequence[tuple[Example, Verdict]], lines: int) -> str:
    rows = [
        [example.place, example.text, verdict.best, f"{verdict.confidence:.2f}", f"{verdict.own:.2f}"]
        for example, verdict in labels
    ]
    return _list(["where", "example", "reads as", "confidence", "in its own"], rows, lines)


def _pairs(pairs: Sequence[tuple[Example, Example, float]], lines: int) -> str:
    rows = [[f"{near:.2f}", one.text, one.place, other.text, other.place] for one, other, near in pairs]
    return _list(["similar", "one", "where", "other", "where"], rows, lines)


def _list(heads: list[str], rows: list[list[str]], lines: int) -> str:
    if not rows:
        return "None."
    left = len(rows) - lines
    return table(heads, rows[:lines]) + (f"\n\n… and {left} more." if left > 0 else "")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns; long cells are cut."""
    cells = [[_cell(cell) for cell in row] for row in [heads, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    return "\n".join(_lines(cells, widths))


def _lines(cells: list[list[str]], widths: list[int]) -> Iterator[str]:
    for number, row in enumerate(cells):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


def _cell(text: str) -> str:
    plain = " ".join(text.split()).replace("|", "\\|")
    return plain if len(plain) <= WIDTH else plain[: WIDTH - 1] + "…"
