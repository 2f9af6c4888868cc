"""Zendesk's failures as the core's errors, after Zendesk's API introduction and its pages on tickets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import requests
import urllib3

from conversations.errors import (
    ConnectorError,
    Forbidden,
    Limited,
    NeedsOperator,
    OutcomeUnknown,
    Refused,
    TicketClosed,
    TicketGone,
    TryLater,
)


class KeyUsedOtherwise(Refused):
    """The Idempotency-Key was used with another body: something was created with it."""


class Unreadable(OutcomeUnknown):
    """Zendesk took the call, but its answer is not one that can be understood."""


_TICKET = re.compile(r"/tickets/\d+(\.json)?$")
_CLOSED = re.compile(r"closed prevents ticket update|ClosedTicket", re.IGNORECASE)
_UNTAKEN = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
)
SLOW = 45.0
"""Seconds after which a write that Zendesk did not answer in time has landed, or never will."""

_CREDENTIALS = "check ZENDESK_EMAIL and ZENDESK_API_TOKEN (or ZENDESK_OAUTH_TOKEN) and the user's role"


def changes_nothing_twice(method: str, path: str) -> bool:
    """Whether a call may be repeated without a look: reads, and creating or updating one user by its id."""
    return method == "GET" or "/users/create_or_update" in path


def from_fault(error: requests.RequestException, method: str, path: str) -> ConnectorError:
    """The error of a call that got no answer."""
    name, what = type(error).__name__, f"Zendesk {method} {path}"
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return NeedsOperator(
            f"{what}: the address cannot be used ({name}); check ZENDESK_BASE_URL", code="base_url"
        )
    if isinstance(error, requests.exceptions.SSLError):
        return NeedsOperator(
            f"{what}: the certificate is not trusted; check ZENDESK_BASE_URL", code="certificate"
        )
    if _never_sent(error):
        return TryLater(f"{what}: Zendesk cannot be reached ({name})", code="unreachable")
    if changes_nothing_twice(method, path):
        return TryLater(f"{what}: no answer ({name})", code="no_answer")
    slow = SLOW if isinstance(error, requests.exceptions.ReadTimeout) else None
    return OutcomeUnknown(f"{what}: no answer ({name})", code="no_answer", retry_after=slow)


def _never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    inner = error.args[0] if error.args else None
    return isinstance(getattr(inner, "reason", inner), _UNTAKEN)


def from_answer(response: requests.Response, method: str, path: str) -> ConnectorError:
    """The error of an answer whose status is not 2xx; its body may be JSON of several shapes, or HTML."""
    status, data = response.status_code, _json(response)
    name, details = _name(data), "; ".join(_descriptions(data))[:300]
    kind = _kind(status, name, details, method, path)
    if kind is TryLater and _is_wide(response, method, path):
        kind = Limited
    text = f"Zendesk {method} {path}: HTTP {status} {name} {details}".rstrip()
    if kind in (NeedsOperator, Forbidden):
        text += f"; {_CREDENTIALS}"
    wait = _seconds(response.headers.get("Retry-After"))
    return kind(text, retry_after=wait, code=name or str(status))


def _kind(status: int, name: str, details: str, method: str, path: str) -> type[ConnectorError]:
    """The class for a status. A 5xx to a write tells nothing about whether it was taken, save 503."""
    if status in (429, 503):
        return TryLater
    if status >= 500:
        return TryLater if changes_nothing_twice(method, path) else OutcomeUnknown
    if status == 403 and (method == "GET" or _TICKET.search(path)):
        return Forbidden
    if status in (401, 402, 403) or status < 400:
        return NeedsOperator
    if status == 404:
        return _kind_of_missing(method, path)
    if status == 409:
        return OutcomeUnknown if method == "POST" and not changes_nothing_twice(method, path) else TryLater
    if status == 400 and name == "IdempotentRequestError":
        return KeyUsedOtherwise
    return TicketClosed if _CLOSED.search(f"{name} {details}") else Refused


def _is_wide(response: requests.Response, method: str, path: str) -> bool:
    """Whether a limit is the account's. One ticket has a limit of its own: then requests are left (B7)."""
    if response.status_code == 503:
        return "Retry-After" in response.headers
    left = response.headers.get("x-rate-limit-remaining", response.headers.get("ratelimit-remaining", "0"))
    return response.status_code == 429 and not (
        method == "PUT" and _TICKET.search(path) and left.strip() not in ("", "0")
    )


def _kind_of_missing(method: str, path: str) -> type[ConnectorError]:
    """A ticket may be gone; a path to create things under is missing only if the address is wrong."""
    if _TICKET.search(path):
        return TicketGone
    return NeedsOperator if method == "POST" else Refused


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _name(data: Any) -> str:
    """`error` is a text or an object with a title."""
    error = data.get("error") if isinstance(data, dict) else None
    found = error.get("title") if isinstance(error, dict) else error
    return found if isinstance(found, str) else ""


def _descriptions(data: Any) -> Iterator[str]:
    """Every description, message and inner error name of the body, outermost first."""
    if isinstance(data, dict):
        yield from (
            data[key] for key in ("description", "message", "error") if isinstance(data.get(key), str)
        )
    if isinstance(data, dict | list):
        for inner in data.values() if isinstance(data, dict) else data:
            yield from _descriptions(inner)


def _seconds(header: str | None) -> float | None:
    try:
        return max(float(header), 0.0) if header else None
    except ValueError:
        return None
