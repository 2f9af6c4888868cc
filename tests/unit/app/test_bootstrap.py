from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app import bootstrap
from app.bootstrap import BootstrapError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in (tmp_path, tmp_path / "engine"):
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / ".venv" / "bin" / "python").write_text("")
        (folder / "pyproject.toml").write_text("a")
        (folder / "uv.lock").write_text("b")
    return tmp_path


def made(root: Path, dev: bool) -> None:
    bootstrap.stamp(root, root).parent.mkdir(parents=True, exist_ok=True)
    for folder in (root, root / "engine"):
        bootstrap.stamp(root, folder).write_text(bootstrap.fingerprint(folder, dev))


def test_fresh_environments_need_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments made from the present files are left alone: neither uv nor the network is touched."""
    made(project, dev=False)
    monkeypatch.setattr(bootstrap, "private_uv", lambda root: pytest.fail("uv was wanted"))
    bootstrap.bootstrap(project, dev=False)


def test_tools_serve_a_run_but_not_the_other_way(project: Path) -> None:
    """An environment with the tests' tools also serves a run; one without does not serve the tests."""
    made(project, dev=True)
    assert bootstrap.is_fresh(project, project, dev=False)
    made(project, dev=False)
    assert not bootstrap.is_fresh(project, project, dev=True)


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock", "engine/uv.lock"])
def test_changed_lock_is_noticed(project: Path, name: str) -> None:
    """A changed lock or project file makes its own environment stale."""
    made(project, dev=True)
    (project / name).write_text("changed")
    folder = project / "engine" if name.startswith("engine") else project
    assert not bootstrap.is_fresh(project, folder, dev=True)


def test_removed_environment_is_noticed(project: Path) -> None:
    """A stamp without an environment counts for nothing."""
    made(project, dev=True)
    (project / ".venv/bin/python").unlink()
    assert not bootstrap.is_fresh(project, project, dev=True)


def test_full_disk_is_told_before_the_download(tmp_path: Path) -> None:
    """A first set-up on a full disk is refused with how much it needs."""
    with pytest.raises(BootstrapError, match="the set-up needs about 1000000000 GB"):
        bootstrap.check_room(tmp_path, room=10**18)


def test_wrong_python(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another Python than 3.11 is refused by name."""
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    with pytest.raises(BootstrapError, match=r"Parley needs Python 3\.11"):
        bootstrap.bootstrap(project, dev=False)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("error: Failed to fetch: `x`\n dns error: name", "The package index cannot be reached"),
        ("OSError: No space left on device", "The disk is full"),
        ("a\nb\nodd", "Parley could not be installed: a b odd"),
    ],
)
def test_failures_are_sentences(output: str, sentence: str) -> None:
    """No network, a full disk and everything else are one sentence each."""
    assert bootstrap.explain("Parley", output).startswith(sentence)
