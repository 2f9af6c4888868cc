"""WhatsApp as a channel: sends through Meta's Cloud API, or anything that keeps its contract."""

from __future__ import annotations

import contextlib
import json
from typing import Any, Protocol

import httpx
from pydantic import SecretStr

from connectors.whatsapp import content as contents
from connectors.whatsapp import download, errors
from connectors.whatsapp import media as files
from conversations.errors import ConnectorError, NeedsOperator, OutcomeUnknown, Refused, TryLater
from conversations.messages import Address, Content, File, Media

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Faults after which nothing can have reached WhatsApp. After any other, nobody knows."""

NOT_SENDABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)

REFERENCE_LIMIT = 512

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
UPLOAD_TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class Account(Protocol):
    """A WhatsApp number: `base_url` without version, `api_version` like "v25.0", a system-user token."""

    @property
    def base_url(self) -> str: ...
    @property
    def api_version(self) -> str: ...
    @property
    def phone_number_id(self) -> str: ...
    @property
    def access_token(self) -> SecretStr: ...


class WhatsAppClient:
    """Implements the core's `Channel`. The HTTP client stays its owner's to close."""

    def __init__(self, http: httpx.AsyncClient, account: Account):
        self._http = http
        self._account = account
        self._pair_refusals: dict[str, int] = {}

    def split(self, content: Content) -> list[Content]:
        """The content as messages that fit, in order."""
        return contents.split(content)

    async def send(self, to: Address, content: Content, *, reference: str) -> str:
        """Send one message and return its wamid; accepted, not yet delivered.

        A content too long for one message is shortened: cut it with `content.split` before. Sent from
        `to.account`. Raises TryLater, OutcomeUnknown, Refused or NeedsOperator.
        """
        recipient, body = _recipient(to), contents.body(content)
        envelope = {"messaging_product": "whatsapp", "recipient_type": "individual", **recipient}
        envelope["biz_opaque_callback_data"] = reference[:REFERENCE_LIMIT]
        try:
            answer = await self._post(to.account or self._account.phone_number_id, envelope | body)
        except ConnectorError as error:
            self._pace(error, to)
            raise
        self._pair_refusals.pop(_pair(to), None)
        return _message_id(answer)

    async def show_typing(self, message_id: str) -> None:
        """Mark the customer's message as read and show "typing…" until we send, 25 s at most.

        Best effort: a failure changes nothing that matters, so none is raised.
        """
        body = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
        with contextlib.suppress(ConnectorError):
            await self._post(self._account.phone_number_id, {**body, "typing_indicator": {"type": "text"}})

    async def fetch(self, media: Media) -> bytes:
        """A customer's file, whole. Raises as `open_file`, and Refused when it is too large."""
        return await (await self.open_file(media.id)).read(files.LARGEST)

    async def open_file(self, media_id: str) -> download.OpenFile:
        """Open a customer's file, to pass it on. Its address lives five minutes: a stale one is asked anew.

        Raises download.FileGone when WhatsApp has no such file, else as `send`.
        """
        with contextlib.suppress(download.FileGone):
            return await self._open(media_id)
        return await self._open(media_id)

    async def _open(self, media_id: str) -> download.OpenFile:
        if not (media_id.isascii() and media_id.isalnum()):
            raise download.FileGone("this is not the id of a file", code="media")
        try:
            about = await self._call("GET", media_id)
        except Refused as error:
            raise download.FileGone(f"WhatsApp has no such file: {error}", code=error.code) from error
        address = about.get("url") if isinstance(about, dict) else None
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            raise Refused("WhatsApp names no address for this file", code="no_url")
        kind = str(about.get("mime_type") or "")
        return await download.open_address(self._http, address, self._bearer(), kind)

    def check(self, file: File) -> None:
        """Raises Refused for a file WhatsApp does not carry."""
        files.check(file)

    async def upload(self, file: File, data: bytes) -> str:
        """Bring a file to WhatsApp, which keeps it for 30 days; returns its media id."""
        files.check(file)
        kind = files.mime_type(file)
        answer = await self._call(
            "POST",
            f"{self._account.phone_number_id}/media",
            data={"messaging_product": "whatsapp", "type": kind},
            files={"file": (file.name or "file", data, kind)},
            timeout=UPLOAD_TIMEOUT,
        )
        found = answer.get("id") if isinstance(answer, dict) else None
        if not isinstance(found, str) or not found:
            raise TryLater("WhatsApp took a file and named no id", code="no_id")
        return found

    async def _post(self, account: str, body: dict[str, Any]) -> Any:
        """The parsed answer; None if it is 200 and not JSON."""
        if not (account.isascii() and account.isalnum()):
            raise Refused("the sending phone_number_id is not one", code="account")
        return await self._call("POST", f"{account}/messages", json=body)

    async def _call(self, method: str, path: str, **options: Any) -> Any:
        url = f"{self._account.base_url.rstrip('/')}/{self._account.api_version}/{path}"
        try:
            response = await self._http.request(
                method, url, headers=self._bearer(), **{"timeout": TIMEOUT, **options}
            )
        except NOT_SENT as error:
            raise TryLater(
                f"WhatsApp cannot be reached: {type(error).__name__}", code="unreachable"
            ) from error
        except NOT_SENDABLE as error:
            raise NeedsOperator(f"WHATSAPP_BASE_URL cannot be used: {error}", code="base_url") from error
        except httpx.HTTPError as error:
            raise _without_answer(error, changes="json" in options) from error
        answer = _json(response)
        if response.status_code == httpx.codes.OK:
            return answer
        raise errors.from_answer(response.status_code, answer, _seconds(response.headers.get("Retry-After")))

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._account.access_token.get_secret_value()}"}

    def _pace(self, error: ConnectorError, to: Address) -> None:
        """Let the wait grow with every refusal in a row for writing to one customer too fast."""
        if error.code == str(errors.PAIR_RATE_LIMIT):
            refusals = self._pair_refusals.get(_pair(to), 0)
            self._pair_refusals[_pair(to)] = refusals + 1
            error.retry_after = errors.pair_wait(refusals)


def _without_answer(error: httpx.HTTPError, *, changes: bool) -> ConnectorError:
    """Of a send nobody knows whether it was taken; a file may simply be brought or fetched once more."""
    kind = OutcomeUnknown if changes else TryLater
    return kind(f"WhatsApp did not answer: {type(error).__name__}", code="no_answer")


def _recipient(to: Address) -> dict[str, str]:
    if to.wa_id:
        return {"to": to.wa_id.removeprefix("+")}
    if to.user_id:
        return {"recipient": to.user_id}
    raise Refused("the customer has neither a phone number nor a user id", code="address")


def _pair(to: Address) -> str:
    return f"{to.account}:{to.wa_id or to.user_id}"


def _message_id(answer: Any) -> str:
    try:
        message_id = answer["messages"][0]["id"]
    except (KeyError, IndexError, TypeError):
        message_id = None
    if not isinstance(message_id, str) or not message_id:
        raise OutcomeUnknown("WhatsApp accepted a message without naming its id", code="no_id")
    return message_id


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None


def _seconds(header: str | None) -> float | None:
    try:
        return max(float(header), 0.0) if header else None
    except ValueError:
        return None
