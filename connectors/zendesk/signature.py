"""Is this webhook really from Zendesk? (Zendesk: "Verifying webhook authenticity".)"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from connectors.signature import SignatureMissing, SignatureWrong, compare

__all__ = ["SignatureMissing", "SignatureWrong", "sign", "verify"]

HEADER = "X-Zendesk-Webhook-Signature"
TIMESTAMP_HEADER = "X-Zendesk-Webhook-Signature-Timestamp"

TOLERANCE = timedelta(minutes=15)
"""How old a call may be. Zendesk names no figure, and whether a retry renews its stamp is not documented."""


def sign(secret: str, body: bytes, timestamp: str) -> str:
    """The header's value: base64 of HMAC-SHA256 over timestamp and body; the secret is used as it stands."""
    return base64.b64encode(
        hmac.new(secret.encode(), timestamp.encode("utf-8", "surrogatepass") + body, hashlib.sha256).digest()
    ).decode()


def verify(
    secret: str,
    body: bytes,
    header: str | None,
    timestamp: str | None,
    *,
    now: datetime | None = None,
    tolerance: timedelta | None = TOLERANCE,
) -> None:
    """Check signature and stamp against the body exactly as received.

    `now` is aware (default: the present); `tolerance` None accepts any age. An empty secret verifies
    nothing. Raises SignatureMissing or SignatureWrong.
    """
    if not header or not timestamp:
        raise SignatureMissing(f"{HEADER} or {TIMESTAMP_HEADER} is missing")
    if not secret:
        raise SignatureWrong("no webhook secret is configured, so no signature can be right")
    compare(sign(secret, body, timestamp), header.strip())
    if tolerance is not None and abs((now or datetime.now(UTC)) - _stamp(timestamp)) > tolerance:
        raise SignatureWrong(f"the signature is older than {tolerance}, or from the future")


def _stamp(timestamp: str) -> datetime:
    try:
        stamp = datetime.fromisoformat(timestamp.strip())
    except ValueError as error:
        raise SignatureWrong(f"{TIMESTAMP_HEADER} is not a time") from error
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
