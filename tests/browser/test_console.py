"""The desk in a real browser, on a real web process, Postgres and Redis."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import Page, expect

from conversations.errors import BotFailed
from conversations.exits import store as exits
from conversations.messages import Answer, Choice, Content
from conversations.promises import book
from conversations.tags import store as tags
from tests.browser.desk import AGENT, PASSWORD, Office, web_process
from tests.fakes.ports import says
from tests.services import TEMPLATE, empty, free_port, in_database, postgres, redis_url

__all__ = ["postgres", "redis_url"]

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
NARROW = {"width": 320, "height": 640}
SCRIPT = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">`${1+1}`{{1+1}}"
)


@pytest.fixture(scope="session")
def desk_database(postgres: str) -> str:
    """A migrated database for the whole session."""
    name = f"desk_{secrets.token_hex(6)}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return in_database(postgres, name)


@pytest.fixture(scope="session")
def desk_url(desk_database: str, redis_url: str) -> Iterator[str]:
    """A running web process on it."""
    with web_process(desk_database, redis_url) as url:
        yield url


@pytest.fixture
def office(desk_url: str, desk_database: str) -> Iterator[Office]:
    """An office in which nobody has written yet."""
    empty(desk_database, "conversations", "procrastinate_jobs")
    with psycopg.connect(desk_database, autocommit=True) as conn:
        conn.execute("NOTIFY parley_desk")
    with Office(desk_url, desk_database).open() as office:
        yield office
    assert office.complaints == []


def sign_in(
    open_page: OpenPage, office: Office, path: str = "/console", *, who: str = AGENT, at: str = "",
    **options: object,
) -> Page:  # fmt: skip
    """A page of the desk, signed in; `at`: the address of another web process."""
    page = open_page((at or office.url) + path, **options)
    page.on("console", lambda said: office.complaints.append(said.text) if "Error: " in said.text else None)
    page.get_by_label("Name").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def give_back(page: Page) -> None:
    """Return the open conversation to the bot, with what the desk found for it."""
    page.get_by_role("button", name="Return to bot").click()
    page.get_by_role("dialog").get_by_role("button", name="Return to bot").click()


def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def wait_until_stored(page: Page) -> None:
    """Until the server has taken every reply of this page."""
    page.wait_for_function("!Object.keys(sessionStorage).some((key) => key.startsWith('parley.reply'))")


def test_signing_in_leads_to_the_page_that_was_asked_for(open_page: OpenPage, office: Office) -> None:
    """A stranger is asked who they are; the right password leads on, signing out leads back."""
    id = office.writes("Ana Silva", "where is 10234?")
    page = sign_in(open_page, office, f"/console/{id}")
    expect(page).to_have_url(f"{office.url}/console/{id}")
    expect(page.get_by_role("heading", name="Ana Silva")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{office.url}/console/{id}")
    expect(page.get_by_label("Password")).to_be_visible()


def test_empty_desk_says_what_will_appear(open_page: OpenPage, office: Office) -> None:
    """Before the first message the queue, the conversation and the figures say what to expect."""
    page = sign_in(open_page, office)
    expect(page.get_by_text("No conversations yet.")).to_be_visible()
    expect(page.get_by_text("Choose a conversation")).to_be_visible()
    page.get_by_role("link", name="Analytics").click()
    expect(page.get_by_text("No customer wrote in these days.")).to_be_visible()


def test_queue_follows_what_happens(open_page: OpenPage, office: Office) -> None:
    """New conversations and handoffs appear without a reload, the longest wait first."""
    page = sign_in(open_page, office)
    office.writes("Cleo", "hello")
    expect(page.get_by_role("link", name="Cleo")).to_contain_text("echo hello")
    office.writes("Ana Silva", "I want a person", says("A colleague will help.", handoff="asked_for_person"))
    office.writes("Ben Okafor", "fraud!", says("A colleague will help.", handoff="grave_words"))
    waiting = page.locator("h2", has_text="Waiting for an agent")
    expect(waiting).to_contain_text("2")
    expect(page).to_have_title("(2) Conversations · Parley")
    names = page.locator("a.card b").all_inner_texts()
    assert names == ["Ana Silva", "Ben Okafor", "Cleo"]
    expect(page.get_by_role("link", name="Ana Silva")).to_contain_text("Customer asks for a person")
    expect(page.get_by_role("link", name="Ben Okafor")).to_contain_text("Grave words")
    expect(page.get_by_role("link", name="Ben Okafor")).to_contain_text("h to reply")


def test_queue_is_found_by_text_and_by_keyboard(open_page: OpenPage, office: Office) -> None:
    """ "/" leads to the search field; the arrows and Enter open a conversation."""
    office.writes("Ana Silva", "where is 10234?")
    office.writes("Ben Okafor", "hello")
    page = sign_in(open_page, office)
    expect(page.locator("a.card")).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("10234")
    expect(page.locator("a.card")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ana Silva")).to_be_visible()
    page.get_by_label("Find a conversation").fill("nobody")
    expect(page.get_by_text("Nothing matches “nobody”.")).to_be_visible()


def test_conversation_shows_who_said_what(open_page: OpenPage, office: Office) -> None:
    """Both sides, choices, ticks, passing of control, and on demand how the bot came to its answer."""
    choices = (Choice("a", "10234"), Choice("b", "10235"))
    answer = Answer(
        (Content("Which order?", choices),), intent="order_status", confidence=0.93, model_id="m1"
    )
    id = office.writes("Ana Silva", "where is my order", answer)
    office.writes("Ana Silva", "a person", says("A colleague will help.", handoff="asked_for_person"))
    office.writes(
        "Ben Okafor", "hello", BotFailed("no answer"), BotFailed("no"), BotFailed("no"), BotFailed("x")
    )
    page = sign_in(open_page, office, f"/console/{id}")
    expect(page.locator(".bubble.customer").first).to_contain_text("where is my order")
    asked = page.locator(".bubble.bot").first
    expect(asked.get_by_role("listitem")).to_have_text(["10234", "10235"])
    expect(asked.get_by_role("img", name="sent", exact=True)).to_be_visible()
    office.read(id)
    expect(asked.get_by_role("img", name="read", exact=True)).to_be_visible()
    expect(page.get_by_text("The bot asked for an agent: Customer asks for a person")).to_be_visible()
    page.get_by_text("order status, 93 % sure").or_(page.get_by_text("order status, 93% sure")).click()
    expect(page.get_by_text("m1")).to_be_visible()
    expect(page.get_by_role("link", name="Ticket #1")).to_have_attribute(
        "href", re.compile("/agent/tickets/1$")
    )
    page.get_by_role("link", name="Ben Okafor").click()
    expect(page.get_by_role("log").get_by_text("The bot had no answer", exact=True)).to_be_visible()


def test_agent_takes_over_replies_and_returns(open_page: OpenPage, office: Office) -> None:
    """Take over, answer, hand back: each is done once and shown at once."""
    id = office.writes("Ana Silva", "where is 10234?")
    page = sign_in(open_page, office, f"/console/{id}")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("An agent has control: Mia took over")).to_be_visible()
    page.get_by_label("Reply").fill("Let me look.")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.agent")).to_contain_text("Let me look.")
    expect(page.get_by_label("Reply")).to_have_value("")
    wait_until_stored(page)
    office.work()
    expect(page.locator(".bubble.agent").get_by_role("img", name="sent", exact=True)).to_be_visible()
    assert office.core.channel.texts[-1] == "Let me look."
    give_back(page)
    expect(page.get_by_text("Back to the bot: Mia returned it")).to_be_visible()
    expect(page.get_by_role("button", name="Take over")).to_be_visible()


def test_reply_takes_control_and_is_said_once(open_page: OpenPage, office: Office) -> None:
    """A reply needs no takeover first, and clicking on and on says it once."""
    id = office.writes("Ana Silva", "where is 10234?")
    page = sign_in(open_page, office, f"/console/{id}")
    page.get_by_label("Reply").fill("On its way!")
    page.evaluate("""() => {
        const send = [...document.querySelectorAll("button")].find((button) => button.innerText === "Send");
        for (let i = 0; i < 5; i += 1) send.click();
    }""")
    wait_until_stored(page)
    office.work()
    expect(page.get_by_text("An agent has control: Agent replied in the console")).to_be_visible()
    expect(page.locator(".bubble.agent")).to_have_count(1)
    assert office.core.channel.texts == ["echo where is 10234?", "On its way!"]


def test_reply_outlives_a_lost_connection(open_page: OpenPage, office: Office) -> None:
    """Written while the line was down, it goes out when the line is back, once."""
    id = office.writes("Ana Silva", "where is 10234?")
    page = sign_in(open_page, office, f"/console/{id}")
    page.get_by_label("Reply").fill("On its way!")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".bubble.agent")).to_have_count(1)
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(".bubble.agent")).to_have_count(1)
    expect(page.get_by_label("Reply")).to_have_value("")
    wait_until_stored(page)
    office.work()
    assert office.core.channel.texts[-1] == "On its way!"
    expect(page.locator(".bubble.agent")).to_have_count(1)


def test_closed_window_says_what_becomes_of_a_reply(open_page: OpenPage, office: Office) -> None:
    """24 hours after the customer's last message a reply is held, and the desk says so before and after."""
    id = office.writes("Ana Silva", "where is 10234?", hours_ago=25)
    page = sign_in(open_page, office, f"/console/{id}")
    expect(page.locator("a.card")).to_contain_text("window closed")
    expect(page.get_by_text("your reply is held")).to_be_visible()
    page.get_by_label("Reply").fill("It is on its way.")
    page.keyboard.press("Enter")
    wait_until_stored(page)
    office.work()
    expect(page.locator(".bubble.agent")).to_contain_text("Held until the customer writes.")
    expect(page.locator(".bubble.agent .why")).to_have_text("Held until the customer writes.")
    expect(page.get_by_text("could not be told that a reply waits: no template is set up")).to_be_visible()
    assert "It is on its way." not in office.core.channel.texts


