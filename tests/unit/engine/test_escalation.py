"""Escalation without Rasa: phrases, rules, signals, and what is decided over a conversation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.escalation import decision, likeness, rules, signals
from engine.escalation.conversation import Conversation, Turn
from engine.escalation.likeness import InvalidExamples, Likeness, LikenessModel
from engine.escalation.rules import InvalidEscalation, Rules
from engine.escalation.signals import Signal
from engine.escalation.words import Phrases, Speller

RULES = rules.read(Path(rules.FILE).read_text(encoding="utf-8"))
ANGRY = {"score": 0.8}
AT = 1_000_000.0


def quoted(phrase: str, text: str, *slips: str) -> list[str]:
    """What a phrase finds in a text; `slips`: words that may be misspelt."""
    return [hit.words for hit in Phrases([phrase]).find(Speller(slips, ["policy"]).read(text))]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("refund me", "Refund  me!", ["Refund  me"]),
        ("refund me", "refund. me", []),
        ("refund*", "REFUNDED and refunds", ["REFUNDED", "refunds"]),
        ("refund*", "prefund", []),
        ("want|need a? refund", "I need refund", ["need refund"]),
        ("want ... refund", "I want a full and fast refund", ["want a full and fast refund"]),
        ("want ... refund", "I want it. a refund", []),
        ("= human please?", "Human, please!", ["Human, please"]),
        ("= human please?", "I am human", []),
        ("dont want", "I DON’T want", ["DON’T want"]),
        ("8# years", "8 years, 84 years, 840 years", ["84 years"]),
        ("= refund .? now", "Refund. Now!", ["Refund. Now"]),
        ("reembolso ya", "¡Reembolsó yaaaa!", ["Reembolsó yaaaa"]),
        ("रिफंड", "मुझे रिफंड चाहिए", ["रिफंड"]),
    ],
)
def test_phrases_are_found_as_whole_words(phrase: str, text: str, found: list[str]) -> None:
    """Case, accents, apostrophes and drawn-out letters make no difference; word and sentence borders do."""
    assert quoted(phrase, text) == found


def test_one_slip_is_forgiven_where_it_makes_no_other_word() -> None:
    """A letter missing, doubled, wrong or swapped; "policy" is no misspelt "police"."""
    for slip in ("refnd", "refuund", "refumd", "refnud"):
        assert quoted("refund", slip, "refund") == [slip]
    assert quoted("refund", "rfnd", "refund") == []
    assert quoted("police", "return policy", "police") == []
    assert quoted("police", "polcie", "police") == ["polcie"]


def found(text: str, intent: str | None = None, confidence: float = 0.9) -> list[str]:
    return [signal.trigger for signal in signals.find(RULES, text, intent, confidence)]


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("I want a refund", "refund_demanded"),
        ("charge me back", "refund_demanded"),
        ("this is fraud", "grave"),
        ("it was stolen", "grave"),
        ("expect a lawsuit", "grave"),
        ("I call the police", "grave"),
        ("unacceptable", "grave"),
        ("there was a data leak", "grave"),
        ("my wife was injured", "grave"),
        ("the lamp is on fire!!!", "grave"),
        ("the charger burned my hand", "grave"),
        ("the bulb burnt my fingers", "grave"),
        ("the blade cut the skin of my hand", "grave"),
        ("my son is in hospital because of your heater", "grave"),
        ("because of your heater my son is in hospital", "grave"),
        ("my wife had to go to the hospital after using the cream", "grave"),
        ("I was shocked by your toaster", "grave"),
        ("levei um choque com o abajur", "grave"),
        ("I don't want to live anymore", "grave"),
        ("I smell gas from the heater", "grave"),
        ("your chair collapsed and broke my arm", "grave"),
        ("your driver threatened me", "grave"),
        ("why do I see another customer's address?", "grave"),
        ("I'm reporting you to the FTC", "grave"),
        ("theives!", "grave"),
        ("someone hackd my account", "grave"),
        ("Refund. Now.", "refund_demanded"),
        ("plz refund", "refund_demanded"),
        ("I'd like my money back", "refund_demanded"),
        ("I want it refunded", "refund_demanded"),
        ("meu dinheiro de volta", "refund_demanded"),
        ("I want a refund for 10235, the item is rubbish", "refund_demanded"),
        ("human", "asked_for_person"),
        ("any real ppl there", "asked_for_person"),
        ("tem algum atendente aí?", "asked_for_person"),
        ("koi insaan hai", "asked_for_person"),
        ("falar c alguem", "asked_for_person"),
        ("is this a bot? I want a person", "asked_for_person"),
        ("quiero hablar con una persona", "asked_for_person"),
        ("can you lower the price", "negotiation"),
        ("what does the contract say", "negotiation"),
        ("is there any wiggle room on the price?", "negotiation"),
        ("please waive the return fee", "negotiation"),
        ("the shop next door sells it for less", "negotiation"),
        ("what do the T&Cs say", "negotiation"),
        ("amazon has it 15 cheaper", "negotiation"),
        ("under EU law I have 14 days", "negotiation"),
        ("I'm pregnant", "vulnerable"),
        ("I am 84 years old", "vulnerable"),
        ("I broke my leg and cannot come", "vulnerable"),
        ("I can't leave the house since my hip surgery", "vulnerable"),
    ],
)
def test_what_calls_a_person(text: str, trigger: str) -> None:
    """The examples of each trigger set it off, first of all."""
    assert found(text)[:1] == [trigger]


@pytest.mark.parametrize(
    "text",
    [
        "I am human",
        "return policy for agents",
        "human error",
        "police station delivery address?",
        "how do I get a refund?",
        "I don't want a refund",
        "contact the courier",
        "the bulb burned out after a week",
        "the knife does not cut well",
        "I was shocked how fast it came",
        "the shoes hurt my feet",
        "Sue Miller is my name",
        "my elderly neighbour took the parcel",
        "remove the shipping insurance please",
        "has my order less items now?",
        "I work at the hospital, deliver there please",
        "I was shocked by the price",
        "my daughter is 8 years old",
        "I'm 9 years a customer",
        "a gift for a pregnant friend",
        "newborn size?",
        "I need a refund receipt",
        "I like the money back guarantee",
        "my friend is a lawyer",
        "this is Rob, about the rob roy lamp",
        "does it have theft insurance",
        "is it hospital grade?",
        "un robo de cocina, qué golpe de suerte",
        "voy a demandar menos",
        "no bot needed",
        "I will wait for your agent",
        "I do not live there any longer",
        "quiero solicitar la factura",
    ],
)
def test_near_misses_call_nobody(text: str) -> None:
    """The words of a trigger that mean something else set nothing off."""
    assert found(text) == []


def test_the_answer_to_a_question_of_ours_calls_nobody() -> None:
    """ "Refund please" is a choice where the return asks for one, and a demand everywhere else."""
    now = Turn(text="refund please", signals=tuple(signals.find(RULES, "refund please", None, 0.0)))
    assert decision.before_answer(RULES, Conversation([now], asked="return_outcome")) is None
    for asked in (None, "order_number"):
        step = decision.before_answer(RULES, Conversation([now], asked=asked))
        assert step is not None
        assert step.reason == "refund_demanded"
    fraud = Turn(text="this is fraud", signals=tuple(signals.find(RULES, "this is fraud", None, 0.0)))
    assert decision.before_answer(RULES, Conversation([fraud], asked="return_outcome")) is not None


def test_an_intent_counts_when_it_is_sure_and_not_excused() -> None:
    """The classifier's reading calls a person; unsure, or with words that explain it away, it does not."""
    assert found("get me somebody smarter", "human_agent") == ["asked_for_person"]
    assert found("get me somebody smarter", "human_agent", 0.3) == []
    assert found("I am human", "human_agent") == []
    assert signals.is_near_miss(RULES, "asked_for_person", "I am human", "human_agent")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("priority: urgent", "priority: huge"), "triggers.grave.priority must be one of urgent, high"),
        (("    words:\n      - fraud", "    word:\n      - fraud"), "triggers.grave does not know 'word'"),
        (("  over: 0.5", "  over: much"), "frustration.over must be a number, not 'much'"),
        (("    times: 2", "    times: 2.5"), "triggers.form_abandoned.times must be a whole number"),
        (("      - fraud\n", "      - no\n"), "must list texts, not False (put quotes around it)"),
        (("  rest_minutes: 30\n", ""), "offer lacks 'rest_minutes'"),
        (("triggers:", "triggers: ["), "is not valid YAML"),
    ],
)
def test_a_broken_file_says_where(change: tuple[str, str], complaint: str) -> None:
    """The error names file, place and what is wrong."""
    text = Path(rules.FILE).read_text(encoding="utf-8")
    assert change[0] in text
    with pytest.raises(InvalidEscalation) as raised:
        rules.read(text.replace(*change, 1))
    assert rules.FILE in str(raised.value)
    assert complaint in str(raised.value)


