"""The policy over real trackers, beside RulePolicy, in a bot trained for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from engine import turn
from engine.escalation import rules, tracked
from engine.escalation.likeness import InvalidExamples
from engine.escalation.likeness_reader import LikenessReader
from tests.unit.engine.bot import FakeActions, agent_with, train_bot

PIPELINE = "pipeline: [{name: KeywordIntentClassifier}"
MORE = "action_escalate, action_offer_person, action_go_on, action_order_value, action_human_agent"


def train(folder: Path) -> Path:
    """The tiny bot with our tagger and policy, and a form."""
    return train_bot(
        folder,
        config=lambda text: text.replace(
            PIPELINE, f"{PIPELINE}, {{name: engine.escalation.tagger.EscalationTagger}}"
        ).replace("policies: [", "policies: [{name: engine.policies.escalation.EscalationPolicy}, "),
        nlu=lambda text: text + NLU_MORE,
        domain=_with_form,
        rules=lambda text: text + RULES_MORE,
    )


FORM = "forms: {ask_form: {required_slots: [order_number]}}"
SLOTS = """slots:
  escalation: {type: any, influence_conversation: false, mappings: [{type: custom}]}
  dropped: {type: any, influence_conversation: false, mappings: [{type: custom}]}"""
NLU_MORE = """- {intent: ask, examples: "- ask\\n- asks"}
"""
RULES_MORE = """
- {rule: form, steps: [{intent: ask}, {action: ask_form}, {active_loop: ask_form}]}
"""


def _with_form(text: str) -> str:
    text = text.replace("action_status]", f"action_status, {MORE}, validate_ask_form]")
    return text.replace("loop]", "loop, ask]", 1).replace("slots:", SLOTS, 1) + FORM


class Desk:
    """An action server that does as ours does, in as few words."""

    def __call__(self, call: dict[str, Any]) -> dict[str, Any]:
        name, step = call["next_action"], call["tracker"]["slots"].get("escalation") or {}
        told = {key: step.get(key) for key in ("reason", "priority", "evidence")}
        if name in ("action_escalate", "action_human_agent"):
            events = [{"event": "active_loop", "name": None}, {"event": "pause"}]
            return {
                "events": events,
                "responses": [{"text": "A person comes."}, {"custom": {"handoff": told}}],
            }
        if name == "action_offer_person":
            return {"events": [], "responses": [{"text": "A colleague?"}, {"custom": {"offer": told}}]}
        if name == "validate_ask_form":
            return {
                "events": [{"event": "slot", "name": "requested_slot", "value": "order_number"}],
                "responses": [{"text": "Which order?"}],
            }
        return {"events": [], "responses": [{"text": name}]}


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("escalating"))


@pytest.fixture
def agent(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agent:
    """The bot, which hears rage in three marks."""
    read = turn.TurnProcessor.parse_message

    async def hears(self: turn.TurnProcessor, message: Any, *given: Any) -> dict[str, Any]:
        score = 0.9 if "!!!" in str(message.text) else 0.1
        return {**await read(self, message, *given), "frustration": {"score": score}}

    monkeypatch.setattr(turn.TurnProcessor, "parse_message", hears)
    return agent_with(model, tmp_path / "rasa.db", FakeActions(Desk()))


class Talk:
    """One conversation."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.messages = 0

    async def say(self, text: str, **more: Any) -> dict[str, Any]:
        self.messages += 1
        return await turn.run(self.agent, turn.Question("ana", f"m{self.messages}", text, {}, **more))


def texts(answer: dict[str, Any]) -> list[str]:
    return [message["text"] for message in answer["messages"] if "text" in message]


async def test_a_grave_word_comes_before_the_rules(agent: Agent) -> None:
    """The policy wins over the rule of the intent, and the answer tells the decision."""
    answer = await Talk(agent).say("hello, this is fraud")
    assert texts(answer) == ["A person comes."]
    assert (answer["action"], answer["policy"]) == ("action_escalate", "EscalationPolicy")
    assert answer["escalation"] == {
        "act": "handoff",
        "reason": "grave",
        "priority": "urgent",
        "evidence": "“fraud”",
    }