def test_texts_are_never_html(open_page: OpenPage, office: Office) -> None:
    """Markup in a name or a message is shown letter by letter and runs nothing."""
    id = office.writes(f"Eve {SCRIPT}", SCRIPT, says(SCRIPT, handoff=SCRIPT))
    page = sign_in(open_page, office, f"/console/{id}")
    expect(page.locator(".bubble.customer p")).to_have_text(SCRIPT)
    expect(page.locator(".bubble.bot p")).to_have_text(SCRIPT)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Eve {SCRIPT}")
    expect(page.locator("a.card b")).to_have_text(f"Eve {SCRIPT}")
    assert "owned" not in page.title()
    page.goto(f"{office.url}/analytics")
    expect(page.locator(".rank").first).to_contain_text("<script>")
    assert page.title() == "Analytics · Parley"


def test_desk_says_what_does_not_leave(open_page: OpenPage, office: Office) -> None:
    """While WhatsApp refuses our token every page says so, with the reason, until it is mended."""
    page = sign_in(open_page, office)
    held = page.get_by_role("alert").filter(has_text="WhatsApp is on hold")
    expect(held).to_have_count(0)

    async def refuse() -> None:
        async with office.core.pool.connection() as conn:
            await exits.hold_exit(conn, "whatsapp", "WHATSAPP_ACCESS_TOKEN is refused", 60)

    async def mend() -> None:
        async with office.core.pool.connection() as conn:
            await conn.execute("DELETE FROM holds")

    office.do(refuse())
    expect(held).to_contain_text("WHATSAPP_ACCESS_TOKEN is refused. Once mended it opens by itself")
    page.get_by_role("link", name="Analytics").click()
    page.wait_for_url("**/analytics")
    expect(held).to_be_visible()
    assert fits(page)
    office.do(mend())
    expect(held).to_have_count(0)


