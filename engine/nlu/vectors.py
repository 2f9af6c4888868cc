"""The embedding that `SentenceFeaturizer` left on a message."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from engine.nlu.encoder import DIMENSIONS, Matrix


def of(messages: Sequence[Message]) -> Matrix:
    """Float32 [len(messages), 1152]; zeros where a message has no text."""
    vectors = np.zeros((len(messages), DIMENSIONS), dtype=np.float32)
    for row, message in zip(vectors, messages, strict=True):
        _, sentence = message.get_dense_features(TEXT)
        if sentence is not None:
            row[:] = sentence.features[0, :DIMENSIONS]
    return vectors
