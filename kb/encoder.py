"""The sentence encoder: texts to unit vectors with onnxruntime, on the CPU."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kb.errors import NoEncoderError

Vectors = NDArray[np.float32]

DIMENSIONS = 384
MAX_TOKENS = 256
"""all-MiniLM-L6-v2 was trained on at most 256 word pieces; longer texts are cut."""

BATCH = 16


class Encoder(Embeddings):
    """all-MiniLM-L6-v2 from a folder with `encoder.onnx` and `tokenizer.json` (by engine.export_encoder).

    The graph pools and normalises, so a dot product of two vectors is their cosine. A short question takes
    about 5 ms on one thread. Raises NoEncoderError when a file is missing. Safe to share between threads.
    """

    folder: Path | None = None

    def __init__(self, folder: Path, threads: int = 2) -> None:
        self.folder = folder
        model, tokenizer = folder / "encoder.onnx", folder / "tokenizer.json"
        if not (model.is_file() and tokenizer.is_file()):
            raise NoEncoderError(folder)
        self._session = onnxruntime.InferenceSession(
            os.fspath(model), _options(threads), providers=["CPUExecutionProvider"]
        )
        self._tokenizer: Tokenizer = Tokenizer.from_file(os.fspath(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        stat = model.stat()
        self.identity = f"{stat.st_size}-{stat.st_mtime_ns}"
        """Changes when another encoder is exported, so that kept vectors are not mixed."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), 384), in the order of the texts."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda position: len(texts[position]))
        for start in range(0, len(by_length), BATCH):
            batch = by_length[start : start + BATCH]
            vectors[batch] = self._run([texts[position] for position in batch])
        return vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(number) for number in vector] for vector in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def words(self) -> list[str]:
        """The whole words of the encoder's vocabulary, some 22,000 English ones, the most frequent first."""
        vocabulary = self._tokenizer.get_vocab()
        return sorted((word for word in vocabulary if word.isalpha()), key=vocabulary.__getitem__)

    def _run(self, texts: list[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch(texts)
        feeds = {
            "input_ids": np.array([encoding.ids for encoding in encodings], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64),
        }
        return np.asarray(self._session.run(["embedding"], feeds)[0], dtype=np.float32)


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
