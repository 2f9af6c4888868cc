"""`parley stories`: the bot's conversation tests, with failures a trainer can read, and what they cover."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from app import settings, setup, story_report
from app.checkout import Checkout, here
from app.run.plan import Plan
from app.setup import SetupFailed
from app.story_report import Story

TESTS = Path("tests/stories")
DOMAIN = "domain.yml"


def stories(
    tests: Annotated[Path, typer.Argument(metavar="[PATH]", help="A folder of tests, or one file.")] = TESTS,
) -> None:
    """Play the conversation tests against the trained model: the words understood, the actions chosen.

    Exit code 1 when one fails, or when all tests together leave a part of domain.yml untouched.
    """
    place = here()
    told = _read(place.root / tests)
    if not told:
        raise SetupFailed(f"There are no conversation tests in {tests}.")
    report = place.state / "stories"
    log = _play(place, tests, report)
    counts = _counts(report / "story_report.json")
    if counts is None:
        raise SetupFailed(f"The conversation tests could not be played: {setup.failure(log)}")
    _tell_failures(report / "failed_test_stories.yml", told)
    passed, total = counts
    typer.echo(f"Conversation tests: {passed} passed, {total - passed} failed (details in .parley/stories)")
    covered = tests != TESTS or _tell_coverage(place, told)
    if passed < total or not covered:
        raise typer.Exit(1)


def _read(tests: Path) -> list[Story]:
    """The tests of a file or of every file in a folder. Raises SetupFailed when one is no YAML."""
    files = [tests] if tests.is_file() else sorted(tests.rglob("*.yml"))
    found: list[Story] = []
    for file in files:
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            raise SetupFailed(f"{file.name} is not valid YAML: {error}") from None
        found += content.get("stories") or []
    return found


def _play(place: Checkout, tests: Path, report: Path) -> str:
    """Run `rasa test core`; its output."""
    shutil.rmtree(report, ignore_errors=True)
    chosen = Plan(place, settings.load(), settings.foreign_environment(), {})
    options = [
        "--stories",
        str(tests),
        "--model",
        str(place.model),
        "--out",
        str(report),
        "--no-plot",
        "--e2e",
    ]
    endpoints = ["--endpoints", "deploy/endpoints.shell.yml"]
    played = subprocess.run(
        [str(place.engine_bin / "rasa"), "test", "core", *options, *endpoints],
        cwd=place.root,
        env=chosen.inner_environment("", ""),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    place.logs.mkdir(parents=True, exist_ok=True)
    (place.logs / "stories.log").write_text(played.stdout, encoding="utf-8")
    return played.stdout


def _counts(report: Path) -> tuple[int, int] | None:
    """Stories played right and stories played, out of Rasa's report; None when there is none."""
    try:
        content: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        accuracy = content["conversation_accuracy"]
    except (OSError, ValueError, KeyError):
        return None
    return int(accuracy["correct"]), int(accuracy["total"])


def _tell_failures(report: Path, told: list[Story]) -> None:
    text = report.read_text(encoding="utf-8") if report.exists() else ""
    for failure in story_report.failures(text, told):
        typer.echo(f"{failure}\n")


def _tell_coverage(place: Checkout, told: list[Story]) -> bool:
    """Print what the tests touch of the domain; is it all of it?"""
    domain = yaml.safe_load((place.root / DOMAIN).read_text(encoding="utf-8"))
    covers = story_report.coverage(domain, told)
    typer.echo("They cover, of domain.yml:")
    for cover in covers:
        typer.echo(str(cover))
    return not any(cover.missing for cover in covers)
