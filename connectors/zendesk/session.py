"""The HTTP session under zenpy: adds the Idempotency-Key, and turns every failure into the core's errors.

Failures are raised here, before zenpy sees them: it would sleep for ever on a 429, stumble over a
Retry-After that is no integer, and tell an HTML page from JSON by the class of its exception.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.zendesk import errors

_key: contextvars.ContextVar[str | None] = contextvars.ContextVar("zendesk_idempotency_key", default=None)

KEY_LIMIT = 255


@contextlib.contextmanager
def idempotency_key(key: str) -> Iterator[None]:
    """Send this key with the POSTs made inside, in this thread or task only."""
    token = _key.set(key[:KEY_LIMIT])
    try:
        yield
    finally:
        _key.reset(token)


class Session(requests.Session):
    """No retries and no redirects: a repeated write may double it, a redirected POST becomes a GET."""

    def request(self, method: str | bytes, url: str | bytes, **options: Any) -> requests.Response:  # type: ignore[override]
        """As in requests. Raises ConnectorError for no answer and for every status but 2xx."""
        verb, path = str(method).upper(), urlsplit(str(url)).path
        if verb == "POST" and (key := _key.get()):
            options["headers"] = {**(options.get("headers") or {}), "Idempotency-Key": key}
        try:
            response = super().request(method, url, **{**options, "allow_redirects": False})
        except requests.RequestException as error:
            raise errors.from_fault(error, verb, path) from error
        if not 200 <= response.status_code < 300:
            raise errors.from_answer(response, verb, path)
        return response
