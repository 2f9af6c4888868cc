"""Is this webhook really from Meta? (Graph API webhooks: "Validating payloads", "Verification requests".)"""

from __future__ import annotations

import hashlib
import hmac

from connectors.signature import SignatureMissing, SignatureWrong, compare

__all__ = ["SignatureMissing", "SignatureWrong", "sign", "token_matches", "verify"]

HEADER = "X-Hub-Signature-256"


def sign(secret: str, body: bytes) -> str:
    """The header's value for these bytes: `sha256=` and 64 lowercase hex digits."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(secret: str, body: bytes, header: str | None) -> None:
    """Check `X-Hub-Signature-256` against the body exactly as received.

    `secret` is the app secret; an empty one verifies nothing. Raises SignatureMissing or SignatureWrong.
    """
    if not header:
        raise SignatureMissing(f"{HEADER} is missing")
    if not secret:
        raise SignatureWrong("no app secret is configured, so no signature can be right")
    compare(sign(secret, body), header.strip())


def token_matches(expected: str, given: str | None) -> bool:
    """Whether `hub.verify_token` of a verification call is ours, compared in constant time."""
    given_bytes = (given or "").encode("utf-8", "surrogatepass")
    return bool(expected) and hmac.compare_digest(expected.encode(), given_bytes)
