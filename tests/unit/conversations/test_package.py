"""The handoff package: what an agent reads first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from conversations import package
from conversations.hours import Hours
from conversations.messages import HandoffRequest
from conversations.rows import Entry

AT = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
ASKED = HandoffRequest("asked_for_person", "high", "“a person please”")


def said(author: str, text: str, inbox_id: int | None = None, at: datetime = AT, **more: Any) -> Entry:
    return Entry(1, at, "message", author, text, {}, inbox_id=inbox_id, **more)


def turn(inbox_id: int | None = None, **body: Any) -> Entry:
    return Entry(1, AT, "turn", "bot", "", body, inbox_id=inbox_id)


TALK = [
    said("customer", "where is my order 10234?", 1),
    said("bot", "Order 10234 (a kettle) is out for delivery. 🚚\nCarrier: DHL"),
    turn(1, intent="order_status", action="action_order_status", frustration=0.1),
    said("customer", "can I return it?", 2),
    said("bot", "Within 30 days."),
    turn(
        2, intent="return_policy", action="action_return_policy", sources=[{"article": "return_window"}],
        frustration=0.3,
    ),
    said("customer", "a person please", 3),
]  # fmt: skip
LAST = {"intent": "human_agent", "action": "action_human_agent", "escalated": True, "frustration": 0.8}
ORDERS = {
    "10234": {
        "what was ordered": "Kettle", "the status": "shipped", "the total": "9.00 USD", "refund 1": "",
        "the address": "1 Hill Road",
    },
    "10235": {"the status": "delivered"},
}  # fmt: skip


def write(entries: list[Entry] = TALK, last: dict[str, Any] | None = LAST, **slots: str) -> str:
    link = "https://desk.example/console/1"
    return package.write("Ana", "Customer asks for a person", ASKED, entries, last, slots, link)


def test_summary_is_three_lines() -> None:
    """Who asks and why, what they want, which order and how far it got: all before the first empty line."""
    slots = {"order_number": "10234"}
    text = package.write("Ana", "Customer asks for a person", ASKED, TALK, LAST, slots, None, "", ORDERS)
    assert text.split("\n\n")[0].splitlines() == [
        "Ana: Customer asks for a person.",
        "Wants: “where is my order 10234?” → “can I return it?”",
        "Order 10234 (Kettle; shipped; 9.00 USD). "
        "The bot's last step: answered from the article “return window”.",
    ]


def test_what_customers_write_does_not_break_lines() -> None:
    """A name and an evidence of several lines are one each: three lines of summary, a fact a line."""
    asked = HandoffRequest("asked_for_person", "high", "“a person\n\nplease”")
    text = package.write("Ana\nPriority: low", "Customer asks", asked, TALK, LAST, {}, None)
    summary, facts, *_ = text.split("\n\n")
    assert len(summary.splitlines()) == 3
    assert facts.splitlines()[:2] == ["Reason: Customer asks (“a person please”)", "Priority: high"]


def test_small_talk_is_no_wish() -> None:
    """A greeting, a yes, a bare number or the wish for a person do not tell what it is about."""
    talk = [said("customer", "hi", 1), turn(1, intent="greet"), said("customer", "a person please", 2)]
    assert "\nHas not said yet what it is about.\n" in write(talk)
    long = "a person please, the driver has thrown my parcel over the fence"
    assert f"\nWants: “{long}”\n" in write([said("customer", long, 2)])


def test_what_the_bot_did_is_told_in_its_own_last_words() -> None:
    """The same step twice is one, with what was said last; a step that only leads to another has no name."""
    talk = [
        said("bot", "Which item of order 10235 is it?"),
        turn(action="action_order_value"),
        said("bot", "Sorry, I didn't get that."),
        said("bot", "Which one?"),
        turn(action="start_return_form"),
        said("bot", "All right, it stays as it is.\nAnything else?"),
        turn(action="action_start_return"),
    ]
    assert (
        "\nTried: “Which item of order 10235 is it?”; return of an item (2 times): “All right, it stays"
        in write(talk)
    )


def test_only_the_conversation_of_today_is_summed_up() -> None:
    """After a silence or a return to the bot it begins anew; what was before stands below, whole."""
    old = said("customer", "where is my refund?", at=AT - timedelta(days=3))
    back = Entry(1, AT, "control", "agent", "solved", {"to": "bot"})
    for before in ([old], [said("customer", "where is my refund?"), back]):
        text = write([*before, *TALK])
        assert "refund" not in text.split("\n\nThe conversation so far")[0]
        assert text.index("a person please") < text.index("\n\nBefore that:\n\n") < text.index("my refund?")


def test_what_the_bot_has_learned_stands_among_the_facts() -> None:
    """Each thing that a form has found out has a line under its own name, after reason and priority."""
    wanted = HandoffRequest("payment_issue", facts=(("Amount", "$129.00"), ("When", "yesterday")))
    text = package.write("Ana", "Trouble with a payment", wanted, TALK, LAST, {}, None)
    lines = text.split("\n\n")[1].splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("Priority: "))
    assert lines[place + 1 : place + 3] == ["Amount: $129.00", "When: yesterday"]


def test_facts_name_reason_deeds_and_mood() -> None:
    """Every fact stands on a line of its own, under a word that says what it is."""
    facts = dict(line.split(": ", 1) for line in write(email="ana@example.com").split("\n\n")[1].splitlines())
    assert facts == {
        "Reason": "Customer asks for a person (“a person please”)",
        "Priority": "high",
        "E-mail given": "ana@example.com",
        "Tried": "order status: “Order 10234 (a kettle) is out for delivery. 🚚”; "
        "answered from the article “return window”",
        "Mood": "upset, rising (frustration 0.1 → 0.3 → 0.8)",
        "Conversation": "https://desk.example/console/1",
    }


def test_transcript_is_whole_and_has_times() -> None:
    """The conversation follows in full, line by line, and says what never reached the customer."""
    text = write([*TALK, said("bot", "One moment.", unsent=True)])
    assert "[2026-11-25 14:02 UTC] Ana: where is my order 10234?" in text
    assert text.endswith("Parley: One moment. (not delivered)")


def test_times_are_those_of_the_shops_clock() -> None:
    """An agent reads the times of their own wall clock; the heading names it."""
    hours = Hours(ZoneInfo("America/New_York"), {}, zone_name="Eastern Time")
    text = package.write("Ana", "Person", ASKED, TALK, LAST, {}, None, hours=hours)
    assert "\nThe conversation so far (times: Eastern Time):\n\n[2026-11-25 09:02] Ana: where" in text


def test_failed_bot_is_told_as_such() -> None:
    """An agent learns that the customer got no answer, and why."""
    text = write([said("customer", "hello?")], {"error": "BotFailed: down", "escalated": True})
    assert "The bot's last step: no answer, as the bot failed (BotFailed: down)." in text


def test_same_facts_are_the_same_bytes() -> None:
    """A repeated attempt writes the very same comment: the idempotency key demands it."""
    assert write(order_number="10234") == write(order_number="10234")


def test_what_the_shop_says_of_the_order() -> None:
    """The facts of the order talked about; without one, which orders the customer has."""

    def facts(slots: dict[str, str], orders: package.Orders | None = ORDERS) -> str:
        return package.write("Ana", "Person", ASKED, TALK, LAST, slots, None, "", orders).split("\n\n")[1]

    known = "Order 10234: what was ordered: Kettle; status: shipped; total: 9.00 USD; address: 1 Hill Road\n"
    assert known in facts({"order_number": "10234"})
    assert "Orders of this customer: 10234 (shipped), 10235 (delivered)\n" in facts({})
    said = "Order 10234, the bot said: “Order 10234 (a kettle) is out for delivery. 🚚”\n"
    assert said in facts({"order_number": "10234"}, None)


def test_what_is_owed_stands_among_the_facts() -> None:
    """The agent reads what is due to the customer, by when."""
    text = package.write("Ana", "Person", ASKED, TALK, LAST, {}, None, "an answer by 10:00")
    assert "\nOwed: an answer by 10:00\n" in text


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
