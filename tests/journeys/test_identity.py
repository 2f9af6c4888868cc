"""Proving an order that is not under one's phone number: order number, e-mail, code."""

from __future__ import annotations

from sandbox.whatsapp.state import Message
from tests.journeys.conftest import ANA, NOBODY, Journey, Mailbox

ANAS, BENS = "ana.silva@example.com", "ben.okafor@example.com"


def everything(messages: list[Message]) -> str:
    return "\n".join(message.text for message in messages)


def titles(messages: list[Message]) -> list[str]:
    return [choice["title"] for message in messages for choice in message.choices]


async def test_a_customer_without_a_number_proves_an_order(journey: Journey, mailbox: Mailbox) -> None:
    """Number, e-mail, code: nothing is shown before the last, and from then on the order is known."""
    before = len(mailbox.mails(ANAS))
    asked = everything(await journey.say("where is my order 10234?", NOBODY))
    assert "e-mail" in asked
    where = await journey.say(ANAS, NOBODY)
    assert titles(where) == ["By e-mail", "By text message"]
    waiting = everything(where) + everything(await journey.say("by e-mail please", NOBODY))
    assert "code is on its way" in waiting
    assert "DHL" not in asked + waiting
    code = await mailbox.next_code(ANAS, before)
    wrong = everything(await journey.say(f"{(int(code) + 1) % 1_000_000:06}", NOBODY))
    assert "isn't right" in wrong
    between = everything(await journey.say("what is your return policy?", NOBODY))
    assert "30 days" in between
    assert "DHL" in everything(await journey.say(f"it's {code[:3]} {code[3:]}", NOBODY))
    assert "10234" in everything(await journey.say("and when does it arrive?", NOBODY))
    assert len(mailbox.mails(ANAS)) == before + 1


async def test_a_wrong_email_learns_nothing(journey: Journey, mailbox: Mailbox) -> None:
    """An e-mail that is not the one on the order, and an order that is not there, hear the same words."""
    before = len(mailbox.mails(BENS))
    answers = []
    for number in ("10235", "99999"):
        await journey.say(f"where is my order {number}?", NOBODY)
        told = everything(await journey.say(BENS, NOBODY)).replace(number, "N")
        told += everything(await journey.say("e-mail", NOBODY)).replace(number, "N")
        tries = [everything(await journey.say(guess, NOBODY)) for guess in ("111111", "222222")]
        last = await journey.say("333333", NOBODY)
        assert "Talk to a person" in titles(last)
        answers.append((told, tries, everything(last).replace(number, "N")))
    assert answers[0] == answers[1]
    assert len(mailbox.mails(BENS)) == before


async def test_anothers_order_takes_a_code_even_with_a_phone(journey: Journey, mailbox: Mailbox) -> None:
    """From Ana's phone Ben's order is unknown, and his e-mail alone does not open it."""
    before = len(mailbox.mails(BENS))
    assert "can't find" in everything(await journey.say("where is 10301", ANA))
    assert "Where shall it go" in everything(await journey.say(BENS, ANA))
    assert "code is on its way" in everything(await journey.say("by mail", ANA))
    code = await mailbox.next_code(BENS, before)
    assert "delayed" in everything(await journey.say(code, ANA))


async def test_the_code_comes_to_the_phone_on_the_order(journey: Journey, mailbox: Mailbox) -> None:
    """By text message on request; whoever is not the owner hears the same and makes no phone ring."""
    phones = (f"+{ANA}", "+15550100002")
    before = [len(mailbox.mails(phone)) for phone in phones]
    await journey.say("where is my order 10235?", NOBODY)
    await journey.say(ANAS, NOBODY)
    waiting = everything(await journey.say("text me please", NOBODY))
    assert "phone number on the order" in waiting
    code = await mailbox.next_code(phones[0], before[0])
    opened = everything(await journey.say(code, NOBODY))
    assert "was delivered" in opened
    assert code not in opened
    await journey.say("where is my order 10301?", NOBODY)
    await journey.say(ANAS, NOBODY)
    same = everything(await journey.say("text me please", NOBODY))
    assert same.replace("10301", "N") == waiting.replace("10235", "N")
    assert len(mailbox.mails(phones[1])) == before[1]


async def test_only_the_newest_code_counts_and_a_drop_ends_the_waiting(
    journey: Journey, mailbox: Mailbox
) -> None:
    """Who asks for a new code can use that one alone; who drops it is asked for no code any more."""
    before = len(mailbox.mails(BENS))
    await journey.say("where is my order 10301?", NOBODY)
    await journey.say(BENS, NOBODY)
    await journey.say("by e-mail", NOBODY)
    first = await mailbox.next_code(BENS, before)
    again = everything(await journey.say("didnt get it", NOBODY))
    assert "no longer good" in again
    second = await mailbox.next_code(BENS, before + 1)
    if first != second:
        assert "isn't right" in everything(await journey.say(first, NOBODY))
    assert "nothing has been changed" in everything(await journey.say("never mind", NOBODY))
    assert "code" not in everything(await journey.say("thank you", NOBODY))
    await journey.say("where is my order 10301?", NOBODY)
    await journey.say("by e-mail", NOBODY)
    assert "delayed" in everything(await journey.say(second, NOBODY))