def test_no_word_of_the_articles_is_taken_for_a_slip() -> None:
    """What the shop itself writes holds no misspelt trigger word."""
    words = " ".join(page.read_text(encoding="utf-8") for page in Path("kb/articles").glob("*.md"))
    reading = RULES.speller.read(words)
    known = set(Speller(()).read(words).words)
    assert set(reading.words) <= known


def said(text: str, intent: str = "order_status", **more: object) -> Turn:
    words = RULES.speller.read(text).words
    signs = tuple(signals.find(RULES, text, intent, 0.9))
    return replace(Turn(text=text, words=words, intent=intent, signals=signs, at=AT), **more)


def before(*turns: Turn, with_rules: Rules = RULES, **more: object) -> decision.Step | None:
    return decision.before_answer(with_rules, replace(Conversation(turns), **more))


def after(*turns: Turn, **more: object) -> decision.Step | None:
    return decision.after_answer(RULES, replace(Conversation(turns), **more))


def test_a_direct_wish_is_granted_at_once() -> None:
    """With reason, priority and the words that decided."""
    step = before(said("get me a human", "human_agent"))
    assert step
    assert (step.act, step.reason, step.priority) == ("call", "asked_for_person", "high")
    assert step.evidence == "“get me a human”"


def test_graver_triggers_come_first() -> None:
    """Of several triggers the first in the file decides."""
    step = before(said("I want a refund or I call the police"))
    assert step
    assert (step.reason, step.priority) == ("grave", "urgent")


