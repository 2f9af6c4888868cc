"""Whether a person is called, now or after an offer, and why. Pure.

A direct trigger calls a person before the bot answers. Anger, a loop and a form given up for the second time
let the bot answer first; then it offers a colleague, once. A yes calls one; a no is respected for a while;
anger or a loop that goes on after an offer without an answer calls one too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from engine.escalation import rules as names
from engine.escalation.conversation import Conversation, Turn, times_asked
from engine.escalation.rules import Rules, Trigger
from engine.escalation.signals import Signal
from engine.escalation.words import Phrases

Act = Literal["call", "offer", "go_on", "weigh", "ask"]
"""`weigh`: look up what the order is worth, and call a person if it is over the limit."""
FEW_WORDS = 6
BARE_NO = 4
"""A no in so few words is one, however angry it is."""
UNREAD = frozenset({None, "inform", "human_agent", "out_of_scope", "nlu_fallback"})
"""Intents with which a message that begins like a yes may be one; the others are wishes of their own."""


@dataclass(frozen=True, slots=True)
class Step:
    """What to do about a person, with the reason's code, priority, and the words or scores that decided."""

    act: Act
    reason: str = ""
    priority: str = "normal"
    evidence: str = ""
    over: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value is not None}


def before_answer(rules: Rules, talk: Conversation) -> Step | None:
    """The step that comes in the place of the bot's answer."""
    answer = _answer_to_offer(rules, talk)
    if answer == "yes" and (accepted := _accepted(rules, talk)):
        return accepted
    if direct := _direct(rules, talk):
        return direct
    if answer == "no":
        return Step("go_on")
    if talk.now.near_miss:
        return Step("ask")
    again = next(_reasons(rules, talk), None) if _is_open(rules, talk) else None
    return _step("call", *again) if again else None


def after_answer(rules: Rules, talk: Conversation, weighed: bool = False) -> Step | None:
    """The step that follows the bot's answer. `weighed`: the order is known to be under the limit."""
    heavy = None if weighed else _to_weigh(rules, talk)
    if heavy or talk.now.offered or _rests(rules, talk):
        return heavy
    reason = next(_reasons(rules, talk), None)
    if reason is None:
        return None
    return _step("call" if _is_open(rules, talk) else "offer", *reason)


def is_angry(rules: Rules, now: Turn) -> str:
    """How angry the message is, in words; empty when it is not."""
    anger = rules.anger
    if now.score >= anger.over:
        return f"frustration {now.score:.2f} (over {anger.over:g})"
    if now.score >= anger.rising and now.trend >= anger.by:
        return f"frustration {now.score:.2f}, risen by {now.trend:.2f}"
    return ""


def _direct(rules: Rules, talk: Conversation) -> Step | None:
    """The first trigger that calls a person at once."""
    now = talk.now
    for trigger in rules.triggers:
        if talk.asked in trigger.unless_asked:
            continue
        if trigger.name == names.VIP:
            signal = _problem(rules, trigger, now) if now.tags & set(trigger.own["tags"]) else None
        elif trigger.name == names.ORDER_VALUE or not trigger.at_once:
            continue
        else:
            signal = now.signal(trigger.name)
        if signal:
            return _step("call", trigger, signal.evidence)
    return None


def _problem(rules: Rules, trigger: Trigger, now: Turn) -> Signal | None:
    """Something is wrong with an order: words about that order say so, or the trigger's intents do."""
    signal = now.signal(names.ORDER_PROBLEM)
    problem = rules.trigger(names.ORDER_PROBLEM)
    about_order = problem and (now.intent in problem.intents or (now.intent == "inform" and now.numbers))
    told = signal and signal.by_words and about_order
    return signal if told else now.signal(trigger.name)


def _to_weigh(rules: Rules, talk: Conversation) -> Step | None:
    trigger = rules.trigger(names.ORDER_VALUE)
    signal = _problem(rules, trigger, talk.now) if trigger else None
    if trigger is None or signal is None or not talk.order_number or talk.now.tapped:
        return None
    return Step("weigh", trigger.name, trigger.priority, signal.evidence, trigger.own["over"])


