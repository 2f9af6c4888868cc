"""What WhatsApp takes from us and what it refuses."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from sandbox.whatsapp.sandbox import WhatsAppSandbox

ANA = "15550100001"
Json = dict[str, Any]


def send(kind: str, payload: Any, **more: Any) -> Json:
    return {"messaging_product": "whatsapp", "to": ANA, "type": kind, kind: payload, **more}


def buttons(*replies: tuple[str, str], body: str = "Change or cancel?", **more: Any) -> Json:
    made = [{"type": "reply", "reply": {"id": key, "title": title}} for key, title in replies]
    return send(
        "interactive", {"type": "button", "body": {"text": body}, "action": {"buttons": made}, **more}
    )


def listing(*sections: Json, button: str = "Options", body: str = "Which?") -> Json:
    action = {"button": button, "sections": list(sections)}
    return send("interactive", {"type": "list", "body": {"text": body}, "action": action})


def rows(count: int, title: str = "", start: int = 0, **more: str) -> Json:
    made = [{"id": f"r{i}", "title": f"Row {i}", **more} for i in range(start, start + count)]
    return {"rows": made} | ({"title": title} if title else {})


GOOD = {
    "text": send("text", {"body": "x" * 4096, "preview_url": True}),
    "reply with reference": send(
        "text", {"body": "Yes"}, context={"message_id": "wamid.X"}, biz_opaque_callback_data="o" * 512
    ),
    "plus sign": send("text", {"body": "hi"}) | {"to": "+15550100001"},
    "default type": {"messaging_product": "whatsapp", "to": ANA, "text": {"body": "hi"}},
    "three buttons": buttons(
        ("a", "x" * 20),
        ("b", "B"),
        ("c", "C"),
        body="x" * 1024,
        header={"type": "text", "text": "h" * 60},
        footer={"text": "f" * 60},
    ),
    "ten rows": listing(rows(5, "One", description="d" * 72), rows(5, "Two", start=5), body="x" * 4096),
    "template": send(
        "template",
        {
            "name": "case_update",
            "language": {"code": "en_US"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}],
        },
    ),
    "image by link": send("image", {"link": "https://example.com/a.jpg", "caption": "c" * 1024}),
    "document by link": send("document", {"link": "https://example.com/a.pdf", "filename": "a.pdf"}),
    "location as strings": send("location", {"latitude": "37.44", "longitude": "-122.16", "name": "HQ"}),
    "contacts": send("contacts", [{"name": {"formatted_name": "Bo", "first_name": "Bo"}}]),
    "request for the number": send(
        "interactive",
        {
            "type": "request_contact_info",
            "body": {"text": "Your number?"},
            "action": {"name": "request_contact_info"},
        },
    ),
}

BAD: dict[str, tuple[Json, int]] = {
    "no product": ({"to": ANA, "type": "text", "text": {"body": "x"}}, 100),
    "no recipient": ({"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}, 131008),
    "local number": (send("text", {"body": "x"}) | {"to": "0301234567"}, 131009),
    "number of another kind": (send("text", {"body": "x"}) | {"to": 15550100001}, 131009),
    "bad user id": (
        {"messaging_product": "whatsapp", "recipient": "Ana", "type": "text", "text": {"body": "x"}},
        131009,
    ),
    "to ourselves": (send("text", {"body": "x"}) | {"to": "15550783881"}, 131021),
    "unknown type": (send("hologram", {"body": "x"}), 131051),
    "no payload": ({"messaging_product": "whatsapp", "to": ANA, "type": "text"}, 131008),
    "empty text": (send("text", {"body": ""}), 131008),
    "long text": (send("text", {"body": "x" * 4097}), 100),
    "unknown key": (send("text", {"body": "x", "colour": "red"}), 100),
    "long reference": (send("text", {"body": "x"}, biz_opaque_callback_data="o" * 513), 100),
    "long caption": (send("image", {"link": "https://example.com/a.jpg", "caption": "c" * 1025}), 100),
    "caption on audio": (send("audio", {"link": "https://example.com/a.ogg", "caption": "c"}), 100),
    "unknown media": (send("image", {"id": "1"}), 131009),
    "neither id nor link": (send("image", {"caption": "c"}), 131008),
    "no buttons": (buttons(), 131009),
    "four buttons": (buttons(("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")), 131009),
    "long button": (buttons(("a", "x" * 21)), 131009),
    "long button id": (buttons(("a" * 257, "A")), 100),
    "same titles": (buttons(("a", "A"), ("b", "A")), 131009),
    "same ids": (buttons(("a", "A"), ("a", "B")), 131009),
    "long body": (buttons(("a", "A"), body="x" * 1025), 100),
    "long header": (buttons(("a", "A"), header={"type": "text", "text": "h" * 61}), 100),
    "long footer": (buttons(("a", "A"), footer={"text": "f" * 61}), 100),
    "eleven rows in all": (listing(rows(6, "One"), rows(5, "Two", start=6)), 131009),
    "sections without titles": (listing(rows(1), rows(1, start=1)), 131008),
    "long section": (listing(rows(1, "t" * 25)), 100),
    "same row ids": (listing(rows(1, "One"), rows(1, "Two")), 131009),
    "long row": (listing({"rows": [{"id": "a", "title": "t" * 25}]}), 100),
    "long row id": (listing({"rows": [{"id": "a" * 201, "title": "t"}]}), 100),
    "long description": (listing(rows(1, description="d" * 73)), 100),
    "long list button": (listing(rows(1), button="b" * 21), 100),
    "long list body": (listing(rows(1), body="x" * 4097), 100),
    "template without language": (send("template", {"name": "x"}), 131008),
    "reaction to nothing": (send("reaction", {"message_id": "wamid.no", "emoji": "👍"}), 131009),
    "location off the earth": (send("location", {"latitude": 91, "longitude": 0}), 131009),
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD.keys())
async def test_takes_what_the_limits_allow(wa: WhatsAppSandbox, graph: httpx.AsyncClient, body: Json) -> None:
    """Everything up to the documented limits is accepted with a wamid of the customer."""
    await wa.customer_says(ANA, "hi")
    answer = await graph.post("messages", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["messaging_product"] == "whatsapp"
    assert answer.json()["contacts"] == [{"input": body["to"], "wa_id": ANA}]
    prefix, code = answer.json()["messages"][0]["id"].split(".")
    assert prefix == "wamid"
    assert ANA.encode() in base64.b64decode(code)


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD.keys())
async def test_refuses_what_breaks_a_limit(
    wa: WhatsAppSandbox, graph: httpx.AsyncClient, body: Json, code: int
) -> None:
    """Everything else is refused with a code, in the shape of a Graph error, and not sent."""
    await wa.customer_says(ANA, "hi")
    answer = await graph.post("messages", json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["message"].startswith(f"(#{code})")
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert set(error) == {"message", "type", "code", "error_data", "fbtrace_id"}
    assert wa.sent == []


async def test_not_json_is_refused(graph: httpx.AsyncClient) -> None:
    """A body that is not a JSON object is refused with 400 and code 100."""
    for content in (b"{", b"[]"):
        answer = await graph.post("messages", content=content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc", "Bearer"])
async def test_wrong_token_is_401(graph: httpx.AsyncClient, header: str | None) -> None:
    """A missing or wrong token is code 190 with status 401."""
    graph.headers.pop("Authorization")
    headers = {"Authorization": header} if header else {}
    answer = await graph.post("messages", json=GOOD["text"], headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


async def test_unknown_number_is_subcode_33(graph: httpx.AsyncClient) -> None:
    """Another number's id is code 100 with subcode 33."""
    answer = await graph.post("http://graph.test/v25.0/999/messages", json=GOOD["text"])
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["error_subcode"]) == (400, 100, 33)