def test_anger_is_answered_and_then_offered_a_colleague() -> None:
    """Nothing before the answer; after it the offer, with the scores as evidence."""
    angry = said("still not arrived", **ANGRY)
    assert before(angry) is None
    step = after(angry)
    assert step
    assert (step.act, step.reason, step.priority) == ("offer", "order_problem", "high")
    assert "frustration 0.80 (over 0.5)" in step.evidence
    assert after(replace(angry, score=0.3)) is None


def test_a_rising_trend_counts_below_the_threshold() -> None:
    """A score that has risen far is anger, too."""
    rising = said("still not arrived", score=0.45, trend=0.35)
    step = after(rising)
    assert step
    assert "risen by 0.35" in step.evidence
    assert after(replace(rising, trend=0.1)) is None


OFFER = {"act": "offer", "reason": "order_problem", "priority": "high", "evidence": "“late”", "at": AT}


def test_yes_calls_the_colleague_for_the_offers_reason() -> None:
    """The evidence is that of the offer and the yes."""
    upset = said("still not arrived", **ANGRY, ours=True)
    for yes in (said("ok", "affirm"), said("sim por favor", "nlu_fallback"), said("haan", "inform")):
        step = before(upset, yes, offer=OFFER)
        assert step
        assert (step.act, step.reason, step.priority) == ("call", "order_problem", "high")
        assert step.evidence.startswith("“late”; a colleague was offered")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("ok thanks, got it", "thank"),
        ("ok cancel order 10237", "cancel_order"),
        ("please just tell me when", "delivery_info"),
        ("sure it wont help anyway", "never_mind"),
    ],
)
def test_another_wish_is_no_yes(text: str, intent: str) -> None:
    """What begins like a yes and is read as a wish of its own calls nobody."""
    assert before(said("still not arrived", **ANGRY, ours=True), said(text, intent), offer=OFFER) is None


