"""The intent model, on made-up vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.nlu.intents import OUT_OF_SCOPE, Floats, IntentModel

PLACES = {"greet": 0, "order_status": 1, "invoice": 2, OUT_OF_SCOPE: 3}
WORDS = {
    "greet": "hello good morning",
    "order_status": "where is my parcel",
    "invoice": "send the bill please",
    OUT_OF_SCOPE: "tell a joke about weather",
}


def _vector(place: int, noise: Floats) -> Floats:
    vector = np.zeros(16) + noise
    vector[place] += 1.0
    return np.asarray(vector / np.linalg.norm(vector))


def _examples(intents: list[str], count: int) -> tuple[list[str], Floats, list[str]]:
    rng = np.random.default_rng(1)
    labels = [intent for intent in intents for _ in range(count)]
    texts = [f"{WORDS[intent]} {number}" for number, intent in enumerate(labels)]
    return texts, np.array([_vector(PLACES[one], rng.normal(0, 0.1, 16)) for one in labels]), labels


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return IntentModel().fit(*_examples(list(PLACES), 20))


def _read(model: IntentModel, text: str, place: int) -> tuple[str, float, bool]:
    (reading,) = model.read([text], _vector(place, np.zeros(16))[None, :])
    name, confidence = reading.ranking[0]
    return name, confidence, reading.accepted


@pytest.mark.parametrize("intent", list(PLACES))
def test_it_reads_what_it_has_learnt(model: IntentModel, intent: str) -> None:
    """A message like the examples of an intent has that intent, surely enough to act on."""
    name, confidence, accepted = _read(model, WORDS[intent], PLACES[intent])
    assert (name, accepted) == (intent, True)
    assert confidence > 0.5


def test_it_refuses_what_it_does_not_know(model: IntentModel) -> None:
    """A message near no example is not read as one of our intents."""
    name, _, accepted = _read(model, "qwxz vvk", 9)
    assert name == OUT_OF_SCOPE or not accepted


def test_confidences_are_probabilities(model: IntentModel) -> None:
    """The ranking holds every intent once, best first, and its confidences sum to one."""
    (reading,) = model.read(["hello"], _vector(0, np.zeros(16))[None, :])
    confidences = [confidence for _, confidence in reading.ranking]
    assert {name for name, _ in reading.ranking} == set(PLACES)
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1)
    assert 0 <= reading.in_scope <= 1


def test_it_learns_without_out_of_scope_examples() -> None:
    """Without examples of what is not ours, every intent is still told apart."""
    model = IntentModel().fit(*_examples(["greet", "order_status", "invoice"], 10))
    assert _read(model, WORDS["invoice"], PLACES["invoice"])[0] == "invoice"


def test_two_intents_are_enough() -> None:
    """The smallest model has two intents."""
    model = IntentModel().fit(*_examples(["greet", OUT_OF_SCOPE], 10))
    assert _read(model, WORDS["greet"], PLACES["greet"])[0] == "greet"


def test_a_thin_intent_is_learnt_all_the_same() -> None:
    """An intent with fewer examples than there are folds is still known to the model."""
    texts, vectors, labels = _examples(["greet", "order_status", OUT_OF_SCOPE], 10)
    thin = _vector(PLACES["invoice"], np.zeros(16))[None, :]
    model = IntentModel().fit(
        [*texts, WORDS["invoice"]], np.concatenate([vectors, thin]), [*labels, "invoice"]
    )
    assert _read(model, WORDS["invoice"], PLACES["invoice"])[0] == "invoice"


def test_a_saved_model_reads_the_same(model: IntentModel, tmp_path: Path) -> None:
    """Saving and loading changes no reading."""
    model.save(tmp_path / "model")
    again = IntentModel.load(tmp_path / "model")
    assert _read(again, "hello", 0) == _read(model, "hello", 0)


def test_a_message_between_two_intents_is_close() -> None:
    """Where held-out examples of two intents are mixed up, a message of theirs is close; others are not."""
    rng = np.random.default_rng(2)
    texts, vectors, labels = _examples(["greet", "order_status"], 40)
    blurred = np.array([_vector(PLACES["invoice"], rng.normal(0, 0.2, 16)) for _ in range(40)])
    model = IntentModel().fit(
        [*texts, *["bill"] * 40], np.concatenate([vectors, blurred]), [*labels, *["invoice", "refund"] * 20]
    )
    between, clear = model.read(
        ["bill", WORDS["greet"]],
        np.array([_vector(PLACES[one], np.zeros(16)) for one in ("invoice", "greet")]),
    )
    assert {name for name, _ in between.ranking[:2]} == {"invoice", "refund"}
    assert between.close
    assert not between.sure
    assert not clear.close


def test_a_clear_message_is_sure(model: IntentModel) -> None:
    """What reads like the examples is sure; what is out of scope never is, for it is no wish."""
    ours, theirs = model.read(
        [WORDS["greet"], WORDS[OUT_OF_SCOPE]],
        np.array([_vector(PLACES[one], np.zeros(16)) for one in ("greet", OUT_OF_SCOPE)]),
    )
    assert ours.sure
    assert not theirs.sure