def _reasons(rules: Rules, talk: Conversation) -> Iterator[tuple[Trigger, str]]:
    """What speaks for a person without having been asked for one."""
    found = {
        names.ORDER_PROBLEM: _angry_about_order(rules, talk.now),
        names.FRUSTRATED: is_angry(rules, talk.now),
        names.REPEATED: _repeated(rules.trigger(names.REPEATED), talk),
        names.ABANDONED: _abandoned(rules.trigger(names.ABANDONED), talk),
    }
    for trigger in rules.triggers:
        if evidence := found.get(trigger.name):
            yield trigger, evidence


def _angry_about_order(rules: Rules, now: Turn) -> str:
    problem, anger = now.signal(names.ORDER_PROBLEM), is_angry(rules, now)
    return f"{problem.evidence}, {anger}" if problem and anger else ""


def _repeated(trigger: Trigger | None, talk: Conversation) -> str:
    times = times_asked(talk.turns, trigger.intents) if trigger else 0
    return f"asked {times} times: “{talk.now.text}”" if trigger and times >= trigger.own["times"] else ""


def _abandoned(trigger: Trigger | None, talk: Conversation) -> str:
    form = talk.now.dropped
    times = talk.drops.get(form, 0) if form else 0
    return f"{form} left {times} times" if trigger and times >= trigger.own["times"] else ""


def _answer_to_offer(rules: Rules, talk: Conversation) -> Literal["yes", "no"] | None:
    """What the message says to the offer of a person right before it; another's offer takes its own no."""
    if not talk.before or not (talk.before[-1].ours or talk.before[-1].offered):
        return None
    if _declines(rules, talk.now):
        return "no" if talk.before[-1].ours else None
    begins = talk.now.intent in UNREAD and _begins(rules.offer.accepted, rules, talk.now)
    return "yes" if begins or talk.now.intent == "affirm" else None


def _declines(rules: Rules, turn: Turn) -> bool:
    """A no, other than one that goes on about the problem or in anger ("no, it is still not here!")."""
    problem = turn.signal(names.ORDER_PROBLEM)
    goes_on = is_angry(rules, turn) and len(turn.words) > BARE_NO
    if goes_on or (problem and problem.by_words):
        return False
    return turn.intent == "deny" or _begins(rules.offer.declined, rules, turn)


def _begins(phrases: Phrases, rules: Rules, turn: Turn) -> bool:
    """Does a short message begin with one of the phrases?"""
    reading = rules.speller.read(turn.text)
    return len(reading.words) <= FEW_WORDS and any(hit.start == 0 for hit in phrases.find(reading))


def _accepted(rules: Rules, talk: Conversation) -> Step | None:
    """A call for the reason behind the offer; None where the offer was not for one of these reasons."""
    yes = f"a colleague was offered: “{talk.now.text}”"
    if talk.before[-1].ours and (offer := talk.offer):
        return Step("call", offer["reason"], offer["priority"], f"{offer['evidence']}; {yes}")
    reason = next(_reasons(rules, replace(talk, turns=talk.before)), None)
    return _step("call", reason[0], f"{reason[1]}; {yes}") if reason else None


def _is_open(rules: Rules, talk: Conversation) -> bool:
    """Was a person offered a while ago, without a yes or a no since?"""
    return _was_offered(rules, talk) and not _was_declined(rules, talk)


def _rests(rules: Rules, talk: Conversation) -> bool:
    """Was an offer declined a short while ago?"""
    return _was_offered(rules, talk) and _was_declined(rules, talk)


def _was_offered(rules: Rules, talk: Conversation) -> bool:
    """By this policy a short while ago, or by an answer that is at hand."""
    recent = talk.now.at - float(talk.offer.get("at") or 0) <= rules.offer.rest_seconds
    return (bool(talk.offer) and recent) or any(turn.offered for turn in talk.before)


def _was_declined(rules: Rules, talk: Conversation) -> bool:
    after = zip(talk.turns, talk.turns[1:], strict=False)
    return bool(talk.offer.get("declined")) or any(
        turn.offered and _declines(rules, answer) for turn, answer in after
    )


def _step(act: Act, trigger: Trigger, evidence: str) -> Step:
    return Step(act, trigger.name, trigger.priority, evidence)
