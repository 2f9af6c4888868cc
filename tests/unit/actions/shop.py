"""A conversation for one action: a made-up shop, a tracker at some point in time, and what came out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import DeskAction
from actions.desk import Desk, LookUp, Passage
from connectors.mail.message import Mail
from conversations.errors import ConnectorError
from orders import demo, rules, terms
from orders.identity.code import TRIES, Verdict
from orders.identity.ports import Asked, Tried
from orders.model import Order, Owner, Return, ReturnWish, Status
from orders.papers.ports import Paper

TODAY = date(2026, 3, 20)
TERMS = terms.shop()
ANA = "+15550100001"
BEN = "+15550100002"
Event = dict[str, Any]


class FakeOrders:
    """The named demo orders in memory; `broken` makes every call fail."""

    def __init__(self, broken: Exception | None = None) -> None:
        self.orders = {order.number: order for order in demo.named(TODAY)}
        self.broken = broken

    async def find(self, number: str, owner: Owner) -> Order | None:
        if self.broken:
            raise self.broken
        order = self.orders.get(number)
        mine = order and (order.phone == owner.phone or order.email == (owner.email or "").lower())
        return order if mine else None

    async def of_phone(self, phone: str, limit: int = 10) -> tuple[Order, ...]:
        if self.broken:
            raise self.broken
        mine = [order for order in self.orders.values() if order.phone == phone]
        return tuple(sorted(mine, key=lambda order: order.placed_on, reverse=True)[:limit])

    async def cancel(self, number: str, owner: Owner) -> Order | None:
        return await self._change(number, owner, status=Status.CANCELLED)

    async def change_address(self, number: str, owner: Owner, address: str) -> Order | None:
        return await self._change(number, owner, address=address)

    async def open_return(self, number: str, owner: Owner, wish: ReturnWish, today: date) -> Return | None:
        order = await self.find(number, owner)
        item = order.item(wish.item) if order else None
        allowed = order and item and rules.may_return_item(order, item, wish.condition, today, TERMS).allowed
        if not order or not allowed:
            return None
        number = f"R-{number}-{len(order.returns) + 1}"
        label = f"https://shop.example.com/returns/{number}.pdf"
        opened = Return(number=number, opened_on=today, label_url=label, **asdict(wish))
        self.orders[order.number] = replace(order, returns=(*order.returns, opened))
        return opened

    async def cancel_return(
        self, number: str, owner: Owner, return_number: str, today: date
    ) -> Return | None:
        order = await self.find(number, owner)
        known = (
            next((each for each in order.returns if each.number == return_number), None) if order else None
        )
        if order is None or known is None or not rules.may_cancel_return(order, known).allowed:
            return known
        gone = replace(known, cancelled_on=known.cancelled_on or today)
        returns = tuple(gone if each is known else each for each in order.returns)
        self.orders[number] = replace(order, returns=returns)
        return gone

    async def _change(self, number: str, owner: Owner, **changes: Any) -> Order | None:
        order = await self.find(number, owner)
        if order and rules.may_cancel(order).allowed:
            self.orders[number] = order = replace(order, **changes)
        return order


class FakeCodes:
    """Codes in memory: always 123456, as many as `limit` allows; the last one is `spent` at some point."""

    def __init__(self, limit: int = 3) -> None:
        self.limit = limit
        self.asked: list[tuple[str, str, bool]] = []
        self.noted: list[str] = []
        self.tries = TRIES
        self.good: tuple[str, str] | None = None
        self.old = False

    async def ask(self, conversation: str, number: str, email: str, *, genuine: bool, again: bool) -> Asked:
        if self.good == (number, email) and not again:
            return Asked()
        if len(self.asked) >= self.limit:
            return Asked(limited=True)
        self.asked.append((number, email, genuine))
        self.good, self.tries, self.old = (number, email), TRIES, False
        return Asked("123456")

    async def check(self, conversation: str, number: str, code: str) -> Tried:
        if self.old:
            return Tried(Verdict.EXPIRED)
        if self.tries == 0 or not self.asked:
            return Tried(Verdict.SPENT)
        self.tries -= 1
        if code == "123456" and self.asked[-1][2]:
            return Tried(Verdict.RIGHT)
        return Tried(Verdict.WRONG if self.tries else Verdict.SPENT, self.tries)

    async def note(self, conversation: str, number: str, event: str) -> None:
        self.noted.append(event)


class FakeLinks:
    """Words that are counted, and what each of them opens."""

    def __init__(self) -> None:
        self.made: list[Paper] = []

    async def make(self, paper: Paper) -> str:
        self.made.append(paper)
        return f"word-{len(self.made)}"

    async def find(self, word: str) -> Paper | None:
        return self.made[int(word.removeprefix("word-")) - 1]


class FakeMailer:
    """Keeps what it is given to send; `broken` refuses everything."""

    def __init__(self, broken: ConnectorError | None = None) -> None:
        self.sent: list[Mail] = []
        self.broken = broken

    async def send(self, mail: Mail) -> None:
        if self.broken:
            raise self.broken
        self.sent.append(mail)


class FakeKb:
    """Answers every question alike; `passage` may be None or an error to raise."""

    def __init__(self, passage: Passage | Exception | None = None) -> None:
        self.passage = passage
        self.asked: list[str] = []
        self.orders: list[str] = []

    async def __call__(self, question: str, order: LookUp) -> Passage | None:
        self.asked.append(question)
        self.orders.append(await order())
        if isinstance(self.passage, Exception):
            raise self.passage
        return self.passage


def passage(score: float = 0.97) -> Passage:
    source = {"article": "return_window", "section": "Returns", "version": "3", "score": score}
    return Passage("Within 30 days.\n\nSource: Return window", (source,))


def a_desk(orders: FakeOrders | None = None, kb: FakeKb | None = None) -> Desk:
    return Desk(orders or FakeOrders(), kb or FakeKb(passage()), lambda: TODAY)


# Events, as Rasa sends them.


def user(text: str, intent: str = "inform", **entities: str) -> Event:
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    return {
        "event": "user",
        "text": text,
        "parse_data": {"text": text, "intent": {"name": intent}, "entities": found},
    }


def bot(
    text: str, buttons: Sequence[Mapping[str, object]] = (), custom: Mapping[str, Any] | None = None
) -> Event:
    return {"event": "bot", "text": text, "data": {"buttons": list(buttons), "custom": custom}}


def action(name: str) -> Event:
    return {"event": "action", "name": name}


def slot(name: str, value: Any) -> Event:
    return {"event": "slot", "name": name, "value": value}


def form(name: str | None) -> Event:
    return {"event": "active_loop", "name": name}


def rejected(name: str) -> Event:
    return {"event": "action_execution_rejected", "name": name}


LISTEN = action("action_listen")


def asking(topic: str, requested: str, *before: Event) -> list[Event]:
    """A form that has asked for a slot and waits."""
    name = f"{topic}_form"
    start = [user("…", topic), form(name), action(name)]
    return [*start, *before, slot("requested_slot", requested), LISTEN]


def two_wishes(first: str, second: str, intent: str, wish: str) -> Event:
    """A message with two wishes, as the engine reads it: the second as an entity over its words."""
    event = user(f"{first} {second}", intent)
    span = {"start": len(first) + 1, "end": len(first) + 1 + len(second)}
    event["parse_data"]["entities"] = [{"entity": "second_wish", "value": wish, **span}]
    for match in re.finditer(r"\d{5}", event["text"]):
        number = {"entity": "order_number", "value": match[0], "start": match.start(), "end": match.end()}
        event["parse_data"]["entities"].append(number)
    return event


def tracker(
    *events: Event,
    phone: str | None = ANA,
    frustration: float = 0.0,
    ranking: Sequence[Event] = (),
    close: Sequence[str] = (),
) -> Tracker:
    """The tracker after these events; the last message is the latest user event."""
    slots: dict[str, Any] = {}
    loop: str | None = None
    for event in events:
        if event["event"] == "slot":
            slots[event["name"]] = event["value"]
        if event["event"] == "active_loop":
            loop = event["name"]
    last = next(event for event in reversed(events) if event["event"] == "user")
    latest = {
        **last["parse_data"],
        "metadata": {"phone": phone, "channel": "whatsapp"},
        "frustration": {"score": frustration},
        "intent_ranking": list(ranking),
        "close_intents": list(close),
    }
    return Tracker("c1", slots, latest, list(events), False, None, {"name": loop} if loop else {}, None)


@dataclass(frozen=True)
class Outcome:
    """What an action said and which events it returned."""

    messages: list[Event]
    events: list[Event]

    @property
    def text(self) -> str:
        return "\n".join(message["text"] for message in self.messages if message["text"])

    @property
    def buttons(self) -> list[Event]:
        return list(itertools.chain.from_iterable(message["buttons"] for message in self.messages))

    @property
    def titles(self) -> list[str]:
        return [button["title"] for button in self.buttons]

    @property
    def handoff(self) -> Event | None:
        found = (message["custom"].get("handoff") for message in self.messages if message["custom"])
        return next((each for each in found if each), None)

    @property
    def file(self) -> Event | None:
        found = (message["custom"].get("file") for message in self.messages if message["custom"])
        return next((each for each in found if each), None)

    @property
    def paused(self) -> bool:
        return any(event["event"] == "pause" for event in self.events)

    @property
    def rejected(self) -> bool:
        return any(event["event"] == "action_execution_rejected" for event in self.events)

    @property
    def followup(self) -> str | None:
        return next((event["name"] for event in self.events if event["event"] == "followup"), None)

    @property
    def slots(self) -> dict[str, Any]:
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}


async def run(chosen: DeskAction, at: Tracker) -> Outcome:
    dispatcher = CollectingDispatcher()
    events = await chosen.run(dispatcher, at, {})
    return Outcome(dispatcher.messages, list(events))


LIST = bot(
    "Which order?",
    [
        {
            "title": "Order 10237",
            "payload": '/inform{"order_number": "10237"}',
            "description": "Desk lamp · processing",
        },
        {
            "title": "Order 10234",
            "payload": '/inform{"order_number": "10234"}',
            "description": "out for delivery",
        },
    ],
)
ASKED = asking("order_status", "order_number", LIST)
CONFIRM = asking("cancel_order", "confirmed", slot("order_number", "10237"))


def starting(topic: str, text: str, *before: Event, **entities: str) -> list[Event]:
    """A customer's message that opens the topic's form, after `before`; `entities` are read from it."""
    extracted = [slot(name, value) for name, value in entities.items()]
    return [*before, user(text, topic, **entities), *extracted, form(f"{topic}_form")]
