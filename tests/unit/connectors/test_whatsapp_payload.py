from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.whatsapp import payload
from conversations.errors import BadPayload
from conversations.messages import Address, CustomerMessage, Media
from tests import payloads

ACCOUNT = "100200300400500"
ANA = Address("whatsapp", ACCOUNT, "US.70010000000000000001", "15550100001")
CARA = Address("whatsapp", ACCOUNT, "US.70010000000000000003")
SENT_AT = datetime.fromtimestamp(1795000000, UTC)


def only(name: str) -> CustomerMessage:
    webhook = payload.parse(payloads.read(f"whatsapp/{name}"))
    assert webhook.problems == []
    (message,) = webhook.messages
    return message


@pytest.mark.parametrize(
    ("name", "kind", "text", "tapped"),
    [
        ("text", "text", "where is my order 10234? 🙏", None),
        ("text_forwarded", "text", "look at this", None),
        ("text_from_ad", "text", "is this still on?", None),
        ("unknown_fields", "text", "hello", None),
        ("button_reply", "choice", "Yes, cancel it", "/affirm"),
        ("list_reply", "choice", "Order 10234", '/inform{"order_number": "10234"}'),
        ("template_button", "choice", "Go on", "resume_case"),
        ("flow_reply", "flow", "[form] Sent\nreason: too small", None),
        ("location", "location", "[location] Depot 1 Harbour Street, Berlin (52.52, 13.405)", None),
        ("location_bare", "location", "[location] (52.52, 13.405)", None),
        ("reaction", "reaction", "[reacted with 👍]", None),
        ("reaction_removed", "reaction", "[took a reaction back]", None),
        ("order", "order", "[order] 2 × boots-42 at 30 USD\ngift wrap please", None),
        ("contacts", "contacts", "[contact] Cara Lind, Lind & Co, +1 (555) 010-0003, cara@example.com", None),
        ("user_changed_number", "system", "User Ana Silva changed from 15550100001 to 15550100004", None),
        ("user_changed_user_id", "system", "User Ana Silva has a new user id", None),
    ],
)
def test_what_a_person_reads(name: str, kind: str, text: str, tapped: str | None) -> None:
    """Every type of message becomes words, and a tapped choice brings its id along."""
    message = only(name)
    assert (message.kind, message.text, message.payload) == (kind, text, tapped)
    assert message.sent_at == SENT_AT
    assert message.raw["id"] == message.external_id


@pytest.mark.parametrize(
    ("name", "text", "media"),
    [
        ("image", "the torn seam", Media("image", "9001", "image/jpeg")),
        ("image_without_caption", "[image]", Media("image", "9001", "image/jpeg")),
        (
            "document",
            "[document: invoice-10235.pdf]",
            Media("document", "9002", "application/pdf", "invoice-10235.pdf"),
        ),
        ("voice", "[voice message]", Media("audio", "9003", "audio/ogg; codecs=opus")),
        ("audio", "[audio]", Media("audio", "9004", "audio/mpeg")),
        ("video", "it rattles", Media("video", "9005", "video/mp4")),
        ("sticker", "[sticker]", Media("sticker", "9006", "image/webp")),
    ],
)
def test_files(name: str, text: str, media: Media) -> None:
    """A file's message is its caption, or the file's kind in brackets, and names the file."""
    message = only(name)
    assert (message.kind, message.text, message.media) == (media.kind, text, (media,))


def test_the_sender_is_known_by_both_ids() -> None:
    """A message names our number, the customer's number and the business-scoped id."""
    assert only("text").address == ANA
    assert only("text").name == "Ana Silva"
    assert only("text").address.phone == "+15550100001"


def test_a_sender_without_a_number() -> None:
    """A customer who shows no number is known by the business-scoped id alone."""
    assert (only("bsuid_only").address, only("bsuid_only").name) == (CARA, "Cara")
    assert only("username_only").name == "@cara"


def test_a_sender_without_a_user_id() -> None:
    """Webhooks from before user ids still name the sender by number."""
    assert only("before_user_ids").address == Address("whatsapp", ACCOUNT, None, "15550100001")


def test_a_changed_number_names_the_new_one() -> None:
    """A change of number comes from the old address and carries the new one."""
    message = only("user_changed_number")
    assert message.address.wa_id == "15550100001"
    assert message.raw["system"]["wa_id"] == "15550100004"


@pytest.mark.parametrize(("name", "kind"), [("unsupported", "unsupported"), ("unknown_type", "hologram")])
def test_what_cannot_be_shown_is_said(name: str, kind: str) -> None:
    """An unsupported message and one of an unknown type arrive as a sentence that says so."""
    message = only(name)
    assert message.kind == kind
    assert message.text.startswith("[a message")


def test_a_batch_is_read_whole() -> None:
    """Every message and status of every change of every entry counts, in order, for its own number."""
    webhook = payload.parse(payloads.read("whatsapp/batch"))
    assert [message.external_id for message in webhook.messages] == [
        "wamid.B1",
        "wamid.A1",
        "wamid.A2",
        "wamid.C1",
    ]
    assert [message.name for message in webhook.messages] == [
        "Ben Okafor",
        "Ana Silva",
        "Ana Silva",
        "Ben Okafor",
    ]
    assert [message.address.account for message in webhook.messages] == [ACCOUNT] * 3 + ["100200300400501"]
    assert [(receipt.external_id, receipt.status) for receipt in webhook.receipts] == [
        ("wamid.OUT1", "delivered"),
        ("wamid.OUT2", "read"),
    ]
    assert (webhook.ignored, webhook.problems) == (1, [])