def test_unknown_conversation_is_said_to_be_unknown(open_page: OpenPage, office: Office) -> None:
    """An id nobody has leads to a sentence, not to an error."""
    page = sign_in(open_page, office, "/console/00000000-0000-4000-8000-000000000000")
    expect(page.get_by_text("There is no such conversation.")).to_be_visible()


def test_desk_is_usable_on_a_small_phone(open_page: OpenPage, office: Office) -> None:
    """At 320 pixels the queue and the conversation take turns, and nothing is wider than the screen."""
    office.writes(
        "A very long name " * 8, "wordwithoutanybreak" * 20, says("A colleague.", handoff="bot_failed")
    )
    page = sign_in(open_page, office, viewport=NARROW)
    expect(page.locator("a.card")).to_be_visible()
    assert fits(page)
    page.locator("a.card").click()
    expect(page.get_by_label("Reply")).to_be_visible()
    expect(page.locator(".queue")).to_be_hidden()
    assert fits(page)
    page.get_by_role("link", name="Back to the conversations").click()
    expect(page.locator("a.card")).to_be_visible()
    page.goto(f"{office.url}/analytics?days=30")
    expect(page.get_by_text("Conversations per day")).to_be_visible()
    assert fits(page)


def test_nothing_comes_from_elsewhere(open_page: OpenPage, office: Office) -> None:
    """Every file of the desk is served by Parley itself."""
    office.writes("Ana Silva", "hello")
    page = sign_in(open_page, office)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{office.url}/analytics")
    page.goto(f"{office.url}/console")
    expect(page.locator("a.card")).to_be_visible()
    assert [url for url in asked if not url.startswith(office.url)] == []


