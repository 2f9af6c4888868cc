"""What must exist before a start: the encoder, a trained model, the kb index; made when missing or stale."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.checkout import Checkout
from app.run.child import Child, Part
from app.run.terminal import COLOURS, Terminal
from conversations.errors import ParleyError

ROOM = 1_000_000_000  # bytes: a training writes a few hundred megabytes
COMPONENTS = (
    "engine/*.py",
    "engine/nlu/*.*",
    "engine/entities/*.*",
    "engine/escalation/*.*",
    "engine/policies/*.*",
    "engine/uv.lock",
)
TRAINED_FROM = (
    "domain.yml", "config.yml", "data/*/**/*", "data/escalation.yml", "data/hand_back.yml", *COMPONENTS,
)  # fmt: skip
ENCODED_FROM = ("engine/export_encoder.py",)
INDEXED_FROM = ("kb/articles/**/*", "kb/*.*", "models/encoder/tokenizer.json")
STEP = re.compile(r"(?:Starting to train component|Restored component) '(\w+)'")
EXCEPTION = re.compile(r"^(?:[\w.]+\.)?(\w*(?:Exception|Error|InvalidDomain|Invalid\w+))\b:? ?(.*)")


class SetupFailed(ParleyError):
    """A step of the set-up did not succeed; the message says why, and where its log is."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where set-up steps run and what they tell. `environment` is theirs."""

    checkout: Checkout
    terminal: Terminal
    environment: Mapping[str, str]


async def prepare(workshop: Workshop) -> None:
    """Make whatever is missing or stale.

    Training data that cannot be read leaves an older model in service, with the reason on the terminal.
    Raises SetupFailed when Parley cannot start.
    """
    await export_encoder(workshop)
    if is_stale(workshop.checkout.kb_index, workshop.checkout, INDEXED_FROM):
        await build_kb(workshop)
    if not is_stale(workshop.checkout.model, workshop.checkout, TRAINED_FROM):
        return
    try:
        await train(workshop)
    except SetupFailed as error:
        if not workshop.checkout.model.exists():
            raise
        workshop.terminal.warn(f"{error}\n  The model trained before stays in service.")


async def export_encoder(workshop: Workshop) -> None:
    """Write the sentence encoder as ONNX unless it is there as it is made now. Raises SetupFailed."""
    checkout = workshop.checkout
    whole = all((checkout.encoder / name).exists() for name in ("encoder.onnx", "tokenizer.json"))
    if whole and not is_stale(checkout.encoder, checkout, ENCODED_FROM):
        return
    command = [str(checkout.engine_bin / "python"), "-m", "engine.export_encoder", str(checkout.encoder)]
    with workshop.terminal.step("Exporting the sentence encoder, once") as tell:
        await _run(workshop, "encoder", command, tell)
    stamp(checkout.encoder, checkout, ENCODED_FROM)


async def train(workshop: Workshop) -> None:
    """Train, and put the archive in its place only when it is whole. Raises SetupFailed with the reason.

    Rasa takes parts of an earlier training from its cache by their configuration and data alone; parts
    written by older code could not be read, so changed code means a training from nothing.
    """
    checkout = workshop.checkout
    fingerprint = _fingerprint(checkout, TRAINED_FROM)
    draft = checkout.state / "training"
    shutil.rmtree(draft, ignore_errors=True)
    rasa = [str(checkout.engine_bin / "rasa"), "train", "--fixed-model-name", "parley", "--out", str(draft)]
    if is_stale(checkout.trained_parts, checkout, COMPONENTS):
        rasa.append("--force")
    with workshop.terminal.step("Training the bot") as tell:
        await _run(workshop, "train", rasa, tell)
    archive = draft / checkout.model.name
    if not archive.exists():
        raise SetupFailed(f"The training ended without a model; see {_short(checkout, 'train')}.")
    stamp(checkout.trained_parts, checkout, COMPONENTS)
    checkout.models.mkdir(exist_ok=True)
    archive.replace(checkout.model)
    _stamp(checkout.model).write_text(fingerprint, encoding="ascii")


