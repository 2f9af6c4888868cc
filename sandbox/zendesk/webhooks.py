"""Webhooks: who is subscribed, and bringing them signed events. Source: its webhooks reference."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox import signatures
from sandbox.background import Background
from sandbox.clock import Clock, stamp
from sandbox.deliveries import Courier, Delivery
from sandbox.faults import Dice, ZendeskFaults
from sandbox.zendesk.errors import Invalid, NotFound
from sandbox.zendesk.events import ulid
from sandbox.zendesk.settings import ZendeskSettings

Json = dict[str, Any]
TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105 - Zendesk's published one
ALL_TICKET_EVENTS = "*"
TRIGGERS = "conditional_ticket_events"
TIMEOUT_RETRIES, CONFLICT_RETRIES, BUSY_RETRIES = 5, 3, 5
LONGEST_WAIT = 60
DELAY = 2.0
LATE_SECONDS = (0.2, 2.0)
CHANGEABLE = ("name", "status", "endpoint", "http_method", "request_format", "subscriptions", "description")


def retry_rule(delivery: Delivery) -> float | None:
    """Timeouts are tried five times more, 409 three times, 429 and 503 when they say a short wait."""
    last, tries = delivery.attempts[-1], len(delivery.attempts)
    if last.error == "timeout":
        return DELAY if tries <= TIMEOUT_RETRIES else None
    if last.status == 409:
        return DELAY if tries <= CONFLICT_RETRIES else None
    after = last.retry_after or ""
    if last.status in (429, 503) and after.isdigit() and int(after) < LONGEST_WAIT:
        return float(after) if tries <= BUSY_RETRIES else None
    return None


@dataclass
class Webhook:
    """A subscription. `about`: what the API shows of it."""

    id: str
    about: Json
    secret: str
    authentication: Json = field(default_factory=dict)

    @property
    def shown(self) -> Json:
        """The webhook without its credentials."""
        kept = {key: value for key, value in self.authentication.items() if key != "data"}
        return {"id": self.id, **self.about} | ({"authentication": kept} if kept else {})

    def wants(self, kind: str) -> bool:
        """Whether events of this type go there."""
        subscriptions = self.about.get("subscriptions", [])
        active = self.about.get("status") == "active"
        return active and (kind in subscriptions or ALL_TICKET_EVENTS in subscriptions)


class Webhooks:
    """Every subscription of the account."""

    def __init__(
        self,
        settings: ZendeskSettings,
        faults: ZendeskFaults,
        courier: Courier,
        clock: Clock,
        background: Background,
    ) -> None:
        self._settings, self._faults, self._courier = settings, faults, courier
        self._clock, self._background, self._dice = clock, background, Dice()
        self.all: dict[str, Webhook] = {}
        self.dropped: list[Json] = []
        """Events that the drop fault has lost."""
        if settings.callback:
            wanted = {"name": "Parley", "status": "active", "endpoint": settings.callback}
            about = {"http_method": "POST", "request_format": "json", "subscriptions": [ALL_TICKET_EVENTS]}
            self.create(wanted | about, secret=settings.webhook_secret)

    def create(self, wanted: Json, *, secret: str | None = None) -> Webhook:
        """A new subscription. Raises Invalid."""
        for name in ("name", "status", "endpoint", "http_method", "request_format"):
            if not wanted.get(name):
                raise Invalid(name, f"{name}: is required", "BlankValue")
        if not str(wanted["endpoint"]).startswith(("http://", "https://")):
            raise Invalid("endpoint", "endpoint: must be an http or https URL")
        subscriptions = wanted.get("subscriptions") or []
        if TRIGGERS in subscriptions and len(subscriptions) > 1:
            raise Invalid("subscriptions", "subscriptions: a webhook of triggers takes no events")
        about = {name: wanted[name] for name in CHANGEABLE if name in wanted}
        about |= {"created_at": stamp(self._clock.now())}
        webhook = Webhook(ulid(), about, secret or _new_secret(), wanted.get("authentication") or {})
        self.all[webhook.id] = webhook
        return webhook

    def get(self, webhook_id: str) -> Webhook:
        """The webhook. Raises NotFound."""
        if webhook_id not in self.all:
            raise NotFound
        return self.all[webhook_id]

    def change(self, webhook_id: str, wanted: Json) -> None:
        """Change what is given. Raises NotFound."""
        webhook = self.get(webhook_id)
        webhook.about |= {name: wanted[name] for name in CHANGEABLE if name in wanted}
        webhook.authentication = wanted.get("authentication") or webhook.authentication

    def delete(self, webhook_id: str) -> None:
        """End a subscription. Raises NotFound."""
        self.get(webhook_id)
        del self.all[webhook_id]

    def reset_secret(self, webhook_id: str) -> Webhook:
        """A new signing secret. Raises NotFound."""
        webhook = self.get(webhook_id)
        webhook.secret = _new_secret()
        return webhook

    def announce(self, events: list[Json]) -> None:
        """Bring events to whoever wants them, as the fault switches allow; returns at once."""
        chosen = [(w, event) for event in events for w in self.all.values() if w.wants(event["type"])]
        prompt = [pair for pair in chosen if not self._is_faulty(*pair)]
        if prompt:
            self._background.spawn(self._bring_all(prompt))

    def _is_faulty(self, webhook: Webhook, event: Json) -> bool:
        """Whether this one is lost or late, which is then seen to here."""
        if self._dice.falls(self._faults.drop_events):
            self.dropped.append(event)
            return True
        late = self._dice.falls(self._faults.reorder_events)
        if late:
            self._background.spawn(self._bring_late(webhook, event, self._dice.between(*LATE_SECONDS)))
        if self._dice.falls(self._faults.duplicate_events):
            self._background.spawn(self._bring_late(webhook, event, self._dice.between(*LATE_SECONDS)))
        return late

    async def _bring_all(self, pairs: list[tuple[Webhook, Json]]) -> None:
        for webhook, event in pairs:
            await self.bring(webhook, event)

    async def _bring_late(self, webhook: Webhook, event: Json, seconds: float) -> None:
        await self._clock.sleep(seconds)
        await self.bring(webhook, event)

    async def bring(self, webhook: Webhook, event: Json) -> Delivery:
        """Sign one event and post it; returns after the first attempt."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self._headers(webhook, body)
        endpoint = str(webhook.about["endpoint"])
        return await self._courier.deliver(Delivery(endpoint, body, headers, (str(event.get("id", "")),)))

    def _headers(self, webhook: Webhook, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": str(self._settings.account_id),
            "X-Zendesk-Webhook-Id": webhook.id,
            "X-Zendesk-Webhook-Invocation-Id": ulid(),
        } | _authentication(webhook.authentication)
        if self._faults.missing_signature:
            return headers
        timestamp = stamp(self._clock.now())
        secret = "not-" * self._faults.bad_signature + webhook.secret
        return headers | {
            "X-Zendesk-Webhook-Signature": signatures.zendesk(secret, timestamp, body),
            "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
        }


def _authentication(about: Json) -> dict[str, str]:
    data = about.get("data") or {}
    if about.get("type") == "bearer_token":
        return {"Authorization": f"Bearer {data.get('token', '')}"}
    if about.get("type") == "basic_auth":
        pair = f"{data.get('username', '')}:{data.get('password', '')}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    if about.get("type") == "api_key":
        return {str(data.get("name", "X-Api-Key")): str(data.get("value", ""))}
    return {}


def _new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
