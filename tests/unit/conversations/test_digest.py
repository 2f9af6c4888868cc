"""The hand-back digest: promises, deeds, open questions, and what the agent's words were about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from conversations.handback import digest, words
from conversations.handback.digest import Digest, Handled
from conversations.rows import Entry

AT = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)


def said(author: str, text: str, **body: Any) -> Entry:
    return Entry(1, AT, "message", author, text, body)


def control(to: str) -> Entry:
    return Entry(1, AT, "control", "agent", "", {"to": to})


@pytest.mark.parametrize(
    "text",
    [
        "I'll refund the 39.90 to your card.",
        "We will send a new kettle.",
        "You’ll get it by Friday.",
        "You should receive an e-mail today.",
        "It will be delivered tomorrow.",
        "We refund you within five working days after it arrives.",
        "I am looking into it and will be back with you in a few minutes.",
        "The label is on its way to you.",
    ],
)
def test_promises_are_found(text: str) -> None:
    """What an agent says will happen is a promise."""
    assert words.promises(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hello Ana, this is Mia. How can I help you?",
        "Will you be at home tomorrow?",
        "Your order is out for delivery.",
        "I have cancelled the order.",
        "Thank you for waiting.",
    ],
)
def test_other_lines_are_no_promises(text: str) -> None:
    """Greetings, questions, states and deeds promise nothing."""
    assert words.promises(text) == []


def test_deeds_are_found() -> None:
    """What an agent has done is told as done."""
    text = "I've cancelled order 10237. Your address has been changed. Shall I open a return?"
    assert words.deeds(text) == ["I've cancelled order 10237.", "Your address has been changed."]


def test_digest_of_a_spell() -> None:
    """Only the last spell counts, with the wish that came right before it."""
    told = digest.write(
        [
            said("customer", "where is my parcel?"),
            control("agent"),
            said("agent", "I'll look for it.", by="Leo"),
            control("bot"),
            said("customer", "when will my refund come?"),
            said("customer", "I want to talk to a person"),
            control("agent"),
            said("agent", "I'll refund you by Friday. I have cancelled it.", by="Mia"),
            said("customer", "thanks! my order is 10235, mail ana@example.com"),
            said("customer", "and can I have the invoice?"),
        ],
        ["Order 10235: the status is now cancelled."],
    )
    assert told == Digest(
        by="Mia",
        promised=("I'll refund you by Friday.",),
        changed=("I have cancelled it.", "Order 10235: the status is now cancelled."),
        open=("and can I have the invoice?",),
        handled=(Handled("when will my refund come?", "I'll refund you by Friday. I have cancelled it."),),
        order_number="10235",
        email="ana@example.com",
    )
    assert Digest.from_json(told.to_json()) == told


def test_nothing_said_leaves_nothing() -> None:
    """A spell without a word has an empty digest, and a note that only says who answers now."""
    told = digest.write([control("agent")])
    assert told == Digest()
    assert digest.note(told, "Mia returned it") == "Mia returned it. The bot answers from here on."


def test_each_question_has_its_own_answer() -> None:
    """The agent's lines after a question are its answer; a later question's are not."""
    told = digest.write(
        [
            control("agent"),
            said("customer", "is the blue one back?"),
            said("agent", "No."),
            said("agent", "In spring."),
            said("customer", "what does it cost then?"),
            said("agent", "39.90"),
        ]
    )
    assert told.handled == (
        Handled("is the blue one back?", "No. In spring."),
        Handled("what does it cost then?", "39.90"),
    )
    assert told.open == ()


def test_a_greeting_answers_nothing() -> None:
    """Only what the agent said on it counts as the answer."""
    hello = said("agent", "Hello Ana, this is Mia. How can I help you?")
    spell = [said("customer", "where is my parcel?"), control("agent"), hello]
    assert digest.write(spell).handled == ()
    told = digest.write([*spell, said("agent", "It is lost.")])
    assert told.handled == (Handled("where is my parcel?", "It is lost."),)


def test_what_the_bot_had_answered() -> None:
    """It counts as the agent's only where the agent said something since, more than that they will look."""
    before = [
        said("customer", "where is my refund?"),
        said("bot", "No refund is on its way."),
        said("customer", "I want a person"),
        said("bot", "I'm connecting you…"),
        control("agent"),
    ]
    assert digest.write([*before, said("agent", "Hello, I'll look into it.")]).handled == ()
    told = digest.write([*before, said("agent", "Hello Ana, I'll refund it by Friday.")])
    assert told.handled == (Handled("where is my refund?", "Hello Ana, I'll refund it by Friday."),)


def test_who_asked_the_bot_and_then_a_person() -> None:
    """What the agent found has the last word on the newest question, whether it promises anything or not."""
    before = [
        said("customer", "can I pay by card?"),
        said("bot", "Yes."),
        said("customer", "where is my order 10234?"),
        said("bot", "It is out for delivery."),
        said("customer", "I want a person"),
        control("agent"),
        said("agent", "One moment please, I am looking into it."),
        said("customer", "ok"),
    ]
    assert digest.write(before).handled == ()
    stuck = "Thank you for waiting, your parcel is stuck at customs in Lisbon."
    told = digest.write([*before, said("agent", stuck)])
    assert told.handled == (Handled("where is my order 10234?", stuck),)


