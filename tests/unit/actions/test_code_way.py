"""Where a code goes: the customer chooses, and no answer tells whether the order is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions import code_step
from actions.desk import Desk
from actions.order_status import ValidateOrderStatusForm
from connectors.sms.message import TextDelayed, TextMessage
from tests.unit.actions.shop import (
    Event,
    FakeCodes,
    FakeMailer,
    Outcome,
    a_desk,
    asking,
    bot,
    rejected,
    run,
    slot,
    tracker,
    user,
)

ANAS, BENS = "ana.silva@example.com", "ben.okafor@example.com"
WAYS = bot("Where?", list(code_step.WAYS.values()))


class FakeTexter:
    """Keeps what it is given to send; `broken` refuses everything."""

    def __init__(self, broken: TextDelayed | None = None) -> None:
        self.sent: list[TextMessage] = []
        self.broken = broken

    async def send(self, message: TextMessage) -> None:
        if self.broken:
            raise self.broken
        self.sent.append(message)


def desk(codes: FakeCodes | None = None, texter: FakeTexter | None = None) -> Desk:
    return replace(a_desk(), codes=codes or FakeCodes(), mailer=FakeMailer(), texter=texter or FakeTexter())


async def heard(
    at: Desk, asked: str, message: Event, number: str = "10234", email: str = ANAS, way: str | None = None
) -> Outcome:
    """The message in answer to this question, when number and e-mail are known."""
    known = [slot("order_number", number), slot("email", email), slot("code_way", way), WAYS]
    found = message["parse_data"]["entities"]
    new = [slot("email", each["value"]) for each in found if each["entity"] == "email"]
    waiting = asking("order_status", asked, *known)
    said = await run(ValidateOrderStatusForm(at), tracker(*waiting, message, *new, phone=None))
    await at.settled()
    return said


@pytest.mark.parametrize(("number", "email"), [("10234", ANAS), ("10234", BENS), ("99999", ANAS)])
async def test_where_to_is_asked_before_anything_is_sent(number: str, email: str) -> None:
    """Right, wrong or not there: the same question, with the e-mail as given, masked, and no phone in it."""
    codes, texter = FakeCodes(), FakeTexter()
    said = await heard(desk(codes, texter), "email", user(email, email=email), number, email)
    assert said.slots["requested_slot"] == "code_way"
    assert said.titles == ["By e-mail", "By text message"]
    assert f"{email[0]}…@example.com" in said.text
    assert email not in said.text
    assert "555" not in said.text
    assert codes.asked == []
    assert texter.sent == []


async def test_a_text_message_goes_to_the_phone_on_the_order() -> None:
    """With the code in it; the log says that it was a text message."""
    codes, texter = FakeCodes(), FakeTexter()
    said = await heard(desk(codes, texter), "code_way", user("By text message", code_way="text"))
    assert said.slots["requested_slot"] == "code"
    assert said.slots["code_way"] == "text"
    assert [message.to for message in texter.sent] == ["+15550100001"]
    assert "123456" in texter.sent[0].text
    assert "123456" not in said.text
    assert codes.noted == ["sent_text"]


@pytest.mark.parametrize(("number", "email"), [("10234", BENS), ("99999", ANAS), ("10301", ANAS)])
async def test_whoever_is_not_the_owner_hears_the_same(number: str, email: str) -> None:
    """Same words, same slots, a code is made, and no phone rings."""
    texter, codes = FakeTexter(), FakeCodes()
    right = await heard(desk(), "code_way", user("text me"))
    other = await heard(desk(codes, texter), "code_way", user("text me"), number, email)
    assert other.text.replace(number, "N") == right.text.replace("10234", "N")
    assert other.slots.keys() == right.slots.keys()
    assert codes.asked == [(number, email, False)]
    assert texter.sent == []


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("sms please", "text"),
        ("to my phone", "text"),
        ("the second one", "text"),
        ("e-mail", "mail"),
        ("by mail pls", "mail"),
        ("1", "mail"),
    ],
)
async def test_the_way_in_plain_words(text: str, way: str) -> None:
    """Typed or by its place, the way is understood."""
    said = await heard(desk(), "code_way", user(text))
    assert said.slots["code_way"] == way
    assert said.slots["requested_slot"] == "code"


async def test_what_names_no_way_is_left_to_the_rules() -> None:
    """Nonsense sends nothing."""
    codes = FakeCodes()
    assert (await heard(desk(codes), "code_way", user("asdf", "nlu_fallback"))).rejected
    assert (await heard(desk(codes), "code_way", user("never mind", "never_mind"))).rejected
    assert codes.asked == []


async def test_another_email_is_asked_about_again() -> None:
    """A corrected address is shown, and still nothing is sent."""
    said = await heard(desk(), "code_way", user(BENS, email=BENS))
    assert said.slots["requested_slot"] == "code_way"
    assert said.slots["email"] == BENS
    assert "b…@example.com" in said.text


async def test_the_other_way_while_waiting() -> None:
    """Whoever cannot read the mail has a new code sent to the phone, and the next one stays there."""
    codes, texter = FakeCodes(), FakeTexter()
    at = desk(codes, texter)
    said = await heard(at, "code", user("send it to my phone instead"), way="mail")
    assert said.slots["code_way"] == "text"
    assert len(texter.sent) == 1
    again = await heard(at, "code", user("I didn't get it"), way="text")
    assert again.slots["code_way"] == "text"
    assert len(texter.sent) == 2
    assert again.titles == ["Send a new code", "By e-mail"]


async def test_a_text_message_that_cannot_be_sent_says_nothing_more() -> None:
    """The words stay the same, and the log has it."""
    codes = FakeCodes()
    at = desk(codes, FakeTexter(TextDelayed("down")))
    said = await heard(at, "code_way", user("By text message", code_way="text"))
    assert "on its way" in said.text
    assert codes.noted == ["not_sent"]


async def test_too_many_codes_end_it_whatever_the_way() -> None:
    """The limits count codes, not ways."""
    at = desk(FakeCodes(limit=0))
    said = await heard(at, "code_way", user("By text message", code_way="text"))
    assert said.slots["closed_order"] == "10234"
    assert said.slots["requested_slot"] is None


async def test_after_a_digression_the_code_is_waited_for_and_not_the_way() -> None:
    """A question in between does not ask again where the code shall go, nor send another one."""
    codes, texter = FakeCodes(), FakeTexter()
    at = desk(codes, texter)
    known = [slot("order_number", "10234"), slot("email", ANAS), slot("code_way", "text")]
    away = [user("how long do returns take?", "return_policy"), rejected("order_status_form")]
    waiting = tracker(*asking("order_status", "code", *known), *away, phone=None)
    said = await run(ValidateOrderStatusForm(at), waiting)
    assert said.slots["requested_slot"] == "code"
    assert "six digits of the code for order 10234" in said.text
    assert codes.asked == []
