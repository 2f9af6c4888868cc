"""The desk's conversation in a real browser: what is shown of each line, the keys, the composer."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from conversations import outbox, store
from conversations.desk import holding
from conversations.messages import Answer, Content, File
from tests.browser.desk import Office
from tests.browser.test_console import (
    desk_database,
    desk_url,
    office,
    postgres,
    redis_url,
    sign_in,
    wait_until_stored,
)
from tests.browser.test_looks import PHONE, SMALL, WIDE, picture
from tests.fakes.ports import says

__all__ = ["desk_database", "desk_url", "office", "postgres", "redis_url"]

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
AT_END = """() => {
    const pane = document.querySelector(".lines");
    return pane && pane.scrollHeight - pane.scrollTop - pane.clientHeight < 2;
}"""
PERSON = says("A colleague will help.", handoff="asked_for_person")


def waits(office: Office, name: str) -> UUID:
    """A customer who asked for a person."""
    return office.writes(name, "I want a person", PERSON)


def stays_at_the_end(page: Page) -> None:
    """Wait until the newest line stands directly above the composer."""
    page.wait_for_function(AT_END)


async def agent_sends(office: Office, id: UUID, *contents: Content) -> None:
    """As if Ines had answered in Zendesk."""
    async with office.core.pool.connection() as conn:
        conversation = await store.conversation(conn, id)
        for content in contents:
            await outbox.say(
                conn, office.core.jobs, conversation, "agent", content, epoch=conversation.epoch, by="Ines"
            )


async def has(office: Office, id: UUID, person: str) -> None:
    """This person holds the conversation."""
    async with office.core.pool.connection() as conn:
        await holding.take(conn, office.core.jobs, id, person)


async def writes_more(office: Office, id: UUID, number: int) -> None:
    """The customer writes so many lines."""
    async with office.core.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO log (conversation_id, at, kind, author, text) SELECT %s, now(), "
            "'message', 'customer', 'line ' || number FROM generate_series(1, %s) number",
            [id, number],
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_files_that_were_sent_are_shown(open_page: OpenPage, office: Office, scheme: str) -> None:
    """The bot's picture beside its caption, an agent's paper by its name; one that is gone says so."""
    parcel = File("http://shop.example/pictures/delivered_parcel.png", "parcel.png", "image/png")
    id = office.writes("Ana Silva", "where is it", Answer((Content("At the *door*", file=parcel),)))
    paper = File("http://helpdesk.example/secret/1", "offer.pdf", "application/pdf")
    lost = File("http://helpdesk.example/secret/2", "photo.jpg", "image/jpeg")
    office.do(agent_sends(office, id, Content("", file=paper), Content("", file=lost)))
    page = sign_in(open_page, office, f"/console/{id}", color_scheme=scheme, viewport=WIDE)
    page.wait_for_function("document.querySelector('.bubble.bot img.photo')?.naturalWidth > 0")
    expect(page.locator(".bubble.bot p")).to_have_text("At the door")
    link = page.get_by_role("link", name="offer.pdf")
    expect(link).to_have_attribute("href", re.compile(r"^/console/media/\d+/file$"))
    expect(page.locator(".bubble.agent", has_text="photo.jpg")).to_contain_text("no longer to be had")
    assert "helpdesk.example" not in page.content()
    picture(page, f"files-{scheme}")


def test_marks_of_whatsapp_are_shown_as_whatsapp_shows_them(open_page: OpenPage, office: Office) -> None:
    """Bold, italics, struck, code and web addresses; marks inside words and other addresses stay text."""
    text = "*Ana* _now_ ~old~ `a*b*c` see https://shop.example/a_b?c=1. 2*3*4 javascript:alert(1)"
    id = office.writes("Ana Silva", text)
    page = sign_in(open_page, office, f"/console/{id}")
    said = page.locator(".bubble.customer p")
    expect(said).to_have_text("Ana now old a*b*c see https://shop.example/a_b?c=1. 2*3*4 javascript:alert(1)")
    assert [said.locator(tag).inner_text() for tag in ("b", "i", "s", "code")] == [
        "Ana",
        "now",
        "old",
        "a*b*c",
    ]
    expect(said.get_by_role("link")).to_have_count(1)
    link = said.get_by_role("link")
    expect(link).to_have_attribute("href", "https://shop.example/a_b?c=1")
    expect(link).to_have_attribute("rel", re.compile("noopener"))


@pytest.mark.parametrize("size", [WIDE, PHONE, SMALL], ids=["wide", "phone", "small"])
def test_newest_line_stays_above_the_composer(
    open_page: OpenPage, office: Office, size: dict[str, int]
) -> None:
    """Whatever opens or grows below; who reads further up is left there."""
    id = waits(office, "Ana Silva")
    office.do(writes_more(office, id, 40))
    page = sign_in(open_page, office, f"/console/{id}", viewport=size)
    stays_at_the_end(page)
    page.get_by_label("Reply").fill("one\ntwo\nthree\nfour\nfive\nsix")
    stays_at_the_end(page)
    page.get_by_role("button", name="Ready replies").click()
    expect(page.get_by_label("Find a ready reply")).to_be_focused()
    stays_at_the_end(page)
    picture(page, f"ready-{size['width']}")
    page.keyboard.press("Escape")
    page.locator(".lines").evaluate("(pane) => { pane.scrollTop = 100; }")
    office.writes("Ana Silva", "still there?")
    page.get_by_role("button", name="New below").click()
    stays_at_the_end(page)
    expect(page.get_by_role("button", name="New below")).to_be_hidden()


def test_earlier_lines_are_loaded_above_what_is_read(open_page: OpenPage, office: Office) -> None:
    """300 more at a time, until there are no more; what stood on the screen stays where it was."""
    id = office.writes("Ana Silva", "hello")
    office.do(writes_more(office, id, 350))
    page = sign_in(open_page, office, f"/console/{id}")
    expect(page.locator(".bubble")).to_have_count(300)
    first = page.get_by_text("line 51", exact=True)
    page.locator(".lines").evaluate("(pane) => { pane.scrollTop = 0; }")
    before = first.evaluate("(line) => line.getBoundingClientRect().top")
    page.get_by_role("button", name="Earlier lines").click()
    expect(page.locator(".bubble")).to_have_count(352)
    after = first.evaluate("(line) => line.getBoundingClientRect().top")
    assert abs(after - before) < 2
    expect(page.get_by_role("button", name="Earlier lines")).to_have_count(0)


@pytest.mark.parametrize("size", [WIDE, PHONE, SMALL], ids=["wide", "phone", "small"])
def test_conversation_is_passed_on_only_by_choosing_a_name(
    open_page: OpenPage, office: Office, size: dict[str, int]
) -> None:
    """Arrow keys go through the names; Esc leaves all as it was, Enter gives it away."""
    id = waits(office, "Ana Silva")
    page = sign_in(open_page, office, f"/console/{id}", viewport=size)
    page.get_by_role("button", name="Take over").click()
    expect(page.locator(".holder")).to_have_text("You")
    page.keyboard.press("p")
    menu = page.get_by_role("menu", name="Pass on to")
    expect(menu.get_by_role("menuitem")).to_have_text(["Leo", "Lena", "Back to the queue"])
    expect(menu.get_by_role("menuitem", name="Leo")).to_be_focused()
    box = menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    picture(page, f"pass-on-{size['width']}")
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("menuitem", name="Lena")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.get_by_role("button", name="Pass on")).to_be_focused()
    expect(page.locator(".holder")).to_have_text("You")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".holder")).to_have_text("Lena")
    expect(page.get_by_text("Mia gave it to Lena.")).to_be_visible()


def test_keys_lead_from_one_waiting_customer_to_the_next(open_page: OpenPage, office: Office) -> None:
    """`g` opens the most urgent that is not a colleague's; after `1` the list begins at its top again."""
    taken = waits(office, "Cleo")
    office.do(has(office, taken, "Leo"))
    waits(office, "Ana Silva")
    waits(office, "Ben Okafor")
    page = sign_in(open_page, office)
    expect(page.locator("a.card")).to_have_count(3)
    page.keyboard.press("g")
    expect(page.get_by_role("heading", name="Ana Silva")).to_be_visible()
    page.get_by_label("Reply").fill("Hello.")
    page.keyboard.press("Enter")
    wait_until_stored(page)
    office.work()
    expect(page.locator("h2", has_text="With an agent")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Cleo")).to_be_focused()
    page.keyboard.press("g")
    expect(page.get_by_role("heading", name="Ben Okafor")).to_be_visible()


def test_refused_reply_is_given_back_and_said_to_be_refused(open_page: OpenPage, office: Office) -> None:
    """Who has the conversation, that nothing was sent, and the words themselves, to be read and copied."""
    id = waits(office, "Ana Silva")
    page = sign_in(open_page, office, f"/console/{id}", viewport=WIDE)
    page.get_by_label("Reply").fill("On its way!")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    office.do(has(office, id, "Leo"))
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_role("alert").filter(has_text="Your reply was not sent.")).to_be_visible()
    expect(page.get_by_text("Leo has this conversation.")).to_be_visible()
    field = page.get_by_label("Reply")
    expect(field).to_have_value("On its way!")
    expect(field).to_have_attribute("readonly", "")
    picture(page, "refused")
    office.work()
    assert "On its way!" not in office.core.channel.texts


def test_toasts_leave_the_reply_field_alone(open_page: OpenPage, office: Office) -> None:
    """What the desk says for a moment stands at the top."""
    for score in (0.2, 0.8):
        answer = Answer((Content("Pardon?"),), intent="nlu_fallback", frustration=score)
        id = office.writes("Noah Berg", "blurb", answer)
    page = sign_in(open_page, office, f"/console/{id}", viewport=WIDE)
    page.get_by_role("button", name="At risk").click()
    page.get_by_role("button", name="Yes, the warning about Noah Berg is useful").click()
    toast = page.locator(".q-notification", has_text="that is counted")
    expect(toast).to_be_visible()
    page.wait_for_function("document.querySelector('.q-notification').getBoundingClientRect().bottom < 120")
    picture(page, "toast")


def test_own_tickets_lead_to_the_helpdesk(open_page: OpenPage, office: Office) -> None:
    """A ticket of before opens from the history, as the present one does from the head."""
    id = waits(office, "Ana Silva")
    page = sign_in(open_page, office, f"/console/{id}", viewport=WIDE)
    expect(page.get_by_role("link", name="Ticket, open: #1")).to_have_attribute(
        "href", re.compile("/agent/tickets/1$")
    )
