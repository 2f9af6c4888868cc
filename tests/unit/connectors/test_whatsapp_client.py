from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from connectors.whatsapp import errors
from connectors.whatsapp.client import WhatsAppClient
from conversations.errors import (
    ConnectorError,
    Limited,
    NeedsOperator,
    OutcomeUnknown,
    Refused,
    TemplateRefused,
    TryLater,
)
from conversations.messages import Address, Choice, Content

ANA = Address("whatsapp", "100200300400500", "US.7001", "15550100001")
CARA = Address("whatsapp", "100200300400500", "US.7003")
HELLO = Content("Hello")
TAKEN = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "15550100001", "wa_id": "15550100001"}],
    "messages": [{"id": "wamid.OUT1"}],
}


@dataclass(frozen=True)
class Number:
    access_token: SecretStr
    base_url: str = "http://graph.test/"
    api_version: str = "v25.0"
    phone_number_id: str = "100200300400500"


class Graph:
    """A Graph API that keeps the requests and gives the next answer: a response, or an error to raise."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[httpx.Response | Exception] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json=TAKEN)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def body(self) -> Any:
        return json.loads(self.requests[-1].content)


@pytest.fixture
def graph() -> Graph:
    return Graph()


@pytest.fixture
async def client(graph: Graph) -> AsyncIterator[WhatsAppClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(graph)) as http:
        yield WhatsAppClient(http, Number(access_token=SecretStr("token")))


def graph_error(code: int, status: int = 400, **more: Any) -> httpx.Response:
    error = {"message": f"(#{code}) Title", "type": "OAuthException", "code": code, **more}
    return httpx.Response(status, json={"error": error})


async def failure(client: WhatsAppClient) -> ConnectorError:
    with pytest.raises(ConnectorError) as raised:
        await client.send(ANA, HELLO, reference="8812")
    return raised.value


async def test_a_text_goes_out_whole(client: WhatsAppClient, graph: Graph) -> None:
    """A send is one POST with token, recipient, reference and content, and returns the wamid."""
    assert await client.send(ANA, HELLO, reference="8812") == "wamid.OUT1"
    (request,) = graph.requests
    assert str(request.url) == "http://graph.test/v25.0/100200300400500/messages"
    assert request.headers["Authorization"] == "Bearer token"
    assert graph.body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "15550100001",
        "biz_opaque_callback_data": "8812",
        "type": "text",
        "text": {"preview_url": False, "body": "Hello"},
    }


async def test_a_customer_without_a_number_is_reached(client: WhatsAppClient, graph: Graph) -> None:
    """Without a phone number the user id is the recipient, and `to` is not sent."""
    await client.send(CARA, HELLO, reference="1")
    assert graph.body["recipient"] == "US.7003"
    assert "to" not in graph.body


async def test_the_answer_comes_from_the_number_written_to(client: WhatsAppClient, graph: Graph) -> None:
    """A customer of our second number is answered from the second number."""
    await client.send(Address("whatsapp", "200", None, "15550100001"), HELLO, reference="1")
    await client.send(Address("whatsapp", "", None, "15550100001"), HELLO, reference="2")
    assert [request.url.path.split("/")[2] for request in graph.requests] == ["200", "100200300400500"]


async def test_choices_go_out_as_an_interactive_message(client: WhatsAppClient, graph: Graph) -> None:
    """A content's choices are sent with it."""
    await client.send(ANA, Content("Sure?", (Choice("/affirm", "Yes"),)), reference="1")
    assert graph.body["interactive"]["action"]["buttons"][0]["reply"] == {"id": "/affirm", "title": "Yes"}


