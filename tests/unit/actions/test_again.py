"""Asked again: a shorter answer, then a person; and e-mails that are guessed."""

from __future__ import annotations

import asyncio

import pytest

from actions import warm
from actions.answering import DeskAction
from actions.delivery_info import ActionDeliveryInfo
from actions.invoice import ActionInvoice
from actions.order_status import ActionOrderStatus
from actions.refund_status import ActionRefundStatus
from actions.return_policy import ActionReturnPolicy
from tests.unit.actions.shop import LISTEN, Event, Outcome, a_desk, bot, run, slot, tracker, user

ASK = user("where is 10235? when does it arrive?", order_number="10235")
OFFER = ["Talk to a person", "No, thanks"]


async def thrice(chosen: type[DeskAction]) -> list[Outcome]:
    """The answers to the same question asked three times."""
    past: list[Event] = []
    heard: list[Outcome] = []
    for _ in range(3):
        said = await run(chosen(a_desk()), tracker(*past, ASK, slot("order_number", "10235")))
        heard.append(said)
        past += [ASK, *(bot(each["text"] or "", each["buttons"]) for each in said.messages), LISTEN]
    return heard


@pytest.mark.parametrize(
    "chosen",
    [ActionOrderStatus, ActionDeliveryInfo, ActionInvoice, ActionRefundStatus, ActionReturnPolicy],
)
async def test_the_same_question_again(chosen: type[DeskAction]) -> None:
    """The second answer differs from the first, the third offers a person who can be said yes to."""
    first, second, third = await thrice(chosen)
    assert second.text != first.text
    assert second.titles != OFFER
    assert third.text.startswith(second.text)
    assert third.titles == OFFER


def guessing(times: list[float], text: str, at: float, phone: str | None = None) -> Outcome:
    """The answer to an e-mail for order 10234, after wrong ones at these seconds."""
    mail = {**user(text, email=text), "timestamp": at}
    known = [slot("email", text), slot("order_number", "10234"), slot("wrong_emails", {"10234": times})]
    return asyncio.run(run(ActionOrderStatus(a_desk()), tracker(mail, *known, phone=phone)))


def test_a_wrong_email_is_counted() -> None:
    """Each wrong e-mail is noted with its time, for its order; a wrong number alone is not."""
    assert guessing([10.0], "eve@example.com", 20).slots["wrong_emails"] == {"10234": [10.0, 20.0]}
    alone = asyncio.run(
        run(ActionOrderStatus(a_desk()), tracker(user("99999"), slot("unknown_order", "99999")))
    )
    assert "wrong_emails" not in alone.slots


def test_the_third_wrong_email_ends_in_the_offer_of_a_person() -> None:
    """The third one within ten minutes is the last that is tried, and a person is offered."""
    said = guessing([10.0, 20.0], "eve@example.com", 30)
    assert said.titles == OFFER
    assert said.text.startswith("I can't find an order 10234 for you")


def test_after_three_wrong_emails_even_the_right_one_is_not_tried() -> None:
    """Who guesses does not learn that the guess was right; ten minutes later it is tried again."""
    times = [10.0, 20.0, 30.0]
    refused = guessing(times, "ana.silva@example.com", 40)
    assert "out for delivery" not in refused.text
    assert refused.text == guessing([10.0, 20.0], "eve@example.com", 40).text
    assert "out for delivery" in guessing(times, "ana.silva@example.com", 700).text


def test_the_owners_phone_needs_no_email() -> None:
    """Wrong e-mails close nothing for the phone on the order."""
    said = guessing([10.0, 20.0, 30.0], "eve@example.com", 40, phone="+15550100001")
    assert "out for delivery" in said.text


async def test_the_articles_are_opened_when_the_server_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening begins beside the server, and an index that is missing does not stop it."""
    asked: list[str] = []

    async def missing(question: str) -> None:
        asked.append(question)
        raise FileNotFoundError("no index")

    class App:
        """As much of a Sanic app as the hook uses."""

        def register_listener(self, listener: object, event: str) -> None:
            assert (listener, event) == (warm.begin, "after_server_start")

        def add_task(self, task: object, name: str) -> None:
            self.task = task

    app = App()
    monkeypatch.setattr("actions.desk.ask_articles", missing)
    warm.attach_sanic_app_extensions(app)
    await warm.begin(app, None)
    assert asked == []
    await app.task  # type: ignore[misc]
    assert len(asked) == 1
