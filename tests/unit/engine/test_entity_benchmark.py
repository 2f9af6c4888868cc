"""The benchmark of entities reads its examples and counts as it says."""

from __future__ import annotations

from benchmarks import entities


def test_marks_point_at_their_words() -> None:
    """A marked line becomes its text, and each mark the place of its words."""
    text, marks = entities._marked("my [hair dryer](product) to [5 Elm St](address) please")
    assert text == "my hair dryer to 5 Elm St please"
    assert [(text[start:end], kind) for start, end, kind in marks] == [
        ("hair dryer", "product"),
        ("5 Elm St", "address"),
    ]


def test_every_example_can_be_read() -> None:
    """No mark of the file is left in a text, and every kind is one that is measured."""
    examples = entities.messages()
    assert not [text for text, _ in examples if "](" in text]
    assert {kind for _, marks in examples for *_, kind in marks} == set(entities.KINDS)


def test_found_is_more_than_half_and_wrong_is_nothing_shared() -> None:
    """More than half of the words must be covered; a find that touches one is not invented."""
    meant = [(0, 10, "product")]
    assert entities.score([[(4, 10, "product")]], [meant], "product") == (1, 0, 1)
    assert entities.score([[(6, 10, "product")]], [meant], "product") == (0, 0, 1)
    assert entities.score([[(12, 20, "product")]], [meant], "product") == (0, 1, 1)
    assert entities.score([[(0, 10, "address")]], [meant], "product") == (0, 0, 1)
