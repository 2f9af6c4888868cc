"""Makes both environments on a bare machine: `python3.11 app/bootstrap.py [--dev]`.

Runs before anything is installed, so it uses the standard library alone. Nothing is installed outside the
checkout: uv lives in `.parley/uv`, the environments in `.venv` and `engine/.venv`. What is up to date is
skipped by a stamp, at once and without the network.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

UV = "0.13.8"
ROOM = 5_000_000_000  # bytes: both environments, uv's cache, the encoder and a model
OFFLINE = (
    "error sending request", "dns error", "Failed to fetch", "Connection refused", "Temporary failure in",
    "Name or service not known", "No matching distribution", "NewConnectionError", "Could not connect",
    "Network is unreachable", "network connectivity is disabled",
)  # fmt: skip
FULL = ("No space left on device", "os error 28", "Disk quota exceeded")


class BootstrapError(Exception):
    """The environments cannot be made; the message is one sentence with what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring both environments up to date; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dev", action="store_true", help="with the tools for tests")
    chosen = parser.parse_args(arguments)
    try:
        bootstrap(Path(__file__).resolve().parent.parent, dev=chosen.dev)
    except BootstrapError as error:
        say(f"✗ {error}")
        return 1
    except OSError as error:
        say(f"✗ {error.filename or 'A file'} cannot be used: {error.strerror}. Mend that and run make again.")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def bootstrap(root: Path, *, dev: bool) -> None:
    """Sync what is missing or changed. Raises BootstrapError."""
    if sys.version_info[:2] != (3, 11):
        raise BootstrapError(f"Parley needs Python 3.11; this is {sys.version.split()[0]}: {sys.executable}.")
    projects = {"Parley": root, "the engine": root / "engine"}
    missing = {name: project for name, project in projects.items() if not is_fresh(root, project, dev)}
    if not missing:
        return
    check_room(root)
    uv = private_uv(root)
    for name, project in missing.items():
        sync(uv, root, name, project, dev)


def is_fresh(root: Path, project: Path, dev: bool) -> bool:
    """True when the environment was made from what the files say now; one with tools serves both ways."""
    if not (project / ".venv" / "bin" / "python").exists():
        return False
    try:
        known = stamp(root, project).read_text(encoding="ascii")
    except OSError:
        return False
    return known in (
        {fingerprint(project, True)} if dev else {fingerprint(project, kind) for kind in (True, False)}
    )


def fingerprint(project: Path, dev: bool) -> str:
    """What an environment is made of: the two files of the project, this Python, with tools or without."""
    digest = hashlib.sha256(f"{sys.version} {UV} {dev} {project}".encode())
    for name in ("pyproject.toml", "uv.lock"):
        digest.update((project / name).read_bytes())
    return digest.hexdigest()


def stamp(root: Path, project: Path) -> Path:
    """Where the fingerprint of a made environment is kept."""
    return root / ".parley" / "made" / (project.name if project != root else "root")


def check_room(root: Path, room: int = ROOM) -> None:
    """Raises BootstrapError when the disk is too full for a first set-up."""
    free = shutil.disk_usage(root).free
    if free < room and not (root / "engine" / ".venv").exists():
        raise BootstrapError(
            f"Only {free / 1e9:.1f} GB are free where {root} lies; "
            f"the set-up needs about {room / 1e9:.0f} GB: free some room and run make again."
        )


def private_uv(root: Path) -> Path:
    """The pinned uv in `.parley/uv`, installed there at the first time. Raises BootstrapError."""
    folder = root / ".parley" / "uv"
    uv = folder / "bin" / "uv"
    if _version(uv) == UV:
        return uv
    say("… bringing uv into .parley/uv")
    shutil.rmtree(folder, ignore_errors=True)
    if importlib.util.find_spec("ensurepip"):
        _call([sys.executable, "-m", "venv", str(folder)], "uv")
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install"]
    elif importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "install", "--target", str(folder)]
    elif found := shutil.which("uv"):
        return Path(found)
    else:
        raise BootstrapError(
            "This Python 3.11 has neither venv nor pip: install them (Debian: apt install python3.11-venv)."
        )
    _call([*pip, "--quiet", "--disable-pip-version-check", f"uv=={UV}"], "uv")
    return uv


def sync(uv: Path, root: Path, name: str, project: Path, dev: bool) -> None:
    """Make one environment exactly as its lock file says. Raises BootstrapError."""
    begun = time.monotonic()
    say(f"… installing {name} (the first time: some minutes)")
    stamp(root, project).unlink(missing_ok=True)
    groups = ["--group", "dev"] if dev else ["--no-dev"]
    python = ["--python", sys.executable]
    command = [str(uv), "sync", "--frozen", "--project", str(project), *python, *groups]
    _call(command, name, environment(root), show=sys.stderr.isatty())
    stamp(root, project).parent.mkdir(parents=True, exist_ok=True)
    stamp(root, project).write_text(fingerprint(project, dev), encoding="ascii")
    say(f"✓ installed {name} ({time.monotonic() - begun:.0f} s)")


def environment(root: Path) -> dict[str, str]:
    """uv's environment: the Python found, no other; its cache in the checkout when home cannot be written."""
    chosen = {
        **os.environ,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "" if sys.stderr.isatty() else "1",
    }
    chosen.pop("VIRTUAL_ENV", None)
    chosen.pop("UV_PROJECT_ENVIRONMENT", None)
    home = Path(os.environ.get("HOME") or "/nonexistent")
    if "UV_CACHE_DIR" not in chosen and not os.access(home, os.W_OK):
        chosen["UV_CACHE_DIR"] = str(root / ".parley" / "cache")
    return {name: value for name, value in chosen.items() if value}


def explain(name: str, output: str) -> str:
    """One sentence for a failed installation, out of what the installer said."""
    if any(words in output for words in FULL):
        return f"The disk is full: {name} could not be installed. Free some room and run make again."
    if any(words in output for words in OFFLINE):
        return (
            f"The package index cannot be reached: {name} could not be installed. Connect and run make again."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"{name} could not be installed: {' '.join(lines[-4:]) or 'the installer said nothing'}"


def _call(
    command: Sequence[str], name: str, env: Mapping[str, str] | None = None, *, show: bool = False
) -> None:
    """Run an installer; its words are shown while it runs if wanted, and explained if it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as words:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=words, stderr=None if show else words
        )
        try:
            code = process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise
        words.seek(0)
        if code != 0:
            raise BootstrapError(explain(name, words.read()))


def _version(uv: Path) -> str | None:
    try:
        return subprocess.run(
            [str(uv), "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[1]
    except (OSError, subprocess.SubprocessError, IndexError):
        return None


def say(text: str) -> None:
    """A line on the terminal, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
