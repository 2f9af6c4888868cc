"""The chat page in a real browser, on a real web process, Postgres and Redis."""

from __future__ import annotations

import dataclasses
import functools
import http.server
import re
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from conversations import inbox, reports
from conversations.messages import Answer, Choice, Content, File, HandoffRequest, StaffComment
from orders.papers.pictures import FOLDER as PICTURES
from tests.browser.desk import Office, web_process
from tests.services import TEMPLATE, empty, free_port, in_database, postgres, redis_url

__all__ = ["postgres", "redis_url"]

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
NARROW = {"width": 320, "height": 640}
MARKUP = (
    "<img src=x onerror=\"document.title='owned'\"> https://parcels.example/t?a=1&b=<b> javascript:alert(1)"
)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def chat_database(postgres: str) -> str:
    """A migrated database for the module."""
    name = f"chat_{secrets.token_hex(6)}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return in_database(postgres, name)


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[str, Path]]:
    """A website of somebody else's: its address and its folder."""
    with tempfile.TemporaryDirectory() as folder:
        handler = functools.partial(_Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", Path(folder)
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def web_url(chat_database: str, redis_url: str, shop: tuple[str, Path]) -> Iterator[str]:
    """A running web process that serves the page, also in a frame of the shop's."""
    with web_process(chat_database, redis_url, CHAT_PAGE="on", CHAT_ORIGINS=shop[0]) as url:
        yield url


@pytest.fixture
def office(web_url: str, chat_database: str) -> Iterator[Office]:
    """A worker, and nobody has written yet."""
    empty(chat_database, "conversations", "chat_sessions", "procrastinate_jobs")
    with Office(web_url, chat_database).open() as office:
        yield office


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")


def ours(page: Page, text: str) -> Locator:
    return page.locator(".line:not(.mine) .bubble", has_text=text)


def _states(office: Office, id: UUID) -> list[str | None]:
    return [line.state for line in office.lines(id) if line.author == "bot" and line.kind == "message"]


def newest(office: Office) -> UUID:
    async def find() -> UUID:
        async with office.core.pool.connection() as conn:
            return (await reports.list_conversations(conn, 1))[0].id

    return office.do(find())


def test_question_is_answered_ticked_and_still_there_after_a_reload(
    open_page: OpenPage, office: Office
) -> None:
    """The customer writes with the keyboard alone, sees typing and ticks, and finds it all again."""
    page = open_page(f"{office.url}/chat")
    say(page, "where is 10234?")
    expect(page.locator(".mine .bubble")).to_contain_text("where is 10234?")
    expect(page.get_by_label("Sent", exact=True)).to_be_visible()
    expect(page.get_by_text("Assistant is writing")).to_be_attached()
    office.work()
    expect(ours(page, "echo where is 10234?")).to_be_visible()
    expect(page.get_by_label("Read", exact=True)).to_be_visible()
    office.until(lambda: _states(office, newest(office)) == ["read"])
    page.reload()
    expect(ours(page, "echo where is 10234?")).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("heading", name="How can we help?")).to_be_visible()


def test_choices_can_be_tapped_once_and_an_agent_is_announced(open_page: OpenPage, office: Office) -> None:
    """A list is offered as buttons, the pick goes out, and an agent's reply comes in."""
    page = open_page(f"{office.url}/chat")
    offer = Content(
        "Which order?", (Choice("/pick{1}", "10234", "out for delivery"), Choice("/p{2}", "10237"))
    )
    office.core.bot.replies.append(Answer((offer,)))
    page.get_by_role("button", name="Where is my order?").click()
    page.get_by_label("Sent", exact=True).wait_for()
    office.work()
    page.get_by_role("button", name="10234 out for delivery").click()
    expect(page.locator(".mine .bubble").last).to_contain_text("10234")
    page.get_by_label("Sent", exact=True).wait_for()
    office.work()
    expect(ours(page, "echo 10234")).to_be_visible()
    expect(page.get_by_role("button", name="10237")).to_be_disabled()
    assert office.core.bot.asked[-1].payload == "/pick{1}"
    id = newest(office)

    async def reply() -> None:
        async with office.core.pool.connection() as conn:
            await inbox.receive_reply(conn, office.core.corridor.jobs, id, "reply-0001", "Mia", "I am here.")

    office.do(reply())
    office.work()
    expect(ours(page, "I am here.")).to_be_visible()
    expect(page.get_by_text("A colleague is with you")).to_be_visible()