def test_figures_count_what_happened(open_page: OpenPage, office: Office) -> None:
    """The tiles and charts show conversations, handoffs, failed turns and intents of the chosen days."""
    office.writes("Ana Silva", "where is 10234?")
    office.writes("Ben Okafor", "a person", says("A colleague.", handoff="asked_for_person"))
    page = sign_in(open_page, office, "/analytics")
    tile = page.locator(".tile", has_text="answered by the bot alone")
    expect(tile).to_contain_text("50%")
    expect(page.get_by_text("Customer asks for a person")).to_be_visible()
    expect(page.get_by_text("order status")).to_be_visible()
    page.get_by_role("link", name="30 days").click()
    expect(page.locator(".days > .day")).to_have_count(30)


def test_warning_is_taken_over_with_one_click_and_judged(open_page: OpenPage, office: Office) -> None:
    """At risk, one click, "was it useful?", and the answer stands in the analytics."""
    answers = [
        Answer((Content("Pardon?"),), intent="nlu_fallback", frustration=score) for score in (0.2, 0.8)
    ]
    office.writes("Noah Berg", "blurb", answers[0])
    office.writes("Noah Berg", "what on earth", answers[1])
    page = sign_in(open_page, office)
    page.get_by_role("button", name="At risk").click()
    expect(page.locator(".code")).to_have_text(["Frustration rising", "Not understood twice"])
    page.locator(".at-risk").get_by_role("button", name="Take over").click()
    expect(page.get_by_text("Was the warning useful?")).to_be_visible()
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.get_by_text("Was the warning useful?")).to_be_hidden()
    page.goto(f"{office.url}/analytics")
    expect(page.get_by_text("Frustration rising: useful 1 of 1")).to_be_visible()


