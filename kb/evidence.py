"""How strongly a chunk supports an answer: measures of likeness in, one probability out.

Five measures of a chunk, each from 0 to 1 (cosines may be a little below 0): the heading's cosine with the
question, the whole section's, that of the best of its views (a sentence, the heading, an asked question),
the share of the question's terms that the chunk has (kb.lexical), and the best view's cosine with the
policy words of the question's topics (kb.topics). Their weighted sum ranks the chunks; a convex sum of
scores with fixed bounds keeps its meaning from one collection to the next, which ranks alone do not (Bruch,
Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023).

Whether the best of them answers is another matter: it is judged by `Signs` of all the chunks. The
probability is a logistic regression of "the articles answer" on these, fitted on our own articles, with and
without their asked questions, and on the shops in benchmarks/shops: `python -m benchmarks.kb --fit` prints
it. That it holds for a shop it was not fitted on is measured with each of the shops left out in turn.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

HEADING, WHOLE, BEST, LEXICAL, TOPIC = 0.3, 0.5, 1.0, 0.6, 0.5
"""Weights of the fusion, round numbers among several that did alike."""

SIGNS = 4.9, 5.5, 3.2, -1.7
"""The regression's coefficients, in the order of the signs; NOTHING is its constant."""
NOTHING = -6.9

STEP = 3.5
"""How much the evidence (its log odds) falls for a fused measure that is 1 below the best chunk's."""

THRESHOLD = 0.5
"""Evidence below this is no evidence."""

Column = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for articles answering a question, each from 0 to 1.

    `best`: the nearest view's cosine with it; `topic`: that with the policy words of its topics; `known`: the
    share of its terms that any article has (one that none has makes it likely about something else);
    `prepared`: the share of the chunks that say which questions they answer, where likeness is easily had.
    """

    best: float
    topic: float
    known: float
    prepared: float

    def log_odds(self) -> float:
        """Of the best chunk answering."""
        return float(np.dot(SIGNS, astuple(self)) + NOTHING)


def fuse(heading: Column, whole: Column, best: Column, lexical: Column, topic: Column) -> Column:
    """The weighted sum of the five measures, shape (chunks,), from about 0 to 2.9."""
    fused: Column = HEADING * heading + WHOLE * whole + BEST * best + LEXICAL * lexical + TOPIC * topic
    return fused


def probability(fused: Column, signs: Signs) -> Column:
    """The estimated probability that a chunk answers the question, shape (chunks,), 0 to 1."""
    estimated: Column = 1 / (1 + np.exp(STEP * (fused.max() - fused) - signs.log_odds()))
    return estimated
