"""How strongly a chunk supports an answer: four measures of likeness in, one probability out.

The measures, each from 0 to 1 (cosines may be a little below 0): the heading's cosine with the question, the
whole section's, that of the best of its views (a sentence, the heading, an asked question), and the share of
the question's terms that the chunk has (kb.lexical). Their weighted sum ranks the chunks; a convex sum of
scores with fixed bounds keeps its meaning from one collection to the next, which ranks alone do not
(Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023).

SLOPE and MIDDLE are a logistic regression of "the best chunk answers" on that sum, fitted on the development
half of benchmarks/kb/questions.yml: `python -m benchmarks.kb --fit` prints it. It is fitted on the articles
with and without their asked questions together, so that it holds for articles that have none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HEADING, WHOLE, BEST, LEXICAL = 0.3, 0.7, 1.0, 0.8
"""Weights of the fusion, round numbers among several that did alike: halving or doubling any one of them
costs at most 0.035 of hit@1 on our questions."""

SLOPE, MIDDLE = 6.26, 1.038

THRESHOLD = 0.5
"""Evidence below this is no evidence."""

Column = NDArray[np.float32]


def fuse(heading: Column, whole: Column, best: Column, lexical: Column) -> Column:
    """The weighted sum of the four measures, shape (chunks,), from about 0 to 2.8."""
    fused: Column = HEADING * heading + WHOLE * whole + BEST * best + LEXICAL * lexical
    return fused


def probability(fused: Column) -> Column:
    """The estimated probability that a chunk answers the question, shape (chunks,), 0 to 1."""
    estimated: Column = 1 / (1 + np.exp(-SLOPE * (fused - MIDDLE)))
    return estimated
