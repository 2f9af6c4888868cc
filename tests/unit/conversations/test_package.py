"""The handoff package: what an agent reads first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from conversations import package
from conversations.messages import HandoffRequest
from conversations.rows import Entry

AT = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
ASKED = HandoffRequest("asked_for_person", "high", "“a person please”")


def said(author: str, text: str, **more: Any) -> Entry:
    return Entry(1, AT, "message", author, text, {}, **more)


def turn(**body: Any) -> Entry:
    return Entry(1, AT, "turn", "bot", "", body)


TALK = [
    said("customer", "where is my order 10234?"),
    said("bot", "Order 10234 (a kettle) is out for delivery. 🚚\nCarrier: DHL"),
    turn(action="action_order_status", frustration=0.1),
    said("customer", "can I return it?"),
    said("bot", "Within 30 days."),
    turn(action="action_return_policy", sources=[{"article": "return_window"}], frustration=0.3),
    said("customer", "a person please"),
]
LAST = {"action": "action_human_agent", "escalated": True, "frustration": 0.8}


def write(entries: list[Entry] = TALK, last: dict[str, Any] | None = LAST, **slots: str) -> str:
    link = "https://desk.example/console/1"
    return package.write("Ana", "Customer asks for a person", ASKED, entries, last, slots, link)


def test_summary_is_three_lines() -> None:
    """Who wants what, which order, how far it got: all before the first empty line."""
    summary = write(order_number="10234").split("\n\n")[0].splitlines()
    assert summary == [
        "Ana: Customer asks for a person.",
        "Order 10234, the bot said: “Order 10234 (a kettle) is out for delivery. 🚚”",
        "The bot tried: return policy, answered from the article “return window”. "
        "Last words: “a person please”",
    ]


def test_what_the_bot_has_learned_stands_among_the_facts() -> None:
    """Each thing that a form has found out has a line under its own name, after what the customer wants."""
    wanted = HandoffRequest("payment_issue", facts=(("Amount", "$129.00"), ("When", "yesterday")))
    text = package.write("Ana", "Trouble with a payment", wanted, TALK, LAST, {}, None)
    lines = text.split("\n\n")[1].splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("Wants: "))
    assert lines[place + 1 : place + 3] == ["Amount: $129.00", "When: yesterday"]


def test_facts_name_reason_wishes_deeds_and_mood() -> None:
    """Every fact stands on a line of its own, under a word that says what it is."""
    facts = dict(line.split(": ", 1) for line in write(email="ana@example.com").split("\n\n")[1].splitlines())
    assert facts == {
        "Reason": "Customer asks for a person (“a person please”)",
        "Priority": "high",
        "Wants": "“where is my order 10234?” → “can I return it?” → “a person please”",
        "E-mail given": "ana@example.com",
        "Tried": "order status, answered; return policy, answered from the article “return window”",
        "Mood": "upset, rising (frustration 0.1 → 0.3 → 0.8)",
        "Conversation": "https://desk.example/console/1",
    }


def test_transcript_is_whole_and_has_times() -> None:
    """The conversation follows in full, line by line, and says what never reached the customer."""
    text = write([*TALK, said("bot", "One moment.", unsent=True)])
    assert "[2026-11-25 14:02 UTC] Ana: where is my order 10234?" in text
    assert text.endswith("Parley: One moment. (not delivered)")


def test_failed_bot_is_told_as_such() -> None:
    """An agent learns that the customer got no answer, and why."""
    text = write([said("customer", "hello?")], {"error": "BotFailed: down", "escalated": True})
    assert "The bot tried: no answer, as the bot failed (BotFailed: down)." in text


def test_same_facts_are_the_same_bytes() -> None:
    """A repeated attempt writes the very same comment: the idempotency key demands it."""
    assert write(order_number="10234") == write(order_number="10234")


def test_what_the_shop_says_of_the_order() -> None:
    """The facts of the order talked about; without one, which orders the customer has."""
    orders = {
        "10234": {"the items": "Kettle", "the status": "shipped", "refund 1": ""},
        "10235": {"the status": "delivered"},
    }

    def facts(slots: dict[str, str]) -> str:
        return package.write("Ana", "Person", ASKED, TALK, LAST, slots, None, "", orders).split("\n\n")[1]

    assert "Order facts: items: Kettle; status: shipped\n" in facts({"order_number": "10234"})
    assert "Orders of this customer: 10234 (shipped), 10235 (delivered)\n" in facts({})


def test_promises_stand_among_the_facts() -> None:
    """The agent reads what the customer was told."""
    text = package.write("Ana", "Person", ASKED, TALK, LAST, {}, None, "an answer by 10:00")
    assert "\nPromised: an answer by 10:00\n" in text


def test_a_long_conversation_is_cut_between_lines_and_nothing_is_lost() -> None:
    """The first comment begins with the summary; each piece is one that Zendesk takes."""
    talk = [said("customer", f"{number} " + "हाँ " * 200) for number in range(200)]
    text = write(talk)
    pieces = package.pieces(text)
    assert len(pieces) > 2
    assert pieces[0].startswith("Ana: Customer asks for a person.")
    assert "\n".join(pieces) == text
    assert all(len(piece.encode()) < 64_000 for piece in pieces)
    assert package.pieces("x" * (package.PIECE + 1)) == ["x" * package.PIECE, "x"]
