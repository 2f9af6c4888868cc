"""The confusion matrix as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CELL = 0.46
"""Inches a cell takes, so that any number of intents stays readable."""


def draw(rows: Sequence[str], columns: Sequence[str], counts: npt.NDArray[Any], path: Path) -> None:
    """Write a PNG: each row an intent, each column what was decided, in percent of the row."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(CELL * len(columns) + 2.6, CELL * len(rows) + 2.4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=10, aspect="equal")  # root: small errors show
    axes.set_xticks(range(len(columns)), columns, rotation=45, ha="left", rotation_mode="anchor")
    axes.set_yticks(
        range(len(rows)), [f"{name} ({int(n)})" for name, n in zip(rows, counts.sum(1), strict=True)]
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xlabel("decided, percent of the row; held out")
    axes.set_ylabel("the example's intent (examples)")
    _grid(axes, shares)
    FigureCanvasAgg(figure).print_png(str(path))


def _grid(axes: Any, shares: npt.NDArray[Any]) -> None:
    """Numbers in the cells that hold something, and thin lines between all."""
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.5:
            colour = "white" if share > 45 else "black"
            axes.text(column, row, f"{share:.0f}", ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(np.arange(shares.shape[1] + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(shares.shape[0] + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#dddddd", linewidth=0.5)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
