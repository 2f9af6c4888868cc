"""How the desk looks: on a phone, in the dark, empty, full, and with names and scripts of every kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conversations.messages import Answer, Choice, Content
from tests.browser.desk import Office
from tests.browser.test_console import (
    desk_database,
    desk_url,
    fits,
    office,
    postgres,
    redis_url,
    sign_in,
)
from tests.fakes.ports import says

__all__ = ["desk_database", "desk_url", "office", "postgres", "redis_url"]

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
WIDE, PHONE, SMALL = (
    {"width": 1280, "height": 800},
    {"width": 390, "height": 780},
    {"width": 320, "height": 640},
)
ARABIC, HEBREW = "أين طلبي رقم 10234؟ لم يصل بعد!", "איפה ההזמנה שלי 10234?"
LONG = "Maximiliane-Alexandra Freifrau von Hohenstein-Oberwiesenthal zu Lichtenfels"


def picture(page: Page, name: str) -> None:
    """Keep what the page shows, if somebody wants it."""
    if folder := os.environ.get("PICTURES"):
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")


def people_of_every_kind(office: Office) -> str:
    """Long names, right-to-left scripts, emoji, one word without a break; the id of one to read."""
    person = says("A colleague will help.", handoff="asked_for_person")
    id = office.writes("ليلى حسن", ARABIC, Answer((Content("Which order?", (Choice("a", "10234"),)),)))
    office.writes("ليلى حسن", "أريد التحدث مع شخص", person)
    office.writes(LONG, "x" * 300, says("A colleague.", handoff="order_problem"))
    office.writes("דוד כהן", HEBREW)
    office.writes("🦊🦊🦊", "👍")
    office.writes("李小龙", "我的订单在哪里？")
    return str(id)


@pytest.mark.parametrize("size", [WIDE, PHONE, SMALL], ids=["wide", "phone", "small"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_and_scripts_of_every_kind(
    open_page: OpenPage, office: Office, size: dict[str, int], scheme: str
) -> None:
    """Nothing is wider than the screen, and right-to-left words run from the right."""
    id = people_of_every_kind(office)
    page = sign_in(open_page, office, viewport=size, color_scheme=scheme)
    expect(page.locator("a.card")).to_have_count(5)
    assert fits(page)
    picture(page, f"list-{scheme}-{size['width']}")
    page.goto(f"{office.url}/console/{id}")
    said = page.locator(".bubble.customer p").first
    expect(said).to_have_text(ARABIC)
    assert said.evaluate("(line) => getComputedStyle(line).direction") == "rtl"
    assert page.locator("h1").evaluate("(name) => getComputedStyle(name).textAlign") == "left"
    assert fits(page)
    picture(page, f"conversation-{scheme}-{size['width']}")


def test_dialogs_fit_a_small_phone(open_page: OpenPage, office: Office) -> None:
    """Ready replies, the keys and the hand-back can be read and closed at 320 pixels."""
    id = office.writes(LONG, "I want a person", says("A colleague.", handoff="asked_for_person"))
    page = sign_in(open_page, office, f"/console/{id}", viewport=SMALL)
    page.get_by_role("button", name="Take over").click()
    page.get_by_role("button", name="Ready replies").click()
    assert fits(page)
    picture(page, "ready-320")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Return to bot").click()
    leave = page.get_by_role("dialog").get_by_role("button", name="Return to bot")
    expect(leave).to_be_in_viewport()
    assert fits(page)
    picture(page, "return-320")
    page.get_by_role("button", name="Cancel").click()
    expect(leave).to_be_hidden()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_empty_and_full(open_page: OpenPage, office: Office, size: dict[str, int]) -> None:
    """With nobody there the desk says so; with 200 waiting it shows them."""
    page = sign_in(open_page, office, viewport=size)
    expect(page.get_by_text("No conversations yet.")).to_be_visible()
    picture(page, f"empty-{size['width']}")
    page.get_by_role("button", name="At risk").click()
    expect(page.get_by_text("No conversation with the bot needs you now.")).to_be_visible()
    page.get_by_role("button", name="All", exact=True).click()
    office.do(office.crowd(200))
    expect(page.locator("a.card")).to_have_count(200)
    assert fits(page)
    picture(page, f"full-{size['width']}")
