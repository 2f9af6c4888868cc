"""The log as the lines of a messenger."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from app.analytics import page as analytics
from app.console import thread, words
from connectors.whatsapp import kinds
from conversations.bridge import window
from conversations.desk.reports import Judged
from conversations.messages import Choice, Content, File
from conversations.reports import Line, Reply

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def line(kind: str, author: str = "bot", text: str = "", **more: Any) -> Line:
    given = {"state": None, "why": None, "outbox_id": None, "body": {}, **more}
    return Line(1, AT, kind, author, text, **given)


def test_choices_are_shown_apart_from_the_text() -> None:
    """The log's text repeats the choices for readers of plain text; the page shows them once."""
    content = Content("Which order?", (Choice("a", "10234"),))
    log = line("message", text="Which order?\n• 10234", body={"content": content.to_json()}, state="read")
    [shown] = thread.lines([log])
    assert (shown["text"], shown["choices"], shown["state"]) == ("Which order?", ["10234"], "read")


def test_message_without_words_is_named_by_its_kind() -> None:
    """A photo without a caption is "Photo", something newer has its own word."""
    photo = {"kind": "image", "media": [{"kind": "image", "id": "1"}]}
    shown = thread.lines([line("message", "customer", "[image]", body=photo)])[0]
    assert (shown["text"], [one["name"] for one in shown["media"]]) == ("", ["Photo"])
    shown = thread.lines([line("message", "customer", "[hologram]", body={"kind": "hologram", "media": []})])[
        0
    ]
    assert (shown["text"], [one["name"] for one in shown["media"]]) == ("", ["Hologram"])


@pytest.mark.parametrize(
    ("kind", "name", "file"),
    [
        ("audio", "", {"voice": True}),
        ("audio", "", {}),
        ("document", "receipt.pdf", {"filename": "receipt.pdf"}),
        ("image", "", {}),
    ],
)
def test_file_without_a_caption_is_shown_without_the_words_for_it(
    kind: str, name: str, file: dict[str, Any]
) -> None:
    """What the log says in the file's place is not repeated beside the file."""
    reading = kinds.read({"type": kind, kind: {"id": "1", "mime_type": "", **file}})
    body = {"kind": kind, "media": [asdict(one) for one in reading.media]}
    [shown] = thread.lines([line("message", "customer", reading.text, body=body)])
    assert (shown["text"], [one["name"] for one in shown["media"]]) == ("", [name or words.KINDS[kind]])


@pytest.mark.parametrize(
    ("mime_type", "kind"),
    [("image/jpeg", "image"), ("application/pdf", "document"), ("video/mp4", "video"), ("", "document")],
)
def test_files_of_agents_and_the_bot_are_shown(mime_type: str, kind: str) -> None:
    """By their type and name, at an address of this server: the helpdesk's own is not told to the page."""
    content = Content("", file=File("https://shop.zendesk.com/attachments/1", "mug", mime_type))
    sent = line("message", "agent", "[file: mug]", body={"content": content.to_json()}, state="sent")
    [shown] = thread.lines([sent])
    assert shown["media"] == [{"kind": kind, "name": "mug", "url": "/console/media/1/file"}]
    assert shown["text"] == ""


def test_what_became_of_a_line_is_told_once() -> None:
    """A line that failed shows it itself; one that was never written down gets a note."""
    said = line("message", text="hi", state="failed", why="131026: not on WhatsApp", outbox_id=7)
    failed = line("delivery", "system", "131026: not on WhatsApp", body={"state": "failed"}, outbox_id=7)
    withheld = line("delivery", "system", "control passed", body={"state": "dropped"}, outbox_id=8)
    shown = thread.lines([said, failed, withheld])
    assert [one["kind"] for one in shown] == ["message", "note"]
    assert shown[1]["text"] == "A line was dropped: control passed"


