"""Who may use the chat API: integrators by key, the chat page by permit, a customer's browser by token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping

from itsdangerous import BadSignature, URLSafeTimedSerializer

from conversations.errors import ParleyError

SHORTEST = 16
"""Characters of an API key."""

PAGE = "page"
"""The account of sessions that the chat page opened."""

PERMIT_SECONDS = 12 * 3600
"""How long a page that was loaded may open a session."""

Keys = Mapping[bytes, str]
"""Names of integrators by the SHA-256 of their key."""


class KeysUnreadable(ParleyError):
    """CHAT_API_KEYS cannot be used; the message says which entry and why, without its key."""


def read(text: str) -> Keys:
    """The keys of `name:key, …`; an entry without a name gets one. Raises KeysUnreadable."""
    keys: dict[bytes, str] = {}
    for number, entry in enumerate(filter(None, map(str.strip, text.split(","))), start=1):
        name, _, key = entry.rpartition(":")
        where = f"CHAT_API_KEYS: entry {number}"
        if len(key) < SHORTEST:
            raise KeysUnreadable(f"{where} is shorter than {SHORTEST} characters.")
        if digest(key) in keys:
            raise KeysUnreadable(f"{where} is the key of an earlier one.")
        keys[digest(key)] = name.strip() or f"key {number}"
    return keys


def recognise(keys: Keys, given: str) -> str | None:
    """The name this key stands for; compared in constant time with every key there is."""
    wanted, found = digest(given), None
    for known, name in keys.items():
        if hmac.compare_digest(known, wanted):
            found = name
    return found


def new_token() -> str:
    """A secret nobody can guess."""
    return secrets.token_urlsafe(32)


def token_matches(token_hash: bytes, given: str) -> bool:
    """Whether this is the token of a session, in constant time."""
    return hmac.compare_digest(bytes(token_hash), digest(given))


def permit(secret: str) -> str:
    """What the chat page shows to open a session."""
    return str(_serializer(secret).dumps(secrets.token_urlsafe(8)))


def is_permit(secret: str | None, given: str) -> bool:
    """Whether a page of ours was given this, not long ago."""
    if secret is None:
        return False
    try:
        _serializer(secret).loads(given, max_age=PERMIT_SECONDS)
    except BadSignature:
        return False
    return True


def digest(text: str) -> bytes:
    """SHA-256: keys and tokens are long and random, so nothing slower is needed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _serializer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="parley chat page")
