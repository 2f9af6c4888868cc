"""Who is called when: `python -m benchmarks.escalation` (or `make bench-escalation`), about two minutes.

Plays our own labelled messages and whole conversations through the turn channel of an engine with the shipped
model, its action server and the demo shop behind it. A single angry message is right when a colleague is
offered or called. The baseline is keyword matching: plain words for each trigger, anywhere in a message.
Every second case is held out, and so are all messages of `unseen.yml`; failures are printed of the
development half only. `--write` puts the rows over all into README.md and the rest into
docs/explanation/escalation.md.
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
from benchmarks.escalation import anger, labelled, tables
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
ABOUT = """Escalation, `make bench-escalation`: precision / recall on what is held out; only the right
reason counts. The unseen messages were written without a look at the rules; the baseline is keyword matching.
[Trigger by trigger](docs/explanation/escalation.md)."""
ANGER = """When a single message is angry, by the frustration score alone, on the development half, where the
threshold in `data/escalation.yml` was chosen:"""
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


def report(url: str) -> tuple[str, str]:
    """Play everything: what is held out over all and by priority, and every split trigger by trigger."""
    short, long = [], []
    with httpx.Client(timeout=60) as http:
        judges: dict[str, Judge] = {"Parley": by_engine(url, http), "keywords": by_keywords}
        for name, held_out, cases in labelled.splits():
            came = {who: [came_to(case, judge(case)) for case in cases] for who, judge in judges.items()}
            if held_out:
                short.append(tables.overall(name, cases, came))
            else:
                _tell_failures(cases, came["Parley"])
            if name == labelled.UNSEEN:
                short += tables.by_priority(name, cases, came)
            long.append(f"{name.capitalize()}:\n\n{tables.by_trigger(cases, came)}")
            if name == labelled.TUNED_ON:
                long.append(f"{ANGER}\n\n{anger.table(url, http, cases)}")
    return "\n".join([*tables.head("played", judges), *short]), "\n\n".join(long)


def _tell_failures(cases: Sequence[Case], came: Sequence[str]) -> None:
    for case, got in zip(cases, came, strict=True):
        if case.name != got:
            print(f"  wanted {case.name}, got {got}: {' / '.join(case.says)}")


def main() -> None:
    """Measure, print, and with `--write` put the tables into README.md and the explanation."""
    parser = argparse.ArgumentParser(description="Precision and recall of escalation.")
    parser.add_argument("--write", action="store_true", help="write the tables into the docs")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        model, store = ROOT / "models" / "parley.tar.gz", engine_servers.own_store()
        with (
            engine_servers.stores_and_actions(folder) as environment,
            engine_servers.engine("ours", model, store, environment, folder) as engine,
        ):
            short, long = report(engine.url)
    print(f"{short}\n\n{long}")
    if given.write:
        readme.write("escalation", f"{ABOUT}\n\n{short}")
        readme.write("escalation", long, ROOT / "docs" / "explanation" / "escalation.md")


if __name__ == "__main__":
    main()
