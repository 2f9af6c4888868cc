"""The phone page and the agent page in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from sandbox.serve import Served, served
from sandbox.whatsapp.sandbox import WhatsAppSandbox
from sandbox.whatsapp.settings import WhatsAppSettings
from sandbox.zendesk.sandbox import ZendeskSandbox

pytestmark = pytest.mark.browser

ANA = "15550100001"
OpenPage = Callable[..., Page]
NARROW = {"width": 320, "height": 640}
LIST = {
    "type": "list",
    "body": {"text": "Which order?"},
    "action": {
        "button": "Choose an order",
        "sections": [
            {"title": "Open", "rows": [{"id": "o1", "title": "10234", "description": "On its way"}]}
        ],
    },
}
BUTTONS = {
    "type": "button",
    "body": {"text": "Shall I cancel it?"},
    "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]},
}


class Shop:
    """The app's side: sends to a customer as Parley would."""

    def __init__(self, sandbox: WhatsAppSandbox, server: Served) -> None:
        self.wa, self.server, self.url = sandbox, server, server.base_url
        self._path = f"{self.url}/v25.0/{sandbox.settings.phone_number_id}/messages"
        self._headers = {"Authorization": f"Bearer {sandbox.settings.access_token}"}

    def send(self, kind: str, payload: Any, to: str = ANA) -> None:
        self._post({"to": to, "type": kind, kind: payload})

    def type_to(self, message_id: str) -> None:
        self._post({"status": "read", "message_id": message_id, "typing_indicator": {"type": "text"}})

    def _post(self, body: dict[str, Any]) -> None:
        body = {"messaging_product": "whatsapp", **body}
        answer = httpx.post(self._path, json=body, headers=self._headers, trust_env=False)
        assert answer.status_code == 200, answer.text

    def hears(self, text: str, who: str = ANA) -> str:
        delivery = self.server.run(self.wa.customer_says(who, text))
        return delivery.ids[0]


@pytest.fixture
def shop() -> Iterator[Shop]:
    sandbox = WhatsAppSandbox(WhatsAppSettings(speed=50))
    with served(sandbox) as server:
        yield Shop(sandbox, server)


class Desk:
    """The app's side: opens tickets as Parley would."""

    def __init__(self, sandbox: ZendeskSandbox, server: Served) -> None:
        self.zd, self.server, self.url = sandbox, server, server.base_url
        self._auth = (f"{sandbox.settings.email}/token", sandbox.settings.api_token)

    def call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        url = f"{self.url}/api/v2/{path}"
        answer = httpx.request(method, url, json=body, auth=self._auth, trust_env=False)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def opens(self, subject: str, text: str = "hello") -> int:
        person = {"user": {"name": "Ana Silva", "external_id": "whatsapp:1", "phone": "+15550100001"}}
        user = self.call("POST", "users/create_or_update", person)["user"]["id"]
        comment = {"body": text, "author_id": user}
        ticket = {"ticket": {"subject": subject, "requester_id": user, "comment": comment}}
        return int(self.call("POST", "tickets", ticket)["ticket"]["id"])


@pytest.fixture
def desk() -> Iterator[Desk]:
    sandbox = ZendeskSandbox()
    with served(sandbox) as server:
        yield Desk(sandbox, server)


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return not wide


def test_empty_phone_says_what_to_try(open_page: OpenPage, shop: Shop) -> None:
    """An empty chat offers something to try, and a tap on it is sent."""
    page = open_page(shop.url)
    page.get_by_role("button", name="Where is my order 10234?").click()
    expect(page.locator(".line.mine")).to_contain_text("Where is my order 10234?")
    expect(page.get_by_text("Try one of these")).to_be_hidden()


