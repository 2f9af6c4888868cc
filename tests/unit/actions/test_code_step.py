"""Proving an order with a code: the same words and the same work for every number and every e-mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.desk import Desk
from actions.order_status import ActionOrderStatus, ValidateOrderStatusForm
from connectors.mail.message import MailDelayed
from tests.unit.actions.shop import (
    ANA,
    Event,
    FakeCodes,
    FakeMailer,
    FakeOrders,
    Outcome,
    a_desk,
    asking,
    form,
    rejected,
    run,
    slot,
    starting,
    tracker,
    user,
)

ANAS = "ana.silva@example.com"
BENS = "ben.okafor@example.com"


def desk(
    codes: FakeCodes | None = None, mailer: FakeMailer | None = None, orders: FakeOrders | None = None
) -> Desk:
    return replace(a_desk(orders), codes=codes or FakeCodes(), mailer=mailer or FakeMailer())


async def told_email(at: Desk, number: str, email: str, phone: str | None = None) -> Outcome:
    """The e-mail in answer to the form's question for it."""
    message = user(email, email=email)
    waiting = asking("order_status", "email", slot("order_number", number))
    said = await run(
        ValidateOrderStatusForm(at), tracker(*waiting, message, slot("email", email), phone=phone)
    )
    await at.settled()
    return said


async def told_code(
    at: Desk, text: str, number: str = "10234", email: str = ANAS, **entities: str
) -> Outcome:
    """A message in answer to the question for the code."""
    waiting = asking("order_status", "code", slot("order_number", number), slot("email", email))
    said = await run(ValidateOrderStatusForm(at), tracker(*waiting, user(text), phone=None))
    await at.settled()
    return said


async def test_the_right_email_gets_a_code() -> None:
    """It goes to the e-mail on the order, with the code in it, and the sending is written down."""
    codes, mailer = FakeCodes(), FakeMailer()
    said = await told_email(desk(codes, mailer), "10234", ANAS)
    assert said.slots["requested_slot"] == "code"
    assert [mail.to for mail in mailer.sent] == [ANAS]
    assert "123456" in mailer.sent[0].text
    assert "123456" not in said.text
    assert codes.noted == ["sent"]


@pytest.mark.parametrize(("number", "email"), [("10234", BENS), ("99999", ANAS), ("10301", ANAS)])
async def test_any_other_email_gets_the_same_words(number: str, email: str) -> None:
    """Whether the order is not theirs or not there: same answer, a code is made, and no mail goes out."""
    codes, mailer = FakeCodes(), FakeMailer()
    right = await told_email(desk(), "10234", ANAS)
    other = await told_email(desk(codes, mailer), number, email)
    assert other.text.replace(number, "N") == right.text.replace("10234", "N")
    assert other.slots["requested_slot"] == right.slots["requested_slot"]
    assert codes.asked == [(number, email, False)]
    assert mailer.sent == []


async def test_the_code_opens_the_order() -> None:
    """Also with a space in it, and the order is known from then on."""
    at = desk()
    await told_email(at, "10234", ANAS)
    said = await told_code(at, "it's 123 456")
    assert said.slots["order_number"] == "10234"
    assert said.slots["requested_slot"] is None
    assert said.slots["proved"]["10234"]["email"] == ANAS
    known = [slot("order_number", "10234"), slot("proved", said.slots["proved"])]
    told = await run(ActionOrderStatus(at), tracker(user("…"), *known, phone=None))
    assert "out for delivery" in told.text


async def test_an_email_alone_opens_nothing() -> None:
    """Where codes are sent, the slot with the e-mail is no proof, and a proof is for one order."""
    at = desk()
    known = [slot("order_number", "10234"), slot("email", ANAS)]
    assert "can't find" in (await run(ActionOrderStatus(at), tracker(user("…"), *known, phone=None))).text
    proved = slot("proved", {"10235": {"email": ANAS, "at": 0.0}})
    said = await run(ActionOrderStatus(at), tracker(user("…"), *known, proved, phone=None))
    assert "can't find" in said.text


async def test_three_wrong_codes_end_it() -> None:
    """Each try is told, after the third nothing is tried any more, in the same words for every number."""
    endings = []
    for number, email in (("10234", ANAS), ("99999", BENS)):
        at = desk()
        await told_email(at, number, email)
        first = await told_code(at, "000000", number, email)
        assert "2" in first.text or "twice" in first.text
        assert first.slots["requested_slot"] == "code"
        await told_code(at, "000001", number, email)
        last = await told_code(at, "000002", number, email)
        assert last.slots["requested_slot"] is None
        after = [slot(name, value) for name, value in last.slots.items()]
        said = await run(ActionOrderStatus(at), tracker(user("000002"), *after, phone=None))
        assert "Talk to a person" in said.titles
        endings.append(said.text.replace(number, "N"))
    assert endings[0] == endings[1]


async def test_a_right_code_for_a_wrong_email_is_wrong() -> None:
    """A code made for show opens nothing, even when it is guessed."""
    at = desk()
    await told_email(at, "99999", ANAS)
    assert (await told_code(at, "123456", "99999")).slots["requested_slot"] == "code"


