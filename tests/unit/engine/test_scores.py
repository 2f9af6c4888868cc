"""N-grams and the classifiers' scores: what is read fast is what was learnt."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from engine.nlu.grams import Grams
from engine.nlu.scores import Linear, _directions

TEXTS = ["where is my order", "cancel my order please", "where where where", "refund, refund!", "ok"]


@pytest.mark.parametrize(("kind", "sizes"), [("char_wb", (2, 5)), ("word", (1, 2))])
def test_a_text_is_weighed_as_it_was_learnt(kind: str, sizes: tuple[int, int]) -> None:
    """The n-grams of one text have the weights that they have in the matrix of all texts."""
    grams = Grams(kind, sizes)
    learnt = grams.fit(TEXTS).toarray()
    for text, row in zip(TEXTS, learnt, strict=True):
        known, weights = grams.of(text)
        read = np.zeros(len(grams))
        read[known] = weights
        assert read == pytest.approx(row, abs=1e-6)


def test_a_text_of_nothing_known_weighs_nothing() -> None:
    """A text without any known n-gram has no weights, and no division by zero."""
    grams = Grams("word", (1, 2))
    grams.fit(TEXTS)
    assert [len(part) for part in grams.of("xyzzy")] == [0, 0]


@pytest.mark.parametrize("classes", [2, 3])
def test_a_linear_classifier_scores_as_scikit_learn_does(classes: int) -> None:
    """Every class has a column; of two classes they are each other's opposite."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(30, 4)).astype(np.float32)
    model = LogisticRegression().fit(features, np.arange(30) % classes)
    decision = model.decision_function(features)
    expected = np.stack([-decision, decision], axis=1) if classes == 2 else decision
    assert Linear.of_model(model, np.eye(4)).of(features) == pytest.approx(expected, abs=1e-5)


def test_a_classifier_that_saw_fewer_directions_reads_whole_vectors() -> None:
    """What was learnt of the vectors' main directions is turned back to all of their columns."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 3)) @ rng.normal(size=(3, 8))
    basis = _directions(vectors, 3)
    model = LogisticRegression().fit(vectors @ basis, np.arange(60) % 3)
    assert Linear.of_model(model, basis).of(vectors) == pytest.approx(
        model.decision_function(vectors @ basis), abs=1e-4
    )
    assert vectors @ basis @ basis.T == pytest.approx(vectors, abs=1e-6)