@pytest.mark.parametrize(
    ("text", "intent", "score"),
    [
        ("no its still not here", "order_status", 0.8),
        ("no way, this is ridiculous", "deny", 0.6),
    ],
)
def test_a_no_in_anger_or_about_the_problem_is_none(text: str, intent: str, score: float) -> None:
    """Who goes on about it has not declined; the open offer calls a person."""
    upset = said("still not arrived", **ANGRY, ours=True)
    step = before(upset, said(text, intent, score=score), offer=OFFER)
    assert step
    assert step.act == "call"
    calm = before(upset, said("no it has not arrived", "order_status"), offer=OFFER)
    assert calm is None


def test_a_bare_no_is_one_however_angry() -> None:
    """ "NO!!!" goes on without a colleague."""
    upset = said("still not arrived", **ANGRY, ours=True)
    assert before(upset, said("NO!!!", "deny", **ANGRY), offer=OFFER) == decision.Step("go_on")


def test_no_goes_on_and_is_not_offered_again_soon() -> None:
    """A no is respected for a while, however angry the next message; then there may be another offer."""
    upset, no = said("still not arrived", **ANGRY, ours=True), said("no", "deny")
    step = before(upset, no, offer=OFFER)
    assert step == decision.Step("go_on")
    declined = {**OFFER, "declined": True}
    again = said("where is it, still not arrived", **ANGRY)
    assert before(upset, no, again, offer=declined) is None
    assert after(upset, no, again, offer=declined) is None
    late = replace(again, at=AT + RULES.offer.rest_seconds + 1)
    step = after(late, offer=declined)
    assert step
    assert step.act == "offer"


def test_anger_that_goes_on_after_an_open_offer_calls_a_person() -> None:
    """Who is offered a colleague and only gets angrier is not asked again."""
    upset = said("still not arrived", **ANGRY, ours=True)
    step = before(upset, said("hello??? still not here", **ANGRY), offer=OFFER)
    assert step
    assert (step.act, step.reason) == ("call", "order_problem")


def test_an_answer_that_offers_a_person_itself_is_not_followed_by_another_offer() -> None:
    """One offer is enough."""
    assert after(said("still not arrived", **ANGRY, offered=True)) is None


def test_the_same_question_three_times() -> None:
    """Asked for the third time, a colleague is offered; another order's number is another question."""
    ask = said("where is my order 10234", numbers=frozenset({"10234"}))
    other = replace(ask, numbers=frozenset({"10235"}))
    assert after(ask, ask) is None
    assert after(ask, other, ask) is None
    step = after(ask, ask, ask)
    assert step
    assert (step.act, step.reason, step.priority) == ("offer", "repeated_question", "normal")
    assert step.evidence == "asked 3 times: “where is my order 10234”"


def test_the_same_question_in_other_words() -> None:
    """Where an order or a refund is, asked in any words without a number or about the same one."""
    ask, news, stuff = (said(text) for text in ("where is my order", "any news?", "where's my stuff then"))
    number = said("10234", "inform", numbers=frozenset({"10234"}))
    for turns in ([ask, news, stuff], [ask, number, news, stuff]):
        step = after(*turns)
        assert step
        assert step.reason == "repeated_question"
    assert after(ask, number, news) is None
    assert after(*(replace(stuff, intent="delivery_info") for stuff in (ask, news, stuff))) is None


def test_three_orders_are_three_questions() -> None:
    """Orders are told apart by their numbers, or by the goods in them."""
    ask = said("where is it")
    for name in ("numbers", "goods"):
        first, *others = (replace(ask, **{name: frozenset({each})}) for each in ("10234", "10235", "10236"))
        assert after(first, *others) is None
        assert after(first, others[0], ask) is None