def test_keyboard_does_everything(open_page: OpenPage, office: Office) -> None:
    """Sign in, open, take over, note, pick a ready reply, help, return; a gap is never sent."""
    office.writes("Ana Silva", "where is my parcel")
    page = open_page(office.url + "/console")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(AGENT)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("a.card")).to_have_count(1)
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Ana Silva")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator(".holder")).to_have_text("You")
    page.keyboard.press("n")
    page.keyboard.type("Be kind.")
    page.keyboard.press("Enter")
    expect(page.locator(".memo")).to_contain_text("Be kind.")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.type("looking")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reply")).to_have_value(re.compile("Thank you, Ana.*⟨order⟩"))
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.keyboard.type("10234")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.agent")).to_contain_text("order 10234")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Take over")
    page.keyboard.press("Escape")
    wait_until_stored(page)
    office.work()
    assert [text for text in office.core.channel.texts if "Be kind" in text or "⟨" in text] == []
    page.keyboard.press("b")
    expect(page.get_by_role("dialog")).to_contain_text("Return to the bot")
    page.keyboard.press("Enter")
    expect(page.locator(".holder")).to_have_text("Bot")


def test_return_shows_what_the_bot_is_left_with(open_page: OpenPage, office: Office) -> None:
    """Promise and open question are found, the agent corrects them, and the ticket's note tells them."""
    id = office.writes("Ana Silva", "I want a person", says("A colleague.", handoff="asked_for_person"))
    page = sign_in(open_page, office, f"/console/{id}")
    page.get_by_label("Reply").fill("Hello Ana. I'll refund you by Friday.")
    page.keyboard.press("Enter")
    wait_until_stored(page)
    office.work()
    office.writes("Ana Silva", "and can I have the invoice?")
    expect(page.get_by_text("and can I have the invoice?").first).to_be_visible()
    page.get_by_role("button", name="Return to bot").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Promised")).to_have_value("I'll refund you by Friday.")
    expect(dialog.get_by_label("Still open")).to_have_value("and can I have the invoice?")
    dialog.get_by_label("Promised").fill("The refund comes on Thursday.")
    dialog.get_by_role("button", name="Return to bot").click()
    expect(page.locator(".holder")).to_have_text("Bot")
    office.work()
    note = office.core.helpdesk.comments[-1][1]
    assert "Promised:\n- The refund comes on Thursday." in note
    assert "Still open:\n- and can I have the invoice?" in note
    assert office.core.helpdesk.solved == [1]


def test_promises_stand_at_the_desk_until_they_are_kept(open_page: OpenPage, office: Office) -> None:
    """An overdue one leads the list and is marked; one click says that it is kept, on the ticket, too."""
    id = office.writes("Ana Silva", "I want a person", says("A colleague.", handoff="asked_for_person"))
    office.writes("Ben Okafor", "hello")
    now = datetime.now(UTC)

    async def promise(kind: str, what: str, by: str, due: timedelta) -> None:
        async with office.core.pool.connection() as conn:
            await book.promise(conn, office.core.jobs, id, kind, what, by=by, at=now, due=now + due)

    office.do(promise(book.CALL, "a call to +15550100001 by 10:00", book.BOT, timedelta(hours=-1)))
    office.do(promise(book.OWN, "“I'll check that within two hours.”", "Leo", timedelta(hours=2)))
    page = sign_in(open_page, office, f"/console/{id}")
    expect(page.locator("a.card").first).to_contain_text("promise overdue")
    expect(page.locator(".promise")).to_have_count(2)
    call, own = page.locator(".promise").all()
    expect(call).to_contain_text("Overdue: Parley promised a call to +15550100001")
    expect(own).to_have_text(re.compile("^Leo promised “I'll check that within two hours.”"))
    page.get_by_role("button", name="Take over").first.click()
    page.get_by_role("button", name="Called").click()
    expect(page.locator(".promise")).to_have_count(1)
    office.work()
    assert "Mia called the customer" in office.core.helpdesk.comments[-1][1]


