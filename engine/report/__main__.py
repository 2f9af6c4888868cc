"""The command line of the report: `python -m engine.report`, about two minutes for nine thousand examples."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path

from engine.nlu import encoder
from engine.report import examples, findings, judge, page, picture

PICTURE = "confusion.png"
SHORT = 12
"""Lines of a list in the terminal."""


def report(folder: Path, encoder_folder: Path, out: Path) -> str:
    """Write `report.md` and the picture into `out`; the report for the terminal."""
    found = examples.load(folder)
    _say(f"{len(found)} examples: embedding …")
    texts, intents = [one.text for one in found], [one.intent for one in found]
    vectors = encoder.load(encoder_folder).encode(texts)
    pairs = examples.near_pairs(texts, vectors[:, : encoder.SENTENCE])
    groups = examples.groups(len(found), pairs)
    _say(f"training {judge.FOLDS} classifiers, each on what the others do not see …")
    verdicts = judge.cross_validate(texts, vectors, intents, groups)
    out.mkdir(parents=True, exist_ok=True)
    picture.draw(*findings.confusion(found, verdicts), out / PICTURE)
    scores = findings.scores(found, verdicts, groups)
    parts = (
        scores,
        findings.thin(scores),
        findings.mislabelled(found, verdicts),
        findings.across(found, pairs),
    )
    (out / "report.md").write_text(page.write(*parts, picture=PICTURE), encoding="utf-8")
    return page.write(*parts, picture=str(out / PICTURE), lines=SHORT)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="What the training examples are worth.")
    parser.add_argument("--data", type=Path, default=Path("data/nlu"), help="folder of the examples")
    parser.add_argument("--encoder", type=Path, default=Path("models/encoder"))
    parser.add_argument("--out", type=Path, default=Path(".parley/reports/nlu"))
    given = parser.parse_args()
    os.environ["PYTHONWARNINGS"] = "ignore"  # of the processes too that the folds run in
    logging.disable(logging.WARNING)
    begun = time.perf_counter()
    try:
        sys.stdout.write(report(given.data, given.encoder, given.out))
    except encoder.EncoderMissing as error:
        parser.error(str(error))
    _say(f"\nWhole lists: {given.out / 'report.md'} ({time.perf_counter() - begun:.0f} s)")


if __name__ == "__main__":
    main()