def test_answer_appears_by_itself_and_is_read(open_page: OpenPage, shop: Shop) -> None:
    """An answer appears without a reload, with its formatting and link, and is read as the chat is open."""
    page = open_page(shop.url)
    page.get_by_label("Message", exact=True).fill("hello")
    page.keyboard.press("Enter")
    expect(page.locator(".line.mine")).to_have_count(1)
    shop.send("text", {"body": "Your order is *out for _delivery_*: https://example.com/track?id=1."})
    answer = page.locator(".line:not(.mine) .words")
    expect(answer.locator("strong em")).to_have_text("delivery")
    expect(answer.get_by_role("link")).to_have_attribute("href", "https://example.com/track?id=1")
    shop.server.run(shop.wa.wait_for_status(shop.wa.sent[0].id, "read"))


def test_nothing_can_be_written_before_it_is_known_whose_phone_it_is(browser: Browser, shop: Shop) -> None:
    """While the customers are still being fetched the text field is closed, so that no message is lost."""
    context = browser.new_context()
    page = context.new_page()
    held: list[Route] = []
    page.route("**/sandbox/state", lambda route: held.append(route))
    with page.expect_request("**/sandbox/state"):
        page.goto(f"{shop.url}#15550100002", wait_until="domcontentloaded")
    field = page.get_by_label("Message", exact=True)
    expect(field).to_be_disabled()
    held.pop().continue_()
    page.unroute("**/sandbox/state")
    field.fill("hello")
    page.keyboard.press("Enter")
    expect(page.locator(".line.mine")).to_have_count(1)
    expect(page.locator("[data-key='15550100002'] .last")).to_contain_text("hello")
    context.close()


def test_text_is_never_markup(open_page: OpenPage, shop: Shop) -> None:
    """What looks like HTML is shown as it was written."""
    page = open_page(shop.url)
    shop.hears("<img src=x onerror=alert(1)>")
    expect(page.locator(".line.mine .words")).to_have_text("<img src=x onerror=alert(1)>")


def test_ticks_turn_blue(open_page: OpenPage, shop: Shop) -> None:
    """While no app is there the message did not get through; once it is read its ticks say so."""
    page = open_page(shop.url)
    message_id = shop.hears("hi")
    expect(page.locator(".tick")).to_contain_text("Not delivered")
    expect(page.get_by_role("status")).to_contain_text("No app is connected")
    shop.type_to(message_id)
    expect(page.locator(".tick.read")).to_contain_text("Read")
    expect(page.get_by_text("typing…", exact=True)).to_be_visible()
    shop.send("text", {"body": "Here I am"})
    expect(page.locator(".typing")).to_have_count(0)


def test_buttons_are_tapped(open_page: OpenPage, shop: Shop) -> None:
    """A reply button sends its title as the customer's answer to that message."""
    page = open_page(shop.url)
    shop.hears("cancel it")
    shop.send("interactive", BUTTONS)
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator(".line.mine").last).to_contain_text("Shall I cancel it?")
    expect(page.locator(".line.mine .words").last).to_have_text("Yes")


def test_list_opens_a_sheet(open_page: OpenPage, shop: Shop) -> None:
    """A list opens a sheet inside the phone; the picked row is sent; all of it works by keyboard."""
    page = open_page(shop.url)
    shop.hears("where is my order?")
    shop.send("interactive", LIST)
    page.get_by_role("button", name="Choose an order").press("Enter")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    phone, box = page.locator(".phone").bounding_box(), sheet.bounding_box()
    assert phone is not None
    assert box is not None
    assert phone["x"] <= box["x"]
    assert box["x"] + box["width"] <= phone["x"] + phone["width"]
    sheet.get_by_role("radio").press("Space")
    sheet.get_by_role("button", name="Send").press("Enter")
    expect(page.locator(".line.mine .words").last).to_have_text("10234")
    assert shop.wa.chats.meet(ANA).chat[-1].content["list_reply"]["id"] == "o1"


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ("Photo", "img.picture"),
        ("Place", ".place"),
        ("Voice note", ".voice"),
        ("Sticker", "img.sticker"),
        ("Document", "a.file"),
    ],
)
def test_attachments(open_page: OpenPage, shop: Shop, item: str, shown: str) -> None:
    """Everything in the attach menu appears as a bubble of its own."""
    page = open_page(shop.url)
    page.get_by_role("button", name="Attach").click()
    page.get_by_role("menuitem", name=item).click()
    expect(page.locator(f".line.mine {shown}")).to_be_visible()


