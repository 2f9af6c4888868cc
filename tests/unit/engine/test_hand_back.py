"""What an agent left to the bot: when a message is about it, and the policy over a real tracker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent

from engine import hand_back, turn
from engine.hand_back import Asks
from tests.unit.engine.bot import FakeActions, agent_with, train_bot

LEFT = {
    "by": "Mia",
    "promised": ["I'll refund you by Friday."],
    "handled": [{"asked": "where is it?", "answered": "It was lost. I'll refund you by Friday."}],
}


@pytest.fixture(scope="module")
def asks() -> Asks:
    return hand_back.read(Path(hand_back.FILE).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "what did your colleague promise?",
        "what did the agent say",
        "What did Mia tell me again?",
        "your colleage promised me a refund",
        "what was agreed with the lady?",
        "you promised me a refund by friday",
        "what exactly was promised",
    ],
)
def test_questions_about_the_colleague_are_heard(asks: Asks, text: str) -> None:
    """However it is put, with a slip or by name, it asks for the colleague's words."""
    assert asks.matches(text, "Mia")


CARRIER = {**LEFT, "promised": ["I will call the carrier and answer you by tomorrow noon."], "handled": []}


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("did you call the carrier?", CARRIER["promised"][0]),
        ("have you called the carrier yet", CARRIER["promised"][0]),
        ("hi, when will you answer me?", CARRIER["promised"][0]),
        ("any news?", ""),
        ("alguna novedad?", ""),
        ("did you change my address?", None),
        ("did you call the carrier about 10299?", None),
        ("can you call me?", None),
        ("is it here?", None),
        ("thanks", None),
    ],
)
def test_what_was_promised_is_asked_for_in_its_own_words(asks: Asks, text: str, answered: str | None) -> None:
    """A question all of whose matter stands in a promise gets that; who asks for news gets all of them."""
    numbers = frozenset(hand_back.NUMBER.findall(text))
    recalled = asks.recalls(CARRIER, text, numbers)
    assert recalled == (None if answered is None else {"answered": answered} if answered else {})
    assert asks.recalls({**CARRIER, "promised": []}, "any news?", frozenset()) is None


@pytest.mark.parametrize(
    "text",
    [
        "where is my order 10234?",
        "can I talk to your colleague",
        "what is your return policy",
        "mia is my daughter, the shoes are for her",
        "thank you",
        "I want to speak to an agent",
    ],
)
def test_other_messages_are_not(asks: Asks, text: str) -> None:
    """A wish of its own is none of the colleague's words."""
    assert not asks.matches(text, "Mia")


@pytest.mark.parametrize(
    ("text", "intent", "numbers", "again"),
    [
        ("any news about my refund", "refund_status", set(), True),
        ("where is the refund for 10235", "refund_status", {"10235"}, True),
        ("where is the refund for 10301", "refund_status", {"10301"}, False),
        ("where is my order", "order_status", set(), False),
        ("I have changed my mind, cancel it", "cancel_order", set(), False),
        ("please cancel my order 10237 now", "cancel_order", set(), True),
    ],
)
def test_the_same_question(text: str, intent: str, numbers: set[str], again: bool) -> None:
    """The same matter in other words is the same question; another order, or another wish, is not."""
    handled = [
        {"asked": "when comes my refund?", "answered": "Friday.", "intent": "refund_status", "numbers": []},
        {
            "asked": "please cancel my order 10237",
            "answered": "Too late.",
            "intent": "cancel_order",
            "numbers": ["10237"],
        },
    ]
    left = {"handled": handled, "order_number": "10235"}
    assert bool(hand_back.asked_again(left, text, intent, frozenset(numbers))) is again


SPELL = {
    "handled": [{"asked": "please help me", "answered": "I've cancelled order 10237.", "numbers": []}],
    "promised": ["The money is back within 5 days.", "Your jacket will arrive on Monday."],
    "changed": ["I have changed the address.", "Order 10301: refund 1 is now 9.00 USD."],
    "open": ["do I have to send the old one back?"],
}


