"""The conversation tests' report."""

from __future__ import annotations

from typing import Any

from app import story_report

REPORT = """version: "3.1"
stories:
- story: a customer says no (tests/stories/test_small_talk.yml)
  steps:
  - intent: order_status
  - action: order_status_form
  - active_loop: order_status_form
  - intent: deny
  - action: utter_greet  # predicted: action_inform
  - action: action_listen  # predicted: action_default_fallback
- story: a customer is misread (tests/stories/test_small_talk.yml)
  steps:
  - intent: greet  # predicted: inform: hi 10234
  - action: utter_greet  # predicted: action_inform
"""
TESTS: list[dict[str, Any]] = [
    {
        "story": "a customer says no",
        "steps": [
            {"user": "where's my order?\n", "intent": "order_status"},
            {"action": "order_status_form"},
            {"active_loop": "order_status_form"},
            {"user": "no, [10235](order_number)\n", "intent": "deny"},
            {"action": "utter_greet"},
        ],
    },
    {
        "story": "a customer is misread",
        "steps": [{"user": "hi", "intent": "greet"}, {"action": "utter_greet"}],
    },
]


def test_a_failure_names_story_step_and_words() -> None:
    """Only the first step that went wrong is told; what follows from it is not."""
    action, intent = story_report.failures(REPORT, TESTS)
    assert str(action).splitlines() == [
        "✗ a customer says no",
        "  tests/stories/test_small_talk.yml, step 5, customer: “no, 10235”",
        "    expected   action: utter_greet",
        "    predicted  action: action_inform",
    ]
    assert (intent.step, intent.expected, intent.predicted) == (1, "intent: greet", "intent: inform")


def test_without_a_failure_there_is_nothing_to_tell() -> None:
    """Rasa writes a file also when every test passed."""
    assert story_report.failures("# None of the test stories failed - all good!", TESTS) == []


def test_what_no_test_touches_is_missing() -> None:
    """A validation counts with its form; everything else has to be in a step of its own."""
    domain = {
        "intents": ["order_status", "deny", "greet", "thank"],
        "actions": ["action_inform", "validate_order_status_form"],
        "forms": {"order_status_form": {}},
        "responses": {"utter_greet": []},
    }
    missing = {cover.part: cover.missing for cover in story_report.coverage(domain, TESTS)}
    assert missing == {"intents": ["thank"], "actions": ["action_inform"], "forms": [], "responses": []}
    assert str(story_report.coverage(domain, TESTS)[0]) == "  intents      3 of 4   missing: thank"
