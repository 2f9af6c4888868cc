"""Fault switches: what both sandboxes can be told to do wrong, from tests and from their pages."""

from __future__ import annotations

import random
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field


class Switches(BaseModel):
    """A set of switches; every change is checked, and an unknown switch is refused (ValidationError)."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    def change(self, **values: Any) -> None:
        """Set several switches; either all of them are set or, when one is wrong, none."""
        checked = type(self).model_validate({**self.model_dump(), **values})
        for name in values:
            setattr(self, name, getattr(checked, name))

    def reset(self) -> None:
        """Back to how it was at the start."""
        self.change(**type(self)().model_dump())

    def take(self, counter: str) -> bool:
        """Whether a counted fault applies now; uses one up. None means until switched off."""
        left = getattr(self, counter)
        if left:
            setattr(self, counter, left - 1)
        return left is None or left > 0

    @classmethod
    def described(cls) -> list[dict[str, Any]]:
        """Every switch with its description, type and choices, for the pages."""
        properties = cls.model_json_schema()["properties"]
        return [{"name": name, **about} for name, about in properties.items()]


class Dice:
    """Seeded chance, so that a run with faults can be repeated."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)  # noqa: S311 - not a secret

    def falls(self, chance: float) -> bool:
        """True in `chance` (0 to 1) of all calls."""
        return self._random.random() < chance

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return self._random.uniform(low, high)


class WhatsAppFaults(Switches):
    """What WhatsApp can do wrong."""

    error_code: int | None = Field(None, description="Refuse sends with this code")
    error_times: int | None = Field(None, ge=0, description="… so many times (empty: until switched off)")
    latency: float = Field(0.0, ge=0, le=120, description="Answer this many seconds late")
    reset_times: int | None = Field(0, ge=0, description="Accept so many sends, then drop the connection")
    fail_with: int | None = Field(None, description="Accept, then report failed with this code")
    drop_delivered: bool = Field(False, description="Never report delivered")
    duplicate_statuses: bool = Field(False, description="Report every status twice")
    reorder_statuses: bool = Field(False, description="Report statuses in the wrong order")
    duplicate_messages: bool = Field(False, description="Deliver every customer message twice")
    reorder_messages: bool = Field(False, description="Hold every other customer message back")
    bad_signature: bool = Field(False, description="Sign webhooks with a wrong secret")
    missing_signature: bool = Field(False, description="Leave the signature away")
    window_closed: bool = Field(False, description="The 24 hours are over for everybody")
    window_sync: bool = Field(False, description="Refuse at once outside the 24 hours")
    window_rule: bool = Field(True, description="Keep the 24-hour rule")
    pair_limit: bool = Field(True, description="Keep the limit per customer")
    throughput_limit: bool = Field(True, description="Keep the limit of messages a second")
    slack_status: int | None = Field(None, ge=400, le=599, description="Slack answers with this status")
    slack_times: int | None = Field(None, ge=0, description="… so many times (empty: until switched off)")
    slack_retry_after: int | None = Field(None, ge=0, description="… with Retry-After in seconds, for 429")

    def fail_next(self, code: int, times: int | None = 1) -> Self:
        """Refuse the next `times` sends with a Graph error `code` (None: until reset)."""
        self.change(error_code=code, error_times=times)
        return self


class ZendeskFaults(Switches):
    """What Zendesk can do wrong."""

    error_status: int | None = Field(None, ge=400, le=599, description="Answer with this status")
    error_times: int | None = Field(None, ge=0, description="… so many times (empty: until switched off)")
    writes_only: bool = Field(False, description="… but only to writes")
    retry_after: int | None = Field(None, ge=0, description="Retry-After in seconds, with 429 and 503")
    latency: float = Field(0.0, ge=0, le=120, description="Answer this many seconds late")
    slow_creates: float = Field(0.0, ge=0, le=120, description="Creating a ticket takes so many seconds")
    reset_times: int | None = Field(0, ge=0, description="Do so many writes, then drop the connection")
    search_delay: float = Field(3.0, ge=0, description="Search finds things after this many seconds")
    drop_events: float = Field(0.0, ge=0, le=1, description="Share of webhooks that are lost")
    duplicate_events: float = Field(0.0, ge=0, le=1, description="Share of webhooks that come twice")
    reorder_events: float = Field(0.0, ge=0, le=1, description="Share of webhooks that come late")
    bad_signature: bool = Field(False, description="Sign webhooks with a wrong secret")
    missing_signature: bool = Field(False, description="Leave the signature away")
    rate_limits: bool = Field(True, description="Keep the limits of requests and updates")
    conflict_on_same_key: bool = Field(True, description="409 for an idempotency key still in flight")

    def fail_next(self, status: int, times: int | None = 1, **more: Any) -> Self:
        """Answer the next `times` requests with `status` (None: until reset)."""
        self.change(error_status=status, error_times=times, **more)
        return self
