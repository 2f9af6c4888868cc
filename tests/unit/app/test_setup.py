from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import setup
from app.checkout import Checkout
from app.setup import SetupFailed, Workshop
from tests.unit.app.fake_terminal import FakeTerminal

GOOD = """
import pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
out.mkdir()
(out / "parley.tar.gz").write_text("{}")
pathlib.Path(".rasa/cache").mkdir(parents=True, exist_ok=True)
"""
FORCED = GOOD.replace('"{}"', 'str("--force" in sys.argv)')
BAD = """
import sys
print("Traceback (most recent call last):")
print("  File x")
print("rasa.shared.exceptions.YamlSyntaxException: Failed to read data/nlu/greet.yml.")
print("expected a comment, line 3")
sys.exit(1)
"""


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    checkout = Checkout(tmp_path, tmp_path / ".parley")
    for name in ("data/nlu/greet.yml", "domain.yml", "config.yml", "engine/x.py"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    for name in ("encoder.onnx", "tokenizer.json"):
        checkout.encoder.mkdir(parents=True, exist_ok=True)
        (checkout.encoder / name).write_text("")
    setup.stamp(checkout.encoder, checkout, setup.ENCODED_FROM)
    return Workshop(checkout, FakeTerminal(), dict(os.environ))


@pytest.fixture
def rasa(workshop: Workshop) -> Callable[[str], None]:
    """Puts a program in the place of Rasa's."""

    def put(code: str) -> None:
        program = workshop.checkout.engine_bin / "rasa"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!{sys.executable}\n{code}\n")
        program.chmod(0o755)

    return put


async def test_encoder_is_exported_anew_when_its_export_changed(workshop: Workshop) -> None:
    """An encoder made by an older export is not taken for today's."""
    python = workshop.checkout.engine_bin / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text("#!/bin/sh\necho exported > models/encoder/encoder.onnx\n")
    python.chmod(0o755)
    encoder = workshop.checkout.encoder / "encoder.onnx"
    await setup.export_encoder(workshop)
    assert encoder.read_text() == ""
    (workshop.checkout.root / "engine" / "export_encoder.py").write_text("changed")
    await setup.export_encoder(workshop)
    assert encoder.read_text() == "exported\n"


def stale(workshop: Workshop) -> bool:
    return setup.is_stale(workshop.checkout.model, workshop.checkout, setup.TRAINED_FROM)


async def test_trained_once(workshop: Workshop, rasa: Callable[[str], None]) -> None:
    """After a training the model is in its place and up to date."""
    rasa(GOOD.format("model"))
    assert stale(workshop)
    await setup.train(workshop)
    assert workshop.checkout.model.read_text() == "model"
    assert not stale(workshop)


@pytest.mark.parametrize(
    "name",
    [
        "data/nlu/greet.yml",
        "data/escalation.yml",
        "data/hand_back.yml",
        "domain.yml",
        "config.yml",
        "engine/x.py",
    ],
)
async def test_changed_sources_make_it_stale(
    workshop: Workshop, rasa: Callable[[str], None], name: str
) -> None:
    """Any change to what a model is made from calls for another training."""
    rasa(GOOD.format("model"))
    await setup.train(workshop)
    (workshop.checkout.root / name).write_text("changed")
    assert stale(workshop)


async def test_a_new_file_makes_it_stale(workshop: Workshop, rasa: Callable[[str], None]) -> None:
    """A file added under data/ counts, one elsewhere does not."""
    rasa(GOOD.format("model"))
    await setup.train(workshop)
    (workshop.checkout.root / "notes.md").write_text("x")
    (workshop.checkout.root / "data/hours.yml").write_text("opening hours, which Rasa does not read")
    assert not stale(workshop)
    (workshop.checkout.root / "data/nlu/new.yml").write_text("x")
    assert stale(workshop)


async def test_changed_code_is_trained_from_nothing(workshop: Workshop, rasa: Callable[[str], None]) -> None:
    """Parts that older code has trained are not taken from Rasa's cache; after new data alone they are."""
    rasa(FORCED)
    for changed, forced in (("engine/x.py", "True"), ("domain.yml", "False"), ("engine/x.py", "True")):
        (workshop.checkout.root / changed).write_text(f"{changed} {forced} {stale(workshop)}")
        await setup.train(workshop)
        assert workshop.checkout.model.read_text() == forced


async def test_broken_data_without_a_model(workshop: Workshop, rasa: Callable[[str], None]) -> None:
    """Data that cannot be read is told with its file and reason, without a traceback."""
    rasa(BAD)
    with pytest.raises(SetupFailed) as failed:
        await setup.train(workshop)
    assert "Failed to read data/nlu/greet.yml. expected a comment, line 3" in str(failed.value)
    assert "Traceback" not in str(failed.value)


async def test_broken_data_keeps_the_older_model(
    workshop: Workshop, rasa: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an older model the reason is told and that model stays in service, still stale."""
    monkeypatch.setattr(setup, "INDEXED_FROM", ())
    workshop.checkout.kb_index.mkdir()
    setup._stamp(workshop.checkout.kb_index).write_text(setup._fingerprint(workshop.checkout, ()))
    rasa(GOOD.format("older"))
    await setup.prepare(workshop)
    (workshop.checkout.root / "data/nlu/greet.yml").write_text("broken")
    rasa(BAD)
    await setup.prepare(workshop)
    assert workshop.checkout.model.read_text() == "older"
    assert stale(workshop)
    assert isinstance(workshop.terminal, FakeTerminal)
    assert workshop.terminal.said("The model trained before stays in service")


async def test_missing_engine(workshop: Workshop) -> None:
    """Without the engine's environment the sentence says what to do."""
    with pytest.raises(SetupFailed, match="Run `make` again"):
        await setup.train(workshop)


async def test_full_disk(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little room is told before anything is begun."""
    monkeypatch.setattr(setup, "ROOM", 10**18)
    with pytest.raises(SetupFailed, match="GB are free where"):
        await setup.train(workshop)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("", "it said nothing"),
        (
            "OSError: [Errno 28] No space left on device: '/x'",
            "the disk is full. Free some room and start again",
        ),
        ("a\nInvalidDomain: slot x is odd\n", "slot x is odd"),
        ("\x1b[31mall went wrong\x1b[0m\n", "all went wrong"),
    ],
)
def test_reasons(output: str, reason: str) -> None:
    """The reason is what the program said last, or the disk."""
    assert setup.failure(output) == reason


def test_progress() -> None:
    """The component being trained is the progress of a training."""
    assert (
        setup.progress("x\nStarting to train component 'A'.\nStarting to train component 'B'.\n")
        == "B (step 2)"
    )
    assert setup.progress("") == ""