def test_files_of_an_agent_are_shown_or_saved(
    open_page: OpenPage, office: Office, shop: tuple[str, Path]
) -> None:
    """A picture is seen at once and after a reload; anything else is a button that saves it."""
    page = open_page(f"{office.url}/chat")
    office.core.bot.replies.append(Answer((Content("I call somebody."),), HandoffRequest("asked", "high")))
    say(page, "a person please")
    page.get_by_label("Sent", exact=True).wait_for()
    office.work()
    picture = (PICTURES / "rain_jacket.png").read_bytes()
    files = [
        _at(office, shop, File(name="jacket.png", mime_type="image/png", size=len(picture), url=""), picture),
        _at(office, shop, File(name="slip.html", mime_type="text/html", size=8, url=""), b"<script>"),
    ]
    reply = StaffComment(
        "1", str(newest(office)), "c1", "5", "Mia", "Like this:", datetime.now(UTC), True, files=tuple(files)
    )

    async def answer() -> None:
        async with office.core.pool.connection() as conn:
            await inbox.receive_comment(conn, office.core.corridor.jobs, reply)

    office.do(answer())
    office.work()
    for _ in range(2):
        shown = page.get_by_role("img", name="jacket.png")
        expect(shown).to_be_in_viewport()
        assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        page.reload()
    with page.expect_download() as saved:
        page.get_by_role("button", name="slip.html").click()
    assert (saved.value.suggested_filename, saved.value.path().read_bytes()) == ("slip.html", b"<script>")


def _at(office: Office, shop: tuple[str, Path], file: File, data: bytes) -> File:
    """The file as an attachment that both the worker and the web process can fetch."""
    (shop[1] / file.name).write_bytes(data)
    there = dataclasses.replace(file, url=f"{shop[0]}/{file.name}")
    office.core.helpdesk.attachments[there.url] = data
    return there


def test_each_script_is_written_from_its_own_side(open_page: OpenPage, office: Office) -> None:
    """Arabic from the right within its bubble, English from the left; the field follows what is typed."""
    page = open_page(f"{office.url}/chat", viewport=NARROW)
    say(page, "أين طلبي 10234؟")
    page.get_by_label("Sent", exact=True).wait_for()
    page.get_by_label("Your message").fill("مرحبا")
    direction = "element => getComputedStyle(element).direction"
    assert page.get_by_label("Your message").evaluate(direction) == "rtl"
    assert page.locator(".mine .bubble > div").evaluate(direction) == "rtl"
    office.core.bot.replies.append(Answer((Content("It is on its way."),)))
    office.work()
    expect(ours(page, "It is on its way.")).to_be_visible()
    assert page.locator(".line:not(.mine) .bubble > div").last.evaluate(direction) == "ltr"


def test_nobody_is_promised_before_a_colleague_writes(open_page: OpenPage, office: Office) -> None:
    """After the bot has called a person the page says that one was asked, not that one is there."""
    page = open_page(f"{office.url}/chat")
    office.core.bot.replies.append(Answer((Content("I call somebody."),), HandoffRequest("asked", "high")))
    say(page, "a person please")
    page.get_by_label("Sent", exact=True).wait_for()
    office.work()
    expect(page.get_by_text("A colleague has been asked")).to_be_visible()


def test_what_others_write_is_text_and_nothing_else(open_page: OpenPage, office: Office) -> None:
    """Markup stays text, an https address becomes a link, and nothing else does."""
    page = open_page(f"{office.url}/chat")
    office.core.bot.replies.append(Answer((Content(MARKUP),)))
    say(page, MARKUP)
    page.get_by_label("Sent", exact=True).wait_for()
    office.work()
    expect(ours(page, "javascript:alert(1)")).to_be_visible()
    assert page.title() == "Chat with us"
    links = page.locator(".line:not(.mine) .bubble a").evaluate_all("all => all.map(a => a.href)")
    assert links == ["https://parcels.example/t?a=1&b="]


