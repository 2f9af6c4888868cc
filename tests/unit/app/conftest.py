from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.run import ports
from app.settings import Settings


@pytest.fixture
def free_port() -> int:
    return ports.free_port()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that runs the tests counts."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def folder_for_postgres() -> Iterator[Path]:
    """A folder outside pytest's own, which are closed to the user that runs PostgreSQL when we are root."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
