"""Takes all pictures of the docs, `make pictures`: a Parley of its own, and people who use its pages."""

from __future__ import annotations

import base64
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, find_chromium
from tests.services import free_port, running

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
PASSWORD = secrets.token_urlsafe()
PATIENCE = 60_000  # milliseconds

OTHERS = {
    ("+15550100031", "Noah Berg"): ["hi", "do you ship to Norway?"],
    ("+15550100032", "Aiko Sato"): ["can I return something after 30 days?"],
    ("+15550100033", "Wilhelmina Maximiliane von Hohenstein"): ["hello", "the plug melted and burnt my hand"],
    ("+15550100034", "Diego Rojas"): ["asdf qwer", "zxcv uiop"],
}
"""Who else is in the queue, by phone and name, and what they write."""

PROMISE = "I'll call UPS now and write to you within an hour."


@dataclass(frozen=True)
class Place:
    """Where the pages are."""

    phone: str
    helpdesk: str
    desk: str


def main() -> int:
    """Play the stories and save what the pages show."""
    path = find_chromium()
    if path is None:
        sys.stderr.write("There is no Chromium here.\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _parley() as place, sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        phone = _page(chromium, place.phone, 400, scale=2)
        _story(chromium, phone, _page(chromium, place.helpdesk, 980, scale=2))
        _desk(chromium, phone, place)
        chromium.close()
    return 0


@contextmanager
def _parley() -> Iterator[Place]:
    phone, helpdesk = free_port(), free_port()
    settings = {
        "SANDBOX": "on",
        "SANDBOX_WHATSAPP_PORT": str(phone),
        "SANDBOX_ZENDESK_PORT": str(helpdesk),
        "CONSOLE_USERS": f"Mia:{PASSWORD}:agent",
        "SECRET_KEY": secrets.token_urlsafe(),
    }
    with running(settings) as parley:
        here = "http://127.0.0.1"
        yield Place(f"{here}:{phone}/", f"{here}:{helpdesk}/", f"{parley.url}/console")


def _story(chromium: Browser, phone: Page, helpdesk: Page) -> None:
    """Ana is answered by the bot, asks for a person, and is answered in Zendesk."""
    _ask(phone, "where is my order 10234?", "DHL")
    _ask(phone, "can I return something after 30 days?", "Return window")
    _ask(phone, "I want to talk to a person", "person from our team")
    _write(phone, "I changed my mind about the colour")
    helpdesk.locator("#tickets li").first.click()
    expect(helpdesk.locator("#ticket")).to_contain_text("about the colour")
    helpdesk.locator("#ticket textarea").fill("Hello Ana, Ines here. Which colour would you like instead?")
    helpdesk.get_by_role("button", name="Submit").first.click()
    expect(phone.locator("#chat")).to_contain_text("Ines here")
    _save(chromium, "story", phone, helpdesk)


def _desk(chromium: Browser, phone: Page, place: Place) -> None:
    """Ben is at risk; Mia steps in at the desk."""
    _queue(place)
    mia = _sign_in(chromium, place)
    phone.get_by_role("button", name="Ben Okafor").click()
    _ask(phone, "where is my order 10301?", "10301")
    mia.get_by_role("button", name="At risk").click()
    at_risk = mia.locator("li.at-risk", has_text="Ben Okafor")
    expect(at_risk).to_be_visible()
    _shoot(mia, "desk-at-risk")
    at_risk.get_by_role("button", name="Take over").click()
    expect(mia.locator(".holder")).to_have_text("You")
    mia.get_by_role("button", name="All").click()
    _note(mia, "UPS: stuck at the depot, will be out tomorrow.")
    _reply(mia, f"Hello Ben, this is Mia. I am sorry about the wait. {PROMISE}")
    expect(phone.locator("#chat")).to_contain_text("this is Mia")
    _write(phone, "ok thank you Mia")
    expect(mia.locator(".bubble.customer").last).to_contain_text("thank you Mia")
    expect(mia.get_by_role("button", name="Done")).to_be_visible()
    _shoot(mia, "desk")
    _save(chromium, "desk-and-phone", mia, phone)
    _shoot_small(mia)


def _queue(place: Place) -> None:
    """Others write, too, and are answered."""
    with httpx.Client(base_url=place.phone, trust_env=False, timeout=10) as sandbox:
        for (phone, name), texts in OTHERS.items():
            key = sandbox.post("sandbox/customers", json={"phone": phone, "name": name}).json()["key"]
            for text in texts:
                sandbox.post(f"sandbox/chats/{key}/messages", json={"text": text}).raise_for_status()


def _sign_in(chromium: Browser, place: Place) -> Page:
    page = _page(chromium, place.desk, 1440, height=900)
    page.get_by_label("Name").fill("Mia")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    for _, name in OTHERS:
        expect(page.get_by_role("link", name=name)).to_be_visible()
    return page


def _note(mia: Page, text: str) -> None:
    mia.get_by_role("button", name="Note", exact=True).click()
    mia.get_by_label("Note", exact=True).fill(text)
    mia.get_by_role("button", name="Keep").click()
    expect(mia.get_by_text(text)).to_be_visible()


def _reply(mia: Page, text: str) -> None:
    mia.get_by_role("button", name="Reply", exact=True).click()
    mia.get_by_label("Reply", exact=True).fill(text)
    mia.get_by_role("button", name="Send").click()


def _ask(phone: Page, text: str, answer: str) -> None:
    _write(phone, text)
    expect(phone.locator("#chat .line:not(.mine)").last).to_contain_text(answer)


def _write(phone: Page, text: str) -> None:
    phone.get_by_label("Message", exact=True).fill(text)
    phone.get_by_role("button", name="Send").click()


def _page(chromium: Browser, url: str, width: int, height: int = 800, scale: int = 1) -> Page:
    page = chromium.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale)
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    return page


def _shoot(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png")


def _shoot_small(mia: Page) -> None:
    """The same conversation on a phone."""
    mia.get_by_role("button", name="Yes").click()
    mia.set_viewport_size({"width": 390, "height": 780})
    mia.reload()
    expect(mia.locator(".bubble.customer").last).to_be_in_viewport()
    expect(mia.get_by_label("Reply", exact=True)).to_be_visible()
    _shoot(mia, "desk-phone")


def _save(chromium: Browser, name: str, *pages: Page) -> None:
    """Pages side by side on one sheet."""
    shots = [base64.b64encode(page.screenshot()).decode() for page in pages]
    pictures = "".join(f'<img src="data:image/png;base64,{shot}" height="800">' for shot in shots)
    style = "margin:0;padding:20px;display:inline-flex;gap:20px;background:#d9dde3"
    sheet = chromium.new_page(viewport={"width": 1440, "height": 840})
    sheet.set_content(f'<body style="margin:0"><div style="{style}">{pictures}</div></body>')
    sheet.locator("div").screenshot(path=FOLDER / f"{name}.png")
    sheet.close()


if __name__ == "__main__":
    sys.exit(main())