@pytest.mark.parametrize("text", ["Send a new code", "I didn't get it", "can you resend it?"])
async def test_another_code(text: str) -> None:
    """A new one is sent on demand, until there were too many."""
    codes, mailer = FakeCodes(limit=2), FakeMailer()
    at = desk(codes, mailer)
    await told_email(at, "10234", ANAS)
    said = await told_code(at, text)
    assert said.slots["requested_slot"] == "code"
    assert "A code sent before is no longer good" in said.text
    assert len(mailer.sent) == 2
    assert (await told_code(at, text)).slots["closed_order"] == "10234"
    assert len(mailer.sent) == 2


async def test_another_email_gets_a_code_of_its_own() -> None:
    """A slip in the address is put right by sending the right one."""
    codes = FakeCodes()
    at = desk(codes)
    await told_email(at, "10234", BENS)
    waiting = asking("order_status", "code", slot("order_number", "10234"), slot("email", BENS))
    corrected = [user(f"sorry, {ANAS}", email=ANAS), slot("email", ANAS)]
    said = await run(ValidateOrderStatusForm(at), tracker(*waiting, *corrected, phone=None))
    assert codes.asked[-1] == ("10234", ANAS, True)
    assert said.slots["requested_slot"] == "code"


async def test_an_old_code_is_replaced() -> None:
    """After ten minutes a new one is on its way, and the customer hears why."""
    codes = FakeCodes()
    at = desk(codes)
    await told_email(at, "10234", ANAS)
    codes.old = True
    said = await told_code(at, "123456")
    assert "older than ten minutes" in said.text
    assert len(codes.asked) == 2


async def test_a_digression_costs_no_code() -> None:
    """Coming back from another question, the form asks for the code that is still good."""
    codes, mailer = FakeCodes(), FakeMailer()
    at = desk(codes, mailer)
    await told_email(at, "10234", ANAS)
    waiting = asking("order_status", "code", slot("order_number", "10234"), slot("email", ANAS))
    away = [user("how long do returns take?", "return_policy"), rejected("order_status_form")]
    said = await run(ValidateOrderStatusForm(at), tracker(*waiting, *away, phone=None))
    await at.settled()
    assert said.slots["requested_slot"] == "code"
    assert len(mailer.sent) == 1


async def test_something_else_is_left_to_the_rules() -> None:
    """What is no code, no e-mail and no wish for a new one answers nothing."""
    assert (await told_code(desk(), "how long do returns take?")).rejected


async def test_a_phone_takes_the_same_way_to_anothers_order() -> None:
    """From Ana's phone, Ben's order is unknown until Ben's e-mail comes, and then takes a code."""
    at = desk()
    unknown = [
        user("where is 10301", "order_status", order_number="10301"),
        form("order_status_form"),
        slot("order_number", "10301"),
    ]
    said = await run(ValidateOrderStatusForm(at), tracker(*unknown, phone=ANA))
    assert said.slots["unknown_order"] == "10301"
    assert said.slots["requested_slot"] is None
    proving: list[Event] = [
        user(BENS, email=BENS),
        form("order_status_form"),
        slot("unknown_order", "10301"),
        slot("email", BENS),
    ]
    said = await run(ValidateOrderStatusForm(at), tracker(*proving, phone=ANA))
    await at.settled()
    assert said.slots["requested_slot"] == "code"
    assert said.slots["order_number"] == "10301"


async def test_an_email_from_before_is_not_sent_a_code_unasked() -> None:
    """With a phone, an unknown number is an unknown order, whatever e-mail was given for another."""
    codes = FakeCodes()
    begun = [user("where is 99999", "order_status", order_number="99999"), form("order_status_form")]
    at = tracker(*begun, slot("order_number", "99999"), slot("email", BENS), phone=ANA)
    said = await run(ValidateOrderStatusForm(desk(codes)), at)
    assert said.slots["unknown_order"] == "99999"
    assert codes.asked == []


async def test_a_mail_that_cannot_be_sent() -> None:
    """Is written down, and changes nothing in what is said."""
    codes = FakeCodes()
    said = await told_email(desk(codes, FakeMailer(MailDelayed("down"))), "10234", ANAS)
    assert said.slots["requested_slot"] == "code"
    assert codes.noted == ["not_sent"]


async def test_a_broken_shop_is_a_person_not_a_hint() -> None:
    """When the orders cannot be asked, nothing is said about the e-mail."""
    said = await told_email(desk(orders=FakeOrders(OSError("no database"))), "10234", ANAS)
    assert said.paused


async def test_a_code_that_comes_too_late_is_no_order_number() -> None:
    """After the last try six digits alone are still about the order that was to be proved."""
    codes = FakeCodes()
    closed = [slot("closed_order", "10234"), slot("email", ANAS)]
    begun = starting("order_status", "444444", *closed, order_number="444444")
    said = await run(ValidateOrderStatusForm(desk(codes)), tracker(*begun, phone=None))
    assert "444444" not in said.text
    assert said.slots["order_number"] == "10234"