def test_customers_have_chats_of_their_own(open_page: OpenPage, shop: Shop) -> None:
    """Another customer's message counts as unread until that phone is looked at."""
    shop.hears("hi", "15550100002")
    page = open_page(f"{shop.url}/#{ANA}")
    shop.send("text", {"body": "Hello Ben"}, to="15550100002")
    ben = page.get_by_role("button", name="Ben Okafor")
    expect(ben.locator(".badge")).to_have_text("1")
    ben.click()
    expect(page.get_by_text("Hello Ben").first).to_be_visible()
    expect(page.locator(".badge")).to_have_count(0)
    page.get_by_role("button", name="Ana Silva").click()
    expect(page.locator(".line")).to_have_count(0)


def test_somebody_new(open_page: OpenPage, shop: Shop) -> None:
    """Somebody new can be added without a number and writes at once."""
    page = open_page(shop.url)
    page.get_by_role("button", name="Add someone").click()
    page.get_by_label("Name").fill("Chloe Martin")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="Chloe Martin")).to_have_attribute("aria-current", "true")
    page.get_by_label("Message", exact=True).fill("hi")
    page.keyboard.press("Enter")
    expect(page.locator(".line.mine")).to_have_count(1)


def test_switches(open_page: OpenPage, shop: Shop) -> None:
    """A switch in the drawer is set at once; what then does not arrive is shown with its reason."""
    page = open_page(shop.url)
    shop.hears("hi")
    page.get_by_role("button", name="Fault switches").click()
    page.get_by_label("The 24 hours are over for everybody").check()
    expect(page.locator(".drawer label.on")).to_have_count(1)
    assert shop.wa.faults.window_closed
    shop.send("text", {"body": "too late"})
    expect(page.locator(".problem")).to_contain_text("131047")
    page.get_by_role("button", name="Reset all").click()
    expect(page.locator(".drawer label.on")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, {"width": 1440, "height": 900}], ids=["narrow", "wide"])
def test_phone_fits(open_page: OpenPage, shop: Shop, viewport: dict[str, int], scheme: str) -> None:
    """Nothing sticks out on a narrow or a wide screen, whatever the words, and dark is dark."""
    shop.wa.chats.meet(ANA, "A very long name that does not want to end anywhere " * 2)
    shop.hears("x" * 300)
    shop.send("interactive", LIST)
    page = open_page(shop.url, viewport=viewport, color_scheme=scheme)
    expect(page.get_by_role("button", name="Choose an order")).to_be_visible()
    assert fits(page)
    box = page.get_by_label("Message", exact=True).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= viewport["height"]
    brightness = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0] * 1")
    assert (brightness < 60) == (scheme == "dark")


def test_empty_desk(open_page: OpenPage, desk: Desk) -> None:
    """Without tickets the desk says how one comes, and shows it when it does."""
    page = open_page(desk.url)
    expect(page.get_by_text("No tickets yet")).to_be_visible()
    desk.opens("I need help")
    expect(page.get_by_role("button", name="I need help")).to_be_visible()


def test_replying(open_page: OpenPage, desk: Desk) -> None:
    """A public reply and a private note are written as who one is, and can be told apart."""
    number = desk.opens("Where is it?")
    page = open_page(desk.url)
    page.get_by_label("You are").select_option("Jonas Beck")
    page.get_by_role("button", name="Where is it?").click()
    page.get_by_label("Reply to the customer").fill("On its way")
    page.get_by_role("button", name="Submit as pending").click()
    expect(page.locator(".comment.agent .body")).to_have_text("On its way")
    page.get_by_role("button", name="Private note").click()
    page.get_by_label("A note only agents see").fill("Carrier lost it")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comment.private .body")).to_have_text("Carrier lost it")
    expect(page.get_by_role("button", name="Public reply")).to_have_attribute("aria-pressed", "true")
    ticket = desk.zd.state.ticket(number)
    assert ticket.status == "pending"
    assert [comment.public for comment in ticket.comments] == [True, True, False]
    assert ticket.comments[1].author_id == desk.zd.agent("Jonas").id