def test_agent_is_warned_before_it_goes_back_and_keeps_it(open_page: OpenPage, office: Office) -> None:
    """The list and the conversation say so without a reload; one click and it stays."""
    id = office.writes("Ana Silva", "thank you so far")
    page = sign_in(open_page, office, f"/console/{id}")
    page.get_by_label("Reply").fill("All done.")
    page.keyboard.press("Enter")
    wait_until_stored(page)
    office.work()
    office.passes(hours=3.9)
    expect(page.locator("a.card")).to_contain_text("to the bot in")
    banner = page.get_by_role("status").filter(has_text="it goes to the bot in")
    expect(banner).to_be_visible()
    banner.get_by_role("button", name="Keep it").click()
    expect(banner).to_be_hidden()
    expect(page.locator("a.card")).not_to_contain_text("to the bot in")


def test_suggestion_is_put_before_the_agent_and_never_sent(open_page: OpenPage, office: Office) -> None:
    """The answer of the articles fills the field, with its source; nothing is sent by itself."""
    id = office.writes("Ana Silva", "how many days do I have to return an item?")
    page = sign_in(open_page, office, f"/console/{id}")
    page.set_default_timeout(60_000)
    page.get_by_role("button", name="Suggest").click()
    expect(page.get_by_label("Reply")).to_have_value(re.compile("30 days"), timeout=60_000)
    expect(page.get_by_text(re.compile("Suggested from: .*Read it before you send it."))).to_be_visible()
    office.work()
    assert office.core.channel.texts == ["echo how many days do I have to return an item?"]
    suggested = page.get_by_label("Reply").input_value()
    page.get_by_label("Reply").fill("")
    page.get_by_label("Reply").fill(suggested)
    expect(page.get_by_text("Suggested from:")).to_have_count(0)
    page.get_by_role("button", name="Send").click()
    wait_until_stored(page)
    office.work()
    assert "30 days" in office.core.channel.texts[-1]


def test_question_no_article_answers_is_said_to_have_none(open_page: OpenPage, office: Office) -> None:
    """Below the threshold of evidence the desk says so, and the field stays as it was."""
    id = office.writes("Ana Silva", "who won the football match in Lisbon yesterday evening?")
    page = sign_in(open_page, office, f"/console/{id}")
    page.get_by_label("Reply").fill("Let me see.")
    page.get_by_role("button", name="Suggest").click()
    said = page.get_by_role("alert").filter(has_text="The articles have no answer")
    expect(said).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Reply")).to_have_value("Let me see.")


def test_two_agents_see_each_other_and_cannot_both_hold(open_page: OpenPage, office: Office) -> None:
    """One holds, the other is told who, sees typing, and only a lead may take it."""
    id = office.writes("Ana Silva", "where is my parcel")
    mia = sign_in(open_page, office, f"/console/{id}")
    leo = sign_in(open_page, office, f"/console/{id}", who="Leo")
    mia.get_by_role("button", name="Take over").click()
    expect(leo.locator(".holder")).to_have_text("Mia")
    expect(leo.get_by_text("Mia has this conversation.")).to_be_visible()
    expect(leo.get_by_label("Reply")).to_be_disabled()
    mia.get_by_label("Reply").press_sequentially("Hel")
    expect(leo.get_by_text("Mia is typing…")).to_be_visible()
    lead = sign_in(open_page, office, f"/console/{id}", who="Lena")
    lead.get_by_role("button", name="Take from Mia").click()
    expect(mia.get_by_text("Lena took it from Mia.")).to_be_visible()
    expect(mia.locator(".holder")).to_have_text("Lena")


def test_two_web_processes_are_one_desk(
    open_page: OpenPage, office: Office, desk_database: str, redis_url: str
) -> None:
    """Whichever process serves a page: it follows at once, sees who holds it and who types, and one holds."""
    with web_process(desk_database, redis_url) as elsewhere:
        id = office.writes("Ana Silva", "where is my parcel")
        mia = sign_in(open_page, office, f"/console/{id}")
        leo = sign_in(open_page, office, f"/console/{id}", who="Leo", at=elsewhere)
        office.writes("Ana Silva", "still there?")
        for page in (mia, leo):
            expect(page.locator(".bubble.customer").last).to_contain_text("still there?")
        mia.get_by_role("button", name="Take over").click()
        expect(leo.locator(".holder")).to_have_text("Mia")
        expect(leo.get_by_label("Reply")).to_be_disabled()
        mia.get_by_label("Reply").press_sequentially("Hel")
        expect(leo.get_by_text("Mia is typing…")).to_be_visible()
        mia.get_by_label("Reply").fill("Here it is.")
        mia.get_by_role("button", name="Send").click()
        expect(leo.locator(".bubble.agent")).to_contain_text("Here it is.")
        give_back(mia)
        expect(leo.locator(".holder")).to_have_text("Bot")
        leo.get_by_role("button", name="Take over").click()
        expect(mia.locator(".holder")).to_have_text("Leo")
        leo.close()


