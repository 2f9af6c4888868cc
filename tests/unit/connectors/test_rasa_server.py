from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.rasa_server import payload
from connectors.rasa_server.client import RasaServer
from conversations.errors import BotFailed
from conversations.messages import Answer, Choice, Content, File, HandoffRequest, Question

QUESTION = Question("conv-1", "wamid.A1", "where is 10234?", "whatsapp", "+15550100001", "Ana Silva")


class Engine:
    """An engine that keeps the requests and gives the next answer: a response, or an error to raise."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[httpx.Response | Exception] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def says(self, *messages: Any, **more: Any) -> None:
        self.answers.append(httpx.Response(200, json={"messages": list(messages), **more}))


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RasaServer]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(engine)) as http:
        yield RasaServer(http, "http://engine.test:5005/")


async def code_of_failure(bot: RasaServer) -> str | None:
    with pytest.raises(BotFailed) as raised:
        await bot.ask(QUESTION)
    return raised.value.code


async def test_the_question(bot: RasaServer, engine: Engine) -> None:
    """A question is one POST to the turn channel with who asks, what, and on which channel."""
    engine.says({"text": "Hi"})
    await bot.ask(QUESTION)
    (request,) = engine.requests
    assert (request.method, str(request.url)) == ("POST", "http://engine.test:5005/webhooks/turn/webhook")
    assert json.loads(request.content) == {
        "conversation_id": "conv-1",
        "message_id": "wamid.A1",
        "text": "where is 10234?",
        "metadata": {"phone": "+15550100001", "name": "Ana Silva", "channel": "whatsapp"},
    }


def test_a_tap_and_a_fresh_session() -> None:
    """A tapped choice and the slots of a fresh session travel in the metadata."""
    question = Question("c", "m", "Yes", "whatsapp", payload="/affirm", new_session={})
    metadata = payload.request(question)["metadata"]
    assert metadata["payload"] == "/affirm"
    assert metadata["new_session"] == {"slots": {}}


def test_tags_of_the_customer() -> None:
    """What the customer is known as travels in the metadata."""
    question = Question("c", "m", "Hi", "whatsapp", tags=("vip", "wholesale"))
    assert payload.request(question)["metadata"]["tags"] == ["vip", "wholesale"]


async def test_the_answer(bot: RasaServer, engine: Engine) -> None:
    """Texts, choices, sources and how the bot came to them are all read."""
    engine.says(
        {"text": "Which order?"},
        {
            "text": "Pick one",
            "buttons": [{"title": "10234", "payload": "/inform", "description": "on its way"}],
        },
        {"custom": {"sources": [{"article": "returns", "section": "Window", "version": "2", "score": 0.8}]}},
        intent="order_status",
        confidence=1,
        intent_ranking=[{"name": "order_status", "confidence": 1.0}],
        entities=[{"entity": "order_number", "value": "10234"}],
        frustration={"score": 0.25},
        slots={"order_number": "10234"},
        action="action_order_status",
        policy="RulePolicy",
        model_id="m1",
        repeated=False,
    )
    assert await bot.ask(QUESTION) == Answer(
        contents=(Content("Which order?"), Content("Pick one", (Choice("/inform", "10234", "on its way"),))),
        intent="order_status",
        confidence=1.0,
        intent_ranking=({"name": "order_status", "confidence": 1.0},),
        entities=({"entity": "order_number", "value": "10234"},),
        frustration=0.25,
        slots={"order_number": "10234"},
        action="action_order_status",
        policy="RulePolicy",
        model_id="m1",
        sources=({"article": "returns", "section": "Window", "version": "2", "score": 0.8},),
    )


@pytest.mark.parametrize(
    ("wish", "request_"),
    [
        ({"reason": "asked", "priority": "urgent"}, HandoffRequest("asked", "urgent")),
        ({"reason": "asked", "evidence": "“human”"}, HandoffRequest("asked", "normal", "“human”")),
        ({"reason": "asked", "priority": "asap"}, HandoffRequest("asked", "normal")),
        ({"reason": "asked", "priority": []}, HandoffRequest("asked", "normal")),
        (
            {"reason": "asked", "facts": {"Amount": "$129.00", "When": "last\nnight", "Order": None}},
            HandoffRequest("asked", facts=(("Amount", "$129.00"), ("When", "last night"))),
        ),
        ({"reason": "asked", "facts": ["Amount"]}, HandoffRequest("asked")),
        (
            {"reason": "asked", "facts": {f"Fact {n}": "x" * 999 for n in range(50)}},
            HandoffRequest("asked", facts=tuple((f"Fact {n}", "x" * 600) for n in range(12))),
        ),
        ({}, HandoffRequest("unspecified", "normal")),
        (True, HandoffRequest("unspecified", "normal")),
    ],
)
async def test_a_handoff(bot: RasaServer, engine: Engine, wish: Any, request_: HandoffRequest) -> None:
    """A wish for a person is read even without a word beside it, whatever shape it has."""
    engine.says({"custom": {"handoff": wish}})
    answer = await bot.ask(QUESTION)
    assert (answer.contents, answer.handoff) == ((), request_)


async def test_what_was_decided_about_a_person(bot: RasaServer, engine: Engine) -> None:
    """The engine's decision is passed on whole, for the log."""
    offer = {"act": "offer", "reason": "order_problem", "priority": "high", "evidence": "“late”"}
    engine.says({"text": "A colleague?"}, escalation=offer)
    assert (await bot.ask(QUESTION)).escalation == offer