def test_agent_is_told_in_words_why_the_customer_was_not() -> None:
    """The name of a setting is for operators; a template that failed was not delivered."""
    unset = line("delivery", "system", window.NO_TEMPLATE, body={"state": "dropped"}, outbox_id=8)
    failed = line("delivery", "system", "131026: not on WhatsApp", body={"state": "failed"}, outbox_id=9)
    assert [one["text"] for one in thread.lines([unset, failed])] == [
        "The customer could not be told that a reply waits: no template is set up",
        "A line was not delivered: 131026: not on WhatsApp",
    ]


def test_steps_of_a_held_reply_stand_at_their_time() -> None:
    """Held and failed show on the line itself; told, released and expired are remarks of their own."""
    said = line("message", text="hi", state="sent", outbox_id=7)
    steps = [
        line("delivery", "system", "…", body={"state": state}, outbox_id=7)
        for state in ("held", "nudged", "released", "expired")
    ]
    texts = [one["text"] for one in thread.lines([said, *steps])]
    assert texts[0] == "hi"
    assert texts[1:] == list(words.STEPS.values())


def test_turn_tells_how_the_bot_came_to_its_answer() -> None:
    """Intent and confidence in the headline, the rest as facts."""
    body = {
        "intent": "order_status", "confidence": 0.934, "model_id": "m1", "action": None, "latency_ms": 80,
        "intent_ranking": [
            {"name": "order_status", "confidence": 0.934}, {"name": "invoice", "confidence": 0.02},
        ],
        "sources": [{"article": "returns", "section": "Deadline"}],
    }  # fmt: skip
    [shown] = thread.lines([line("turn", body=body)])
    assert (shown["head"], shown["bad"]) == ("order status, 93% sure", False)
    facts = dict(shown["facts"])
    assert (facts["Model"], facts["Also considered"]) == ("m1", "invoice 2%")
    assert facts["Source"] == "returns: Deadline"
    assert "Action" not in facts


def test_failed_turn_says_so() -> None:
    """A turn without an answer stands out and keeps its error."""
    [shown] = thread.lines([line("turn", body={"error": "BotFailed: down", "attempts": 4, "latency_ms": 1})])
    assert (shown["head"], shown["bad"]) == ("The bot had no answer", True)
    assert dict(shown["facts"])["Error"] == "BotFailed: down (attempts: 4)"


def test_control_is_told_in_words() -> None:
    """Who has control since when, and why."""
    asked = line("control", "bot", "asked_for_person", body={"to": "agent"})
    taken = line("control", "agent", "Mia took over", body={"to": "agent"})
    back = line("control", "agent", "ticket solved", body={"to": "bot"})
    assert [one["text"] for one in thread.lines([asked, taken, back])] == [
        "The bot asked for an agent: Customer asks for a person",
        "An agent has control: Mia took over",
        "Back to the bot: Ticket solved",
    ]


def test_replies_to_come_are_at_the_end() -> None:
    """What an agent wrote a moment ago is there before a worker took it."""
    shown = thread.lines([line("message", "customer", "hi")], [Reply(5, AT, "hello")])
    assert (shown[-1]["author"], shown[-1]["state"], shown[-1]["text"]) == ("agent", "pending", "hello")


def test_customers_have_something_to_be_called_by() -> None:
    """A name, else the number, else a word."""
    assert words.customer("whatsapp", "Ana", "1555") == "Ana"
    assert words.customer("whatsapp", None, "1555") == "+1555"
    assert words.customer("whatsapp", None, None) == "WhatsApp customer"
    assert words.customer("chat", None, None) == "Chat visitor"


def test_figures_are_readable() -> None:
    """Shares in per cent, times in the unit a person would choose, a dash for nothing."""
    assert (analytics.share(1, 3), analytics.share(0, 0)) == ("33%", "–")
    assert analytics.verdict(Judged("late_order", 3, 2, 1)) == "useful 2 of 3"
    assert analytics.verdict(Judged("late_order", 3, 0, 0)) == "not judged yet"
    assert [analytics.seconds(ms) for ms in (None, 80.4, 1530.0)] == ["–", "80 ms", "1.5 s"]
