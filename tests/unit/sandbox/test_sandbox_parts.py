"""Signatures, clock, switches and notifications."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError

from sandbox import signatures
from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.faults import Dice, WhatsAppFaults


@pytest.mark.parametrize(
    ("body", "digest"),
    [
        (
            b'{"object":"whatsapp_business_account","entry":[]}',
            "sha256=d3e4f9da0ce6c71ab3dba55929b8eeeee2455349e534924ead19f98d143e904f",
        ),
        (
            rb'{"text":"d\u00e4 \/ \ud83d\udc4d"}',
            "sha256=b754f2e102f33faa28ac80b6075e1cf18bf2e4123015c78d8564c5e519839b95",
        ),
    ],
)
def test_meta_signs_the_exact_bytes(body: bytes, digest: str) -> None:
    """Meta's signature is the hex HMAC of the bytes as they are, escapes and all."""
    assert signatures.meta("app-secret", body) == digest


def test_zendesk_signs_timestamp_and_body() -> None:
    """Zendesk's signature joins timestamp and body and uses its secret undecoded."""
    secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
    signature = signatures.zendesk(secret, "2021-03-25T05:09:27Z", b'{"event":"ticket.updated","id":123}')
    assert signature == "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM="


def test_clock_moves_on() -> None:
    """Advancing the clock lets that much time have passed."""
    clock = Clock()
    before = clock.now()
    clock.advance(3600)
    assert 3600 <= (clock.now() - before).total_seconds() < 3660


async def test_fast_clock_does_not_wait() -> None:
    """A day on a fast clock is over at once."""
    await asyncio.wait_for(Clock(speed=1e9).sleep(86_400), timeout=1)


def test_counted_fault_runs_out() -> None:
    """A fault for two times applies twice; without a count it goes on."""
    faults = WhatsAppFaults().fail_next(131016, times=2)
    assert [faults.take("error_times") for _ in range(3)] == [True, True, False]
    faults.fail_next(131016, times=None)
    assert all(faults.take("error_times") for _ in range(5))


def test_unknown_or_wrong_switch_is_refused() -> None:
    """An unknown switch or a wrong value changes nothing at all."""
    faults = WhatsAppFaults()
    with pytest.raises(ValidationError):
        faults.change(drop_delivered=True, no_such_switch=1)
    with pytest.raises(ValidationError):
        faults.change(drop_delivered=True, latency=-1)
    assert not faults.drop_delivered


def test_reset_turns_everything_off() -> None:
    """After a reset every switch is as at the start."""
    faults = WhatsAppFaults()
    faults.change(window_closed=True, pair_limit=False, error_code=2)
    faults.reset()
    assert faults == WhatsAppFaults()


def test_dice_can_be_repeated() -> None:
    """Two dice with one seed fall alike, and about as often as they should."""
    falls = [Dice(3), Dice(3)]
    first, second = ([dice.falls(0.3) for _ in range(1000)] for dice in falls)
    assert first == second
    assert 250 < sum(first) < 350


async def test_waiting_ends_in_an_error() -> None:
    """What does not happen in time is a TimeoutError that says what."""
    with pytest.raises(TimeoutError, match="the moon"):
        await Changes().until(lambda: False, timeout=0.01, what="the moon")


async def test_notification_crosses_threads() -> None:
    """A change made in another thread is noticed."""
    changes = Changes()
    seen: list[int] = []
    waiting = asyncio.create_task(changes.until(lambda: seen))

    def happen() -> None:
        seen.append(1)
        changes.notify()

    await asyncio.to_thread(happen)
    assert await waiting == [1]


async def test_streams_end_when_closed() -> None:
    """Closing ends every stream, so that a server with open pages can stop."""
    changes = Changes()
    stream = changes.stream()
    assert await anext(stream)
    changes.close()
    assert [changed async for changed in stream] == []
