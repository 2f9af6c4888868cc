"""The trainers' report, on a tiny made-up bot."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.report import examples, findings, judge, page, picture
from engine.report.examples import Example
from engine.report.judge import FALLBACK, Verdict

WORDS = {
    "refund": ["money", "cash", "pay", "refund", "amount", "price", "euro", "sum", "coin", "cheque"],
    "parcel": ["parcel", "box", "courier", "van", "depot", "letter", "packet", "post", "crate", "mail"],
    "hello": ["hello", "hey", "morning", "evening", "greetings", "howdy", "hi", "yo", "hiya", "welcome"],
}


def tiny() -> tuple[list[Example], examples.Floats]:
    """Thirty examples of three intents, each intent in a corner of its own, and one in the wrong corner."""
    found, rows = [], []
    noise = np.random.default_rng(0)
    for corner, (intent, words) in enumerate(WORDS.items()):
        for number, word in enumerate(words):
            found.append(Example(f"my {word} please", intent, f"{intent}.yml:{number}"))
            rows.append(np.eye(8)[corner] + 0.2 * noise.standard_normal(8))
    found.append(Example("my money please", "hello", "hello.yml:99"))
    rows.append(np.eye(8)[0] + 0.2 * noise.standard_normal(8))
    vectors = np.array(rows)
    return found, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def judged() -> tuple[list[Example], list[Verdict], examples.Rows]:
    found, vectors = tiny()
    groups = np.arange(len(found))
    texts, intents = [one.text for one in found], [one.intent for one in found]
    return found, judge.cross_validate(texts, vectors, intents, groups, jobs=1), groups


def test_every_example_knows_its_file_and_line(tmp_path: Path) -> None:
    """An example's place is the line it stands on."""
    file = tmp_path / "greet.yml"
    file.write_text('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hello\n    - hi there\n')
    assert examples.load(tmp_path) == [
        Example("hello", "greet", f"{file}:5"),
        Example("hi there", "greet", f"{file}:6"),
    ]


def test_near_pairs_are_found_nearest_first_and_once() -> None:
    """Each pair of similar examples is named once, the most similar first."""
    vectors = np.array([[1.0, 0.0], [0.95, 0.312], [0.0, 1.0], [1.0, 0.0]])
    pairs = examples.near_pairs(["a", "b", "c", "d"], vectors, near=0.9)
    assert [(a, b) for a, b, _ in pairs] == [(0, 3), (0, 1), (1, 3)]


def test_emoji_alone_are_no_near_pair() -> None:
    """Texts without a letter or digit are not compared: the encoder sees no difference between them."""
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    assert examples.near_pairs(["👍", "👎", "ok"], vectors) == []


def test_groups_join_through_others() -> None:
    """Examples that are similar to the same one are in one group."""
    groups = examples.groups(4, [(0, 1, 0.9), (1, 2, 0.9)])
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_an_example_under_the_wrong_intent_is_found() -> None:
    """A held-out reading that is sure of another intent puts the example up for checking."""
    found, verdicts, _ = judged()
    assert len(verdicts) == len(found)
    doubted = [example.place for example, _ in findings.mislabelled(found, verdicts)]
    assert doubted[:1] == ["hello.yml:99"]


def test_a_classifier_never_saw_a_similar_example() -> None:
    """Examples of one group are read by a classifier that learnt none of them."""
    found, vectors = tiny()
    texts = [one.text for one in found]
    groups = np.arange(len(found))
    groups[20:30] = groups[20]  # all greetings but the wrong one: held out together, they cannot be known
    verdicts = judge.cross_validate(texts, vectors, [one.intent for one in found], groups, jobs=1)
    assert all(verdict.decided != "hello" for verdict in verdicts[20:30])


def test_scores_count_a_fallback_as_not_recalled() -> None:
    """Precision, recall and the share asked back, of decisions; the weakest intent first."""
    found = [Example(str(i), intent, "") for i, intent in enumerate(["a", "a", "a", "a", "b", "b"])]
    decided = ["a", "a", "b", FALLBACK, "b", "b"]
    verdicts = [Verdict(one, one, 0.9, 0.1) for one in decided]
    weak, strong = findings.scores(found, verdicts, np.array([0, 0, 1, 2, 3, 4]))
    assert (weak.name, weak.examples, weak.distinct) == ("a", 4, 3)
    assert (weak.precision, weak.recall, weak.fallback) == (1.0, 0.5, 0.25)
    assert weak.taken_for == (("b", 1),)
    assert (strong.name, strong.precision, strong.recall) == ("b", 2 / 3, 1.0)


def test_thin_intents_come_with_the_reason() -> None:
    """Too few different examples, or too low an F1, is said in words."""
    found, verdicts, groups = judged()
    doubted = dict(
        (score.name, why) for score, why in findings.thin(findings.scores(found, verdicts, groups))
    )
    assert doubted["refund"].startswith("10 different examples; 60 are the least")


def test_only_pairs_across_intents_are_shown() -> None:
    """Similar examples of one intent are no finding."""
    found = [Example("x", "a", ""), Example("y", "a", ""), Example("z", "b", "")]
    assert findings.across(found, [(0, 1, 0.99), (1, 2, 0.9)]) == [(found[1], found[2], 0.9)]


def test_the_confusion_matrix_holds_every_example() -> None:
    """Rows are intents, columns what was decided with the fallback last, and no example is lost."""
    found, verdicts, _ = judged()
    rows, columns, counts = findings.confusion(found, verdicts)
    assert rows == ["hello", "parcel", "refund"]
    assert columns == [*rows, FALLBACK]
    assert counts.sum(axis=1).tolist() == [11, 10, 10]


def test_the_picture_is_a_png_that_grows_with_the_intents(tmp_path: Path) -> None:
    """Twice as many intents make a larger picture, not smaller cells."""
    sizes = []
    for count in (4, 21):
        names = [f"intent_{i}" for i in range(count)]
        picture.draw(names, names, np.eye(count) * 5, tmp_path / "matrix.png")
        content = (tmp_path / "matrix.png").read_bytes()
        assert content.startswith(b"\x89PNG")
        sizes.append(int.from_bytes(content[16:20], "big"))
    assert sizes[1] > 2 * sizes[0]


def test_the_page_shows_the_findings_and_says_what_it_leaves_out() -> None:
    """A list longer than wanted ends with how many are left; a bar in a text does not break the table."""
    found, verdicts, groups = judged()
    scores = findings.scores(found, verdicts, groups)
    doubted = [(Example(f"a|b {i}", "a", f"a.yml:{i}"), Verdict("b", "b", 0.9, 0.1)) for i in range(5)]
    text = page.write(scores, findings.thin(scores), doubted, [], "confusion.png", lines=2)
    assert "a\\|b 1" in text
    assert "a\\|b 2" not in text
    assert "… and 3 more." in text
    assert "![Confusion matrix](confusion.png)" in text
    assert text.endswith("None.\n")


def test_tables_are_aligned() -> None:
    """Every line of a table is equally long, so that a terminal shows it straight."""
    lines = page.table(["short", "x"], [["a much longer cell", "1"], ["b", "w" * 200]]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[-1].endswith("… |")