@pytest.mark.parametrize(("version", "status"), [(19, 400), (20, 200), (24, 200), (26, 200), (31, 200)])
async def test_versions_from_20(
    wa: WhatsAppSandbox, graph: httpx.AsyncClient, version: int, status: int
) -> None:
    """Every version from v20.0 is served, earlier ones are not."""
    await wa.customer_says(ANA, "hi")
    path = f"http://graph.test/v{version}.0/{wa.settings.phone_number_id}/messages"
    assert (await graph.post(path, json=GOOD["text"])).status_code == status


async def test_sends_to_a_user_id(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """Somebody without a number is reached by user id, and the answer has no wa_id; `to` wins over it."""
    nobody = "US.13491208655302741918"
    await wa.customer_says(nobody, "hi")
    body = {"messaging_product": "whatsapp", "recipient": nobody, "type": "text", "text": {"body": "x"}}
    answer = await graph.post("messages", json=body)
    assert answer.json()["contacts"] == [{"input": nobody, "user_id": nobody}]
    both = await graph.post("messages", json=body | {"to": ANA})
    assert both.json()["contacts"] == [{"input": ANA, "wa_id": ANA}]


async def test_template_sends_say_accepted(graph: httpx.AsyncClient) -> None:
    """Only a template's answer carries a message status."""
    answer = await graph.post("messages", json=GOOD["template"])
    assert answer.json()["messages"][0]["message_status"] == "accepted"


async def test_pair_limit(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """The 46th message of a burst to one customer is 131056; six seconds earn one back; others go on."""
    await wa.customer_says(ANA, "hi")
    await wa.customer_says("15550100002", "hi")
    for _ in range(45):
        assert (await graph.post("messages", json=GOOD["text"])).status_code == 200
    refused = await graph.post("messages", json=GOOD["text"])
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 131056)
    assert (await graph.post("messages", json=GOOD["text"] | {"to": "15550100002"})).status_code == 200
    wa.clock.advance(7)
    assert (await graph.post("messages", json=GOOD["text"])).status_code == 200


async def test_throughput_limit(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """The 81st message within a second is 130429, until the second is over or the rule is off."""
    wa.faults.pair_limit = False
    now = wa.clock.timestamp()
    wa.clock.timestamp = lambda: now  # type: ignore[method-assign]
    codes = [(await graph.post("messages", json=GOOD["template"])).status_code for _ in range(81)]
    assert codes == [200] * 80 + [400]
    wa.faults.throughput_limit = False
    assert (await graph.post("messages", json=GOOD["template"])).status_code == 200


@pytest.mark.parametrize(
    ("code", "status"),
    [(2, 503), (131000, 500), (131016, 500), (130429, 400), (131056, 400), (190, 401), (80007, 400)],
)
async def test_told_faults(wa: WhatsAppSandbox, graph: httpx.AsyncClient, code: int, status: int) -> None:
    """A fault switch refuses the next sends with its code, and nothing of them is sent."""
    await wa.customer_says(ANA, "hi")
    wa.faults.fail_next(code, times=1)
    refused = await graph.post("messages", json=GOOD["text"])
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert wa.sent == []
    assert (await graph.post("messages", json=GOOD["text"])).status_code == 200


async def test_read_and_typing(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """Marking a message read marks the earlier ones too; typing shows for 25 seconds or until we write."""
    first = await wa.customer_says(ANA, "hi")
    second = await wa.customer_says(ANA, "are you there?")
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": second.ids[0]}
    answer = await graph.post("messages", json=mark | {"typing_indicator": {"type": "text"}})
    assert answer.json() == {"success": True}
    assert wa.chats.messages[first.ids[0]].status == "read"
    customer = wa.chats.meet(ANA)
    assert 24 < customer.typing_until - wa.clock.timestamp() <= 25
    await graph.post("messages", json=GOOD["text"])
    assert customer.typing_until == 0
    assert [(mark.message_id, mark.typing) for mark in wa.marks] == [(second.ids[0], True)]


async def test_marking_the_unknown(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """An unknown, an own or a 30 days old message cannot be marked: 131009."""
    old = (await wa.customer_says(ANA, "hi")).ids[0]
    ours = (await graph.post("messages", json=GOOD["text"])).json()["messages"][0]["id"]
    wa.clock.advance(31 * 86_400)
    for message_id in ("wamid.unknown", ours, old):
        mark = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
        answer = await graph.post("messages", json=mark)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 131009)


async def test_templates_can_be_known(wa: WhatsAppSandbox, graph: httpx.AsyncClient) -> None:
    """With a catalogue, an unknown template is 132001 and a wrong number of parameters 132000."""
    wa.settings.__dict__["templates"] = {"case_update": "Hello {{1}}, case {{2}}"}
    unknown = {"name": "nothing", "language": {"code": "en"}}
    answer = await graph.post("messages", json=send("template", unknown))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 132001)
    answer = await graph.post("messages", json=GOOD["template"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 132000)
