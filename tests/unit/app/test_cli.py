from __future__ import annotations

import sys

import pytest

from app import cli, reference
from app.checkout import here


@pytest.mark.parametrize("path", list(reference.PAGES))
def test_generated_pages_are_current(path: str) -> None:
    """The reference pages in the checkout are what the code says now (`make docs` writes them)."""
    assert here().root.joinpath(path).read_text(encoding="utf-8") == reference.PAGES[path]()


def test_every_setting_is_described() -> None:
    """Each setting has a sentence that says what it is for."""
    from app import settings

    for name, field in settings.names():
        assert (field.description or "").endswith("."), name


def test_errors_of_ours_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong setting ends the command with a sentence and code 1, not with a traceback."""
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setattr(sys, "argv", ["parley", "status"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert capsys.readouterr().out.startswith("✗ PORT: input should be a valid integer")
