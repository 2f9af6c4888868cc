"""Calls that zenpy does not offer, over the session it has signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

from connectors.zendesk.session import Session
from conversations.errors import Refused


@dataclass(frozen=True, slots=True)
class Rest:
    """Zendesk's API below `base_url`. All calls raise as `Session.request`; `timeout` in seconds."""

    session: Session
    base_url: str
    timeout: float

    def get(
        self, path: str, params: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """The JSON object at a path like `/api/v2/tickets/1.json`. Raises Refused if it is none.

        Of a whole address the path and the query count: an account has several hosts and names any of them.
        """
        address = self.base_url + urlunsplit(("", "", *urlsplit(path)[2:]))
        response = self.session.request("GET", address, params=params, timeout=timeout or self.timeout)
        return _object(response, path)

    def post(self, path: str, params: Mapping[str, str], data: bytes, kind: str) -> dict[str, Any]:
        """The answer to raw bytes of this media type."""
        response = self.session.request(
            "POST", self.base_url + path, params=params, data=data,
            headers={"Content-Type": kind}, timeout=self.timeout,
        )  # fmt: skip
        return _object(response, path)

    def owns(self, url: str) -> bool:
        """Whether an address is Zendesk's own, to which our credentials may be shown."""
        return urlsplit(url)[:2] == urlsplit(self.base_url)[:2]


def _object(response: requests.Response, path: str) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused(f"Zendesk's answer at {path} is not understood", code="bad_answer")
    return found
