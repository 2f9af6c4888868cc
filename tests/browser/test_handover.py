"""The whole of Parley in a real browser: the customer's phone on one side, two agents' desks on the other.

With PICTURES set to a folder, what the pages show on the way is kept there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.services import free_port, running

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PASSWORD = "a-good-password"
PATIENCE = 60_000
"""Milliseconds for an answer of the whole corridor, on a busy machine."""


@dataclass(frozen=True)
class Place:
    """Where the phone and the desk are."""

    phone: str
    desk: str


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A running Parley in the sandbox, with two agents who may sign in."""
    phone = free_port()
    settings = {
        "SANDBOX": "on",
        "SANDBOX_WHATSAPP_PORT": str(phone),
        "SANDBOX_ZENDESK_PORT": str(free_port()),
        "CONSOLE_USERS": f"Mia:{PASSWORD}:agent,Leo:{PASSWORD}:agent",
        "SECRET_KEY": "a long random text",
    }
    with running(settings) as parley:
        yield Place(f"http://127.0.0.1:{phone}/", f"{parley.url}/console")


def picture(page: Page, name: str) -> None:
    """Keep what the page shows, if somebody wants it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def sign_in(open_page: OpenPage, place: Place, name: str) -> Page:
    page = open_page(place.desk, viewport={"width": 1280, "height": 800})
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Find a conversation")).to_be_visible()
    return page


def write(phone: Page, text: str) -> None:
    phone.get_by_label("Message", exact=True).fill(text)
    phone.get_by_role("button", name="Send").click()


def heard(phone: Page, text: str | re.Pattern[str]) -> None:
    """Until the newest line on the phone says this."""
    expect(phone.locator("#chat .line:not(.mine)").last).to_contain_text(text, timeout=PATIENCE)


def test_customer_bot_and_two_agents(open_page: OpenPage, place: Place) -> None:
    """From the bot to a person and back, with a picture, bold words, ready and suggested replies."""
    phone = open_page(place.phone, viewport={"width": 400, "height": 800})
    mia, leo = sign_in(open_page, place, "Mia"), sign_in(open_page, place, "Leo")

    write(phone, "where is my order 10234?")
    heard(phone, "DHL")
    expect(mia.get_by_role("link", name="Ana Silva")).to_contain_text("Bot", timeout=PATIENCE)
    phone.get_by_role("button", name="Attach").click()
    phone.get_by_role("menuitem", name="Photo").click()
    heard(phone, "Which item of order 10235 is it?")
    write(phone, "I want to talk to a person")
    heard(phone, "person from our team")
    card = mia.get_by_role("link", name="Ana Silva")
    expect(card).to_contain_text("Customer asks for a person", timeout=PATIENCE)
    expect(mia).to_have_title("(1) Conversations · Parley")

    card.click()
    mia.get_by_role("button", name="Take over").click()
    expect(mia.locator(".holder")).to_have_text("You", timeout=PATIENCE)
    photo = mia.locator(".bubble.customer img.photo")
    photo.scroll_into_view_if_needed()
    expect(photo).to_be_visible()
    mia.wait_for_function("document.querySelector('.bubble.customer img.photo').naturalWidth > 0")
    mia.get_by_label("Reply", exact=True).fill("Hello *Ana*, this is Mia.")
    mia.get_by_role("button", name="Send").click()
    heard(phone, "Hello Ana, this is Mia.")
    expect(phone.locator(".line:not(.mine) strong").last).to_have_text("Ana")
    expect(mia.locator(".bubble.agent .tick").last).to_have_class(
        re.compile("read|delivered"), timeout=PATIENCE
    )

    leo.get_by_role("link", name="Ana Silva").click()
    expect(leo.get_by_text("Mia has this conversation.")).to_be_visible()
    mia.get_by_label("Reply", exact=True).press_sequentially("I")
    expect(leo.get_by_text("Mia is typing…")).to_be_visible()
    picture(leo, "desk-held")
    mia.get_by_label("Reply", exact=True).fill("")
    mia.get_by_role("button", name="Ready replies").click()
    mia.get_by_label("Find a ready reply").fill("looking")
    picture(mia, "desk-ready-replies")
    mia.keyboard.press("Enter")
    expect(mia.get_by_label("Reply", exact=True)).to_have_value(re.compile("Thank you, Ana.*order 10235"))
    mia.get_by_role("button", name="Send").click()
    heard(phone, "I am looking into order 10235 now")

    write(phone, "how many days do I have to return an item?")
    expect(mia.locator(".bubble.customer").last).to_contain_text("how many days", timeout=PATIENCE)
    mia.get_by_role("button", name="Suggest").click()
    expect(mia.get_by_label("Reply", exact=True)).to_have_value(re.compile("30 days"), timeout=PATIENCE)
    picture(mia, "desk-suggest")
    mia.get_by_role("button", name="Send").click()
    heard(phone, "30 days")
    mia.get_by_label("Reply", exact=True).fill("I'll refund the delivery costs by Friday.")
    mia.get_by_role("button", name="Send").click()
    heard(phone, "by Friday")
    write(phone, "thank you!")
    expect(mia.locator(".bubble.customer").last).to_contain_text("thank you!", timeout=PATIENCE)

    mia.get_by_role("button", name="Return to bot").click()
    dialog = mia.get_by_role("dialog")
    expect(dialog.get_by_label("Promised")).to_have_value(
        re.compile("I'll refund the delivery costs by Friday.")
    )
    picture(mia, "desk-return")
    dialog.get_by_role("button", name="Return to bot").click()
    expect(mia.locator(".holder")).to_have_text("Bot")
    expect(leo.locator(".holder")).to_have_text("Bot")
    expect(mia.get_by_text("solved", exact=True)).to_be_visible(timeout=PATIENCE)
    write(phone, "what did your colleague promise?")
    heard(phone, "I'll refund the delivery costs by Friday.")
    write(phone, "where is my order 10237?")
    heard(phone, "10237")
    picture(phone, "phone-after-return")