def test_attaching_files(open_page: OpenPage, desk: Desk) -> None:
    """Files are named before they are sent, go out with the words, and are gone from the form afterwards."""
    number = desk.opens("Where is my label?")
    page = open_page(f"{desk.url}/#{number}")
    files: list[FilePayload] = [
        {"name": "label.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"},
        {"name": "a picture.png", "mimeType": "image/png", "buffer": b"\x89PNG"},
    ]
    page.locator("input[type=file]").set_input_files(files)
    expect(page.locator(".chosen")).to_have_text("label.pdf, a picture.png")
    page.get_by_role("button", name="Submit as open").click()
    expect(page.locator(".comment.agent .files a")).to_have_count(2)
    expect(page.locator(".chosen")).to_have_text("")
    kept = desk.zd.state.ticket(number).comments[-1].attachments
    assert [(file.file_name, file.content_type) for file in kept] == [
        ("label.pdf", "application/pdf"),
        ("a picture.png", "image/png"),
    ]


def test_draft_survives_a_new_message(open_page: OpenPage, desk: Desk) -> None:
    """What the customer writes meanwhile appears, and what the agent is typing stays."""
    number = desk.opens("Help")
    page = open_page(f"{desk.url}/#{number}")
    page.get_by_label("Reply to the customer").fill("I am still wri")
    requester = desk.zd.state.ticket(number).requester_id
    comment = {"body": "Hello?", "author_id": requester}
    desk.call("PUT", f"tickets/{number}", {"ticket": {"comment": comment}})
    expect(page.locator(".comment.customer")).to_have_count(2)
    expect(page.get_by_label("Reply to the customer")).to_have_value("I am still wri")


def test_fields_of_a_ticket(open_page: OpenPage, desk: Desk) -> None:
    """Assignee, priority and tags can be changed; solved and closed tickets leave the list of unsolved."""
    number = desk.opens("Help")
    page = open_page(f"{desk.url}/#{number}")
    page.get_by_label("Assignee").select_option("Ines Aldana")
    expect(page.locator(".about .status")).to_have_text("open")
    page.get_by_label("Priority").select_option("urgent")
    expect(page.locator(".row-button .priority")).to_contain_text("urgent")
    page.get_by_label("Tags").fill("vip late")
    page.get_by_label("Tags").press("Enter")
    page.get_by_role("button", name="Submit as solved").click()
    expect(page.get_by_role("button", name="Solved 1")).to_be_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("closed for good")).to_be_visible()
    ticket = desk.zd.state.ticket(number)
    assert (ticket.status, ticket.priority, ticket.tags) == ("closed", "urgent", ["late", "vip"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, {"width": 1280, "height": 800}], ids=["narrow", "wide"])
def test_desk_fits(open_page: OpenPage, desk: Desk, viewport: dict[str, int], scheme: str) -> None:
    """List and ticket fit a narrow and a wide screen, whatever the words; narrow, one goes back and forth."""
    desk.opens("A subject that does not want to end " * 4, "x" * 400)
    page = open_page(desk.url, viewport=viewport, color_scheme=scheme)
    row = page.locator(".row-button")
    expect(row).to_be_visible()
    assert fits(page)
    row.click()
    expect(page.locator(".comment")).to_be_visible()
    expect(page.get_by_role("button", name="Submit as solved")).to_be_in_viewport()
    assert fits(page)
    if viewport == NARROW:
        expect(row).to_be_hidden()
        page.get_by_role("button", name="Back to the tickets").click()
        expect(row).to_be_visible()
