"""Products and addresses, rules beside a trained recogniser: `make bench-entities`, about a minute.

The rules are the engine's. The trained one is spaCy's NER on a blank English model, learning from the other
four fifths of `entities.txt` and the words of `products.txt`, five times. An entity counts as found when its
kind is right and more than half of its words are covered, as wrong when it covers none.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import spacy
from spacy.training import Example
from spacy.util import filter_spans, fix_random_seed, minibatch

from benchmarks import readme
from engine.entities import reading

EXAMPLES = Path(__file__).with_name("entities.txt")
KINDS = ("product", "address")
FOLDS = 5
ROUNDS = 25
Marks = list[tuple[int, int, str]]
Marked = tuple[str, Marks]
Read = tuple[Marks, Marks]
"""What was found in a message, and what was meant."""
ABOUT = (
    "Products and addresses, `make bench-entities`: our rules, and a recogniser that spaCy trains on the "
    "same examples, asked about those it has not seen. Some of them were looked at when the rules were "
    "extended."
)
MARK = re.compile(r"\[([^\]]+)\]\((\w+)\)")


def messages() -> list[Marked]:
    """Texts with (start, end, kind) of their entities."""
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()
    return [_marked(line) for line in lines if line and not line.startswith("#")]


def _marked(line: str) -> Marked:
    text, marks, last = "", [], 0
    for mark in MARK.finditer(line):
        text += line[last : mark.start()] + mark[1]
        marks.append((len(text) - len(mark[1]), len(text), mark[2]))
        last = mark.end()
    return text + line[last:], marks


def by_rules(text: str) -> Marks:
    """What the engine finds."""
    found = reading.find(text, date(2026, 11, 25))
    return [(one.start, one.end, one.kind) for one in found if one.kind in KINDS]


def trained(examples: list[Marked]) -> Callable[[str], Marks]:
    """A recogniser that has learnt from the examples."""
    fix_random_seed(0)
    language = spacy.blank("en")
    language.add_pipe("ner")
    learning = [_example(language, *one) for one in examples]
    optimizer = language.initialize(lambda: learning)
    for _ in range(ROUNDS):
        random.shuffle(learning)
        for batch in minibatch(learning, size=16):
            language.update(batch, sgd=optimizer, drop=0.2)
    return lambda text: [(one.start_char, one.end_char, one.label_) for one in language(text).ents]


def _example(language: spacy.language.Language, text: str, marks: Marks) -> Example:
    doc = language.make_doc(text)
    spans = [doc.char_span(*mark, alignment_mode="expand") for mark in marks]
    entities = [(one.start_char, one.end_char, one.label_) for one in filter_spans(spans)]
    return Example.from_dict(doc, {"entities": entities})


def folds(examples: list[Marked]) -> Iterator[tuple[list[Marked], list[Marked]]]:
    """To learn from, and to be asked."""
    for fold in range(FOLDS):
        rest = [one for i, one in enumerate(examples) if i % FOLDS != fold]
        yield rest, examples[fold::FOLDS]


def score(found: list[Marks], meant: list[Marks], kind: str) -> tuple[int, int, int]:
    """Found rightly, found wrongly, and meant in all."""
    right = wrong = every = 0
    for ours, theirs in zip(found, meant, strict=True):
        mine, gold = [one for one in ours if one[2] == kind], [one for one in theirs if one[2] == kind]
        every += len(gold)
        right += sum(any(_shared(one, other) > (other[1] - other[0]) / 2 for one in mine) for other in gold)
        wrong += sum(not any(_shared(one, other) > 0 for other in gold) for one in mine)
    return right, wrong, every


def _shared(one: tuple[int, int, str], other: tuple[int, int, str]) -> int:
    return min(one[1], other[1]) - max(one[0], other[0])


def _score(read: list[Read], kind: str) -> tuple[int, int, int]:
    return score([found for found, _ in read], [meant for _, meant in read], kind)


def table(ruled: list[Read], learnt: list[Read]) -> str:
    """Markdown: what was found rightly and wrongly of each kind."""
    lines = ["| kind | in all | rules: found | wrong | trained: found | wrong |", "|---|---|---|---|---|---|"]
    for kind in KINDS:
        ours, theirs = (_score(read, kind) for read in (ruled, learnt))
        lines.append(f"| {kind} | {ours[2]} | {ours[0]} | {ours[1]} | {theirs[0]} | {theirs[1]} |")
    return "\n".join(lines)


def by_trained(examples: list[Marked]) -> list[Read]:
    """Every example as read by a recogniser that has not seen it."""
    names = Path("engine/entities/products.txt").read_text(encoding="utf-8").splitlines()
    words = [(name, [(0, len(name), "product")]) for name in names if name and not name.startswith("#")]
    read: list[Read] = []
    for rest, asked in folds(examples):
        find = trained(rest + words)
        read += [(find(text), marks) for text, marks in asked]
    return read


def main() -> None:
    """Measure both and print a table; `--write` puts it into README.md."""
    random.seed(0)
    examples = messages()
    ruled = [(by_rules(text), marks) for text, marks in examples]
    shown = table(ruled, by_trained(examples))
    print(shown)
    for (found, _), (text, marks) in zip(ruled, examples, strict=True):
        missed = [text[a:b] for a, b, _ in marks if not any(_shared(one, (a, b, "")) > 0 for one in found)]
        if missed:
            print("missed:", missed, "in", text)
    if "--write" in sys.argv[1:]:
        readme.write("entities", f"{ABOUT}\n\n{shown}")


if __name__ == "__main__":
    main()
