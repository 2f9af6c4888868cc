"""Web and worker as processes, between a WhatsApp, a Zendesk and an engine that know only the contracts."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from tests.fakes.halts import Halt, Halting, When
from tests.fakes.outside import SECRETS, Answer, BlackBox, FakeGraph, FakeZendesk, Json, served, text_of
from tests.journeys.parts import Parts

A_RESTART = 150.0
"""Seconds a step of a story may take while everything is killed again and again on a busy machine."""


def answer_turn(method: str, path: str, query: Json, body: Json) -> Answer:
    """An engine in a few words: whoever asks for a person gets one."""
    if method == "GET":
        return 200, {"status": "ok"}
    about = {"intent": "order_status", "confidence": 1.0, "slots": {}}
    if "person" not in body["text"]:
        return 200, {**about, "messages": [{"text": f"the bot answers {body['text']}"}]}
    handoff = {"custom": {"handoff": {"reason": "asked_for_person", "priority": "high"}}}
    return 200, {**about, "messages": [{"text": f"the bot calls a person: {body['text']}"}, handoff]}


@dataclass
class Stubborn(BlackBox):
    """Meta and Zendesk bring a webhook again until it is taken; Meta tells what became of each message."""

    receipts: queue.Queue[tuple[str, Json] | None] = field(default_factory=queue.Queue)

    def bring(self, path: str, raw: bytes, headers: dict[str, str]) -> None:
        end = time.monotonic() + A_RESTART
        while True:
            try:
                if self.http.post(f"{self.url}{path}", content=raw, headers=headers).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            assert time.monotonic() < end, "the webhook is never taken"
            time.sleep(0.1)

    def tell_receipts(self) -> None:
        """Bring the receipts of what was sent, until there is None."""
        while (receipt := self.receipts.get()) is not None:
            self.post_receipt(*receipt)


@dataclass
class World:
    """Everything around Parley, and the parts to be killed."""

    box: Stubborn
    parts: Parts
    engine: Halting
    graph: Halting
    zendesk: Halting

    def halt(self, step: Step, mark: str, when: When) -> Halt:
        """Keep back the call of this step that is about this customer."""
        fake, method, path = CALLS[step.call]
        halt = Halt(method, path, (mark, *step.says), when)
        getattr(self, fake).halts.append(halt)
        return halt

    def restart(self, *names: str, halts: Sequence[Halt] = ()) -> None:
        """Kill these parts in the middle of what they do, and start them again.

        Meanwhile Zendesk has forgotten the keys it was given, as it does after two hours.
        """
        for name in names:
            self.parts.kill(name)
        for halt in halts:
            halt.release()
        self.box.zendesk.keys.clear()
        self.parts.start(*names)

    def tell(self, who: str, mark: str) -> None:
        """One customer's whole story, as far as it can be seen from outside."""
        box, wait = self.box, partial(self.box.wait, deadline=A_RESTART)
        box.write(who, f"a person please, {mark}", mark)
        [ticket] = wait(lambda: self.tickets(mark))
        wait(lambda: self.texts(who))
        for line in LINES:
            box.write(who, f"{line} {mark}", mark)
        wait(lambda: len(self.in_ticket(mark)) >= len(LINES))
        for reply in REPLIES:
            box.agent_replies(ticket, f"{reply} {mark}")
        wait(lambda: len(self.texts(who)) > len(REPLIES))
        box.agent_solves(ticket)
        box.write(who, f"where is it, {mark}", mark)
        wait(lambda: len(self.texts(who)) > len(REPLIES) + 1)

    def tickets(self, mark: str) -> list[int]:
        """The tickets of one customer."""
        return [id for id, ticket in self.box.zendesk.tickets.items() if mark in ticket["subject"]]

    def in_ticket(self, mark: str) -> list[str]:
        """The customer's own lines in all tickets, in order."""
        found = self.box.zendesk.comments.items()
        comments = [c for id, written in found if id in self.tickets(mark) for c in written]
        ours = [c["body"] for c in comments if c["public"] and c["author_id"] not in (1, 8447388090494)]
        return [line for body in ours for line in body.split("\n\n")]

    def texts(self, who: str) -> list[str]:
        """What the customer read, in order, without what is said to those who wait long."""
        return [text for body in self.box.graph.to(who) if not (text := text_of(body)).startswith(PATIENCE)]

    def check(self, who: str, mark: str) -> None:
        """One ticket, each comment once, each line once and in order, nothing lost."""
        assert len(self.tickets(mark)) == 1
        assert self.in_ticket(mark) == [f"{line} {mark}" for line in LINES]
        assert sum(text_of(body).startswith(PATIENCE) for body in self.box.graph.to(who)) <= 1
        farewell, *rest = self.texts(who)
        assert farewell.startswith(f"the bot calls a person: a person please, {mark}")
        assert rest == [*(f"{reply} {mark}" for reply in REPLIES), f"the bot answers where is it, {mark}"]


PATIENCE = "Your message is with my colleagues"
"""Said once to a customer who writes again after a minute of waiting, as some do after a kill."""

LINES = ("are you there?", "it is urgent")
REPLIES = ("Smith here.", "All is well.")

CALLS = {
    "ask": ("engine", "POST", "/webhooks/turn/"),
    "send": ("graph", "POST", "/messages"),
    "user": ("zendesk", "POST", "/users/create_or_update"),
    "ticket": ("zendesk", "POST", "/tickets"),
    "comment": ("zendesk", "PUT", "/tickets/"),
}


@dataclass(frozen=True)
class Step:
    """A call to the outside in a customer's story, and what it says."""

    call: str
    says: tuple[str, ...] = ()


@contextmanager
def world(database_url: str, redis_url: str, folder: Path) -> Iterator[World]:
    """Web and worker as processes between three fakes; all messages taken get their receipts."""
    graph, zendesk = FakeGraph(), FakeZendesk()
    halting = engine, whatsapp, helpdesk = (
        Halting(answer_turn),
        Halting(graph.answer),
        Halting(zendesk.answer),
    )
    with (
        served(engine.answer) as rasa_url,
        served(whatsapp.answer) as graph_url,
        served(helpdesk.answer) as zendesk_url,
        httpx.Client(timeout=10) as http,
    ):
        settings = {
            **SECRETS,
            "SANDBOX": "off",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "RASA_URL": rasa_url,
            "WHATSAPP_BASE_URL": graph_url,
            "ZENDESK_BASE_URL": zendesk_url,
        }
        parts = Parts(settings, folder)
        box = Stubborn(parts.url, graph, zendesk, http)
        graph.on_sent = lambda wamid, body: box.receipts.put((wamid, body))
        telling = threading.Thread(target=box.tell_receipts)
        telling.start()
        parts.start("web", "worker")
        try:
            yield World(box, parts, *halting)
        finally:
            for halt in (halt for fake in halting for halt in fake.halts):
                halt.release()
            box.receipts.put(None)
            telling.join()
            parts.stop()


def customer(number: int) -> tuple[str, str]:
    """A phone, and a name that nobody else's contains."""
    return f"1555010{number:04}", f"customer-{number:02}x"


def check_all(around: World, stories: Mapping[tuple[str, str], Future[None]]) -> None:
    """Wait for every story's end, and check each."""
    for story in stories.values():
        story.result(timeout=2 * A_RESTART)
    for who, mark in stories:
        around.check(who, mark)