async def test_it_says_nothing_where_nothing_is_wrong(agent: Agent) -> None:
    """An ordinary message is answered by its rule."""
    answer = await Talk(agent).say("hello")
    assert (texts(answer), answer["escalation"], answer["policy"]) == (["Hello!"], None, "RulePolicy")


async def test_a_person_is_called_in_the_middle_of_a_form(agent: Agent) -> None:
    """An open form does not get the message, and is over."""
    talk = Talk(agent)
    assert texts(await talk.say("ask")) == ["Which order?"]
    answer = await talk.say("get me a human")
    assert (texts(answer), answer["action"]) == (["A person comes."], "action_human_agent")
    assert answer["escalation"]["reason"] == "asked_for_person"
    assert (await talk.say("hello"))["messages"] == []


async def test_anger_is_answered_first_and_a_yes_brings_the_colleague(agent: Agent) -> None:
    """The rule's answer, then the offer; the yes calls for the offer's reason."""
    talk = Talk(agent)
    answer = await talk.say("where!!!")
    assert texts(answer) == ["action_status", "A colleague?"]
    assert answer["escalation"]["act"] == "offer"
    assert answer["escalation"]["reason"] == "order_problem"
    answer = await talk.say("yes please")
    assert answer["escalation"]["act"] == "handoff"
    assert answer["escalation"]["reason"] == "order_problem"


async def test_a_no_goes_on_with_the_form_and_nothing_is_offered_again(agent: Agent) -> None:
    """After the no the open form asks again; the next rage is answered without an offer."""
    talk = Talk(agent)
    assert texts(await talk.say("ask!!!")) == ["Which order?", "A colleague?"]
    answer = await talk.say("no")
    assert texts(answer) == ["action_go_on", "Which order?"]
    assert texts(await talk.say("hello!!!")) == ["Hello!", "Which order?"]


async def test_the_offer_is_remembered_beyond_the_turns_at_hand(agent: Agent) -> None:
    """A no is respected also when its turn has left the tracker's window."""
    talk = Talk(agent)
    await talk.say("hello!!!")
    await talk.say("no")
    for _ in range(8):
        await talk.say("hello")
    assert texts(await talk.say("hello!!!")) == ["Hello!"]


async def test_a_tapped_choice_is_no_word_of_the_customers(agent: Agent) -> None:
    """The title of a choice sets nothing off."""
    answer = await Talk(agent).say("I want a refund", payload="/greet")
    assert (texts(answer), answer["escalation"]) == (["Hello!"], None)


async def test_a_problem_is_answered_and_then_weighed(agent: Agent) -> None:
    """The action about the order's value follows the answer, with the limit; then the customer is next."""
    talk = Talk(agent)
    await talk.say("x", payload='/order_status{"order_number": "1"}')
    answer = await talk.say("where, it is broken")
    assert texts(answer) == ["action_status", "action_order_value"]
    assert answer["slots"]["escalation"]["over"] == 500.0
    assert texts(await talk.say("hello")) == ["Hello!"]


def test_a_turn_holds_what_its_message_names() -> None:
    """Order numbers and goods, as the entities tell them."""
    named = [{"entity": "order_number", "value": "10234"}, {"entity": "product", "value": "lamp"}]
    tracker = DialogueStateTracker("ana", [])
    tracker.update(UserUttered("the lamp of 10234", {"name": "order_status"}, named))
    talk = tracked.conversation(rules.read(Path(rules.FILE).read_text(encoding="utf-8")), tracker)
    assert talk
    assert (talk.now.numbers, talk.now.goods) == ({"10234"}, {"lamp"})


async def test_what_was_found_is_shown_by_parse(agent: Agent) -> None:
    """/model/parse tells the signals of a message."""
    parsed = await agent.parse_message("I want a refund")
    assert parsed["escalation"] == [
        {"trigger": "refund_demanded", "evidence": "“want a refund”", "by_words": True}
    ]


def test_examples_that_are_not_there_are_missed_by_name(tmp_path: Path) -> None:
    """The first thing that training does is to look at the file."""
    with pytest.raises(InvalidExamples, match=r"gone\.yml cannot be read"):
        LikenessReader.fingerprint_addon({"examples": str(tmp_path / "gone.yml")})
