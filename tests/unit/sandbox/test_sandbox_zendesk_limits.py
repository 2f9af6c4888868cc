"""Zendesk's rate limits and fault switches."""

from __future__ import annotations

import httpx
import pytest

from sandbox.zendesk.sandbox import ZendeskSandbox
from sandbox.zendesk.settings import ZendeskSettings

CREATE = {"ticket": {"comment": {"body": "x"}}}
NOTE = {"ticket": {"comment": {"body": "x", "public": False}}}


async def test_answers_show_the_limits(api: httpx.AsyncClient) -> None:
    """Every answer says how many requests are left."""
    first, second = await api.get("users/me"), await api.get("users/me")
    assert first.headers["x-rate-limit"] == "700"
    assert int(second.headers["x-rate-limit-remaining"]) == int(first.headers["x-rate-limit-remaining"]) - 1
    assert second.headers["ratelimit-reset"].isdigit()
    assert second.headers["x-zendesk-api-version"] == "v2"


async def test_account_limit() -> None:
    """Over the plan's limit everything is 429 with whole seconds, until the minute has passed."""
    sandbox = ZendeskSandbox(ZendeskSettings(requests_per_minute=3))
    auth = (f"{sandbox.settings.email}/token", sandbox.settings.api_token)
    transport = httpx.ASGITransport(sandbox.app)
    async with sandbox, httpx.AsyncClient(transport=transport, base_url="http://z.test", auth=auth) as api:
        answers = [await api.get("/api/v2/users/me") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
        sandbox.clock.advance(61)
        assert (await api.get("/api/v2/users/me")).status_code == 200


async def test_thirty_updates_in_ten_minutes(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """The 31st update of one ticket within ten minutes is 429; another ticket and later are fine."""
    await api.post("tickets", json=CREATE)
    await api.post("tickets", json=CREATE)
    codes = [(await api.put("tickets/1", json=NOTE)).status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    assert (await api.put("tickets/2", json=NOTE)).status_code == 200
    zd.clock.advance(601)
    assert (await api.put("tickets/1", json=NOTE)).status_code == 200


async def test_hundred_updates_a_minute(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """The 101st update of any tickets within a minute is 429."""
    for _ in range(5):
        await api.post("tickets", json=CREATE)
    codes = [(await api.put(f"tickets/{1 + i % 5}", json=NOTE)).status_code for i in range(101)]
    assert codes == [200] * 100 + [429]


async def test_ten_exports_a_minute(api: httpx.AsyncClient) -> None:
    """The 11th export within a minute is 429."""
    answers = [await api.get("incremental/tickets/cursor?start_time=1700000000") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


async def test_limits_can_be_off(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """Without the limits a chatty ticket is fine."""
    zd.faults.rate_limits = False
    await api.post("tickets", json=CREATE)
    codes = {(await api.put("tickets/1", json=NOTE)).status_code for _ in range(40)}
    assert codes == {200}


@pytest.mark.parametrize("status", [401, 403, 409, 429])
async def test_json_faults(api: httpx.AsyncClient, zd: ZendeskSandbox, status: int) -> None:
    """These errors are JSON; a 403's error is an object."""
    zd.faults.fail_next(status, retry_after=7)
    answer = await api.get("users/me")
    assert answer.status_code == status
    assert isinstance(answer.json()["error"], dict) == (status == 403)
    assert (answer.headers.get("Retry-After") == "7") == (status == 429)
    assert (await api.get("users/me")).status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_html_faults(api: httpx.AsyncClient, zd: ZendeskSandbox, status: int) -> None:
    """Errors of the gateway are HTML pages."""
    zd.faults.fail_next(status)
    answer = await api.get("users/me")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_faults_of_writes_only(api: httpx.AsyncClient, zd: ZendeskSandbox) -> None:
    """With the switch on, reading goes on, and a refused write has no effect."""
    zd.faults.fail_next(503, times=None, writes_only=True, retry_after=1)
    assert (await api.get("users/me")).status_code == 200
    assert (await api.post("tickets", json=CREATE)).headers["Retry-After"] == "1"
    assert zd.tickets == []
