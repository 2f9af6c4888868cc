from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.whatsapp import content, kinds
from connectors.whatsapp.text import size
from conversations.errors import Refused
from conversations.messages import Choice, Content, File

CHOICES = st.builds(
    Choice, id=st.text(max_size=300), title=st.text(max_size=60), description=st.text(max_size=100)
)
CONTENTS = st.builds(
    Content,
    text=st.text(max_size=1500),
    choices=st.lists(CHOICES, max_size=14).map(tuple),
    choices_label=st.text(max_size=30),
)


def plain(count: int) -> tuple[Choice, ...]:
    return tuple(Choice(f"/inform{{{n}}}", f"Order {n}") for n in range(count))


def test_text_without_a_link() -> None:
    """A plain text asks for no preview."""
    assert content.body(Content(" Yes, in blue. ")) == {
        "type": "text",
        "text": {"preview_url": False, "body": "Yes, in blue."},
    }


INVOICE = File("https://x.test/w", "Invoice 10235.pdf", "application/pdf", 900, "media-1")
PICTURE = File("https://x.test/a.png", "a.png", "image/png", 900, "media-2")


def test_a_document_with_its_words() -> None:
    """The text stands under a document or a picture; only a document has a name."""
    assert content.body(Content("Here it is.", file=INVOICE)) == {
        "type": "document",
        "document": {"id": "media-1", "filename": "Invoice 10235.pdf", "caption": "Here it is."},
    }
    assert content.body(Content("", file=PICTURE)) == {"type": "image", "image": {"id": "media-2"}}


def test_a_document_beside_choices_or_a_long_text() -> None:
    """What does not fit under a file follows it, choices last."""
    choices = plain(2)
    assert content.split(Content("Here it is.", file=INVOICE)) == [Content("Here it is.", file=INVOICE)]
    assert content.split(Content("Which?", choices, file=PICTURE)) == [
        Content("", file=PICTURE),
        Content("Which?", choices),
    ]
    long = "word " * 300
    first, *rest = content.split(Content(long, file=INVOICE))
    assert first == Content("", file=INVOICE)
    assert [each.file for each in rest] == [None]


def test_text_with_a_link() -> None:
    """A text with a link asks WhatsApp to preview it."""
    assert content.body(Content("Track: https://dhl.example/1"))["text"]["preview_url"] is True


def test_up_to_three_plain_choices_are_buttons() -> None:
    """Three choices without descriptions become reply buttons that return their ids."""
    assert content.body(Content("Which?", plain(3))) == {
        "type": "interactive",
        "interactive": {
            "type": "button",
            "body": {"text": "Which?"},
            "action": {
                "buttons": [
                    {"type": "reply", "reply": {"id": f"/inform{{{n}}}", "title": f"Order {n}"}}
                    for n in range(3)
                ]
            },
        },
    }


@pytest.mark.parametrize("choices", [plain(4), (Choice("a", "A", "first"), Choice("b", "B"))])
def test_more_or_described_choices_are_a_list(choices: tuple[Choice, ...]) -> None:
    """A fourth choice, or one description, makes a list with one section."""
    interactive = content.body(Content("Which?", choices, "Orders"))["interactive"]
    assert interactive["type"] == "list"
    assert interactive["action"]["button"] == "Orders"
    rows = interactive["action"]["sections"][0]["rows"]
    assert [row["id"] for row in rows] == [choice.id for choice in choices]
    assert [row.get("description", "") for row in rows] == [choice.description for choice in choices]


def test_a_cut_row_title_stands_in_full_below() -> None:
    """A list row whose title had to be cut shows the whole title as its description."""
    titles = [f"Return the blue running shoes, pair {n}" for n in range(4)]
    body = content.body(Content("Which?", tuple(Choice(title, title) for title in titles)))
    rows = body["interactive"]["action"]["sections"][0]["rows"]
    assert [row["description"] for row in rows] == titles


def test_titles_that_become_equal_are_numbered() -> None:
    """Buttons whose titles are the same after cutting still differ, as WhatsApp demands."""
    choices = tuple(Choice(str(n), f"Return the blue running shoes {n}") for n in range(3))
    buttons = content.body(Content("Which?", choices))["interactive"]["action"]["buttons"]
    assert len({button["reply"]["title"] for button in buttons}) == 3


def test_a_choice_given_twice_is_shown_once() -> None:
    """WhatsApp takes no id twice, so the first choice with an id is the one shown."""
    choices = (Choice("a", "A"), Choice("a", "B"), Choice("b", "C"))
    buttons = content.body(Content("Which?", choices))["interactive"]["action"]["buttons"]
    assert [button["reply"]["title"] for button in buttons] == ["A", "C"]


def test_an_id_too_long_to_send_comes_back_as_typed_text() -> None:
    """A tap on a choice whose id does not fit means its title was said, and carries no broken payload."""
    body = content.body(Content("Which?", (Choice("x" * 300, "The long one"),)))
    reply = body["interactive"]["action"]["buttons"][0]["reply"]
    tapped = {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}}
    assert kinds.read(tapped) == kinds.Reading("choice", "The long one", "The long one")


def test_blank_text_with_choices_shows_the_label() -> None:
    """An interactive message must have a body, so the label stands in for a missing text."""
    assert content.body(Content(" ", plain(2), "Your orders"))["interactive"]["body"]["text"] == "Your orders"


@pytest.mark.parametrize("choices", [(), (Choice("a", " "),)])
def test_nothing_to_say_is_refused(choices: tuple[Choice, ...]) -> None:
    """A blank message never reaches WhatsApp."""
    with pytest.raises(Refused):
        content.body(Content(" \n ", choices))


@given(CONTENTS)
def test_no_content_breaks_a_limit(said: Content) -> None:
    """Whatever is said keeps every length and uniqueness that WhatsApp demands, or is refused as blank."""
    try:
        body = content.body(said)
    except Refused:
        return
    if body["type"] == "text":
        assert 0 < size(body["text"]["body"]) <= 4096
        return
    assert 0 < size(body["interactive"]["body"]["text"]) <= 1024
    action = body["interactive"]["action"]
    replies = [button["reply"] for button in action.get("buttons", ())]
    rows = [row for section in action.get("sections", ()) for row in section["rows"]]
    assert_replies(replies) if replies else assert_rows(rows, action["button"])


def assert_replies(replies: list[dict[str, Any]]) -> None:
    assert 1 <= len(replies) <= 3
    assert all(0 < size(reply["title"]) <= 20 and 0 < size(reply["id"]) <= 256 for reply in replies)
    assert (
        len({reply["title"] for reply in replies}) == len({reply["id"] for reply in replies}) == len(replies)
    )


def assert_rows(rows: list[dict[str, Any]], label: str) -> None:
    assert 1 <= len(rows) <= 10
    assert 0 < size(label) <= 20
    assert all(0 < size(row["title"]) <= 24 and 0 < size(row["id"]) <= 200 for row in rows)
    assert all(0 < size(row.get("description", "x")) <= 72 for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)


def test_short_content_stays_whole() -> None:
    """What fits one message is not split."""
    said = Content("Which?", plain(2))
    assert content.split(said) == [said]


def test_long_content_ends_with_its_choices() -> None:
    """A long text goes out in full, and the choices hang under its last part."""
    said = Content("One sentence of many. " * 400, plain(2), "Orders")
    *before, last = content.split(said)
    assert last.choices == said.choices
    assert not any(part.choices for part in before)
    assert all(size(part.text) <= 4096 for part in before)
    assert size(last.text) <= 1024
    assert "".join(part.text.replace(" ", "") for part in [*before, last]) == said.text.replace(" ", "")
