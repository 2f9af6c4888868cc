"""Errors as the Graph API words them. Source of codes and statuses: Meta's Cloud API error codes."""

from __future__ import annotations

import secrets
from typing import Any

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

#: code: (HTTP status, title)
CODES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "API Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Access token has expired"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Business Account locked"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement"),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Message type unknown"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131062: (400, "Business-scoped user id recipients are not supported for this message"),
    132000: (400, "Template Param Count Mismatch"),
    132001: (404, "Template does not exist"),
    132015: (400, "Template is Paused"),
    132069: (400, "Flow is throttled"),
    133004: (503, "Server Temporarily Unavailable"),
    133010: (400, "Phone number not registered"),
    135000: (400, "Generic user error"),
}

DETAILS: dict[int, str] = {
    130429: "Cloud API message throughput has been reached.",
    131026: "Message could not be delivered: the recipient cannot be reached on WhatsApp.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last "
    "replied to this number.",
    131056: "Too many messages sent to this recipient in a short time. Wait and try again.",
}


def title(code: int) -> str:
    """The title of a code."""
    return CODES.get(code, (400, "Unknown error"))[1]


class GraphError(Exception):
    """A refusal of the Graph API: `code`, HTTP `status`, and the `body` that says so."""

    def __init__(self, code: int, details: str | None = None, *, status: int | None = None) -> None:
        self.code = code
        self.details = details or DETAILS.get(code, title(code))
        self.status = status or CODES.get(code, (400, ""))[0]
        super().__init__(f"{code}: {self.details}")

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {title(self.code)}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": trace_id(),
        }
        return {"error": error}


class BadToken(GraphError):
    """The Bearer token is missing or not the right one."""

    def __init__(self) -> None:
        super().__init__(190, "The access token could not be parsed or has expired.", status=401)


class UnknownObject(GraphError):
    """No object has this id, or this token may not see it: code 100, subcode 33."""

    def __init__(self, object_id: str) -> None:
        super().__init__(100, f"No object with ID '{object_id}' exists, or it cannot be accessed.")

    @property
    def body(self) -> dict[str, Any]:
        return {
            "error": {
                "message": f"Unsupported request. {self.details}",
                "type": "GraphMethodException",
                "code": 100,
                "error_subcode": 33,
                "fbtrace_id": trace_id(),
            }
        }


def trace_id() -> str:
    """A new `fbtrace_id`."""
    return "A" + secrets.token_urlsafe(16)


def status_error(code: int) -> dict[str, Any]:
    """The error inside a failed status or an account-level webhook."""
    return {
        "code": code,
        "title": title(code),
        "message": title(code),
        "error_data": {"details": DETAILS.get(code, title(code))},
        "href": HREF,
    }
