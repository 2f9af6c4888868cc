"""A signed cookie that says who is signed in; nothing is kept on the server."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.console.users import Person, Users

COOKIE = "parley_session"
LASTS = timedelta(hours=12)
"""A working day; then the person signs in again."""


def issue(secret: str, person: Person) -> str:
    """The cookie's value for this person."""
    return str(_serializer(secret).dumps([person.name, _mark(secret, person)]))


def read(secret: str, users: Users, value: str | None) -> tuple[Person, datetime] | None:
    """Who is signed in and until when; None when nobody is.

    A session ends with its time, with the person's entry in `users`, and with a new password.
    """
    try:
        loaded, since = _serializer(secret).loads(
            value or "", max_age=int(LASTS.total_seconds()), return_timestamp=True
        )
        name, mark = loaded
    except (BadSignature, ValueError, TypeError):
        return None
    person = users.get(name)
    if person is None or not hmac.compare_digest(mark, _mark(secret, person)):
        return None
    return person, since.astimezone(UTC) + LASTS


def _serializer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="parley console session")


def _mark(secret: str, person: Person) -> str:
    """Changes with the password, and tells nothing of it."""
    return hmac.new(secret.encode(), person.digest, hashlib.sha256).hexdigest()[:32]
