"""How Meta and Zendesk sign their webhooks. Source: the webhook pages of their documentation."""

from __future__ import annotations

import base64
import hashlib
import hmac


def meta(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`: `sha256=` and the hex HMAC of the exact bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def zendesk(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Zendesk-Webhook-Signature`: base64 HMAC of timestamp and body, joined.

    The secret is used as the string it is, although it looks like base64.
    """
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
