"""What a page of the desk has at hand: Parley, and the person who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from starlette.types import Scope

from app.console import session, users
from app.console.users import Person, Users
from app.settings import Settings
from app.wiring import Parley

HOW_TO_SET = (
    "Nobody can sign in yet: set CONSOLE_USERS (name:password:role, comma-separated; roles are agent, lead, "
    "trainer and admin) and SECRET_KEY (any long random text), then start Parley again."
)
SCOPE = "parley.desk"


@dataclass(frozen=True, slots=True)
class Desk:
    """A signed-in person's desk, until the session ends."""

    parley: Parley
    person: Person
    until: datetime

    @property
    def closed(self) -> bool:
        """True when the session has ended while a page was open."""
        return datetime.now(UTC) >= self.until


def desk_of(request: Request) -> Desk:
    """The desk of this request; the gate lets no request of a page through without one."""
    desk: Desk = request.scope[SCOPE]
    return desk


def open_desk(parley: Parley, scope: Scope) -> Desk | None:
    """The desk of the person whose cookie came with this request; None when nobody is signed in."""
    key = secret(parley.settings)
    if key is None:
        return None
    cookie = Request({**scope, "type": "http"}).cookies.get(session.COOKIE)
    found = session.read(key, people(parley.settings), cookie)
    return Desk(parley, *found) if found else None


def people(settings: Settings) -> Users:
    """Who may sign in; nobody when it is not set. Raises UsersUnreadable."""
    given = settings.console_users
    return users.read(given.get_secret_value()) if given else {}


def secret(settings: Settings) -> str | None:
    """What signs the sessions."""
    return settings.secret_key.get_secret_value() if settings.secret_key else None
