"""The persona changes how things are said, and nothing else."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from conversations.messages import Answer, Choice, Content, File, HandoffRequest, Question
from conversations.persona import FILE, Persona, PersonaUnreadable, Voiced, load

ROOT = Path(__file__).parents[3]
EVERY = [
    Persona(name=name, tone=tone, emoji=emoji)
    for name, tone, emoji in itertools.product(
        ("Parley", r"A\1da"), ("friendly", "formal", "brief"), ("none", "few", "some")
    )
]
STATUS = Content(
    "Order 10234 (Desk Lamp) is out for delivery. 🚚\nIt's due on 4 May, I can't say when. $39.90\n"
    "Track it: https://dhl.example/t?x=I'm",
    (Choice("/human_agent", "Talk to a person! 👋"),),
    file=File("https://shop.example/1.pdf", "I'm.pdf", "application/pdf"),
)
GREETING = Content("Hi! 👋 I'm Parley, the shop's assistant. I can look up an order.")


def facts(text: str) -> list[str]:
    """The links, numbers and amounts of a text, and every "not"."""
    return re.findall(r"https?://\S+|[$€£]?\d[\d.,:]*|not\b|n't\b", text)


def nots(found: list[str]) -> list[str]:
    return ["not" if each == "n't" else each for each in found]


def said(persona: Persona, text: str, intent: str = "order_status", sources: int = 0) -> str:
    answer = Answer((Content(text),), intent=intent, sources=({"article": "x"},) * sources)
    return persona.voice(answer).contents[0].text


def written() -> list[str]:
    """Everything that domain.yml says."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return [each["text"] for texts in domain["responses"].values() for each in texts if each.get("text")]


@pytest.mark.parametrize("persona", EVERY, ids=str)
def test_only_texts_change(persona: Persona) -> None:
    """Choices, files, the handoff, the intent and every score are the same for every persona."""
    wanted = HandoffRequest("asked", "high", "“I'm Parley 👋”", (("order", "10234"),))
    answer = Answer(
        (STATUS, GREETING), wanted, intent="complaint", confidence=0.9, slots={"order_number": "10234"},
        frustration=0.7, escalation={"act": "handoff"}, no_evidence=True,
    )  # fmt: skip
    voiced = persona.voice(answer)

    assert replace(voiced, contents=()) == replace(answer, contents=())
    for new, old in zip(voiced.contents, answer.contents, strict=True):
        assert replace(new, text="") == replace(old, text="")


@pytest.mark.parametrize("persona", EVERY, ids=str)
def test_facts_stay(persona: Persona) -> None:
    """Numbers, amounts, links and every "not" are the same for every persona; no text is lost."""
    for text in [*written(), STATUS.text]:
        for intent in ("greet", "order_status"):
            new = said(persona, text, intent).replace(persona.name, "Parley")
            assert nots(facts(new)) == nots(facts(text))
            assert new.strip()


@pytest.mark.parametrize("persona", EVERY, ids=str)
def test_an_article_is_quoted_as_it_stands(persona: Persona) -> None:
    """What is quoted from an article keeps its words; only the emoji go."""
    text = "Hi! I'm Parley. You can't return it after 30 days.\n\nSource: Return window"
    assert said(persona, text, "return_policy", sources=1) == text


def test_name_tone_and_emoji() -> None:
    """Each of the three does what it says."""
    ada, few = Persona(name="Ada", tone="formal", emoji="none"), Persona(tone="brief", emoji="few")

    assert said(ada, GREETING.text, "greet") == (
        "Good day. I am Ada, the shop's assistant. I can look up an order."
    )
    assert said(ada, "I'm sorry, I can't find it. We'll see.") == "I am sorry, I cannot find it. We will see."
    assert said(few, GREETING.text, "greet").startswith("👋 I'm Parley")
    assert said(few, "It is out for delivery. 🚚\nSoon.") == "It is out for delivery.\nSoon."
    assert said(few, "You're welcome! 😊", "thank") == "You're welcome! 😊"
    assert said(Persona(), STATUS.text) == STATUS.text


def test_the_shops_own_file_is_the_bot_as_it_is_written() -> None:
    """data/persona.yml changes nothing until somebody edits it."""
    assert load(FILE) == Persona() == load(FILE.with_name("no such file.yml"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tone: rude", "tone: Input should be 'friendly', 'formal' or 'brief'"),
        ("rules: none", "rules: Extra inputs"),
        ("name: [", "cannot be read"),
    ],
)
def test_a_persona_that_cannot_be_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """The message names the file, the line's name and what may stand there."""
    (tmp_path / "persona.yml").write_text(text)
    with pytest.raises(PersonaUnreadable, match=rf"persona\.yml.*{why}"):
        load(tmp_path / "persona.yml")


class Greeter:
    async def ask(self, question: Question) -> Answer:
        return Answer((GREETING,), intent="greet")


async def test_a_voiced_bot_answers_as_the_persona() -> None:
    """The corridor asks it like any other bot."""
    answer = await Voiced(Greeter(), Persona(name="Ada")).ask(
        Question("c", "m", "hi", "whatsapp", None, None)
    )

    assert "I'm Ada" in answer.contents[0].text