def test_what_the_bot_was_doing_may_go_on() -> None:
    """A wish that was no question is not answered by whatever the agent says."""
    before = [
        said("customer", "I want to return the case"),
        said("bot", "Why?"),
        said("customer", "a person"),
    ]
    spell = [control("agent"), said("agent", "Please go on with the return here.")]
    assert digest.write([*before, *spell]).handled == ()


@pytest.mark.parametrize(
    "text",
    [
        "please also cancel order 10237",
        "the parcel still has not come",
        "No, that is not right. I want my money back.",
        "cade meu reembolso",
    ],
)
def test_wishes_are_left_open_like_questions(text: str) -> None:
    """What the customer wrote after the agent's answer waits for somebody, in whatever form."""
    spell = [control("agent"), said("agent", "Your refund was sent today."), said("customer", text)]
    assert digest.write(spell).open == (text,)
    assert digest.waits(spell)
    assert not digest.waits([*spell, said("agent", "It is on its way.")])
    assert digest.waits([*spell, said("agent", "One moment, let me check.")])


@pytest.mark.parametrize(
    "text", ["thanks!", "Ok 👍🏽", "Thank you so much for your help", "obrigada", "Danke!"]
)
def test_thanks_wait_for_nothing(text: str) -> None:
    """They end the conversation, except where the agent has asked something."""
    spell = [control("agent"), said("agent", "Your refund was sent today."), said("customer", text)]
    assert not digest.waits(spell)
    assert digest.write(spell).open == ()
    asked = [control("agent"), said("agent", "Shall I cancel it?"), said("customer", text)]
    assert digest.waits(asked)


def test_a_photo_waits_for_the_agent_who_asked_for_it() -> None:
    """So does an order's number; neither is told as an open question."""
    spell = [control("agent"), said("agent", "Please send a photo of it."), said("customer", "ok")]
    assert not digest.waits(spell)
    for answer in (said("customer", "[image]", kind="image"), said("customer", "10235")):
        assert digest.waits([*spell, answer])
        assert digest.write([*spell, answer]).open == ()
    assert not digest.waits([*spell, said("customer", "👍", kind="reaction")])


def test_held_words_are_the_agents_and_failed_ones_nobodys() -> None:
    """What waits for the customer to write is part of the digest; what failed is not."""
    spell = [control("agent"), said("customer", "when will my refund come?")]
    held = replace(said("agent", "It comes on Friday."), unsent=True, held=True)
    told = digest.write([*spell, held])
    assert told.handled == (Handled("when will my refund come?", "It comes on Friday."),)
    assert told.open == ()
    failed = digest.write([*spell, replace(held, held=False)])
    assert (failed.handled, failed.open) == ((), ("when will my refund come?",))


@pytest.mark.parametrize(
    "text", ["yes, tell me", "Hi", "ok 👍", "what is it?", "sí, dime", "please go ahead"]
)
def test_a_nod_asks_for_nothing_but_the_reply(text: str) -> None:
    """The customer lets us go on."""
    assert words.is_nod(text)


@pytest.mark.parametrize("text", ["where is my order 10234?", "cade meu reembolso", "cancel it", "help", "…"])
def test_anything_else_is_no_nod(text: str) -> None:
    """It has words of its own."""
    assert not words.is_nod(text)


def test_orders_then_and_now() -> None:
    """A fact that changed is told; one that is unknown, then or now, is not guessed."""
    before = {"10237": {"the status": "processing", "the address": "Elm Street 1"}}
    now = {
        "10237": {"the status": "cancelled", "the address": "Elm Street 1", "refund 1": "39.90 USD by card"}
    }
    assert digest.differences(before, now) == [
        "Order 10237: the status is now cancelled.",
        "Order 10237: refund 1 is now 39.90 USD by card.",
    ]
    assert digest.differences(None, now) == []


def test_agent_corrects_it() -> None:
    """What the agent wrote takes the place of what was found; empty lines are dropped."""
    found = Digest(promised=("I'll see.",), open=("and the invoice?",))
    mended = found.corrected(promised=["Refund  by Friday", " "], open=[])
    assert mended == Digest(promised=("Refund by Friday",))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("my order is 10234", "10234"),
        ("order number: 10234", "10234"),
        ("#10234", "10234"),
        ("10234", "10234"),
        ("orders #10234 and #10235", None),
        ("I live at 12345 Berlin", None),
    ],
)
def test_order_numbers_stand_with_the_word(text: str, number: str | None) -> None:
    """A number counts as an order's only where the customer says so."""
    assert words.order_number(text.replace("number:", "number")) == number


def test_promise_is_told_without_the_greeting_before_it() -> None:
    """Repeated later, "Hello Ana" would stand in the middle of the bot's words."""
    promise = "I will call the carrier."
    for greeting in ("Hello Ana, ", "Hi Ana Maria, ", "Good morning Ben, ", "Dear Mr Okafor, "):
        assert words.promises(greeting + promise) == [promise]
    assert words.promises("Hello, I am Mia. We will write.") == ["We will write."]
    assert words.promises("Hi Will will call you by noon.") == ["Hi Will will call you by noon."]


def test_digest_is_about_the_order_the_bot_was_asked_about() -> None:
    """Unless the customer has named another to the agent."""
    assert digest.Digest().about({"order_number": "10301"}).order_number == "10301"
    assert digest.Digest(order_number="10234").about({"order_number": "10301"}).order_number == "10234"
    assert digest.Digest().about({}).order_number == ""