@pytest.mark.parametrize(
    ("text", "intent", "numbers", "answered"),
    [
        ("when do I get the money back?", "refund_request", set(), "The money is back within 5 days."),
        ("did you cancel it?", "nlu_fallback", set(), "I've cancelled order 10237."),
        ("cancel my order", "cancel_order", {"10237"}, "I've cancelled order 10237."),
        ("cancel my order", "cancel_order", {"10235"}, None),
        ("cancel the other order", "cancel_order", set(), None),
        ("did you change my address?", "change_address", set(), "I have changed the address."),
        ("when will my jacket arrive?", "delivery_info", set(), "Your jacket will arrive on Monday."),
        ("how long does standard delivery take?", "delivery_info", set(), None),
        ("I want to return it", "start_return", set(), None),
    ],
)
def test_what_the_agent_settled(
    asks: Asks, text: str, intent: str, numbers: set[str], answered: str | None
) -> None:
    """Any question about it gets the agent's words; another order, or another matter, does not."""
    found = asks.settled(SPELL, text, intent, frozenset(numbers))
    assert found == (answered and {"answered": answered})


def test_where_the_parcel_is_was_found_out(asks: Asks) -> None:
    """Whatever the customer had asked right before; the parcel of another order is the bot's to tell."""
    answer = "I checked with DHL: your parcel is stuck at the depot."
    left = {"order_number": "10234", "handled": [{"asked": "call me, after 10", "answered": answer}]}
    again = "where is my order 10234?"
    assert asks.settled(left, again, "order_status", frozenset({"10234"})) == {"answered": answer}
    assert asks.settled(left, "and 10237?", "order_status", frozenset({"10237"})) is None


def test_a_question_that_is_still_open() -> None:
    """Asked again, it has no answer, and the bot gives none of its own."""
    found = hand_back.asked_again(
        SPELL, "so do I have to send the old one back", "return_policy", frozenset()
    )
    assert found == {"asked": SPELL["open"][0], "answered": ""}


def test_a_question_in_a_language_that_the_bot_does_not_know() -> None:
    """The same order, or the same words, show that it is the same question."""
    handled = {
        "asked": "reembolso del 10236",
        "answered": "El viernes.",
        "intent": None,
        "numbers": ["10236"],
    }
    left = {"handled": [handled]}
    assert hand_back.asked_again(left, "where is my refund for 10236", "refund_status", frozenset({"10236"}))
    assert hand_back.asked_again(left, "el reembolso del 10236?", "inform", frozenset())
    assert not hand_back.asked_again(left, "where is my order", "order_status", frozenset())


@pytest.mark.parametrize("text", ["asks: [what]", "- no", "asks: [what]\ntypos: {words: [a]}", "{"])
def test_a_broken_file_is_named(text: str) -> None:
    """Training stops with the file's name."""
    with pytest.raises(hand_back.InvalidHandBack, match=r"hand_back\.yml"):
        hand_back.read(text)


# --- in a bot --------------------------------------------------------------------------------------


SLOT = "slots:\n  hand_back: {type: any, influence_conversation: false, mappings: [{type: custom}]}"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    policy = "policies: [{name: engine.policies.hand_back.HandBackPolicy}, "
    return train_bot(
        tmp_path_factory.mktemp("handed_back"),
        config=lambda text: text.replace("policies: [", policy),
        domain=lambda text: text.replace("slots:", SLOT, 1).replace(
            "action_status]", "action_status, action_hand_back]"
        ),
    )


def acts(call: dict[str, Any]) -> dict[str, Any]:
    """Says the action's name, and what the colleague's words are wanted for."""
    about = (call["tracker"]["slots"].get("hand_back") or {}).get("about")
    return {"events": [], "responses": [{"text": f"{call['next_action']} {about}"}]}


@pytest.fixture
def agent(model: Path, tmp_path: Path) -> Agent:
    return agent_with(model, tmp_path / "rasa.db", FakeActions(acts))


async def ask(agent: Agent, number: int, text: str, **more: Any) -> dict[str, Any]:
    return await turn.run(agent, turn.Question("ana", f"m{number}", text, {}, **more))


async def test_what_the_agent_answered_is_not_answered_anew(agent: Agent) -> None:
    """The same question, and one about the promise, get the colleague's words; the rest goes its way."""
    first = await ask(agent, 1, "where", known={"hand_back": LEFT}, new_session={})
    assert (first["action"], first["policy"]) == ("action_hand_back", "HandBackPolicy")
    assert "It was lost." in first["messages"][0]["text"]
    promised = await ask(agent, 2, "what did your colleague promise?", known={"hand_back": LEFT})
    assert promised["messages"][0]["text"] == "action_hand_back {}"
    assert (await ask(agent, 3, "hello"))["action"] == "utter_greet"


async def test_without_a_hand_back_nothing_is_different(agent: Agent) -> None:
    """Nobody has answered before: the rule of the intent does."""
    assert (await ask(agent, 1, "where"))["action"] == "action_status"