async def build_kb(workshop: Workshop) -> None:
    """Index the articles. Raises SetupFailed with the reason."""
    checkout = workshop.checkout
    fingerprint = _fingerprint(checkout, INDEXED_FROM)
    with workshop.terminal.step("Indexing the articles") as tell:
        await _run(workshop, "kb", [sys.executable, "-m", "app.cli", "kb", "build"], tell)
    _stamp(checkout.kb_index).write_text(fingerprint, encoding="ascii")


def is_stale(made: Path, checkout: Checkout, sources: Iterable[str]) -> bool:
    """True when `made` is missing, or was made from something else than `sources` are now."""
    try:
        known = _stamp(made).read_text(encoding="ascii")
    except OSError:
        return True
    return not made.exists() or known != _fingerprint(checkout, sources)


def stamp(made: Path, checkout: Checkout, sources: Iterable[str]) -> None:
    """Note that `made` was made from `sources` as they are now."""
    _stamp(made).write_text(_fingerprint(checkout, sources), encoding="ascii")


def _stamp(made: Path) -> Path:
    return made.with_name(made.name + ".from")


def _fingerprint(checkout: Checkout, sources: Iterable[str]) -> str:
    """SHA-256 over the names and contents of the files that match, wherever the checkout lies."""
    digest = hashlib.sha256()
    files = {file for pattern in sources for file in checkout.root.glob(pattern) if file.is_file()}
    for file in sorted(file for file in files if "__pycache__" not in file.parts):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(checkout.root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


async def _run(workshop: Workshop, name: str, command: list[str], tell: Callable[[str], None]) -> None:
    """Run one step to its end with its output in a log of its own, which is followed for progress."""
    checkout = workshop.checkout
    _check_room(checkout)
    checkout.logs.mkdir(parents=True, exist_ok=True)
    log = checkout.logs / f"{name}.log"
    log.write_bytes(b"")
    try:
        child = await Child.start(Part(name, command, workshop.environment), checkout.root, log)
    except OSError as error:
        raise SetupFailed(f"{command[0]} cannot be started: {error.strerror}. Run `make` again.") from None
    waiting = asyncio.create_task(child.wait())
    try:
        while not waiting.done():
            tell(progress(_text(log)))
            await asyncio.wait({waiting}, timeout=0.3)
    except asyncio.CancelledError:
        await child.stop(hurry=True)
        raise
    if waiting.result() != 0:
        raise SetupFailed(f"{_FAILURES[name]}: {failure(_text(log))} (all of it: {_short(checkout, name)})")


_FAILURES = {
    "encoder": "The sentence encoder cannot be exported",
    "train": "The bot cannot be trained",
    "kb": "The articles cannot be indexed",
}


def progress(output: str) -> str:
    """What a training is doing, out of its output so far; empty when it does not say."""
    steps = STEP.findall(output)
    return f"{steps[-1]} (step {len(steps)})" if steps else ""


def failure(output: str) -> str:
    """The reason in a program's output, without the way the program came to it."""
    plain = COLOURS.sub("", output)
    if "No space left on device" in plain:
        return "the disk is full. Free some room and start again"
    lines = [line.rstrip() for line in plain.splitlines() if line.strip()]
    for position in range(len(lines) - 1, -1, -1):
        if found := EXCEPTION.match(lines[position]):
            rest = [line.strip() for line in lines[position + 1 : position + 7]]
            return " ".join(part for part in [found[2], *rest] if part) or found[1]
    return lines[-1].strip()[:300] if lines else "it said nothing"


def _check_room(checkout: Checkout) -> None:
    free = shutil.disk_usage(checkout.root).free
    if free < ROOM:
        raise SetupFailed(
            f"Only {free / 1e9:.1f} GB are free where {checkout.root} lies; "
            f"{ROOM / 1e9:.0f} GB are needed here. Free some room and start again."
        )


def _text(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _short(checkout: Checkout, name: str) -> str:
    return os.fspath((checkout.logs / f"{name}.log").relative_to(checkout.root))
