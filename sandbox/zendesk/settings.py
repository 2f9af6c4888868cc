"""How the local Zendesk is set up."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

import httpx
from pydantic import BaseModel, ConfigDict, Field

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC).timestamp()

ENVIRONMENT = {
    "port": "SANDBOX_ZENDESK_PORT",
    "email": "ZENDESK_EMAIL",
    "api_token": "ZENDESK_API_TOKEN",
    "oauth_token": "ZENDESK_OAUTH_TOKEN",
    "webhook_secret": "ZENDESK_WEBHOOK_SECRET",
    "callback": "SANDBOX_ZENDESK_CALLBACK",
}


class ZendeskSettings(BaseModel):
    """Everything a `ZendeskSandbox` needs; times in seconds.

    `callback`: where events go; None sends none until a webhook is made over the API. `speed`: waits
    are divided by it. `agents`: the people at the desk. `requests_per_minute`: the plan's rate limit.
    `first_ticket`: the number tickets begin with; a process takes the minutes since 2026 began, so that
    one started again gives no number twice.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    port: int = 8102
    email: str = "parley@example.com"
    api_token: str = "sandbox-api-token"  # noqa: S105 - the local one
    oauth_token: str = "sandbox-oauth-token"  # noqa: S105
    webhook_secret: str = "sandbox-webhook-secret"  # noqa: S105
    callback: str | None = None
    speed: float = Field(1.0, gt=0)
    agents: tuple[str, ...] = ("Ines Aldana", "Jonas Beck")
    requests_per_minute: int = 700
    webhook_timeout: float = 10.0
    account_id: int = 22129848
    first_ticket: int = 1
    transport: httpx.AsyncBaseTransport | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Settings as the environment gives them; what is unset or empty keeps its default."""
        given: dict[str, Any] = {field: environment.get(name) for field, name in ENVIRONMENT.items()}
        given["first_ticket"] = int(time.time() - FIRST_DAY) // 60
        return cls.model_validate({field: value for field, value in given.items() if value})
