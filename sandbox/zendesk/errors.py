"""Errors as Zendesk words them. Source: Zendesk's API reference and what its clients match on."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal: HTTP `status`, JSON `body` and extra `headers`."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self.status, self.body, self.headers = status, body, headers or {}
        super().__init__(f"{status}: {body}")


class NotFound(ApiError):
    """There is no such record, or it was deleted."""

    def __init__(self) -> None:
        super().__init__(404, {"error": "RecordNotFound", "description": "Not found"})


class Invalid(ApiError):
    """A record would not be valid: `field` and what is wrong with it."""

    def __init__(self, field: str, description: str, error: str | None = "InvalidValue") -> None:
        problem = {"description": description} | ({"error": error} if error else {})
        body = {
            "error": "RecordInvalid",
            "description": "Record validation errors",
            "details": {field: [problem]},
        }
        super().__init__(422, body)


class Closed(Invalid):
    """The ticket is closed for good."""

    def __init__(self) -> None:
        super().__init__("status", "Status: closed prevents ticket update", None)


class BadRequest(ApiError):
    """The request itself cannot be read."""

    def __init__(self, description: str, error: str = "ParameterMissing") -> None:
        super().__init__(400, {"error": error, "description": description})


class Conflict(ApiError):
    """Somebody else changed the ticket since (safe_update)."""

    def __init__(self) -> None:
        description = (
            "Safe Update prevented the update due to outdated ticket data. "
            "Please fetch the latest ticket data and try again."
        )
        super().__init__(409, {"error": "UpdateConflict", "description": description})


class TooMany(ApiError):
    """A rate limit; `seconds` until it is worth trying again, a whole number."""

    def __init__(self, seconds: int, description: str) -> None:
        body = {"error": "APIRateLimitExceeded", "description": description}
        super().__init__(429, body, {"Retry-After": str(seconds)})
