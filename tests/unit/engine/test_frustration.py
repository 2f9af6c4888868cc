"""The frustration score."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.nlu import frustration, signs
from engine.nlu.frustration import FrustrationModel


@pytest.mark.parametrize(
    "text",
    [
        "this is the third time I am asking",
        "I told you five times",
        "STILL NOT HERE",
        "what the f**k",
        "I will call my lawyer",
        "you are thieves",
        "😡",
        "hello???",
        "for the last time: 10234",
        "é a terceira vez que peço",
        "teesri baar bol raha hu",
        "I said refund, not exchange",
        "where is my order where is my order where is my order",
        "refund! refund! refund!",
        "great job losing my parcel again",
        "oh wonderful, another delay",
        "thank you so much for ruining my party",
        "I'm really fed up with you",
        "2 weeks late and I am really angry",
        "where the hell is it",
        "I am losing my patience",
        "estoy harta",
        "no way, this is ridiculous",
        "bahut gussa aa raha hai",
    ],
)
def test_signs_of_anger_raise_the_score(text: str) -> None:
    """Repetition, capitals, profanity, threats and angry marks each move the log-odds up."""
    assert signs.of(text) > 0


@pytest.mark.parametrize(
    "text",
    [
        "where is my order?",
        "I bought it two times",
        "OK",
        "order for the UK",
        "10234",
        "the third item",
        "",
        "there is a problem with my order",
        "bye bye bye",
        "thank you thank you thank you",
        "great job",
        "ha ha ha",
    ],
)
def test_plain_messages_show_no_signs(text: str) -> None:
    """Ordinary messages, short capitals and plain counts move nothing."""
    assert signs.of(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "sorry to bother you again",
        "no rush, whenever you can",
        "silly zip lol",
        "I'm not angry, just curious",
        "not really annoyed",
        "no estoy harta, solo pregunto",
    ],
)
def test_apologies_and_laughs_calm(text: str) -> None:
    """Who apologises for asking, laughs, or says so, is not upset, whatever else the words are."""
    assert signs.of(text) < 0


def test_the_examples_cover_every_level() -> None:
    """The example file has calm, annoyed and angry messages, none of them twice."""
    texts, levels = frustration.examples()
    assert set(levels) == {0.0, 0.5, 1.0}
    assert len(texts) == len(set(texts))


def _model() -> FrustrationModel:
    rng = np.random.default_rng(0)
    levels = [0.0, 0.5, 1.0] * 20
    vectors = rng.normal(0, 0.05, (60, 8))
    vectors[:, 0] += levels
    return FrustrationModel().fit(vectors, levels)


def test_scores_rise_with_the_level() -> None:
    """A message like the angry examples scores above one like the calm ones, within 0 and 1."""
    calm, angry = _model().score(np.array([[0.0] + [0] * 7, [1.0] + [0] * 7]), ["a", "b"])
    assert 0 <= calm < 0.5 < angry <= 1


def test_an_empty_message_is_calm() -> None:
    """Without text there is nothing to be upset about."""
    assert _model().score(np.ones((1, 8)), [" "]) == [0.0]


def test_a_saved_model_scores_the_same(tmp_path: Path) -> None:
    """Saving and loading changes no score."""
    model = _model()
    model.save(tmp_path / "model")
    vector = np.array([[0.7] + [0] * 7])
    assert FrustrationModel.load(tmp_path / "model").score(vector, ["x"]) == model.score(vector, ["x"])


@pytest.mark.parametrize(
    ("score", "earlier", "trend"),
    [
        (0.8, [], 0.0),
        (0.8, [0.2], 0.6),
        (0.1, [0.9, 0.5], -0.6),
        (1.0, [0.0] * 9, 1.0),
        (0.5, [1.0, *[0.5] * 5], 0.0),
    ],
)
def test_the_trend_compares_with_what_came_before(score: float, earlier: list[float], trend: float) -> None:
    """The trend is the distance to the mean of the last five messages; a first message has none."""
    assert frustration.trend(score, earlier) == pytest.approx(trend)


def test_plain_messages_pull_towards_calm() -> None:
    """What is like the bot's plain examples scores lower than without them."""
    rng = np.random.default_rng(0)
    levels = [0.0, 0.5, 1.0] * 20
    vectors = rng.normal(0, 0.05, (60, 8))
    plain = np.array([[0.5] + [0] * 7] * 2000)
    before, after = (FrustrationModel().fit(vectors, levels, given) for given in (None, plain))
    assert after.score(plain[:1], ["x"]) < before.score(plain[:1], ["x"])