def test_message_written_without_a_connection_goes_out_once_afterwards(
    open_page: OpenPage, office: Office
) -> None:
    """Offline the page keeps the line and says so; back online it is sent, once."""
    page = open_page(f"{office.url}/chat")
    say(page, "first")
    page.get_by_label("Sent", exact=True).wait_for()
    page.context.set_offline(True)
    say(page, "second")
    expect(page.get_by_text("No connection.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_label("Sent", exact=True)).to_have_count(2)
    office.work()
    expect(ours(page, "echo second")).to_be_visible()
    said = [line.text for line in office.lines(newest(office)) if line.author == "customer"]
    assert said == ["first", "second"]


def test_page_that_stayed_open_for_long_still_begins_a_chat(open_page: OpenPage, office: Office) -> None:
    """A permit that has expired is replaced by a fresh one, unseen by the customer."""
    page = open_page("about:blank")
    page.route("**/chat", _with_an_old_permit, times=1)
    page.goto(f"{office.url}/chat")
    say(page, "hello")
    expect(page.get_by_label("Sent", exact=True)).to_be_visible()
    expect(page.locator("#banner")).to_be_hidden()


def _with_an_old_permit(route: Route) -> None:
    page = route.fetch()
    route.fulfill(response=page, body=re.sub('(parley-permit" content=")[^"]*', "\\1expired", page.text()))


def test_message_that_is_refused_holds_no_other_up(open_page: OpenPage, office: Office) -> None:
    """What is written after it goes out; the refused one stays, with the reason, to be tried again."""
    page = open_page(f"{office.url}/chat")
    refusal = '{"error": "text: no"}'
    page.route("**/messages", lambda route: route.fulfill(status=422, body=refusal), times=1)
    say(page, "bad")
    expect(page.get_by_text("Not sent: text: no")).to_be_visible()
    say(page, "good")
    expect(page.get_by_label("Sent", exact=True)).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Sent", exact=True)).to_have_count(2)
    said = [line.text for line in office.lines(newest(office)) if line.author == "customer"]
    assert said == ["good", "bad"]


def test_chat_that_has_ended_keeps_what_was_not_sent(
    open_page: OpenPage, office: Office, chat_database: str
) -> None:
    """Nothing that waited goes into another chat by itself; the customer may try again, and is heard."""
    page = open_page(f"{office.url}/chat")
    say(page, "first")
    page.get_by_label("Sent", exact=True).wait_for()
    empty(chat_database, "chat_sessions")
    say(page, "second")
    expect(page.get_by_text("This chat has ended.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Sent", exact=True)).to_have_count(2)


def test_page_fits_a_narrow_and_a_dark_screen(open_page: OpenPage, office: Office) -> None:
    """Nothing is wider than a small phone, dark follows the system, and every control has a name."""
    page = open_page(f"{office.url}/chat", viewport=NARROW, color_scheme="dark")
    say(page, "x" * 300)
    page.get_by_label("Sent", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 21, 20)"
    for control in page.locator("button:visible, textarea").all():
        assert control.get_attribute("aria-label") or control.get_attribute("id") or control.inner_text()


def test_snippet_puts_the_chat_on_a_website(
    open_page: OpenPage, office: Office, shop: tuple[str, Path]
) -> None:
    """One script tag on a page of the shop's opens the chat in a frame, and Escape closes it."""
    address, folder = shop
    snippet = f'<script src="{office.url}/chat/static/embed.js" defer></script>'
    (folder / "index.html").write_text(f"<!doctype html><title>Shop</title><h1>Shop</h1>{snippet}")
    page = open_page(f"{address}/index.html")
    page.get_by_role("button", name="Chat with us").click()
    inside = page.frame_locator("iframe[title=Chat]")
    inside.get_by_label("Your message").fill("hello")
    inside.get_by_role("button", name="Send").click()
    inside.get_by_label("Sent", exact=True).wait_for()
    office.work()
    expect(inside.get_by_text("echo hello")).to_be_visible()
    page.get_by_role("button", name="Close the chat").click()
    expect(page.locator("iframe[title=Chat]")).to_be_hidden()
