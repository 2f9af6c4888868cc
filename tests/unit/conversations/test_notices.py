"""Who is told of a handoff, after how long, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from conversations import hours_file
from conversations.messages import HandoffRequest
from conversations.notices import rules, words
from conversations.notices.rules import InvalidNotifications, Target
from conversations.rows import Conversation

FILE = """
people:
  leads: [lead@shop.example, deputy@shop.example]
skills:
  payments: [refund_demanded, payment_issue]
ladders:
  urgent:
    priority: [urgent]
    steps:
      - tell: [slack, leads]
  money:
    skill: [payments]
    steps:
      - {after: 2, tell: [slack]}
      - {after: 10, tell: [leads, boss@shop.example]}
  rest:
    steps: [{tell: [slack]}]
"""


def test_the_first_rule_that_applies_decides() -> None:
    """By priority, by skill, or whatever is left."""
    found = rules.read(FILE)
    chosen = [found.rule("urgent", "payments"), found.rule("high", "payments"), found.rule("high", None)]
    assert [rule and rule.name for rule in chosen] == ["urgent", "money", "rest"]


def test_steps_name_people_and_minutes() -> None:
    """A group stands for its addresses; the same one twice counts once."""
    money = rules.read(FILE).rules[1]
    assert [step.after for step in money.steps] == [timedelta(minutes=2), timedelta(minutes=10)]
    assert money.steps[1].tell == tuple(
        Target("mail", f"{who}@shop.example") for who in ("lead", "deputy", "boss")
    )


def test_hours_choose_the_ladder_and_the_moment() -> None:
    """In the night it is told in the morning, when we open; in opening hours at once."""
    hours = hours_file.read("time_zone: UTC\nweek: {monday: 9:00-17:00, tuesday: 9:00-17:00}")
    found = rules.read(
        "ladders: {night: {hours: closed, steps: [{after: opening, tell: [slack]}, "
        "{after: opening + 15, tell: [slack]}]}, day: {steps: [{tell: [slack]}]}}"
    )
    evening = datetime(2026, 11, 23, 20, tzinfo=UTC)  # a Monday
    night = found.rule("high", None, hours.is_open(evening))
    assert night
    assert [step.due(evening, hours) for step in night.steps] == [
        datetime(2026, 11, 24, 9, tzinfo=UTC),
        datetime(2026, 11, 24, 9, 15, tzinfo=UTC),
    ]
    day = found.rule("high", None, hours.is_open(datetime(2026, 11, 23, 12, tzinfo=UTC)))
    assert day
    assert day.name == "day"


def test_the_skill_is_the_newest_topic_s() -> None:
    """The reason first, then what the conversation was about, the newest first."""
    found = rules.read(FILE)
    assert found.skill(["asked_for_person", None, "payment_issue", "greet"]) == "payments"
    assert found.skill(["asked_for_person", "greet"]) is None


def test_no_rules_tell_nobody() -> None:
    """An empty file is a valid one."""
    assert rules.read("").rule("urgent", None) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ladders: [", "is not valid YAML"),
        ("rules: {}", "the file does not know 'rules'"),
        ("ladders: {a: {steps: []}}", "ladders.a.steps must list at least one step"),
        ("ladders: {a: {steps: [{tell: [nobody]}]}}", "ladders.a.steps[1].tell does not know 'nobody'"),
        ("ladders: {a: {steps: [{tell: []}]}}", "ladders.a.steps[1].tell must name somebody"),
        (
            "ladders: {a: {priority: [huge], steps: [{tell: [slack]}]}}",
            "ladders.a.priority must be of urgent",
        ),
        (
            "ladders: {a: {skill: [x], steps: [{tell: [slack]}]}}",
            "ladders.a.skill must be of the skills above",
        ),
        ("ladders: {a: {steps: [{after: soon, tell: [slack]}]}}", "ladders.a.steps[1].after must be minutes"),
        ("ladders: {a: {steps: [{tell: [slack]}, {tell: [slack]}]}}", "ladders.a.steps must each come later"),
        ("people: {leads: [lead]}", "people.leads must list mail addresses, not 'lead'"),
        ("skills: {pay: refunds}", "skills.pay must be a list of texts"),
        ("ladders: {a: {hours: noon, steps: [{tell: [slack]}]}}", "ladders.a.hours must be open or closed"),
        ("ladders: {a: {when: now, steps: []}}", "ladders.a does not know 'when'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    """The message names the file, the place and the reason."""
    with pytest.raises(InvalidNotifications) as error:
        rules.read(text, "notifications.yml")
    assert str(error.value).startswith("notifications.yml")
    assert said in str(error.value)


def test_the_shipped_rules_can_be_followed() -> None:
    """Whatever the priority, somebody is told at once and others later."""
    shipped = rules.read((Path(__file__).parents[3] / rules.FILE).read_text(encoding="utf-8"))
    for priority in rules.PRIORITIES:
        rule = shipped.rule(priority, None)
        assert rule
        assert rule.steps[0].after == timedelta()
        assert len(rule.steps) > 1


def test_a_notice_gives_nothing_away() -> None:
    """Reason, priority, wait, skill and link; of the phone three digits, and nothing the customer said."""
    wanted = HandoffRequest("refund_demanded", "high", "“I want my money for order 10235”")
    now = datetime.now(UTC)
    asked = Conversation(
        UUID(int=1), "whatsapp", "1", None, "15550100001", "Ana Silva", "agent", 3, now, False, {}, now
    )
    kept = words.body(asked, wanted, "payments", "https://desk.example/console/1")
    told = words.notice(kept, 1, timedelta(minutes=11))
    assert told.title == "High: Customer demands a refund"
    assert told.text == "Nobody has taken it yet."
    assert told.facts == ("Waiting: 11 minutes", "Customer: WhatsApp …001", "Skill: payments")
    assert told.link == "https://desk.example/console/1"
    everything = f"{kept}{told}"
    assert not any(secret in everything for secret in ("15550100001", "Ana", "10235", "money for"))


@pytest.mark.parametrize(
    ("phone", "shown"), [("15550100001", "…001"), ("", ""), (None, ""), ("12345", ""), ("1234567", "…567")]
)
def test_most_of_a_phone_number_is_hidden(phone: str | None, shown: str) -> None:
    """At most the last three digits; a short number is not shown at all."""
    assert words.masked(phone) == shown


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "less than a minute"), (1, "1 minute"), (90, "90 minutes"), (150, "2 hours")]
)
def test_waits_are_told_in_words(minutes: int, said: str) -> None:
    """Minutes up to two hours, then hours."""
    assert words.span(minutes) == said
