from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pytest

from connectors import signature as common
from connectors.whatsapp import signature as whatsapp
from connectors.zendesk import signature as zendesk
from conversations.errors import ParleyError

META_VECTORS = [
    (
        b'{"object":"whatsapp_business_account","entry":[]}',
        "sha256=d3e4f9da0ce6c71ab3dba55929b8eeeee2455349e534924ead19f98d143e904f",
    ),
    (
        rb'{"text":"d\u00e4 \/ \ud83d\udc4d"}',
        "sha256=b754f2e102f33faa28ac80b6075e1cf18bf2e4123015c78d8564c5e519839b95",
    ),
]
ZENDESK_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
ZENDESK_BODY = b'{"event":"ticket.updated","id":123}'
ZENDESK_STAMP = "2021-03-25T05:09:27Z"
ZENDESK_SIGNATURE = "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM="
THEN = datetime(2021, 3, 25, 5, 9, 27, tzinfo=UTC)


@pytest.mark.parametrize(("body", "header"), META_VECTORS)
def test_whatsapp_known_signatures(body: bytes, header: str) -> None:
    """The known bodies have the known signatures."""
    assert whatsapp.sign("app-secret", body) == header
    whatsapp.verify("app-secret", body, header)


@pytest.mark.parametrize("header", [None, ""])
def test_whatsapp_missing(header: str | None) -> None:
    """A call without the header is unsigned, which is not the same as wrongly signed."""
    with pytest.raises(whatsapp.SignatureMissing):
        whatsapp.verify("app-secret", b"{}", header)


@pytest.mark.parametrize(
    "header", ["sha256=", "sha1=00", META_VECTORS[0][1].removeprefix("sha256="), "sha256=é", "\ud800"]
)
def test_whatsapp_wrong(header: str) -> None:
    """Anything but the one right value is wrong, whatever characters it is made of."""
    with pytest.raises(whatsapp.SignatureWrong):
        whatsapp.verify("app-secret", META_VECTORS[0][0], header)


def test_whatsapp_signs_the_bytes() -> None:
    """The signature covers the bytes received: the same JSON written otherwise does not match."""
    with pytest.raises(whatsapp.SignatureWrong):
        whatsapp.verify("app-secret", '{"text":"dä / 👍"}'.encode(), META_VECTORS[1][1])


def test_empty_secret_verifies_nothing() -> None:
    """A secret that was never set cannot be used to sign."""
    with pytest.raises(whatsapp.SignatureWrong):
        whatsapp.verify("", b"{}", whatsapp.sign("", b"{}"))
    with pytest.raises(zendesk.SignatureWrong):
        zendesk.verify("", b"{}", zendesk.sign("", b"{}", ZENDESK_STAMP), ZENDESK_STAMP, now=THEN)


def test_token() -> None:
    """Only the configured verify token passes; without one none does."""
    assert whatsapp.token_matches("word", "word")
    assert not any(whatsapp.token_matches("word", given) for given in (None, "", "Word", "é", "\ud800"))
    assert not whatsapp.token_matches("", "")


def test_zendesk_known_signature() -> None:
    """The known body, secret and stamp have the known signature."""
    assert zendesk.sign(ZENDESK_SECRET, ZENDESK_BODY, ZENDESK_STAMP) == ZENDESK_SIGNATURE
    zendesk.verify(ZENDESK_SECRET, ZENDESK_BODY, ZENDESK_SIGNATURE, ZENDESK_STAMP, now=THEN)


@pytest.mark.parametrize("age", [timedelta(minutes=16), timedelta(minutes=-16)])
def test_zendesk_stale(age: timedelta) -> None:
    """A right signature from another time is refused, unless any age is accepted."""
    with pytest.raises(zendesk.SignatureWrong):
        zendesk.verify(ZENDESK_SECRET, ZENDESK_BODY, ZENDESK_SIGNATURE, ZENDESK_STAMP, now=THEN + age)
    zendesk.verify(ZENDESK_SECRET, ZENDESK_BODY, ZENDESK_SIGNATURE, ZENDESK_STAMP, tolerance=None)


@pytest.mark.parametrize(("header", "stamp"), [(None, ZENDESK_STAMP), (ZENDESK_SIGNATURE, None), ("", "")])
def test_zendesk_missing(header: str | None, stamp: str | None) -> None:
    """Signature and stamp belong together: without one of them the call is unsigned."""
    with pytest.raises(zendesk.SignatureMissing):
        zendesk.verify(ZENDESK_SECRET, ZENDESK_BODY, header, stamp)


@pytest.mark.parametrize("stamp", ["2021-03-25T05:09:28Z", "yesterday", "\ud800"])
def test_zendesk_wrong(stamp: str) -> None:
    """The stamp is part of what is signed."""
    with pytest.raises(zendesk.SignatureWrong):
        zendesk.verify(ZENDESK_SECRET, ZENDESK_BODY, ZENDESK_SIGNATURE, stamp, now=THEN)


def test_zendesk_signed_stamp_that_is_no_time() -> None:
    """A stamp that is no time is refused even when it is signed."""
    with pytest.raises(zendesk.SignatureWrong):
        zendesk.verify("s", b"{}", zendesk.sign("s", b"{}", "soon"), "soon")


def test_errors_are_parleys_and_comparison_is_constant_time() -> None:
    """Doors can catch both errors as Parley's, and no timing tells how much of a guess was right."""
    assert issubclass(common.SignatureMissing, ParleyError)
    assert issubclass(common.SignatureWrong, ParleyError)
    assert "compare_digest" in inspect.getsource(common.compare)
