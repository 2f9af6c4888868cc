"""The rules inside a trained model: each model brings those that it was tested with."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from engine.escalation import rules
from engine.escalation.rules import InvalidEscalation, Rules

NAME = "escalation.yml"


def keep(path: Path, storage: ModelStorage, resource: Resource) -> Rules:
    """Copy the file into the model; its rules. Raises InvalidEscalation."""
    text = _text(path)
    found = rules.read(text, str(path))
    with storage.write_to(resource) as folder:
        (folder / NAME).write_text(text, encoding="utf-8")
    return found


def read(folder: Path) -> Rules:
    """The rules that `keep` wrote into this folder of the model."""
    return rules.read((folder / NAME).read_text(encoding="utf-8"))


def fingerprint(path: Path) -> str:
    """Changed rules mean another model. Raises InvalidEscalation."""
    return hashlib.sha256(_text(path).encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidEscalation(f"{path} cannot be read: {error}.") from None