def test_duplicates_are_passed_on() -> None:
    """A message that comes thrice is given thrice: storing it once is the inbox's promise."""
    webhook = payload.parse(payloads.read("whatsapp/duplicated"))
    assert [message.external_id for message in webhook.messages] == ["wamid.A1"] * 3


def test_malformed_elements_cost_their_neighbours_nothing() -> None:
    """Beside broken elements the sound ones are read, and what has an id and a sender is still a message."""
    webhook = payload.parse(payloads.read("whatsapp/malformed_neighbours"))
    assert [(message.external_id, message.kind) for message in webhook.messages] == [
        ("wamid.BROKEN", "unsupported"),
        ("wamid.TIMELESS", "text"),
        ("wamid.A2", "text"),
    ]
    assert [receipt.external_id for receipt in webhook.receipts] == ["wamid.OUT1"]
    assert webhook.ignored == 1
    assert webhook.problems == [
        "/entry[0]/changes[0]/messages[0]: not an object",
        "/entry[0]/changes[0]/messages[1]: a message without a sender",
        "/entry[0]/changes[0]/messages[2]: a message without an id",
        "/entry[0]/changes[0]/statuses[0]: not an object",
        "/entry[0]/changes[0]/statuses[1]: a status without an id",
    ]


def test_fields_without_use_are_counted() -> None:
    """Fields other than `messages` are accepted and only counted."""
    webhook = payload.parse(payloads.read("whatsapp/unknown_field_kind"))
    assert webhook == payload.Webhook(ignored=2)


@pytest.mark.parametrize("status", ["sent", "sent_v23", "delivered", "read", "played"])
def test_receipts(status: str) -> None:
    """A status names its message, what became of it, when, and our own reference if we gave one."""
    (receipt,) = payload.parse(payloads.read(f"whatsapp/status_{status}")).receipts
    assert receipt.status == status.removesuffix("_v23")
    assert (receipt.channel, receipt.external_id, receipt.error) == ("whatsapp", "wamid.OUT1", None)
    assert receipt.at == datetime.fromtimestamp(1795000003, UTC)
    assert receipt.reference == (None if status in ("read", "played") else "8812")


def test_a_failure_says_why() -> None:
    """A failed receipt carries the code and what it means."""
    (receipt,) = payload.parse(payloads.read("whatsapp/status_failed")).receipts
    assert receipt.status == "failed"
    assert receipt.error is not None
    assert receipt.error.startswith("131047: more than 24 hours")


def test_an_error_of_the_account_is_a_problem() -> None:
    """An error that belongs to no message is reported in words."""
    webhook = payload.parse(payloads.read("whatsapp/account_error"))
    (problem,) = webhook.problems
    assert "130429: the number sends too many messages" in problem


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"entry":[]}',
        b'{"object":"whatsapp_business_account"}',
        b'{"object":"whatsapp_business_account","entry":{}}',
        b'{"object":NaN,"entry":[]}',
        b"[" * 100_000,
        b'{"object":"whatsapp_business_account","entry":[' + b'{"a":' * 3000,
    ],
)
def test_bad_payloads(body: bytes) -> None:
    """What is not JSON, or not the outer shape, is refused as a whole."""
    with pytest.raises(BadPayload):
        payload.parse(body)


def test_another_object_is_ignored() -> None:
    """A webhook of another Meta product is accepted and ignored."""
    assert payload.parse(b'{"object":"page","entry":[{"id":"1"}]}') == payload.Webhook(ignored=1)


def test_what_postgres_cannot_keep_is_replaced() -> None:
    """NUL, lone surrogates and infinite numbers do not reach the database, and emoji survive."""
    body = (
        payloads.read("whatsapp/text")
        .replace(b"where", rb"\u0000\ud800 \ud83d\udc4d 1")
        .replace(b"1795000000", b"1")
    )
    message = payload.parse(body.replace(b'"type": "text"', b'"type": "text", "x": 1e999')).messages[0]
    assert message.text.startswith("\ufffd\ufffd 👍 1")
    assert message.raw["x"] is None


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["messages", "text"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, as the keys that lead to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@given(st.data(), st.sampled_from(payloads.names("whatsapp")))
def test_any_value_anywhere_is_survived(data: st.DataObject, name: str) -> None:
    """With any value in any place a body is read, or refused as a whole, and what is read can be stored."""
    body = json.loads(payloads.read(name))
    for _ in range(data.draw(st.integers(1, 3))):
        body = replaced(body, data.draw(st.sampled_from(places(body))), data.draw(VALUES))
    try:
        webhook = payload.parse(json.dumps(body).encode())
    except BadPayload:
        return
    for message in webhook.messages:
        assert message.external_id
        assert message.address.user_id or message.address.wa_id
        assert message.kind
        assert isinstance(message.text, str)
        assert message.sent_at.tzinfo is UTC
        json.dumps(message.raw, allow_nan=False).encode()
        message.text.encode()


@given(st.sampled_from(payloads.names("whatsapp")), st.integers(0, 10_000), st.binary(max_size=4))
def test_any_byte_anywhere_is_survived(name: str, place: int, junk: bytes) -> None:
    """Bytes cut, added or exchanged raise nothing but BadPayload."""
    body = payloads.read(name)
    place %= len(body)
    for mutated in (
        body[:place],
        body[:place] + junk + body[place:],
        body[:place] + junk + body[place + 1 :],
    ):
        try:
            payload.parse(mutated)
        except BadPayload:
            continue


@given(st.binary())
def test_any_bytes_are_survived(body: bytes) -> None:
    """Bytes of any kind are read or refused."""
    try:
        payload.parse(body)
    except BadPayload:
        return
