"""`parley run` as an operator starts it, and a client that knows only the public contracts."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.fakes.outside import SECRETS, BlackBox, outside, text_of
from tests.services import Running, running

ANA, BEN, NOBODY = "15550100001", "15550100002", "US.13491208655302741918"


PRIVATE = (
    "my e-mail is ben.okafor@example.com and the number is +1 555 010 0002",
    "where is order 10301?",
    "where is order 77310945?",
    "change the address of 10301 to 17 Rosenweg, Berlin",
    "I want to return 10301, it is broken",
)

SAID = ("where is my order", "where is order", "rosenweg", "hello ana", "are you there", "money back")
NAMES = ("okafor", "ana silva", "nobody@", "example.com", "example.org", "555 010", ANA, BEN, NOBODY)
NUMBERS = re.compile(r"77310945|\b10301\b(?!\])")
"""Of orders; in brackets stand the numbers of processes."""


def is_private(line: str) -> bool:
    """Whether a line of a log tells who wrote, of what order, what was said, or a secret."""
    small = line.lower()
    words = (
        *SAID,
        *map(str.lower, NAMES),
        *(word for word in SECRETS.values() if word.startswith("black-box")),
    )
    return any(word in small for word in words) or NUMBERS.search(line) is not None


@pytest.fixture(scope="module")
def parley() -> Iterator[tuple[Running, BlackBox]]:
    """A running Parley between a Graph API and a Zendesk that are none of its own."""
    with (
        outside() as (graph, zendesk, settings),
        running(settings) as started,
        httpx.Client(timeout=30) as http,
    ):
        yield started, BlackBox(started.url, graph, zendesk, http)


def test_whole_story(parley: tuple[Running, BlackBox]) -> None:
    """Order, list, another's order, policy, person, agent's reply and release, all through the contracts."""
    _, box = parley
    [status] = map(text_of, box.ask(ANA, "where is my order 10234?"))
    assert all(word in status for word in ("10234", "DHL", "https://"))
    [offer] = box.ask(ANA, "where's my order?")
    rows = [row for section in offer["interactive"]["action"]["sections"] for row in section["rows"]]
    before = len(box.graph.to(ANA))
    box.tap(ANA, next(row for row in rows if "10237" in row["title"]))
    [picked] = box.wait(lambda: box.graph.to(ANA)[before:])
    assert "10237" in text_of(picked)
    [foreign] = map(text_of, box.ask(ANA, "where is 10301"))
    [unknown] = map(text_of, box.ask(ANA, "where is 99999"))
    assert foreign.replace("10301", "#") == unknown.replace("99999", "#")
    [policy] = map(text_of, box.ask(ANA, "can I return something after 30 days?"))
    assert "return window" in policy.lower()

    [farewell] = map(text_of, box.ask(ANA, "I want to talk to a person"))
    assert "person" in farewell.lower()
    box.wait(lambda: box.zendesk.tickets)
    [(id, ticket)] = box.zendesk.tickets.items()
    assert ticket["external_id"].startswith("whatsapp:")
    assert "where is my order 10234?" in box.zendesk.comments[id][0]["body"]
    box.write(ANA, "are you there?")
    box.wait(lambda: any(c["body"] == "are you there?" for c in box.zendesk.comments[id]))
    before = len(box.graph.to(ANA))
    box.agent_replies(id, "Hello Ana, Smith here.")
    [reply] = box.wait(lambda: box.graph.to(ANA)[before:])
    assert text_of(reply) == "Hello Ana, Smith here."
    box.agent_solves(id)
    box.wait(lambda: not _waiting(box))
    [back] = map(text_of, box.ask(ANA, "where is my order 10234?"))
    assert "DHL" in back
    assert len(box.zendesk.tickets) == 1


def test_part_that_dies_is_started_again(parley: tuple[Running, BlackBox]) -> None:
    """A killed action server comes back by itself, the terminal says so, and the bot answers."""
    started, box = parley
    killed = started.pids()["actions"]
    os.kill(killed, signal.SIGKILL)
    box.wait(lambda: started.pids().get("actions", killed) != killed, 30)
    box.wait(lambda: _answers(box), 40)
    assert "actions" in (started.state / "terminal.log").read_text(encoding="utf-8")
    assert "10301" in text_of(box.ask(BEN, "where is my order 10301?", "Ben Okafor")[0])


def test_logs_tell_nothing_of_customers(parley: tuple[Running, BlackBox]) -> None:
    """No log of any process has a phone, an e-mail, an order, an address, a customer's words or a secret."""
    started, box = parley
    for text in PRIVATE:
        box.ask(BEN, text, "Ben Okafor")
    box.ask(NOBODY, "I want my money back, this is fraud! I am at nobody@example.org", "Nobody Else")
    logs = {file.name: file.read_text(errors="replace") for file in (started.state / "logs").glob("*.log")}
    assert {"web.log", "worker.log", "engine.log", "actions.log", "postgres.log"} <= logs.keys()
    assert all(logs[name].strip() for name in ("web.log", "worker.log", "engine.log"))
    told = [
        f"{name}: {line}" for name, text in logs.items() for line in text.splitlines() if is_private(line)
    ]
    assert told == []


def test_stop_leaves_nobody_behind(parley: tuple[Running, BlackBox]) -> None:
    """Ctrl-C ends every process that was started."""
    started, _ = parley
    pids = list(started.pids().values())
    assert len(pids) >= 6
    started.process.send_signal(signal.SIGINT)
    assert started.process.wait(30) == 0
    end = time.monotonic() + 5
    while left := [pid for pid in pids if psutil.pid_exists(pid)]:
        assert time.monotonic() < end, f"still there: {left}"
        time.sleep(0.05)


def _waiting(box: BlackBox) -> bool:
    """Whether a conversation is in an agent's control, as `/metrics` tells it."""
    shown = box.http.get(f"{box.url}/metrics").text
    return 'parley_conversations{control="agent"}' in shown


def _answers(box: BlackBox) -> bool:
    return box.http.get(f"{box.url}/readyz").status_code == 200
