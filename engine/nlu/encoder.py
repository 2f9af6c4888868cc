"""The sentence encoder at run time: ONNX and a tokenizer, no deep-learning framework."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.nlu import writing

Matrix = npt.NDArray[np.float32]

SENTENCE = 384
"""Columns of the sentence embedding; as many of each of two middle layers follow."""
DIMENSIONS = 3 * SENTENCE
BATCH = 32
OUTPUTS = {"embedding": SENTENCE, "middle": DIMENSIONS - SENTENCE}


class EncoderMissing(Exception):
    """The exported encoder is not there; `python -m engine.export_encoder models/encoder` writes it."""


class Encoder:
    """Turns sentences into vectors, one message on one thread.

    `folder` holds `encoder.onnx` and `tokenizer.json` as `engine.export_encoder` writes them. Raises
    EncoderMissing when it does not.
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        path = folder / "encoder.onnx"
        if not path.is_file():
            raise _missing(folder, "No sentence encoder")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep the memory of the longest message for ever
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        if {one.name: one.shape[1] for one in self._session.get_outputs()} != OUTPUTS:
            raise _missing(folder, "An older Parley's sentence encoder is")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_padding()
        stat = path.stat()
        self.identity = f"{stat.st_size}-{stat.st_mtime_ns}"
        """Changes when another encoder is exported, so that kept vectors are not mixed."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Float32 [len(texts), 1152], in the order of `texts`.

        A row is the sentence embedding and the means of two middle layers' hidden states, each of length 1.
        Several batches are encoded side by side.
        """
        lines = [writing.plain(text) for text in texts]
        vectors = np.zeros((len(lines), DIMENSIONS), dtype=np.float32)
        by_length = sorted(range(len(lines)), key=lambda i: len(lines[i]))
        batches = [by_length[start : start + BATCH] for start in range(0, len(lines), BATCH)]
        if len(batches) == 1:
            vectors[batches[0]] = self._encode_batch([lines[i] for i in batches[0]])
            return vectors
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            encoded = pool.map(lambda batch: self._encode_batch([lines[i] for i in batch]), batches)
            for batch, rows in zip(batches, encoded, strict=True):
                vectors[batch] = rows
        return vectors

    def _encode_batch(self, texts: list[str]) -> Matrix:
        lines = self._tokenizer.encode_batch(texts)
        ids = np.array([line.ids for line in lines], dtype=np.int64)
        mask = np.array([line.attention_mask for line in lines], dtype=np.int64)
        outputs = self._session.run([*OUTPUTS], {"input_ids": ids, "attention_mask": mask})
        return np.concatenate(outputs, axis=1, dtype=np.float32)


def load(folder: Path) -> Encoder:
    """The encoder in `folder`, shared by all models of this process; loaded again when its file changes."""
    path = folder / "encoder.onnx"
    return _load(folder, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=1)
def _load(folder: Path, changed: int) -> Encoder:
    return Encoder(folder)


def _missing(folder: Path, what: str) -> EncoderMissing:
    return EncoderMissing(f"{what} in {folder}. Write it with: python -m engine.export_encoder {folder}")
