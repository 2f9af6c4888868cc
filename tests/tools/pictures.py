"""Takes the README's picture from a running Parley: `make run`, and beside it `make pictures`."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, find_chromium

PHONE, DESK = "http://127.0.0.1:8101/", "http://127.0.0.1:8102/"
PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "story.png"
PATIENCE = 20_000  # milliseconds


def main() -> int:
    """Play the story on both pages and save them side by side."""
    path = find_chromium()
    if path is None:
        sys.stderr.write("There is no Chromium here.\n")
        return 1
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        phone = chromium.new_page(viewport={"width": 400, "height": 800}, device_scale_factor=2)
        desk = chromium.new_page(viewport={"width": 980, "height": 800}, device_scale_factor=2)
        phone.goto(PHONE)
        desk.goto(DESK)
        _play(phone, desk)
        _save(chromium.new_page(viewport={"width": 1440, "height": 840}, device_scale_factor=1), phone, desk)
        chromium.close()
    return 0


def _play(phone: Page, desk: Page) -> None:
    _ask(phone, "where is my order 10234?", "DHL")
    _ask(phone, "can I return something after 30 days?", "Return window")
    _ask(phone, "I want to talk to a person", "connect")
    _write(phone, "I changed my mind about the colour")
    desk.locator("#tickets li").first.click()
    expect(desk.locator("#ticket")).to_contain_text("about the colour", timeout=PATIENCE)
    desk.locator("#ticket textarea").fill("Hello Ana, Ines here. Which colour would you like instead?")
    desk.get_by_role("button", name="Submit").first.click()
    expect(phone.locator("#chat")).to_contain_text("Ines here", timeout=PATIENCE)


def _ask(phone: Page, text: str, answer: str) -> None:
    _write(phone, text)
    expect(phone.locator("#chat li").last).to_contain_text(answer, timeout=PATIENCE)


def _write(phone: Page, text: str) -> None:
    phone.get_by_label("Message", exact=True).fill(text)
    phone.get_by_role("button", name="Send").click()


def _save(sheet: Page, *pages: Page) -> None:
    """Both pages on one sheet."""
    shots = [base64.b64encode(page.screenshot()).decode() for page in pages]
    pictures = "".join(f'<img src="data:image/png;base64,{shot}" height="800">' for shot in shots)
    style = "margin:0;padding:20px;display:flex;gap:20px;background:#d9dde3"
    sheet.set_content(f'<body style="{style}">{pictures}</body>')
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    sheet.screenshot(path=PICTURE)


if __name__ == "__main__":
    sys.exit(main())