@pytest.mark.timeout(240)
def test_desk_outlives_a_restart_of_its_process(
    open_page: OpenPage, office: Office, desk_database: str, redis_url: str
) -> None:
    """Gone and back: the page comes back by itself, with what was being written and what came since."""
    id, port = office.writes("Ana Silva", "where is my parcel"), free_port()
    with web_process(desk_database, redis_url, port) as url:
        page = sign_in(open_page, office, f"/console/{id}", at=url)
        page.get_by_role("button", name="Take over").click()
        expect(page.locator(".holder")).to_have_text("You")
        page.get_by_label("Reply").fill("It is in")
    office.writes("Ana Silva", "still there?")
    with web_process(desk_database, redis_url, port):
        expect(page.locator(".bubble.customer").last).to_contain_text("still there?", timeout=60_000)
        expect(page.get_by_label("Reply")).to_have_value("It is in")
        expect(page.locator(".holder")).to_have_text("You")
        page.get_by_label("Reply").press_sequentially(" Lisbon.")
        page.keyboard.press("Enter")
        wait_until_stored(page)
        page.close()
    office.work()
    assert office.core.channel.texts[-1] == "It is in Lisbon."


def test_trainer_reads_along(open_page: OpenPage, office: Office) -> None:
    """A trainer sees everything and writes to nobody."""
    id = office.writes("Ana Silva", "where is my parcel")
    page = sign_in(open_page, office, f"/console/{id}", who="Tom")
    expect(page.get_by_text("Trainers read along")).to_be_visible()
    expect(page.get_by_role("button", name="Take over")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_two_hundred_conversations_stay_quick(open_page: OpenPage, office: Office, scheme: str) -> None:
    """With 200 waiting the list is there, finds at once, and follows a new message within two seconds."""
    office.do(office.crowd(200))
    page = sign_in(open_page, office, color_scheme=scheme)
    expect(page.locator("a.card")).to_have_count(200)
    page.keyboard.press("/")
    page.keyboard.type("customer 137")
    expect(page.locator("a.card")).to_have_count(1, timeout=1000)
    page.keyboard.press("Escape")
    office.arrives("Newcomer", "hello")
    expect(page.get_by_role("link", name="Newcomer")).to_be_visible(timeout=2000)
    assert fits(page)


def test_customer_is_tagged_at_the_desk(open_page: OpenPage, office: Office) -> None:
    """An agent's tags reach the bot with the next message; those of Zendesk stand beside them."""
    id = office.writes("Ana Silva", "where is my parcel")
    office.do(tag(office, id, ["wholesale"]))
    page = sign_in(open_page, office, f"/console/{id}")
    page.keyboard.press("i")
    beside = page.get_by_role("complementary", name="Orders and history")
    expect(beside).to_contain_text("wholesale")
    field = page.get_by_label("Tags of this customer")
    field.fill("VIP, late payer")
    field.press("Enter")
    expect(field).to_have_value("late payer, vip")
    office.writes("Ana Silva", "hello?")
    assert office.core.bot.asked[-1].tags == ("late payer", "vip", "wholesale")


async def tag(office: Office, id: UUID, found: list[str]) -> None:
    """As if Zendesk knew the customer by these tags."""
    async with office.core.pool.connection() as conn:
        await tags.replace(conn, id, "helpdesk", found)
