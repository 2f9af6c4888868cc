"""How the local WhatsApp is set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import httpx
from pydantic import BaseModel, ConfigDict, Field

ENVIRONMENT = {
    "port": "SANDBOX_WHATSAPP_PORT",
    "phone_number_id": "WHATSAPP_PHONE_NUMBER_ID",
    "access_token": "WHATSAPP_ACCESS_TOKEN",
    "app_secret": "WHATSAPP_APP_SECRET",
    "verify_token": "WHATSAPP_VERIFY_TOKEN",
    "callback": "SANDBOX_WHATSAPP_CALLBACK",
}


class WhatsAppSettings(BaseModel):
    """Everything a `WhatsAppSandbox` needs; times in seconds.

    `callback`: where webhooks go; None sends none. `read_at_once`: customers read everything when it
    is delivered, without a phone page open. `speed`: waits are divided by it. `templates`: name to
    text with {{1}} in it; None accepts any template.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    port: int = 8101
    phone_number_id: str = "106540352242922"
    business_account_id: str = "102290129340398"
    display_phone_number: str = "15550783881"
    access_token: str = "sandbox-access-token"  # noqa: S105 - the local one
    app_secret: str = "sandbox-app-secret"  # noqa: S105
    verify_token: str = "sandbox-verify-token"  # noqa: S105
    callback: str | None = None
    speed: float = Field(1.0, gt=0)
    status_delay: float = 0.25
    read_at_once: bool = False
    webhook_timeout: float = 10.0
    templates: dict[str, str] | None = None
    transport: httpx.AsyncBaseTransport | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Settings as the environment gives them; what is unset or empty keeps its default."""
        given = {field: environment.get(name) for field, name in ENVIRONMENT.items()}
        return cls.model_validate({field: value for field, value in given.items() if value})
