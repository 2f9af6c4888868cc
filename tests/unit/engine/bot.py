"""A tiny bot, trained once, its action server and its stores: the engine without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.lock_store import InMemoryLockStore
from rasa.model_training import train
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from engine.tracker_store import PostgresTrackerStore

DOMAIN = """
version: "3.1"
intents: [greet, order_status, human_agent, loop]
entities: [order_number]
slots:
  order_number:
    type: text
    influence_conversation: false
    mappings: [{type: from_entity, entity: order_number}]
responses:
  utter_greet: [{text: "Hello!", buttons: [{title: Track, payload: /order_status}]}]
  utter_again: [{text: "Again."}]
actions: [action_status]
"""

NLU = """
version: "3.1"
nlu:
- {intent: greet, examples: "- hello\\n- hi"}
- {intent: order_status, examples: "- where\\n- status"}
- {intent: human_agent, examples: "- person\\n- agent"}
- {intent: loop, examples: "- loop\\n- loops"}
"""

RULES = """
version: "3.1"
rules:
- {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
- {rule: status, steps: [{intent: order_status}, {action: action_status}]}
- {rule: again, steps: [{intent: human_agent}, {action: utter_again}]}
- {rule: loop, wait_for_user_input: false, steps: [{intent: loop}, {action: utter_again}]}
"""

CONFIG = """
recipe: default.v1
assistant_id: tiny
language: en
pipeline: [{name: KeywordIntentClassifier}]
policies: [{name: RulePolicy, core_fallback_threshold: 0.1, core_fallback_action_name: utter_again}]
"""


def train_bot(folder: Path, **changes: Callable[[str], str]) -> Path:
    """Train the tiny bot into `folder`, with changes to its files by their names; the model archive."""
    for name, text in {"domain": DOMAIN, "nlu": NLU, "rules": RULES, "config": CONFIG}.items():
        (folder / f"{name}.yml").write_text(changes.get(name, str)(text))
    data = [str(folder / "nlu.yml"), str(folder / "rules.yml")]
    result = train(str(folder / "domain.yml"), str(folder / "config.yml"), data, output=str(folder))
    assert result.model
    return Path(result.model)


class FakeActions(EndpointConfig):
    """An action server: `reply` makes its answer, or raises."""

    def __init__(self, reply: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        super().__init__("http://actions.invalid/webhook")
        self.calls: list[dict[str, Any]] = []
        self._reply = reply

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append(kwargs["json"])
        await asyncio.sleep(0)
        return self._reply(kwargs["json"])


def says(text: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """An action that says `text`."""
    return lambda call: {"events": [], "responses": [{"text": text}]}


def fails(call: dict[str, Any]) -> dict[str, Any]:
    """An action that raises inside the action server."""
    raise ClientResponseError(500, "Internal Server Error", "boom")


def agent_with(model: Path, database: Path, actions: EndpointConfig) -> Agent:
    """The bot's agent, with our tracker store on a file."""
    store = PostgresTrackerStore(url=f"sqlite:///{database}")
    return Agent.load(model, tracker_store=store, lock_store=InMemoryLockStore(), action_endpoint=actions)
