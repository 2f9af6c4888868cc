"""What the conversation tests say: which failed at which step, and what of the domain they touch. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

STORY = re.compile(r"^- story: (?P<name>.*?)(?: \((?P<file>[^()]*\.ya?ml)\))?$")
STEP = re.compile(r"^  - (?P<kind>[\w_]+): ?(?P<value>.*)$")
PREDICTED = re.compile(r"\s+# predicted: (?P<predicted>.*)$")

Story = Mapping[str, Any]
"""One test as its YAML file has it: `story` and `steps`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The first step of a test that went another way than expected.

    `step` counts from 1, as the file does; `said` is the customer's last message before or at it.
    """

    story: str
    file: str
    step: int
    said: str
    expected: str
    predicted: str

    def __str__(self) -> str:
        return (
            f"✗ {self.story}\n"
            f"  {self.file}, step {self.step}, customer: “{self.said}”\n"
            f"    expected   {self.expected}\n"
            f"    predicted  {self.predicted}"
        )


@dataclass(frozen=True, slots=True)
class Cover:
    """How much of one part of the domain the tests touch."""

    part: str
    known: frozenset[str]
    touched: frozenset[str]

    @property
    def missing(self) -> list[str]:
        return sorted(self.known - self.touched)

    def __str__(self) -> str:
        line = f"  {self.part:<10} {len(self.known) - len(self.missing):>3} of {len(self.known)}"
        return f"{line}   missing: {', '.join(self.missing)}" if self.missing else line


def failures(report: str, tests: Iterable[Story]) -> list[Failure]:
    """The failures in Rasa's `failed_test_stories.yml`, with the words of the tests, which it leaves out."""
    steps = {str(test["story"]): list(test.get("steps") or []) for test in tests}
    return [found for block in _blocks(report) if (found := _first_wrong(block, steps))]


def coverage(domain: Mapping[str, Any], tests: Iterable[Story]) -> list[Cover]:
    """Intents, actions, forms and responses: known to the domain and touched by the tests.

    A form's validation runs with its form and counts with it.
    """
    steps = [step for test in tests for step in test.get("steps") or []]
    intents = {step["intent"] for step in steps if "intent" in step}
    forms = {step["active_loop"] for step in steps if step.get("active_loop")}
    actions = {step["action"] for step in steps if "action" in step} | {f"validate_{form}" for form in forms}
    touched = {"intents": intents, "actions": actions, "forms": forms, "responses": actions}
    return [
        Cover(part, frozenset(domain.get(part) or ()), frozenset(names)) for part, names in touched.items()
    ]


def _blocks(report: str) -> Iterator[list[str]]:
    """The lines of each failed story, its name first."""
    block: list[str] = []
    for line in report.splitlines():
        if line.startswith("- story:"):
            yield block
            block = []
        block.append(line)
    yield block


def _first_wrong(block: list[str], tests: Mapping[str, list[Any]]) -> Failure | None:
    head = STORY.match(block[0]) if block else None
    at = next((place for place, line in enumerate(block) if PREDICTED.search(line)), None)
    if head is None or at is None:
        return None
    wrong = PREDICTED.search(block[at])
    steps = [line for line in block[: at + 1] if STEP.match(line)]
    name = head["name"].strip("'\"")
    return Failure(
        name,
        head["file"] or "",
        len(steps),
        _said(sum(_is_customer(line) for line in steps), tests.get(name, [])),
        PREDICTED.sub("", block[at]).strip(" -"),
        _outcome(block[at], wrong["predicted"] if wrong else ""),
    )


def _outcome(line: str, predicted: str) -> str:
    """What came instead, in the form of what was expected; Rasa adds the words to an intent."""
    step = STEP.match(line)
    kind = "intent" if step and step["kind"] in ("intent", "user") else "action"
    return f"{kind}: {predicted.split(':')[0].strip()}"


def _is_customer(line: str) -> bool:
    step = STEP.match(line)
    return step is not None and step["kind"] in ("intent", "user")


def _said(turn: int, steps: list[Any]) -> str:
    """What the customer says in this turn (from 1), without the marks of the entities."""
    turns = [step for step in steps if "intent" in step or "user" in step]
    if not 0 < turn <= len(turns):
        return ""
    text = str(turns[turn - 1].get("user") or turns[turn - 1].get("intent")).strip()
    return re.sub(r"\[([^\]]*)\](\([^)]*\)|\{[^}]*\})", r"\1", text)