async def test_files_beside_a_text(bot: RasaServer, engine: Engine) -> None:
    """A picture and a document go with their text; what type they are is told, or shown by the name."""
    paper = {"url": "https://x.test/papers/w", "name": "Invoice 1.pdf", "mime_type": "application/pdf"}
    engine.says(
        {"image": "https://x.test/a.png"},
        {"text": "See", "custom": {"file": paper}, "buttons": [{"title": "Yes"}]},
        {"text": "Odd", "custom": {"file": {"name": "no address"}}},
    )
    assert (await bot.ask(QUESTION)).contents == (
        Content("", file=File("https://x.test/a.png", "a.png", "image/png")),
        Content("See", (Choice("Yes", "Yes"),), file=File(paper["url"], paper["name"], paper["mime_type"])),
        Content("Odd"),
    )


async def test_buttons_without_payload(bot: RasaServer, engine: Engine) -> None:
    """A button without a payload says its title; one without a title is not shown."""
    engine.says({"text": "?", "buttons": [{"title": "Yes"}, {"payload": "/x"}, "odd"]})
    assert (await bot.ask(QUESTION)).contents[0].choices == (Choice("Yes", "Yes"),)


@pytest.mark.parametrize(
    "messages", [[], [{"text": " "}], [{"custom": {"other": 1}}], [{"custom": {"handoff": None}}], ["text"]]
)
async def test_nothing_said_is_a_failure(bot: RasaServer, engine: Engine, messages: list[Any]) -> None:
    """An answer that neither says anything nor asks for a person has failed."""
    engine.says(*messages)
    assert await code_of_failure(bot) == "empty"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(400, json={"error": "bad_request", "message": "No text."}), "bad_request"),
        (httpx.Response(409, json={"error": "busy", "message": "A turn is running."}), "busy"),
        (httpx.Response(500, json={"error": "turn_failed"}), "turn_failed"),
        (httpx.Response(503, json={"error": 5}), "503"),
        (httpx.Response(502, text="<html>"), "502"),
        (httpx.Response(204), "204"),
        (httpx.Response(200, text="<html>"), "bad_answer"),
        (httpx.Response(200, json=[]), "bad_answer"),
        (httpx.Response(200, json={"messages": "hi"}), "bad_answer"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ConnectError("refused"), "unreachable"),
        (httpx.RemoteProtocolError("hung up"), "unreachable"),
    ],
)
async def test_failures(
    bot: RasaServer, engine: Engine, answer: httpx.Response | Exception, code: str
) -> None:
    """Every way of not answering is one error with a code that says which."""
    engine.answers = [answer]
    assert await code_of_failure(bot) == code


async def test_readiness(bot: RasaServer, engine: Engine) -> None:
    """An engine with a model is ready; one without says why it is not."""
    engine.answers = [
        httpx.Response(200, json={"status": "ok"}),
        httpx.Response(503, json={"error": "no_model", "message": "No model is loaded."}),
        httpx.ConnectError("refused"),
    ]
    await bot.ready()
    with pytest.raises(BotFailed, match=r"No model is loaded\."):
        await bot.ready()
    with pytest.raises(BotFailed, match="cannot be reached"):
        await bot.ready()
    assert {str(request.url) for request in engine.requests} == {"http://engine.test:5005/webhooks/turn/"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["messages", "text", "buttons", "custom", "handoff", "title"]), inner
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["messages", "intent", "slots", "frustration", "entities"]), JSON))
def test_any_answer_is_survived(data: dict[str, Any]) -> None:
    """Whatever shape an answer has, it is read or has failed."""
    try:
        payload.answer(data)
    except BotFailed:
        return
