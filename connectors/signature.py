"""What every signed webhook has in common: two ways to be wrong, and a comparison that leaks no timing."""

from __future__ import annotations

import hmac

from conversations.errors import ParleyError


class SignatureMissing(ParleyError):
    """The call carries no signature at all."""


class SignatureWrong(ParleyError):
    """The signature is not the one our secret makes for these bytes."""


def compare(expected: str, given: str) -> None:
    """Compare in constant time. Raises SignatureWrong."""
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass")):
        raise SignatureWrong("the signature does not match the body")