def test_yes_to_the_answers_own_offer_has_the_reason_behind_it() -> None:
    """An answer that offers a person for the third time of asking is accepted for that reason."""
    ask = said("where is my order 10234", numbers=frozenset({"10234"}))
    step = before(ask, ask, replace(ask, offered=True), said("yes", "affirm"))
    assert step
    assert (step.act, step.reason) == ("call", "repeated_question")
    assert before(said("bad", "complaint", offered=True), said("yes", "affirm")) is None


def test_a_form_left_twice() -> None:
    """The second time that the same form is left unfinished, a colleague is offered."""
    drop = said("never mind", "never_mind", dropped="cancel_order_form")
    assert after(drop, drops={"cancel_order_form": 1, "invoice_form": 5}) is None
    step = after(drop, drops={"cancel_order_form": 2})
    assert step
    assert (step.act, step.reason, step.priority) == ("offer", "form_abandoned", "normal")


def test_a_problem_with_an_order_is_weighed_once() -> None:
    """A calm problem with a known order is weighed; a plain question is not."""
    problem = said("10234 has not arrived")
    step = after(problem, order_number="10234")
    assert step
    assert (step.act, step.reason, step.over) == ("weigh", "order_value", 500.0)
    assert decision.after_answer(RULES, Conversation([problem], order_number="10234"), weighed=True) is None
    assert after(problem) is None
    assert after(said("where is 10234"), order_number="10234") is None


def test_a_vip_with_a_problem_gets_a_person() -> None:
    """The tag alone calls nobody."""
    tags = frozenset({"vip"})
    step = before(said("my parcel is late", tags=tags))
    assert step
    assert (step.act, step.reason) == ("call", "vip")
    assert before(said("where is it", tags=tags)) is None
    assert before(said("my parcel is late")) is None
    broken = said("10234 arrived broken", "inform", tags=tags)
    assert before(broken) is None
    assert before(replace(broken, numbers=frozenset({"10234"}))) is not None


# --- likeness --------------------------------------------------------------------------------------


KINDS = {
    "grave": ["it burns", "smoke everywhere"],
    "none": ["where is it", "thanks"],
}


def a_likeness_model() -> LikenessModel:
    vectors = {"grave": np.array([[1.0, 0.1], [1.0, 0.3]]), "none": np.array([[0.1, 1.0], [0.2, 1.0]])}
    return LikenessModel().fit(KINDS, vectors, np.array([[0.0, 1.0]]))


def test_a_message_is_like_the_kind_it_is_near() -> None:
    """With the nearest example as evidence; nothing without words, and nothing that is like none of them."""
    grave, harmless, empty = a_likeness_model().read(np.array([[1.0, 0.28], [0.0, 1.0], [0.0, 0.0]]))
    assert grave
    assert (grave.trigger, grave.example) == ("grave", "smoke everywhere")
    assert grave.sure > 0.5
    assert harmless is None
    assert empty is None


@pytest.mark.parametrize(("sure", "called"), [(0.9, True), (0.3, False)])
def test_likeness_sets_a_trigger_off_where_it_is_sure(sure: float, called: bool) -> None:
    """Over the trigger's `alike`; the example that it is like is the evidence."""
    like = Likeness("grave", sure, "smoke everywhere")
    found = signals.find(RULES, "my kitchen is not what it was", None, 0.0, like)
    expected = [Signal("grave", f"like “smoke everywhere” ({sure:.2f})", by_words=False)]
    assert found == (expected if called else [])


def test_the_shipped_examples_are_of_the_triggers() -> None:
    """Every list is of a trigger that says how sure it must be, or of what sets nothing off."""
    kinds = likeness.examples(Path("data/escalation_examples.yml"))
    triggers = {trigger.name for trigger in RULES.triggers if trigger.alike < 1}
    assert set(kinds) == triggers | {likeness.NONE}


@pytest.mark.parametrize(
    "text", ["", "grave: [a]", "grave: a\nnone: [b]", "grave: [1]\nnone: [b]", "grave: [\n"]
)
def test_examples_that_cannot_be_used_are_refused(tmp_path: Path, text: str) -> None:
    """With the file's name, before anything is trained."""
    path = tmp_path / "examples.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidExamples, match=r"examples\.yml"):
        likeness.examples(path)
