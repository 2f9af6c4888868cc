"""Who is called when: `python -m benchmarks.escalation` (or `make bench-escalation`), about two minutes.

Plays our own labelled messages and whole conversations through the turn channel of an engine with the shipped
model, its action server and the demo shop behind it. A single angry message is right when a colleague is
offered or called. The baseline is keyword matching: plain words for each trigger, anywhere in a message.
Every second case is held out; failures are printed of the development half only. `--write` puts the tables
into README.md.
"""

from __future__ import annotations

import argparse
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from actions import articles
from benchmarks import engine_servers, readme
from benchmarks.escalation import labelled
from benchmarks.escalation.labelled import Case
from tests.services import ROOT

ANA = {"phone": "+15550100001", "name": "Ana Silva", "channel": "whatsapp"}
KEYWORDS = {
    "grave": "fraud stolen lawsuit lawyer police unacceptable injur leak".split(),
    "refund_demanded": ["refund", "charge me back", "money back"],
    "asked_for_person": ["human", "manager", "agent", "person"],
    "negotiation": ["lower the price", "contract", "discount", "terms"],
    "vulnerable": ["pregnant", "wheelchair", "disabled", "passed away", "cancer"],
    "frustrated": ["still not", "ridiculous", "!!!", "???"],
}
Judge = Callable[[Case], str]
"""What came of a case: a reason, `offer` or `none`."""


def by_keywords(case: Case) -> str:
    """The baseline: the first trigger with a keyword anywhere in any message."""
    for text in case.says:
        for name, words in KEYWORDS.items():
            if any(word in text.lower() for word in words):
                return name
    return "none"


def by_engine(url: str, http: httpx.Client) -> Judge:
    """What the running engine does; whoever is called ends the conversation."""

    def judge(case: Case) -> str:
        conversation, came = str(uuid.uuid4()), "none"
        for number, text in enumerate(case.says):
            body = {"conversation_id": conversation, "message_id": f"{conversation}-{number}", "text": text}
            answer = http.post(f"{url}/webhooks/turn/webhook", json={**body, "metadata": ANA})
            answer.raise_for_status()
            decided = answer.json()["escalation"]
            if decided and decided["act"] == "handoff":
                return str(decided["reason"])
            if decided or _offers(answer.json()):
                came = "offer"
        return came

    return judge


def _offers(answer: dict[str, list[dict[str, list[dict[str, str]]]]]) -> bool:
    """Does an answer ask, yes or no, whether a person shall come, and not for want of an article?"""
    asked = [one for one in answer["messages"] if not str(one.get("text")).startswith(articles.NOT_SAID)]
    payloads = ({each["payload"] for each in one.get("buttons", [])} for one in asked)
    return any({"/human_agent", "/deny"} <= found for found in payloads)


def came_to(case: Case, outcome: str) -> str:
    """The row that the outcome counts for; an offer to a single angry message is what it should get."""
    if outcome == "offer" and len(case.says) == 1:
        return "frustrated"
    return case.name if outcome in case.labels else labelled.row(outcome)


def table(cases: Sequence[Case], outcomes: dict[str, list[str]]) -> list[str]:
    """Precision and recall for each trigger and over all, of each judge."""
    rows = sorted({case.name for case in cases} - {"none"})
    heads = [f"{who}: precision / recall" for who in outcomes]
    lines = ["| trigger | cases | " + " | ".join(heads) + " |", "|---" * (2 + len(heads)) + "|"]
    for row in [*rows, "overall"]:
        counted = sum(case.name == row for case in cases) if row != "overall" else len(cases)
        cells = [_cell(row, cases, outcomes[who]) for who in outcomes]
        lines.append(f"| {row} | {counted} | " + " | ".join(cells) + " |")
    return lines


def _cell(row: str, cases: Sequence[Case], came: Sequence[str]) -> str:
    """Overall: the right reason, among all that were called, and among all that should have been."""
    pairs = [(case.name, got) for case, got in zip(cases, came, strict=True)]
    if row == "overall":
        right = sum(want == got != "none" for want, got in pairs)
        called = sum(got != "none" for _, got in pairs)
        due = sum(want != "none" for want, _ in pairs)
    else:
        right = sum(want == got == row for want, got in pairs)
        called, due = sum(got == row for _, got in pairs), sum(want == row for want, _ in pairs)
    precision, recall = (f"{right / of:.2f}" if of else "–" for of in (called, due))
    return f"{precision} / {recall}"


def report(url: str) -> str:
    """Play everything: a table of all, and folded under it the triggers one by one, as Markdown."""
    every: list[str] = []
    parts: list[str] = []
    with httpx.Client(timeout=60) as http:
        judges: dict[str, Judge] = {"Parley": by_engine(url, http), "keywords": by_keywords}
        for name, cases in {
            "messages": labelled.messages(),
            "conversations": labelled.conversations(),
        }.items():
            came = {who: [came_to(case, judge(case)) for case in cases] for who, judge in judges.items()}
            _tell_failures(cases, came["Parley"])
            for half, held_out in (("held-out half", True), ("development half", False)):
                chosen = [place for place, case in enumerate(cases) if case.held_out is held_out]
                picked = {who: [found[place] for place in chosen] for who, found in came.items()}
                head, rule, *lines, overall = table([cases[place] for place in chosen], picked)
                every = every or [head.replace("trigger", "played"), rule]
                every.append(overall.replace("overall", f"{name}, {half}"))
                parts.append(f"{name.capitalize()}, {half}:\n\n" + "\n".join([head, rule, *lines]))
    one_by_one = "\n\n".join(parts)
    folded = f"<details><summary>Trigger by trigger</summary>\n\n{one_by_one}\n\n</details>"
    return "\n".join(every) + f"\n\n{folded}"


def _tell_failures(cases: Sequence[Case], came: Sequence[str]) -> None:
    for case, got in zip(cases, came, strict=True):
        if not case.held_out and case.name != got:
            print(f"  wanted {case.name}, got {got}: {' / '.join(case.says)}")


def main() -> None:
    """Measure, print, and with `--write` put the tables into README.md."""
    parser = argparse.ArgumentParser(description="Precision and recall of escalation.")
    parser.add_argument("--write", action="store_true", help="write the tables into README.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        model, store = ROOT / "models" / "parley.tar.gz", engine_servers.own_store()
        with (
            engine_servers.stores_and_actions(folder) as environment,
            engine_servers.engine("ours", model, store, environment, folder) as engine,
        ):
            found = report(engine.url)
    print(found)
    if given.write:
        readme.write(
            "escalation", f"Escalation, `make bench-escalation`; the baseline is keyword matching.\n\n{found}"
        )


if __name__ == "__main__":
    main()
