"""A question is read with how policies put its topic."""

from __future__ import annotations

import numpy as np
import pytest

from kb import topics
from kb.encoder import Encoder


def test_every_topic_is_complete() -> None:
    """Each topic says what policies say and what customers ask; no question stands twice."""
    read = topics.read()
    asked = [question for topic in read for question in topic["asked"]]

    assert all(set(topic) == {"said", "asked"} and topic["said"] for topic in read)
    assert all(isinstance(question, str) for question in asked)
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize(
    ("question", "policy", "other"),
    [
        ("how do i get hold of you", "Talk to us: telephone or mail", "Two days by courier"),
        ("is it poisonous for kids", "Not for children under three", "We take Visa and Mastercard"),
    ],
)
def test_a_question_stands_for_policy_words(encoder: Encoder, question: str, policy: str, other: str) -> None:
    """What policies would say is nearer to the passage about it than to another."""
    said = topics.of(encoder).said(encoder.encode([question])[0])
    right, wrong = encoder.encode([policy, other]) @ said

    assert np.linalg.norm(said) == pytest.approx(1, abs=1e-5)
    assert right > wrong + 0.1