@pytest.mark.parametrize(
    "to",
    [Address("whatsapp", "100"), Address("whatsapp", "../me", None, "1"), Address("whatsapp", "1/2", "US.1")],
)
async def test_an_address_that_is_none_is_refused(client: WhatsAppClient, graph: Graph, to: Address) -> None:
    """Without a recipient, or with a sender that is no id, nothing is sent."""
    with pytest.raises(Refused):
        await client.send(to, HELLO, reference="1")
    assert graph.requests == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0, NeedsOperator),
        (1, TryLater),
        (2, TryLater),
        (3, NeedsOperator),
        (4, Limited),
        (10, NeedsOperator),
        (33, Refused),
        (100, Refused),
        (190, NeedsOperator),
        (200, NeedsOperator),
        (299, NeedsOperator),
        (368, NeedsOperator),
        (80007, Limited),
        (130429, Limited),
        (130472, Refused),
        (130497, Refused),
        (131000, TryLater),
        (131005, NeedsOperator),
        (131008, Refused),
        (131009, Refused),
        (131016, TryLater),
        (131021, Refused),
        (131026, Refused),
        (131030, Refused),
        (131031, NeedsOperator),
        (131042, NeedsOperator),
        (131045, NeedsOperator),
        (131047, Refused),
        (131048, NeedsOperator),
        (131049, Refused),
        (131050, Refused),
        (131051, Refused),
        (131053, Refused),
        (131056, TryLater),
        (131057, Limited),
        (131062, Refused),
        (131064, NeedsOperator),
        (131052, TryLater),
        (132000, TemplateRefused),
        (132001, TemplateRefused),
        (132005, TemplateRefused),
        (132007, TemplateRefused),
        (132012, TemplateRefused),
        (132015, TemplateRefused),
        (132016, TemplateRefused),
        (132068, TemplateRefused),
        (132069, TryLater),
        (133004, TryLater),
        (133010, NeedsOperator),
        (133016, NeedsOperator),
        (135000, Refused),
        (137000, Refused),
    ],
)
async def test_codes(client: WhatsAppClient, graph: Graph, code: int, kind: type[ConnectorError]) -> None:
    """Every known code has its class, whatever the HTTP status, and says what it means."""
    graph.answers = [graph_error(code, status=500)]
    error = await failure(client)
    assert type(error) is kind
    assert error.code == str(code)
    meaning = errors.meaning(code)
    assert meaning is not None
    assert meaning.says in str(error)
    assert meaning.do or issubclass(meaning.kind, TryLater), "it ends with somebody who has to do something"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (graph_error(999999, 400), Refused),
        (graph_error(999999, 500), TryLater),
        (graph_error(999999, 403), NeedsOperator),
        (graph_error(999999, 400, is_transient=True), TryLater),
        (httpx.Response(400, text="<html>"), Refused),
        (httpx.Response(401, json={"error": "no"}), NeedsOperator),
        (httpx.Response(302, headers={"Location": "https://login.test"}), NeedsOperator),
        (httpx.Response(429, text="slow down"), Limited),
        (httpx.Response(500, text="<html>"), OutcomeUnknown),
        (httpx.Response(502, text="<html>bad gateway"), OutcomeUnknown),
        (httpx.Response(503, text="<html>"), TryLater),
        (httpx.Response(504, json=["timeout"]), OutcomeUnknown),
        (httpx.Response(200, text="<html>"), OutcomeUnknown),
        (httpx.Response(200, json={"messages": []}), OutcomeUnknown),
        (httpx.ConnectError("refused"), TryLater),
        (httpx.ConnectTimeout("slow"), TryLater),
        (httpx.PoolTimeout("full"), TryLater),
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        (httpx.WriteError("reset"), OutcomeUnknown),
        (httpx.ReadError("reset"), OutcomeUnknown),
        (httpx.RemoteProtocolError("hung up"), OutcomeUnknown),
        (httpx.UnsupportedProtocol("ftp"), NeedsOperator),
    ],
)
async def test_faults(
    client: WhatsAppClient, graph: Graph, answer: httpx.Response | Exception, kind: type[ConnectorError]
) -> None:
    """What surely was not taken may be repeated; what may have been taken is uncertain."""
    graph.answers = [answer]
    assert type(await failure(client)) is kind


@pytest.mark.parametrize(("code", "tries"), [(1, 2), (131052, 2), (131000, None)])
async def test_what_is_worth_one_more_try(
    client: WhatsAppClient, graph: Graph, code: int, tries: int | None
) -> None:
    """Some codes are tried once more and no further."""
    graph.answers = [graph_error(code, status=400)]
    assert (await failure(client)).tries == tries


async def test_a_wait_that_is_asked_for_is_passed_on(client: WhatsAppClient, graph: Graph) -> None:
    """Retry-After wins over our own estimate, and what is no number is passed over."""
    body = {"error": {"code": 80007}}
    graph.answers = [
        httpx.Response(400, json=body, headers={"Retry-After": value}) for value in ("7", "tomorrow")
    ]
    assert [(await failure(client)).retry_after for _ in range(2)] == [7.0, 60]


async def test_too_fast_for_one_customer(client: WhatsAppClient, graph: Graph) -> None:
    """Each refusal in a row waits four times as long, for that customer only, until one is taken."""
    graph.answers = [graph_error(131056) for _ in range(3)]
    assert [(await failure(client)).retry_after for _ in range(3)] == [1, 4, 16]
    graph.answers = [graph_error(131056)]
    with pytest.raises(TryLater) as raised:
        await client.send(CARA, HELLO, reference="1")
    assert raised.value.retry_after == 1
    await client.send(ANA, HELLO, reference="1")
    graph.answers = [graph_error(131056)]
    assert (await failure(client)).retry_after == 1
    assert errors.pair_wait(50) == errors.LONGEST_PAIR_WAIT


async def test_the_token_is_in_no_message(client: WhatsAppClient, graph: Graph) -> None:
    """An error can be logged: it holds neither the token nor the customer's number."""
    graph.answers = [graph_error(190, 401)]
    words = str(await failure(client))
    assert "token" not in words.replace("access token", "").replace("system-user token", "")
    assert "15550100001" not in words


async def test_typing(client: WhatsAppClient, graph: Graph) -> None:
    """Showing "typing" marks the message as read in the same call."""
    graph.answers = [httpx.Response(200, json={"success": True})]
    await client.show_typing("wamid.IN1")
    assert graph.body == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.IN1",
        "typing_indicator": {"type": "text"},
    }


@pytest.mark.parametrize("answer", [graph_error(131009), httpx.Response(500), httpx.ReadTimeout("slow")])
async def test_typing_may_fail(
    client: WhatsAppClient, graph: Graph, answer: httpx.Response | Exception
) -> None:
    """No answer to the customer depends on the typing indicator."""
    graph.answers = [answer]
    await client.show_typing("wamid.IN1")
    assert len(graph.requests) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"code": 131026}, "131026: not deliverable"),
        ({"code": "131047"}, "131047: more than 24 hours"),
        ({"code": 5, "title": "Odd"}, "5: Odd"),
        ({"code": 5, "error_data": {"details": "Very odd"}, "title": "Odd"}, "5: Very odd"),
        ({}, "unknown: no reason given"),
        ({"code": True, "title": 3}, "unknown: no reason given"),
    ],
)
def test_descriptions(error: dict[str, Any], words: str) -> None:
    """An error is told as its code and what it means, or in Meta's own words."""
    assert errors.describe(error).startswith(words)
