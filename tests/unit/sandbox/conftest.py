"""Sandboxes that run in the test's own event loop, with a receiver instead of an app."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.whatsapp.sandbox import WhatsAppSandbox
from sandbox.whatsapp.settings import WhatsAppSettings
from sandbox.zendesk.sandbox import ZendeskSandbox
from sandbox.zendesk.settings import ZendeskSettings
from tests.unit.sandbox.receiver import Receiver

FAST = 1_000_000.0
CALLBACK = "http://app.test/webhooks"


@pytest.fixture
def app() -> Receiver:
    return Receiver()


@pytest.fixture
async def wa(app: Receiver) -> AsyncIterator[WhatsAppSandbox]:
    async with WhatsAppSandbox(WhatsAppSettings(callback=CALLBACK, speed=FAST, transport=app)) as sandbox:
        yield sandbox


@pytest.fixture
async def graph(wa: WhatsAppSandbox) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the Graph API with the right token, at our number."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(wa.app),
        base_url=f"http://graph.test/v25.0/{wa.settings.phone_number_id}/",
        headers={"Authorization": f"Bearer {wa.settings.access_token}"},
    ) as client:
        yield client


@pytest.fixture
async def zd(app: Receiver) -> AsyncIterator[ZendeskSandbox]:
    async with ZendeskSandbox(ZendeskSettings(callback=CALLBACK, speed=FAST, transport=app)) as sandbox:
        yield sandbox


@pytest.fixture
async def api(zd: ZendeskSandbox) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the Zendesk API, signed in with e-mail and token."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(zd.app),
        base_url="http://zendesk.test/api/v2/",
        auth=(f"{zd.settings.email}/token", zd.settings.api_token),
    ) as client:
        yield client
